//! Times and names, as people say them.

use super::html::{Html, Text, html};
use watchfire_domain::{HOUR, MINUTE, Timestamp};

/// `2026-11-21 03:12 UTC`, as an element.
pub(super) fn at(moment: Timestamp) -> Html {
    let text = moment.to_string();
    let date = text.get(..10).unwrap_or_default();
    let time = text.get(11..16).unwrap_or_default();
    html!(r#"<time datetime="{}">{} {} UTC</time>"#, text, date, time)
}

/// A length of time in its two greatest units: `23 h 40 min`.
pub(super) fn length(millis: i64) -> String {
    let (hours, minutes) = (millis.max(0) / HOUR, millis.max(0) / MINUTE);
    let rest = minutes.rem_euclid(60);
    match (hours, minutes) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (1..=47, _) => format!("{hours} h {rest} min"),
        _ => format!("{} d {} h", hours / 24, hours.rem_euclid(24)),
    }
}

/// How long ago it was, with the moment itself for machines and for whoever points at it.
pub(super) fn ago(moment: Timestamp, now: Timestamp) -> Html {
    let text = moment.to_string();
    html!(r#"<time datetime="{}" title="{}">{} ago</time>"#, text, text, length(now.since(moment)))
}

/// Its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

/// Somebody, by the id that the record has: a mail address, or a function of ours.
pub(super) fn who(id: &str) -> String {
    id.strip_prefix("service:").map_or_else(|| id.to_owned(), |_| "Watchfire".to_owned())
}

/// `1 file`, `2 files`.
pub(super) fn files(count: u32) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// One row of a list of facts.
pub(super) fn row(name: &'static str, value: &Html) -> Html {
    html!("<dt>{}</dt><dd>{}</dd>\n", name, value)
}

/// Plain text.
pub(super) fn text(text: &str) -> Html {
    html!("{}", text)
}

/// Anything that has a text.
pub(super) fn shown(value: impl std::fmt::Display) -> Html {
    html!("{}", Text(value))
}
