//! An incident and its events as plain text.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{self, Write};
use watchfire_domain::chain::{Body, Stored};
use watchfire_seal::bundle::Report;

/// The incident and the records that belong to it.
pub(crate) fn incident(
    out: &mut dyn Write,
    report: &Report,
    records: &BTreeMap<String, Value>,
    at: u64,
) -> io::Result<()> {
    let incident = records.get("incident").and_then(Value::as_object);
    let field = |name: &str| incident.and_then(|record| record.get(name)).map(plain);
    let name = field("display_id").unwrap_or_else(|| report.incident_id.to_string());
    writeln!(out, "{name}  {}", field("title").unwrap_or_default())?;
    // An execution without an incident has a chain of its own.
    for name in ["status", "severity"].into_iter().filter(|_| incident.is_some()) {
        write!(out, "{}, ", field(name).unwrap_or_else(|| "unknown".to_owned()))?;
    }
    writeln!(out, "tenant {}, after event {at}", report.tenant)?;
    // The incident first, then what belongs to it.
    let (first, rest): (Vec<_>, Vec<_>) = records.iter().partition(|(name, _)| *name == "incident");
    for (name, record) in first.into_iter().chain(rest) {
        writeln!(out, "\n{}", clean(name))?;
        match record.as_object() {
            Some(fields) => table(out, fields, 1)?,
            None => writeln!(out, "  {}", plain(record))?,
        }
    }
    Ok(())
}

/// The fields of a record, nested ones below their name.
fn table(out: &mut dyn Write, fields: &Map<String, Value>, depth: usize) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    for (name, value) in fields {
        let name = clean(name);
        match value.as_object().filter(|inner| !inner.is_empty()) {
            Some(inner) => {
                writeln!(out, "{indent}{name}")?;
                table(out, inner, depth.saturating_add(1))?;
            }
            None => writeln!(out, "{indent}{name:<24} {}", plain(value))?,
        }
    }
    Ok(())
}

/// One event: when, which, what, who, and what it changed.
pub(crate) fn event(out: &mut dyn Write, stored: &Stored) -> io::Result<()> {
    let body: Body = serde_json::from_str(&stored.body).map_err(io::Error::other)?;
    let when = stored.at.replacen('T', " ", 1);
    let who = &body.actor.id;
    write!(out, "{when}  {:>5}  {:<24} {}", stored.seq, body.kind, clean(who))?;
    let detail = body.payload.get("detail").and_then(Value::as_object);
    let set = body.payload.get("set").and_then(Value::as_object);
    let said: Vec<String> = detail.into_iter().flatten().map(told).collect();
    let changed = set.into_iter().flatten().filter_map(|(name, patch)| changes(name, patch));
    for text in said.into_iter().chain(changed) {
        write!(out, "\n{:33}{text}", "")?;
    }
    writeln!(out)
}

fn told((name, value): (&String, &Value)) -> String {
    format!("{}: {}", clean(name), plain(value))
}

/// The fields that a patch writes, without those that say nothing to a reader.
fn changes(record: &str, patch: &Value) -> Option<String> {
    const DULL: [&str; 2] = ["version", "id"];
    let fields = patch.as_object()?.iter().filter(|(name, _)| !DULL.contains(&name.as_str()));
    let told: Vec<String> = fields
        .map(|(name, value)| {
            let name = clean(name);
            if value.is_null() {
                format!("{name} gone")
            } else {
                format!("{name} = {}", plain(value))
            }
        })
        .collect();
    (!told.is_empty()).then(|| format!("{}: {}", clean(record), told.join(", ")))
}

/// A value in a line. What a stranger wrote must not move the terminal's cursor.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| clean(&value.to_string()), clean)
}

pub(crate) fn clean(text: &str) -> String {
    let hidden = |one: char| {
        one.is_control()
            || ('\u{202a}'..='\u{202e}').contains(&one)
            || ('\u{2066}'..='\u{2069}').contains(&one)
    };
    let shown =
        |one: char| if hidden(one) { one.escape_default().collect() } else { one.to_string() };
    text.chars().map(shown).collect()
}
