//! What an alarm's transition does to the incident it belongs to. Deliveries come twice, late and
//! out of order; every distinct transition ends as exactly one of opened, attached, reopened,
//! cleared or recorded.

use super::{Alarm, AlarmState};
use crate::{IncidentId, MINUTE, Status, Timestamp};
use serde::{Deserialize, Serialize};

/// What is remembered of an alarm key: the newest transition, and the incident that it opened last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The incident; none while only an OK came, whose ALARM may still be under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
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

impl Open {
    /// What is remembered after `alarm` came, which belongs to `incident`: the newest transition
    /// stays the newest, however late another comes.
    pub fn after(before: Option<&Self>, alarm: &Alarm, incident: Option<IncidentId>) -> Self {
        let newer = before.filter(|before| before.last_at > alarm.at);
        let (last_state, last_at) =
            newer.map_or((alarm.state, alarm.at), |before| (before.last_state, before.last_at));
        let (generation, count) = before.map_or((0, 0), |before| (before.generation, before.count));
        let counts = alarm.state == AlarmState::Alarm && incident.is_some();
        Self {
            incident,
            last_state,
            last_at,
            generation: generation.saturating_add(1),
            count: count.saturating_add(u64::from(counts)),
        }
    }
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
///
/// An ALARM that comes after its own OK opens its incident all the same, as it would have done in
/// time; that the key is OK again lets the quiet period start at once.
pub fn rule(
    alarm: &Alarm,
    newest: Option<&Open>,
    incident: Option<Known>,
    reopen_minutes: u32,
) -> Ruling {
    if alarm.configuration {
        return Ruling::Record { why: "a configuration change" };
    }
    let late = newest.is_some_and(|newest| alarm.at < newest.last_at);
    let of_its_time = |known: Known| match known.resolved_at {
        Some(resolved) => alarm.at <= resolved,
        None => true,
    };
    if late && (alarm.state != AlarmState::Alarm || incident.is_some_and(of_its_time)) {
        return Ruling::Record { why: "older than the newest transition seen" };
    }
    let previous = newest.and_then(|newest| newest.incident);
    match (alarm.state, incident) {
        (AlarmState::InsufficientData, _) => Ruling::Record { why: "insufficient data" },
        (AlarmState::Alarm, _) if alarm.suppressed_by.is_some() => {
            Ruling::Record { why: "its actions are suppressed" }
        }
        (AlarmState::Alarm, None) => Ruling::Open { previous: None },
        (AlarmState::Alarm, Some(known)) => {
            let window = i64::from(reopen_minutes).saturating_mul(MINUTE);
            match (known.status, known.resolved_at) {
                (Status::Resolved, Some(resolved)) if alarm.at.since(resolved) <= window => {
                    Ruling::Reopen
                }
                (Status::Resolved | Status::Closed, _) => Ruling::Open { previous },
                _ => Ruling::Attach,
            }
        }
        (AlarmState::Ok, Some(known)) if known.status < Status::Resolved => Ruling::Clear,
        (AlarmState::Ok, _) => Ruling::Record { why: "nothing is open for it" },
    }
}
