//! The profiles that every desk has, as the three source procedures state them.

use super::rows::{P, P_BUSINESS, Row, SEV};
use super::{Level, Profile};
use crate::Severity;
use crate::calendar::Calendar;

impl Profile {
    /// The names of the built-in profiles. They are version 1, and nobody stores over them.
    pub const BUILT_IN: [&str; 3] = ["sev", "p", "p-business"];

    /// The built-in profile of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "sev" => Some(Self::sev()),
            "p" => Some(Self::p()),
            "p-business" => Some(Self::p_business()),
            _ => None,
        }
    }

    /// `sev`: Sev1 to Sev4, answered in minutes (S1-01..04).
    pub fn sev() -> Self {
        profile("sev", &["on-call engineer", "team lead", "CTO"], &SEV)
    }

    /// `p`: P0 to P3, answered within a day (S2-01..04). The path upwards is the one for faults
    /// (S2-07); how far a severity goes along it is our reading.
    pub fn p() -> Self {
        profile("p", &["L1 support", "L2 engineering", "engineering lead", "VP engineering"], &P)
    }

    /// `p-business`: P0 to P3 with a response team and the duty to tell customers (S4-05..08), and
    /// the ladder whose last step is for P0 only (S4-03).
    pub fn p_business() -> Self {
        let path = ["primary on-call", "secondary on-call", "engineering manager", "CTO"];
        profile("p-business", &path, &P_BUSINESS)
    }
}

fn profile(name: &str, path: &[&str], rows: &[Row; 4]) -> Profile {
    let mut severities = Severity::ALL.into_iter();
    let levels = rows.each_ref().map(|row| {
        let severity = severities.next().unwrap_or(Severity::Low);
        let mut name = severity.name().to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Level {
            severity,
            label: row.label.to_owned(),
            name,
            impact: row.impact.to_owned(),
            examples: row.examples.iter().copied().map(str::to_owned).collect(),
            response: row.response,
            update_every_minutes: row.updates,
            escalation: path.iter().take(row.called).copied().map(str::to_owned).collect(),
            team: row.team.map(str::to_owned),
            notice: row.notice.clone(),
        }
    });
    Profile { name: name.to_owned(), version: 1, levels, calendar: Calendar::office_hours() }
}
