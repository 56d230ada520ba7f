//! Titles and dedup keys with variables of the alarm: `{alarm.name}`, `{alarm.tag.service}`.

use crate::alarm::Alarm;

/// A text with variables.
#[derive(Debug, Clone, Copy)]
pub struct Template;

impl Template {
    /// Every variable that no alarm can have, without an alarm at hand.
    pub fn check(text: &str) -> Vec<String> {
        let unknown = variables(text).filter(|variable| {
            let name = variable.strip_prefix("alarm.").unwrap_or("");
            let plain = ["name", "description", "reason", "account", "region"].contains(&name);
            let keyed = ["tag.", "dimension."]
                .iter()
                .any(|kind| name.strip_prefix(kind).is_some_and(|key| !key.is_empty()));
            !plain && !keyed
        });
        unknown.map(|variable| variable.chars().take(64).collect()).collect()
    }

    /// Whether it has variables that an alarm's ARN alone does not tell.
    pub fn needs_more_than_an_arn(text: &str) -> bool {
        let told = ["alarm.name", "alarm.account", "alarm.region"];
        variables(text).any(|variable| !told.contains(&variable))
    }
}

/// What stands in braces; with its brace, if none closes it.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices('{').map(|(at, _)| text.get(at..).unwrap_or_default());
    starts.map(|rest| {
        rest.get(1..).and_then(|inner| inner.split_once('}')).map_or(rest, |(name, _)| name)
    })
}

/// Fills in the variables. One that this alarm lacks, or leaves blank, becomes `unknown`: an alarm
/// at 3 a.m. opens its incident all the same. The result is cut to 200 characters.
pub fn render(text: &str, alarm: &Alarm) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let value = name.strip_prefix("alarm.").and_then(|name| alarm.variable(name));
        out.push_str(value.filter(|value| !value.trim().is_empty()).unwrap_or("unknown"));
        rest = tail;
    }
    out.push_str(rest);
    out.chars().filter(|c| !c.is_control()).take(200).collect()
}
