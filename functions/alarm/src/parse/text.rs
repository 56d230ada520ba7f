//! Text: as JSON, as a time, and as an error may show it.

use super::Unreadable;
use serde_json::Value;
use watchfire_domain::Timestamp;
use watchfire_domain::canon::{MAX_INTEGER, NotCanonical, parse_strict};

/// How much of what came in an error shows.
const SHOWN: usize = 80;

/// Reads JSON strictly. No number of an alarm is ever read, so that a threshold of some petabytes,
/// which no two readers need understand alike, must not cost an incident.
pub(super) fn json(text: &str) -> Result<Value, NotCanonical> {
    match parse_strict(text) {
        Err(NotCanonical::Number { .. }) => parse_strict(&quoted(text)),
        read => read,
    }
}

/// The same with the numbers that are too large written as strings.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(64));
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if from.starts_with('"') {
            let (string, after) = from.split_at(end_of_string(from));
            out.push_str(string);
            rest = after;
        } else {
            let end = from.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
            let (number, after) = from.split_at(end.unwrap_or(from.len()));
            if number.parse::<f64>().is_ok_and(|double| double.abs() > MAX_INTEGER) {
                out.extend(["\"", number, "\""]);
            } else {
                out.push_str(number);
            }
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Behind the closing quote of the string that `text` begins with.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// Reads a time. Published payloads have blanks in theirs (`12: 36: 15`).
pub(super) fn time(text: &str) -> Result<Timestamp, Unreadable> {
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&text.replace(' ', "")))
        .ok_or_else(|| Unreadable::Time { value: shown(text) })
}

/// As an error shows it: what came in may be long, and may try to write lines of its own.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
