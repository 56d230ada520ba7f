//! What was given, held against what a runbook asks for.

use crate::Span;
use crate::spec::{Input, Spec, Type};
use crate::words;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// How long a text may be where its input says nothing.
pub const LONGEST: i64 = 1_000;

/// The inputs of an execution: each one is known, of its type and within its bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Inputs(BTreeMap<String, Bound>);

/// The value of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A text of one line, one of the choices, or a length of time.
    Text(String),
}

impl fmt::Display for Bound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(out),
            Self::Boolean(truth) => truth.fmt(out),
            Self::Text(text) => text.fmt(out),
        }
    }
}

/// An input that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the input `{input}` {why}")]
pub struct Unbound {
    /// Its name.
    pub input: String,
    /// Why.
    pub why: Misfit,
}

/// Why a value does not fit its input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It must be given.
    #[error("is missing")]
    Missing,
    /// The runbook asks for no such thing.
    #[error("is not one of this runbook's")]
    Unknown,
    /// Of another type.
    #[error("must be of the type `{}`", .0.name())]
    Type(Type),
    /// None of the choices.
    #[error("must be one of {}", .0.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", "))]
    Choice(Vec<String>),
    /// Not of the form.
    #[error("must have the form `{0}`")]
    Pattern(String),
    /// Below its least.
    #[error("must be at least {0}")]
    Least(String),
    /// Above its most.
    #[error("must be at most {0}")]
    Most(String),
    /// A character that no line of text has, or that nobody sees.
    #[error("has the character {}, which is not seen", .0.escape_unicode())]
    Hidden(char),
    /// Text that looks like a template, to us or to SSM.
    #[error("must not have `{{{{` or `}}}}`")]
    Braces,
}

impl Inputs {
    /// Takes what was given. All that does not fit is told at once.
    pub fn bind(spec: &Spec, given: &Map<String, Value>) -> Result<Self, Vec<Unbound>> {
        let (mut bound, mut unbound) = (BTreeMap::new(), Vec::new());
        let mut refuse = |input: &str, why| unbound.push(Unbound { input: clipped(input), why });
        for input in &spec.inputs {
            match given.get(&input.name).or(input.default.as_ref()) {
                None => refuse(&input.name, Misfit::Missing),
                Some(value) => match fit(input, value) {
                    Ok(value) => drop(bound.insert(input.name.clone(), value)),
                    Err(why) => refuse(&input.name, why),
                },
            }
        }
        for name in given.keys().filter(|name| spec.input(name).is_none()) {
            refuse(name, Misfit::Unknown);
        }
        if unbound.is_empty() { Ok(Self(bound)) } else { Err(unbound) }
    }

    /// The value of an input.
    pub fn get(&self, name: &str) -> Option<&Bound> {
        self.0.get(name)
    }
}

fn clipped(text: &str) -> String {
    words::clipped(text, 64)
}

/// The value as its input wants it.
pub fn fit(input: &Input, value: &Value) -> Result<Bound, Misfit> {
    let wrong = || Misfit::Type(input.kind);
    match input.kind {
        Type::String => {
            let text = value.as_str().ok_or_else(wrong)?;
            line(text)?;
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            within(input, length, &|length| format!("{length} characters"))?;
            if input.max.is_none() && length > LONGEST {
                return Err(Misfit::Most(format!("{LONGEST} characters")));
            }
            if let Some(pattern) = &input.pattern {
                // A pattern that is none lets nothing through.
                if !whole(pattern).is_some_and(|regex| regex.is_match(text)) {
                    return Err(Misfit::Pattern(pattern.clone()));
                }
            }
            Ok(Bound::Text(text.to_owned()))
        }
        Type::Integer => {
            let number = value.as_i64().ok_or_else(wrong)?;
            within(input, number, &|number| number.to_string())?;
            Ok(Bound::Integer(number))
        }
        Type::Boolean => value.as_bool().map(Bound::Boolean).ok_or_else(wrong),
        Type::Enum => {
            let text = value.as_str().ok_or_else(wrong)?;
            let choice = input.choices.iter().find(|choice| *choice == text);
            let choice = choice.ok_or_else(|| Misfit::Choice(input.choices.clone()))?;
            line(choice)?;
            Ok(Bound::Text(choice.clone()))
        }
        Type::Duration => {
            let span: Span = value.as_str().ok_or_else(wrong)?.parse().map_err(|_| wrong())?;
            let seconds = i64::try_from(span.seconds()).unwrap_or(i64::MAX);
            let named = |seconds: i64| {
                Span::from_seconds(u64::try_from(seconds).unwrap_or_default()).to_string()
            };
            within(input, seconds, &named)?;
            Ok(Bound::Text(span.to_string()))
        }
    }
}

/// A pattern that must match the whole text. What closes a group has to be a pattern by itself too:
/// `a)|(.*` would close ours.
pub(crate) fn whole(pattern: &str) -> Option<Regex> {
    if pattern.contains(')') {
        Regex::new(pattern).ok()?;
    }
    Regex::new(&format!("^(?:{pattern})$")).ok()
}

/// A bound of an input: a number, or the seconds of a duration.
pub(crate) fn bound(kind: Type, value: &Value) -> Option<i64> {
    match kind {
        Type::String | Type::Integer => value.as_i64(),
        Type::Duration => {
            let span: Span = value.as_str()?.parse().ok()?;
            i64::try_from(span.seconds()).ok()
        }
        Type::Boolean | Type::Enum => None,
    }
}

fn within(input: &Input, found: i64, named: &dyn Fn(i64) -> String) -> Result<(), Misfit> {
    let read = |value: &Option<Value>| value.as_ref().and_then(|value| bound(input.kind, value));
    if let Some(least) = read(&input.min).filter(|least| found < *least) {
        return Err(Misfit::Least(named(least)));
    }
    match read(&input.max).filter(|most| found > *most) {
        Some(most) => Err(Misfit::Most(named(most))),
        None => Ok(()),
    }
}

/// One line that everybody sees as it is: no control, no mark that turns the direction of writing,
/// nothing of no width.
fn line(text: &str) -> Result<(), Misfit> {
    let hidden = |one: &char| words::is_hidden(*one);
    if let Some(one) = text.chars().find(hidden) {
        return Err(Misfit::Hidden(one));
    }
    if text.contains("{{") || text.contains("}}") { Err(Misfit::Braces) } else { Ok(()) }
}
