//! Integrations: other systems that tell a tenant of alarms by webhook, and how each proves itself.

mod notice;
mod secret;
#[cfg(test)]
mod tests;

pub use notice::{Heard, Notice, Said};
pub use secret::{Proof, secret};

use crate::alarm::Source;
use crate::ids::text_form;
use crate::plan::{Problem, is_plan_name};
use crate::{DAY, Timestamp, Unnamed};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How long the secret before a rotation is still taken: whoever rotates it has a day to change the
/// sender's configuration.
pub const OVERLAP: i64 = DAY;

/// An integration's id, `int_` and 16 letters: 80 random bits, so that nobody finds one by trying.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntegrationId(String);

const PREFIX: &str = "int_";
/// How many letters ten bytes are.
const LETTERS: usize = 16;

impl IntegrationId {
    /// The id of these ten random bytes.
    pub fn of(random: [u8; 10]) -> Self {
        Self(format!("{PREFIX}{}", secret::letters(&random)))
    }

    /// The id that a routing key begins with (`PagerDuty` Events API v2 allows one of 32
    /// characters).
    pub fn of_routing_key(key: &str) -> Option<Self> {
        let (id, rest) = key.split_at_checked(LETTERS)?;
        (rest.len() == LETTERS).then(|| format!("{PREFIX}{id}").parse().ok()).flatten()
    }

    /// The written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn letters(&self) -> &str {
        self.0.strip_prefix(PREFIX).unwrap_or(&self.0)
    }
}

impl fmt::Display for IntegrationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for IntegrationId {
    type Err = Unnamed;
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let letters = text.strip_prefix(PREFIX).unwrap_or_default();
        if letters.len() == LETTERS && letters.bytes().all(secret::is_letter) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unnamed::new(text, "an integration's id"))
        }
    }
}
text_form!(IntegrationId);

/// What sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationKind {
    /// Prometheus Alertmanager, webhook version 4.
    Alertmanager,
    /// Grafana's unified alerting.
    Grafana,
    /// Whatever speaks `PagerDuty`'s Events API v2.
    Pagerduty,
    /// Datadog, by our published template.
    Datadog,
    /// Anything else, by our own JSON.
    Generic,
}

impl IntegrationKind {
    /// Its wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Grafana => "grafana",
            Self::Pagerduty => "pagerduty",
            Self::Datadog => "datadog",
            Self::Generic => "generic",
        }
    }

    /// What its alarms say of where they come from.
    pub const fn source(self) -> Source {
        match self {
            Self::Alertmanager => Source::Alertmanager,
            Self::Grafana => Source::Grafana,
            Self::Pagerduty => Source::Pagerduty,
            Self::Datadog => Source::Datadog,
            Self::Generic => Source::Generic,
        }
    }
}

/// What a secret follows from, beside the id: nothing of the secret itself is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// The id of the deployment's key.
    pub kid: String,
    /// Counted from 1, by rotation.
    pub number: u32,
}

/// A generation that was rotated out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Which.
    #[serde(flatten)]
    pub generation: Generation,
    /// Until when its secret is taken.
    pub until: Timestamp,
}

/// An integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// What people call it.
    pub name: String,
    /// What sends.
    pub kind: IntegrationKind,
    /// The plan that its alarms follow; without one, plans of its tenant match as they do alarms'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// What its secret follows from.
    pub generation: Generation,
    /// What the secret before followed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When its secret was rotated last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Timestamp>,
    /// Its version, counted from 1.
    pub version: u64,
}

/// What a caller says of a new integration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewIntegration {
    /// What people call it.
    pub name: String,
    /// What sends.
    pub kind: IntegrationKind,
    /// The plan that its alarms follow.
    #[serde(default)]
    pub plan: Option<String>,
}

impl NewIntegration {
    /// All that is wrong with it.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            problems.push(Problem::new("name", "must be 1 to 64 characters on one line"));
        }
        if self.plan.as_deref().is_some_and(|plan| !is_plan_name(plan)) {
            problems.push(Problem::new("plan", "must be 1 to 64 of a-z, 0-9, `-`, `_` or `.`"));
        }
        problems
    }

    /// The integration, whose secret follows from the key `kid`.
    pub fn made(self, id: IntegrationId, kid: &str, by: &str, now: Timestamp) -> Integration {
        Integration {
            id,
            name: self.name.trim().to_owned(),
            kind: self.kind,
            plan: self.plan,
            generation: Generation { kid: kid.to_owned(), number: 1 },
            former: None,
            created_by: by.to_owned(),
            created_at: now,
            rotated_at: None,
            version: 1,
        }
    }
}

impl Integration {
    /// With a new secret. The one before is taken for another day, and none before that: whoever
    /// rotates twice shuts out both.
    #[must_use]
    pub fn rotated(&self, kid: &str, now: Timestamp) -> Self {
        let number = self.generation.number.saturating_add(1);
        Self {
            generation: Generation { kid: kid.to_owned(), number },
            former: Some(Former { generation: self.generation.clone(), until: now.plus(OVERLAP) }),
            rotated_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// The generations whose secret is taken at `now`, the newest first.
    pub fn taken_at(&self, now: Timestamp) -> impl Iterator<Item = &Generation> {
        let former = self.former.as_ref().filter(move |former| now < former.until);
        std::iter::once(&self.generation).chain(former.map(|former| &former.generation))
    }
}
