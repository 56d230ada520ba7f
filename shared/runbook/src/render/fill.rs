//! Filling in templates, each as its place needs it.

use super::{Given, Refused, Why};
use crate::bind::Bound;
use crate::spec::places::Place;
use crate::template::{self, Clock, Fact, Part, Variable};
use serde_json::Value;
use watchfire_domain::Timestamp;

/// What a value may have besides letters and digits where it is a part of a larger text: nothing
/// that separates words, fields or elements in a shorthand, a path list, JSON, SQL or a shell.
pub(super) const PLAIN: &str = "._:/@+%-";

/// What is being filled in, and what was refused on the way.
pub(super) struct Filling<'a> {
    given: &'a Given<'a>,
    /// Whether what only the moment says stands as its variable.
    lasting: bool,
    refused: Vec<Refused>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(given: &'a Given<'a>) -> Self {
        Self { given, lasting: false, refused: Vec::new() }
    }

    pub(super) fn lasting(given: &'a Given<'a>) -> Self {
        Self { lasting: true, ..Self::new(given) }
    }

    pub(super) fn refused(self) -> Vec<Refused> {
        self.refused
    }

    pub(super) fn refuse(&mut self, path: &str, why: Why) {
        self.refused.push(Refused { path: path.to_owned(), why });
    }

    /// The text, filled in; what is refused leaves nothing behind.
    pub(super) fn text(&mut self, path: &str, place: Place, text: &str) -> String {
        match self.filled(place, text) {
            Ok(filled) => filled,
            Err(why) => {
                self.refuse(path, why);
                String::new()
            }
        }
    }

    /// The same for every string in a JSON value. One that is a single variable takes its type.
    pub(super) fn json(&mut self, path: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => match self.single(text) {
                Some(Bound::Integer(number)) => Value::from(number),
                Some(Bound::Boolean(truth)) => Value::from(truth),
                Some(Bound::Text(_)) | None => Value::from(self.text(path, Place::Json, text)),
            },
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.map(|(at, item)| self.json(&format!("{path}[{at}]"), item)).collect()
            }
            Value::Object(fields) => {
                let fields = fields.iter();
                let filled = fields.map(|(name, field)| {
                    (name.clone(), self.json(&format!("{path}.{name}"), field))
                });
                Value::Object(filled.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn single(&self, text: &str) -> Option<Bound> {
        match template::parts(text).ok()?.as_slice() {
            [Part::Variable(Variable::Input(name))] => self.given.inputs.get(name).cloned(),
            _ => None,
        }
    }

    fn filled(&self, place: Place, text: &str) -> Result<String, Why> {
        let parts = template::parts(text)?;
        let whole = parts.len() == 1;
        let mut filled = String::new();
        for part in parts {
            match part {
                Part::Text(text) => filled.push_str(&text),
                Part::Variable(variable) if self.lasting && variable.is_of_the_moment() => {
                    for piece in ["{{", &variable.to_string(), "}}"] {
                        filled.push_str(piece);
                    }
                }
                Part::Variable(variable) => {
                    let value = self.value(&variable)?;
                    filled.push_str(&placed(place, &variable, value, whole)?);
                }
            }
        }
        Ok(filled)
    }

    fn value(&self, variable: &Variable) -> Result<String, Why> {
        let untold = || Why::Untold(variable.to_string());
        Ok(match variable {
            Variable::Input(name) => self.given.inputs.get(name).ok_or_else(untold)?.to_string(),
            Variable::Incident(fact) => {
                let facts = self.given.incident.ok_or_else(untold)?;
                match fact {
                    Fact::Id => facts.id.clone(),
                    Fact::DisplayId => facts.display_id.clone(),
                    Fact::Title => facts.title.clone(),
                    Fact::SeverityLabel => facts.severity_label.clone(),
                    Fact::StartedAt => utc(facts.started_at),
                    Fact::Duration => facts.duration(self.given.now).to_string(),
                    Fact::Commander => facts.commander.clone(),
                    Fact::Owner => facts.owner.clone(),
                }
            }
            Variable::Tenant => self.given.tenant.to_owned(),
            Variable::ExecutionId => self.given.execution_id.to_owned(),
            Variable::Time(clock, ago) => {
                let moment = self.given.now.plus(ago.millis().saturating_neg());
                match clock {
                    Clock::Seconds => moment.seconds().to_string(),
                    Clock::Millis => moment.millis().to_string(),
                    Clock::Utc => utc(moment),
                }
            }
        })
    }
}

/// To the second: some tools read no fraction.
fn utc(moment: Timestamp) -> String {
    let text = moment.to_string();
    let whole = text.split_once('.').map(|(whole, _)| format!("{whole}Z"));
    whole.unwrap_or(text)
}

/// A value as its place needs it.
fn placed(place: Place, variable: &Variable, value: String, whole: bool) -> Result<String, Why> {
    match place {
        Place::Words | Place::Json => Ok(value),
        Place::Query => Ok(encoded(&value)),
        Place::Path => {
            plain(variable, &value)?;
            if value.is_empty() {
                return Err(Why::Empty);
            }
            // A slash would begin a segment that nobody wrote.
            if value.contains('/') || value.contains('%') {
                return Err(Why::NotPlain { input: variable.to_string() });
            }
            climbs(&value)?;
            Ok(encoded(&value))
        }
        Place::Argument | Place::Parameter => {
            climbs(&value)?;
            if !whole {
                plain(variable, &value)?;
            }
            // Elsewhere the text before it says what it is.
            if whole && value.starts_with('-') && value.parse::<i64>().is_err() {
                return Err(Why::Option(clipped(&value)));
            }
            if whole && (value.contains("://") || value.starts_with('@')) {
                return Err(Why::Reference(clipped(&value)));
            }
            Ok(value)
        }
    }
}

fn plain(variable: &Variable, value: &str) -> Result<(), Why> {
    let plain = |one: char| one.is_ascii_alphanumeric() || PLAIN.contains(one);
    let holds = value.chars().all(plain) && !value.contains("://");
    holds.then_some(()).ok_or_else(|| Why::NotPlain { input: variable.to_string() })
}

fn climbs(value: &str) -> Result<(), Why> {
    let climbs =
        value.split(['/', '\\']).any(|part| part == ".." || part.eq_ignore_ascii_case("%2e%2e"));
    if climbs { Err(Why::Traversal) } else { Ok(()) }
}

fn clipped(value: &str) -> String {
    crate::words::clipped(value, 32)
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
pub(super) fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&watchfire_domain::hex(&[byte]).to_ascii_uppercase());
        }
    }
    out
}
