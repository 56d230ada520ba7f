//! Severity profiles: what the four severities are called, and which clocks they start
//! (S1-05, S4-09).
//!
//! A profile is versioned; an incident keeps the version that it was opened under.

mod builtin;
mod check;
mod rows;
#[cfg(test)]
mod tests;

use crate::calendar::Calendar;
use crate::{MINUTE, Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// A severity profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: 1 to 40 of `a-z 0-9 -`.
    pub name: String,
    /// Its version, from 1; a version never changes.
    pub version: u32,
    /// The four severities, `critical` first.
    pub levels: [Level; 4],
    /// What a business day is.
    pub calendar: Calendar,
}

/// What a profile says of one severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The severity.
    pub severity: Severity,
    /// What people say and write: `Sev1`, `P0`.
    pub label: String,
    /// In a word.
    pub name: String,
    /// What it means.
    pub impact: String,
    /// What falls under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// How soon somebody must have responded.
    pub response: Response,
    /// How often those who wait inside hear something, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_every_minutes: Option<u32>,
    /// Who is called, one after the other; the last one is its cap (S1-09).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<String>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Whom we owe word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
}

/// How soon somebody must have responded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Response {
    /// Within so many minutes.
    Within {
        /// The minutes.
        minutes: u32,
    },
    /// By the close of the next business day.
    NextBusinessDay,
}

/// The duty to tell somebody (S4-05..08).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Whom.
    pub audience: Audience,
    /// How soon, in minutes; 0 is at once. None: no time is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_minutes: Option<u32>,
    /// How often they hear more, in minutes (decisions on conflicts: 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_every_minutes: Option<u32>,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Customers.
    Customers,
    /// Stakeholders inside, and nobody else.
    Stakeholders,
    /// Nobody: it is tracked.
    Tracking,
}

impl Profile {
    /// The level of `severity`.
    pub const fn level(&self, severity: Severity) -> &Level {
        // INVARIANT: `check` lets no profile pass whose levels stand in another order.
        let [critical, high, medium, low] = &self.levels;
        match severity {
            Severity::Critical => critical,
            Severity::High => high,
            Severity::Medium => medium,
            Severity::Low => low,
        }
    }

    /// When somebody must have responded to an incident that was opened at `opened_at`.
    pub fn deadline(&self, severity: Severity, opened_at: Timestamp) -> Timestamp {
        match self.level(severity).response {
            Response::Within { minutes } => {
                opened_at.plus(i64::from(minutes).saturating_mul(MINUTE))
            }
            Response::NextBusinessDay => self.calendar.next_close(opened_at),
        }
    }

    /// Reads a label, this profile's own before everybody's: here `P1` may be the worst.
    pub fn parse_label(&self, text: &str) -> Option<Severity> {
        let own = self.levels.iter().find(|level| level.label.eq_ignore_ascii_case(text.trim()));
        own.map(|level| level.severity).or_else(|| Severity::parse_label(text))
    }
}
