//! Whom a message is for: what a runbook's `notify` names, and a plan's target may be limited to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom a message is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who work on the incident.
    Responders,
    /// The incident commander.
    Commander,
    /// The engineering lead.
    EngineeringLead,
    /// The security lead.
    SecurityLead,
    /// Stakeholders inside.
    Stakeholders,
    /// Executives.
    Executives,
    /// Customers.
    Customers,
}

impl Audience {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Responders => "responders",
            Self::Commander => "commander",
            Self::EngineeringLead => "engineering_lead",
            Self::SecurityLead => "security_lead",
            Self::Stakeholders => "stakeholders",
            Self::Executives => "executives",
            Self::Customers => "customers",
        }
    }

    /// Who is told instead if a plan names nobody for it: a page has to reach somebody who works on
    /// the incident. What is for the security lead may be for nobody else there, and what is for
    /// those outside is not theirs.
    pub const fn stand_in(self) -> Option<Self> {
        match self {
            Self::Commander | Self::EngineeringLead => Some(Self::Responders),
            Self::Responders
            | Self::SecurityLead
            | Self::Stakeholders
            | Self::Executives
            | Self::Customers => None,
        }
    }
}
