//! Fields of what came: what is not there, or is of another type, reads as nothing.

use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::Timestamp;

/// The first of these fields that is a text and not blank. A variable that a template left
/// unfilled (`$TITLE`) says nothing.
pub(super) fn text<'a>(of: &'a Value, names: &[&str]) -> Option<&'a str> {
    let texts = names.iter().filter_map(|name| of.get(name)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty() && !is_variable(text))
}

fn is_variable(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or_default();
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// The first of these fields that is a time: RFC 3339, or seconds or milliseconds since 1970. The
/// zero time that Go writes for "not yet" is none.
pub(super) fn time(of: &Value, names: &[&str]) -> Option<Timestamp> {
    names.iter().find_map(|name| match of.get(name)? {
        Value::String(text) => {
            Timestamp::parse(text).or_else(|| text.trim().parse().ok().and_then(since_1970))
        }
        Value::Number(number) => number.as_i64().and_then(since_1970),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

fn since_1970(count: i64) -> Option<Timestamp> {
    // In milliseconds this is 1973, in seconds the year 5138.
    const SECONDS: i64 = 100_000_000_000;
    let millis = if count.abs() < SECONDS { count.checked_mul(1_000)? } else { count };
    (millis > 0).then(|| Timestamp::from_millis(millis))
}

/// On one line and cut to so many characters.
pub(super) fn line(text: &str, most: usize) -> String {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    let clean = text.trim().chars().map(blank).filter(|c| !c.is_control());
    clean.take(most).collect()
}

/// A key as it stands in an ARN; one that would not stand there unharmed is hashed.
pub(super) fn key(text: &str) -> String {
    let kept = line(text, 255);
    if kept == text { kept } else { super::digest(std::iter::once(text)) }
}

/// Labels, within bounds: a message to the queue, and an incident's commit, must hold them.
#[derive(Debug, Default)]
pub(super) struct Labels {
    all: BTreeMap<String, String>,
    bytes: usize,
}

impl Labels {
    const MOST: usize = 64;
    const MOST_BYTES: usize = 16_384;

    /// The scalars of an object, as texts; the first of equal names counts.
    pub(super) fn with(mut self, of: Option<&Value>) -> Self {
        for (name, value) in of.and_then(Value::as_object).into_iter().flatten() {
            match value {
                Value::String(text) => self.put(name, text),
                Value::Bool(_) | Value::Number(_) => self.put(name, &value.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => {}
            }
        }
        self
    }

    /// One label, if there is a value.
    pub(super) fn one(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.put(name, value);
        }
        self
    }

    fn put(&mut self, name: &str, value: &str) {
        let (name, value) = (line(name, 128), line(value, 512));
        let bytes = self.bytes.saturating_add(name.len()).saturating_add(value.len());
        let fits = self.all.len() < Self::MOST && bytes <= Self::MOST_BYTES;
        if fits && !name.is_empty() && !value.is_empty() && !self.all.contains_key(&name) {
            self.bytes = bytes;
            self.all.insert(name, value);
        }
    }

    pub(super) fn done(self) -> BTreeMap<String, String> {
        self.all
    }
}
