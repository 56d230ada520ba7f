//! What the source procedures say of their severities.

use super::{Audience, Notice, Response};

/// A level in short.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) impact: &'static str,
    pub(super) examples: &'static [&'static str],
    pub(super) response: Response,
    /// How far along the profile's path it goes.
    pub(super) called: usize,
    pub(super) updates: Option<u32>,
    pub(super) team: Option<&'static str>,
    pub(super) notice: Option<Notice>,
}

impl Row {
    const fn new(label: &'static str, impact: &'static str, response: Response) -> Self {
        Self {
            label,
            impact,
            examples: &[],
            response,
            called: 0,
            updates: None,
            team: None,
            notice: None,
        }
    }
}

const fn minutes(minutes: u32) -> Response {
    Response::Within { minutes }
}

const fn inside(audience: Audience) -> Notice {
    Notice { audience, within_minutes: None, update_every_minutes: None }
}

// Customers hear every 30 minutes, executives every 15 (S4-21, S4-35; decisions on conflicts: 5).
const fn customers(within: u32) -> Notice {
    let (within_minutes, update_every_minutes) = (Some(within), Some(30));
    Notice { audience: Audience::Customers, within_minutes, update_every_minutes }
}

pub(super) const SEV: [Row; 4] = [
    Row {
        examples: &[
            "all production instances down",
            "database unavailable",
            "complete network failure",
        ],
        called: 3,
        ..Row::new("Sev1", "complete outage", minutes(5))
    },
    Row {
        examples: &["partial instance failure", "database connection issues", "high latency"],
        called: 2,
        ..Row::new("Sev2", "major degradation", minutes(15))
    },
    Row {
        examples: &["single instance issue", "monitoring alerts", "non-critical errors"],
        called: 1,
        ..Row::new("Sev3", "minor degradation", minutes(60))
    },
    Row {
        examples: &["warning logs", "informational alerts"],
        ..Row::new("Sev4", "no customer impact", Response::NextBusinessDay)
    },
];

pub(super) const P: [Row; 4] = [
    Row {
        examples: &["API down", "database failure"],
        called: 4,
        // S2-26, S2-08.
        updates: Some(15),
        team: Some("incident commander and engineering lead"),
        ..Row::new("P0", "complete outage", minutes(15))
    },
    Row {
        examples: &["healing strategies do not work", "webhook failures"],
        called: 4,
        ..Row::new("P1", "major functionality impaired", minutes(60))
    },
    Row {
        examples: &["dashboard issues", "delayed notifications"],
        called: 3,
        ..Row::new("P2", "minor functionality impaired", minutes(240))
    },
    Row {
        examples: &["cosmetic faults", "errors in documentation"],
        called: 1,
        ..Row::new("P3", "cosmetic or documentation", minutes(1440))
    },
];

// What is said of percentages is guidance: the matrix decides (decisions on conflicts: 3).
pub(super) const P_BUSINESS: [Row; 4] = [
    Row {
        examples: &[
            "total unavailability",
            "data breach",
            "database failure",
            "exploited vulnerability",
        ],
        called: 4,
        updates: Some(15),
        team: Some("full incident response team and executives"),
        notice: Some(customers(0)),
        ..Row::new("P0", "outage or severe breach", minutes(15))
    },
    Row {
        examples: &[
            "core features down",
            "> 50 % of users degraded",
            "corruption for several customers",
        ],
        called: 3,
        team: Some("core incident response team"),
        notice: Some(customers(120)),
        ..Row::new("P1", "major impairment, many users", minutes(60))
    },
    Row {
        examples: &["non-critical feature down", "< 25 % of users slowed", "minor inconsistency"],
        called: 3,
        team: Some("technical lead and on-call engineer"),
        notice: Some(inside(Audience::Stakeholders)),
        ..Row::new("P2", "minor impairment, few users", minutes(240))
    },
    Row {
        examples: &["cosmetic faults", "errors in documentation", "non-critical monitoring alerts"],
        team: Some("development team, in business hours"),
        notice: Some(inside(Audience::Tracking)),
        ..Row::new("P3", "cosmetic", Response::NextBusinessDay)
    },
];
