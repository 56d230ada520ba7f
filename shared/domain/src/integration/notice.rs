//! What a webhook says of one alarm, whatever system it came from.

use super::Integration;
use crate::Timestamp;
use crate::alarm::{Alarm, AlarmState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is said of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It fires.
    Firing,
    /// It is over.
    Resolved,
    /// Somebody has seen it.
    Acknowledged,
}

/// What a webhook says of one alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Which alarm it is, within its integration.
    pub key: String,
    /// What is said.
    pub said: Said,
    /// Its name.
    pub name: String,
    /// Since when: by the sender's clock if that one gave both ends, else when it came; never later
    /// than that.
    pub at: Timestamp,
    /// What tells it from other notices of its alarm, if the sender said so; else `at` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What its owner says of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// A notice, as the rules of alarms take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The alarm. An acknowledgement is no transition: it only tells of which alarm it is.
    pub alarm: Alarm,
    /// What is said of it.
    pub said: Said,
}

impl Notice {
    /// The alarm's transition. Its ARN and source are the integration's: a notice cannot pass for
    /// another's.
    pub fn heard(self, of: &Integration) -> Heard {
        let said = self.said;
        let identity = match said {
            Said::Firing | Said::Resolved => self.identity,
            // It must not be taken for the transition that came at the same time.
            Said::Acknowledged => {
                let known = self.identity.unwrap_or_else(|| self.at.to_string());
                Some(format!("acknowledged {known}"))
            }
        };
        let alarm = Alarm {
            source: of.kind.source(),
            arn: format!("hook:{}:{}:{}", of.kind.name(), of.id, self.key),
            name: self.name,
            account: of.id.to_string(),
            region: self.labels.get("region").cloned().unwrap_or_default(),
            contributor: None,
            state: if said == Said::Resolved { AlarmState::Ok } else { AlarmState::Alarm },
            at: self.at,
            identity,
            reason: self.reason,
            description: self.description,
            metric: None,
            dimensions: BTreeMap::new(),
            tags: self.labels,
            suppressed_by: None,
            triggered_by: Vec::new(),
            configuration: false,
        };
        Heard { alarm, said }
    }
}
