//! What an alarm's transition does to the incident it belongs to. Deliveries come twice, late and
//! out of order; every distinct transition ends as exactly one of opened, attached, reopened,
//! cleared or recorded.

use super::{Alarm, AlarmState};
use crate::{IncidentId, MINUTE, Status, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is remembered of an alarm key: the incident that it opened last, and of each of the alarms
/// that share the key the newest transition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The incident; none while only an OK came, whose ALARM may still be under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The newest transition of each alarm of the key, by [`Alarm::member`].
    pub members: BTreeMap<String, Newest>,
    /// The key that its alarms belong to instead: that of a composite alarm, or of a child of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<String>,
    /// When an alarm last changed between ALARM and OK, by [`Alarm::member`]; only of those that
    /// came back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, Vec<Timestamp>>,
    /// How often this item was written: the fence of its next write.
    pub generation: u64,
    /// How many transitions to ALARM it has counted.
    pub count: u64,
}

/// The newest transition that came of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    /// Its state.
    pub state: AlarmState,
    /// Since when.
    pub at: Timestamp,
}

/// How many alarms of one key are remembered: the item stays small, however many share the key.
const MOST: usize = 100;

/// What the ruling needs to know of the incident behind an alarm key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where it stands.
    pub status: Status,
    /// When it was resolved, or closed without.
    pub resolved_at: Option<Timestamp>,
}

impl Open {
    /// What is remembered after `alarm` came, which belongs to `incident`: the newest transition
    /// of an alarm stays its newest, however late another comes.
    pub fn after(before: Option<&Self>, alarm: &Alarm, incident: Option<IncidentId>) -> Self {
        let mut after = before.cloned().unwrap_or_default();
        after.incident = incident;
        after.changed(alarm);
        let came = Newest { state: alarm.state, at: alarm.at };
        let newest = after.members.entry(alarm.member()).or_insert(came);
        if newest.at <= came.at {
            *newest = came;
        }
        while after.members.len() > MOST {
            // Those that are well again are missed the least, and of them the oldest.
            let order = |one: &Newest| (one.state != AlarmState::Ok, one.at);
            let least = after.members.iter().min_by_key(|(_, one)| order(one));
            let Some(least) = least.map(|(member, _)| member.clone()) else { break };
            after.members.remove(&least);
            after.changes.remove(&least);
        }
        let counts = alarm.state == AlarmState::Alarm && incident.is_some();
        after.generation = after.generation.saturating_add(1);
        after.count = after.count.saturating_add(u64::from(counts));
        after
    }

    /// What is remembered once the key's alarms belong to the key `to`.
    pub fn joining(before: Option<&Self>, to: &str) -> Self {
        let mut after = before.cloned().unwrap_or_default();
        after.incident = None;
        after.joined = Some(to.to_owned());
        after.generation = after.generation.saturating_add(1);
        after
    }

    /// The newest transition that came of this alarm.
    pub fn newest(&self, alarm: &Alarm) -> Option<Newest> {
        self.members.get(&alarm.member()).copied()
    }

    /// Whether every alarm of the key is OK: one that nobody knows of is not.
    pub fn is_quiet(&self) -> bool {
        self.members.values().all(|newest| newest.state == AlarmState::Ok)
    }

    /// Since when nothing has changed.
    pub fn since(&self) -> Option<Timestamp> {
        self.members.values().map(|newest| newest.at).max()
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
/// time; that the key is OK again lets the quiet period start at once. Where several alarms share a
/// key, the period starts when the last of them is OK.
pub fn rule(
    alarm: &Alarm,
    open: Option<&Open>,
    incident: Option<Known>,
    reopen_minutes: u32,
) -> Ruling {
    if alarm.configuration {
        return Ruling::Record { why: "a configuration change" };
    }
    let of_its_time = |known: Known| match known.resolved_at {
        Some(resolved) => alarm.at <= resolved,
        None => true,
    };
    if is_late(alarm, open)
        && (alarm.state != AlarmState::Alarm || incident.is_some_and(of_its_time))
    {
        return Ruling::Record { why: "older than the newest transition seen" };
    }
    let previous = open.and_then(|open| open.incident);
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
        (AlarmState::Ok, Some(known)) if known.status < Status::Resolved => {
            if Open::after(open, alarm, previous).is_quiet() {
                Ruling::Clear
            } else {
                Ruling::Record { why: "another alarm of its key is not OK" }
            }
        }
        (AlarmState::Ok, _) => Ruling::Record { why: "nothing is open for it" },
    }
}

/// What is to be remembered of the key when `alarm` is only recorded; none if that does not change:
/// it came late, or nothing is known of the key and it is no OK, whose ALARM may come after it.
pub fn remember(alarm: &Alarm, open: Option<&Open>) -> Option<Open> {
    let news = open.is_some() || alarm.state == AlarmState::Ok;
    (news && !alarm.configuration && !is_late(alarm, open))
        .then(|| Open::after(open, alarm, open.and_then(|open| open.incident)))
}

fn is_late(alarm: &Alarm, open: Option<&Open>) -> bool {
    open.and_then(|open| open.newest(alarm)).is_some_and(|newest| alarm.at < newest.at)
}
