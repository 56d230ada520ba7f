//! Alarms, as the rules see them: whatever door they came through, in one shape.

mod flapping;
mod ruling;
#[cfg(test)]
mod tests;

pub use flapping::Flapping;
pub use ruling::{Known, Newest, Open, Ruling, remember, rule};

use crate::{IncidentId, Timestamp, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Where an alarm event comes from. It is part of every key: a drill never touches a real incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// CloudWatch.
    Cloudwatch,
    /// A game day, or the local stack (`watchfire.drill`).
    Drill,
    /// Prometheus Alertmanager, by webhook.
    Alertmanager,
    /// Grafana, by webhook.
    Grafana,
    /// A sender of `PagerDuty` events, by webhook.
    Pagerduty,
    /// Datadog, by webhook.
    Datadog,
    /// Another system, by webhook.
    Generic,
}

/// An alarm's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// The alarm fires.
    Alarm,
    /// All is well.
    Ok,
    /// Nobody knows.
    InsufficientData,
}

impl AlarmState {
    /// CloudWatch's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// One transition of one alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its source.
    pub source: Source,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The account that it lives in.
    pub account: String,
    /// The region that it lives in.
    pub region: String,
    /// The contributor that this state is about, for alarms that have them.
    pub contributor: Option<String>,
    /// The state that it is in now.
    pub state: AlarmState,
    /// Since when.
    pub at: Timestamp,
    /// What tells this transition from others of the alarm, where `at` does not: some senders tell
    /// no time, so that `at` is when they were heard.
    pub identity: Option<String>,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// What its owner says of it.
    pub description: String,
    /// The metric that it is about, if that is one.
    pub metric: Option<String>,
    /// The dimensions of its metrics.
    pub dimensions: BTreeMap<String, String>,
    /// Its tags, where CloudWatch propagates them.
    pub tags: BTreeMap<String, String>,
    /// What suppresses it, for a composite whose actions are suppressed.
    pub suppressed_by: Option<String>,
    /// The children that set off a composite.
    pub triggered_by: Vec<String>,
    /// Whether this is a configuration change and no transition at all.
    pub configuration: bool,
}

impl Alarm {
    /// What makes this transition the same as another delivery of it (reliability: alarm identity
    /// is not EventBridge's id): hex of SHA-256 over source, ARN, contributor, state and time, or
    /// what stands for the time.
    pub fn event_id(&self) -> String {
        let source = format!("{:?}", self.source);
        // One that is suppressed now may come again, with the same time, when nothing mutes it.
        let kind = match (self.configuration, &self.suppressed_by) {
            (true, _) => "configuration",
            (false, Some(_)) => "suppressed",
            (false, None) => self.state.name(),
        };
        let contributor = self.contributor.as_deref().unwrap_or("");
        let at = self.identity.clone().unwrap_or_else(|| self.at.to_string());
        digest(&[&source, &self.arn, contributor, kind, &at])
    }

    /// The id of the incident that this transition opens, whenever and under whatever key it is
    /// delivered: what was opened once is not opened again. `now` stands in for a time that is
    /// still to come.
    pub fn opens(&self, now: Timestamp) -> IncidentId {
        let digest = Sha256::digest(self.event_id());
        let random = digest.first_chunk().copied().unwrap_or_default();
        IncidentId::at(self.at.min(now), random)
    }

    /// What makes this alarm belong to the same incident as another: its identity, or `rendered`,
    /// the plan's dedup key.
    pub fn key(&self, rendered: Option<&str>) -> String {
        let source = format!("{:?}", self.source);
        if let Some(key) = rendered {
            return digest(&[&source, "key", key]);
        }
        let contributor = self.contributor.as_deref().unwrap_or("");
        digest(&[&source, "arn", &self.arn, contributor])
    }

    /// The children that set off this composite, as far as their ARNs tell of them.
    pub fn children(&self) -> impl Iterator<Item = Self> + '_ {
        self.triggered_by.iter().filter(|arn| **arn != self.arn).filter_map(|arn| {
            // arn:partition:cloudwatch:region:account:alarm:name
            let mut parts = arn.splitn(7, ':');
            let (region, account) = (parts.nth(3)?, parts.next()?);
            let name = parts.nth(1)?;
            Some(Self {
                source: self.source,
                arn: arn.clone(),
                name: name.to_owned(),
                account: account.to_owned(),
                region: region.to_owned(),
                contributor: None,
                state: self.state,
                at: self.at,
                reason: String::new(),
                description: String::new(),
                metric: None,
                dimensions: BTreeMap::new(),
                tags: BTreeMap::new(),
                suppressed_by: None,
                triggered_by: Vec::new(),
                configuration: false,
                identity: None,
            })
        })
    }

    /// Which of the alarms that share a key this is.
    pub fn member(&self) -> String {
        self.key(None).chars().take(16).collect()
    }

    /// The value of a template's variable, if the alarm has one: `name`, `description`, `reason`,
    /// `account`, `region`, `tag.<key>`, `dimension.<name>`.
    pub fn variable(&self, name: &str) -> Option<&str> {
        match name {
            "name" => Some(&self.name),
            "description" => Some(&self.description),
            "reason" => Some(&self.reason),
            "account" => Some(&self.account),
            "region" => Some(&self.region),
            _ => match name.split_once('.') {
                Some(("tag", key)) => self.tags.get(key).map(String::as_str),
                Some(("dimension", key)) => self.dimensions.get(key).map(String::as_str),
                _ => None,
            },
        }
    }
}

/// What an alarm is called, as far as its ARN tells: by its name, or by the key that its sender has
/// for it.
pub fn called(arn: &str) -> &str {
    // arn:partition:cloudwatch:region:account:alarm:name, or hook:kind:integration:key
    let parts = if arn.starts_with("hook:") { 4 } else { 7 };
    arn.splitn(parts, ':').last().unwrap_or(arn)
}

/// The first 20 bytes of SHA-256, in hex: room for more alarms than there ever will be.
fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    digest.update("alarm/v1");
    for part in parts {
        digest.update([0]);
        digest.update(part);
    }
    hex(digest.finalize().first_chunk::<20>().map_or(&[], |first| first.as_slice()))
}
