//! Texts with variables: `{{input.instance_id}}`, `{{time.ms-1h}}`.
//!
//! A template is read once. What is put in is never read again, whatever it looks like.

use crate::{Span, words};
use std::fmt;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Text(String),
    /// A variable.
    Variable(Variable),
}

/// What may stand between `{{` and `}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// `input.<name>`.
    Input(String),
    /// `incident.<fact>`: what is known of the incident.
    Incident(Fact),
    /// `tenant`.
    Tenant,
    /// `execution.id`.
    ExecutionId,
    /// `time.utc`, `time.s` or `time.ms`, and `-30m` for half an hour ago.
    Time(Clock, Span),
}

/// What is known of an incident without anybody typing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// `id`: its uuid.
    Id,
    /// `display_id`: `INC-…`.
    DisplayId,
    /// `title`: one line.
    Title,
    /// `severity_label`: as its profile calls it, such as `Sev1` or `P0`.
    SeverityLabel,
    /// `started_at`: since when, as RFC 3339 in UTC.
    StartedAt,
    /// `duration`: how long it lasted, or has lasted until now.
    Duration,
    /// `commander`: who is the incident commander.
    Commander,
    /// `owner`: who owns it.
    Owner,
}

impl Variable {
    /// Whether it may say something else later: the time, and what is known of an incident.
    pub const fn is_of_the_moment(&self) -> bool {
        match self {
            Self::Incident(_) | Self::Time(..) => true,
            Self::Input(_) | Self::Tenant | Self::ExecutionId => false,
        }
    }
}

impl Fact {
    const ALL: [Self; 8] = [
        Self::Id,
        Self::DisplayId,
        Self::Title,
        Self::SeverityLabel,
        Self::StartedAt,
        Self::Duration,
        Self::Commander,
        Self::Owner,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::DisplayId => "display_id",
            Self::Title => "title",
            Self::SeverityLabel => "severity_label",
            Self::StartedAt => "started_at",
            Self::Duration => "duration",
            Self::Commander => "commander",
            Self::Owner => "owner",
        }
    }

    /// Whether it is any text at all, which somebody outside may have chosen: an alarm's name is a
    /// title. Such words are for people, and are no parameters.
    pub const fn is_free(self) -> bool {
        match self {
            Self::Title | Self::SeverityLabel | Self::Commander | Self::Owner => true,
            Self::Id | Self::DisplayId | Self::StartedAt | Self::Duration => false,
        }
    }
}

/// How a moment is written. Which one a program wants is the program's to say: `CloudWatch` Logs
/// filters in milliseconds and its Insights in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// RFC 3339, in UTC.
    Utc,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
}

/// A text that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// An opening without its end.
    #[error("has a `{{{{` that no `}}}}` closes")]
    Unclosed,
    /// Nothing of that name.
    #[error("has the unknown variable `{0}`")]
    Unknown(String),
}

impl fmt::Display for Variable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(name) => write!(out, "input.{name}"),
            Self::Incident(fact) => write!(out, "incident.{}", fact.name()),
            Self::Tenant => out.write_str("tenant"),
            Self::ExecutionId => out.write_str("execution.id"),
            Self::Time(clock, ago) => {
                let name = match clock {
                    Clock::Utc => "utc",
                    Clock::Seconds => "s",
                    Clock::Millis => "ms",
                };
                write!(out, "time.{name}")?;
                if ago.seconds() > 0 { write!(out, "-{ago}") } else { Ok(()) }
            }
        }
    }
}

/// Reads a template.
pub fn parts(text: &str) -> Result<Vec<Part>, BadTemplate> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").ok_or(BadTemplate::Unclosed)?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let unknown = || BadTemplate::Unknown(words::clipped(name.trim(), 64));
        parts.push(Part::Variable(variable(name.trim()).ok_or_else(unknown)?));
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// What a text says of the incident; nothing, if it is no template.
pub fn facts(text: &str) -> Vec<Fact> {
    let named = |part| match part {
        Part::Variable(Variable::Incident(fact)) => Some(fact),
        Part::Text(_) | Part::Variable(_) => None,
    };
    parts(text).unwrap_or_default().into_iter().filter_map(named).collect()
}

/// The inputs that a text names; none, if it is no template.
pub fn inputs(text: &str) -> Vec<String> {
    let named = |part| match part {
        Part::Variable(Variable::Input(name)) => Some(name),
        Part::Text(_) | Part::Variable(_) => None,
    };
    parts(text).unwrap_or_default().into_iter().filter_map(named).collect()
}

/// Whether a text has variables, or tries to.
pub fn is_template(text: &str) -> bool {
    text.contains("{{")
}

fn variable(name: &str) -> Option<Variable> {
    if let Some(input) = name.strip_prefix("input.") {
        let plain = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_';
        return (!input.is_empty() && input.bytes().all(plain))
            .then(|| Variable::Input(input.to_owned()));
    }
    if let Some(fact) = name.strip_prefix("incident.") {
        return Fact::ALL.into_iter().find(|one| one.name() == fact).map(Variable::Incident);
    }
    if let Some(time) = name.strip_prefix("time.") {
        let (clock, ago) = time.split_once('-').map_or((time, None), |(c, ago)| (c, Some(ago)));
        let clock = match clock {
            "utc" => Clock::Utc,
            "s" => Clock::Seconds,
            "ms" => Clock::Millis,
            _ => return None,
        };
        let ago = ago.map_or(Some(Span::from_seconds(0)), |ago| ago.parse().ok())?;
        return Some(Variable::Time(clock, ago));
    }
    match name {
        "tenant" => Some(Variable::Tenant),
        "execution.id" => Some(Variable::ExecutionId),
        _ => None,
    }
}
