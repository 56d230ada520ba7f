//! Levels: those of one are asked together, and those of the next once it has agreed.
//!
//! Which level is asked follows from the answers alone, so that no answer can leave it behind.

use super::{Answer, Approval};
use crate::calendar::Calendar;
use crate::link::mailbox;
use crate::{Rejected, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::iter::once;

/// People who are asked together, and how many of them must agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Their mail addresses.
    pub people: Vec<String>,
    /// How many of them must agree.
    #[serde(default = "one")]
    pub need: u8,
    /// Whether only those count who are on call when they agree.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_call: bool,
    /// Within which hours they agree; at any time, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Calendar>,
    /// The least role of those who may agree, as it is when they do; any, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<LeastRole>,
    /// The clearance of those who may agree, 0 to 100; any, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance: Option<u8>,
}

/// The least role that a level asks of those who agree. Every approver is a viewer at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeastRole {
    /// A responder, a commander or an administrator.
    Responder,
    /// A commander or an administrator.
    Commander,
    /// An administrator.
    Admin,
}

impl LeastRole {
    /// The wire name, as claims have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Responder => "responder",
            Self::Commander => "commander",
            Self::Admin => "admin",
        }
    }
}

pub(crate) const fn one() -> u8 {
    1
}

/// A level of an approval, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Who is asked, normalised.
    pub people: &'a [String],
    /// How many of them must agree.
    pub need: usize,
    /// Whether only those may agree who are on call at that moment.
    pub on_call: bool,
    /// Within which hours they may agree; at any time, if none.
    pub hours: Option<&'a Calendar>,
    /// The least role of those who may agree; any, if none.
    pub role: Option<LeastRole>,
    /// The clearance of those who may agree; any, if none.
    pub clearance: Option<u8>,
    /// How many have agreed.
    pub agreed: usize,
}

impl Asked<'_> {
    /// When they may agree: at `now`, if it is within their hours; else from when on.
    pub fn agrees_from(&self, now: Timestamp) -> Timestamp {
        self.hours.map_or(now, |hours| hours.open_at(now))
    }

    /// In words, what those who agree have to be; none if nothing is asked of them.
    pub fn wants(&self) -> Option<String> {
        let role = self.role.map(|role| match role {
            LeastRole::Responder => "the role of a responder or more".to_owned(),
            LeastRole::Commander => "the role of a commander or more".to_owned(),
            LeastRole::Admin => "the role of an administrator".to_owned(),
        });
        let clearance = self.clearance.map(|least| format!("a clearance of {least} or more"));
        let all: Vec<String> = role.into_iter().chain(clearance).collect();
        (!all.is_empty()).then(|| all.join(" and "))
    }
}

impl Level {
    fn unanswered(&self) -> Asked<'_> {
        Asked {
            people: &self.people,
            need: usize::from(self.need),
            on_call: self.on_call,
            hours: self.hours.as_ref(),
            role: self.role,
            clearance: self.clearance,
            agreed: 0,
        }
    }
}

/// Whom of `levels` can be asked: nobody who is `excluded`, and nobody twice, in whichever spelling
/// and level. Refused if one of them could never agree.
pub fn reached(
    levels: impl IntoIterator<Item = Level>,
    excluded: &[String],
) -> Result<Vec<Level>, Rejected> {
    let mut known: BTreeSet<String> = excluded.iter().map(|one| mailbox(one)).collect();
    let reach = |mut level: Level| {
        // Addresses of one mailbox are one person: they count once.
        level.people.sort_by_key(|one| (mailbox(one), one.len()));
        level.people.retain(|one| known.insert(mailbox(one)));
        level.need = level.need.max(1);
        let reachable = level.people.len();
        if reachable < usize::from(level.need) {
            return Err(Rejected::NoApprovers { need: level.need, reachable });
        }
        Ok(level)
    };
    levels.into_iter().map(reach).collect()
}

/// Refused if `levels`, asked at `now` one after the other, could not all agree before `end`: the
/// hours of one of them begin too late.
pub fn in_time(levels: &[Level], now: Timestamp, end: Timestamp) -> Result<(), Rejected> {
    let mut earliest = now;
    for hours in levels.iter().filter_map(|level| level.hours.as_ref()) {
        earliest = hours.open_at(earliest);
        if earliest >= end {
            return Err(Rejected::NoHours { opens: earliest, ends: end });
        }
    }
    Ok(())
}

impl Approval {
    /// Its levels, in the order in which they are asked.
    pub fn levels(&self) -> impl Iterator<Item = Asked<'_>> {
        let first = Asked {
            people: &self.approvers,
            need: usize::from(self.need),
            on_call: self.on_call,
            hours: self.hours.as_ref(),
            role: self.role,
            clearance: self.clearance,
            agreed: 0,
        };
        let mut counted = BTreeSet::new();
        once(first).chain(self.then.iter().map(Level::unanswered)).map(move |level| {
            let people = level.people;
            let agreed = self.decisions.iter().filter(|one| {
                one.answer == Answer::Grant
                    && people.contains(&one.approver)
                    && counted.insert(mailbox(&one.approver))
            });
            Asked { need: level.need.max(1), agreed: agreed.count(), ..level }
        })
    }

    /// How many levels it has; none if it has no more than one.
    pub fn levels_in_all(&self) -> Option<usize> {
        (!self.then.is_empty()).then(|| self.then.len().saturating_add(1))
    }

    /// Which level is asked now, from 0: the first that has not agreed, or else the last.
    pub fn turn(&self) -> usize {
        let before_the_last = self.levels().take(self.then.len());
        before_the_last.take_while(|level| level.agreed >= level.need).count()
    }

    /// The levels that have been asked by now; the last of them is being asked.
    pub fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.levels().take(self.turn().saturating_add(1))
    }

    /// The level in which `approver` has been asked; none before their turn.
    pub fn asked_in(&self, approver: &str) -> Option<Asked<'_>> {
        self.asked().find(|level| level.people.iter().any(|one| one == approver))
    }

    /// How many must still agree, in all levels together.
    pub fn missing(&self) -> usize {
        self.levels().map(|level| level.need.saturating_sub(level.agreed)).sum()
    }

    /// Everybody who is asked, now or in their turn.
    pub fn everybody(&self) -> impl Iterator<Item = &String> {
        self.levels().flat_map(|level| level.people)
    }
}
