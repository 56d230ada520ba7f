//! What an alarm's transition does to the incident it belongs to. Deliveries come twice, late and
//! out of order; every distinct transition ends as exactly one of opened, attached, reopened,
//! cleared or recorded.

use super::{Alarm, AlarmState};
use crate::{IncidentId, MINUTE, Status, Timestamp};
use serde::{Deserialize, Serialize};

/// What is remembered of an alarm key: the incident that it opened, and the newest transition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The incident.
    pub incident: IncidentId,
    /// The newest state.
    pub last_state: AlarmState,
    /// Since when.
    pub last_at: Timestamp,
    /// How often this item was written: the fence of its next write.
    pub generation: u64,
    /// How many transitions to ALARM it has counted.
    pub count: u64,
}

/// What the ruling needs to know of the incident behind an alarm key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where it stands.
    pub status: Status,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// What a transition does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Opens an incident, after this earlier one of the same key.
    Open {
        /// The earlier incident.
        previous: Option<IncidentId>,
    },
    /// Belongs to the open incident.
    Attach,
    /// Reopens the resolved incident.
    Reopen,
    /// The alarm is OK: the quiet period starts.
    Clear,
    /// Changes nothing; kept with this reason.
    Record {
        /// Why it changes nothing.
        why: &'static str,
    },
}

/// Rules on `alarm`, given what is remembered of its key and of the incident behind it.
pub fn rule(alarm: &Alarm, open: Option<(&Open, Known)>, reopen_minutes: u32) -> Ruling {
    if alarm.configuration {
        return Ruling::Record { why: "a configuration change" };
    }
    if let Some((open, _)) = open
        && alarm.at < open.last_at
    {
        return Ruling::Record { why: "older than the newest transition seen" };
    }
    match (alarm.state, open) {
        (AlarmState::InsufficientData, _) => Ruling::Record { why: "insufficient data" },
        (AlarmState::Alarm, _) if alarm.suppressed_by.is_some() => {
            Ruling::Record { why: "its actions are suppressed" }
        }
        (AlarmState::Alarm, None) => Ruling::Open { previous: None },
        (AlarmState::Alarm, Some((open, known))) => {
            let window = i64::from(reopen_minutes).saturating_mul(MINUTE);
            match (known.status, known.resolved_at) {
                (Status::Resolved, Some(resolved)) if alarm.at.since(resolved) <= window => {
                    Ruling::Reopen
                }
                (Status::Resolved | Status::Closed, _) => {
                    Ruling::Open { previous: Some(open.incident) }
                }
                _ => Ruling::Attach,
            }
        }
        (AlarmState::Ok, Some((_, known))) if known.status < Status::Resolved => Ruling::Clear,
        (AlarmState::Ok, _) => Ruling::Record { why: "nothing is open for it" },
    }
}
