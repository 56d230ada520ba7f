//! The incident (S3-10..26): what it is, and how it may change.

mod edit;
mod status;
#[cfg(test)]
mod tests;

pub use edit::{Edit, RootCause};
pub use status::{Status, Step, Transition};

use crate::{
    Actor, Change, Draft, EventType, IncidentId, Profile, Severity, Tenant, Timestamp, clearance,
    display_id,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What sort of trouble it is (S2-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing works.
    ServiceOutage,
    /// It works, badly.
    PerformanceDegradation,
    /// Data are wrong.
    DataCorruption,
    /// Somebody is where they should not be.
    SecurityIncident,
    /// A partner's system fails us.
    IntegrationFailure,
    /// Something ran out.
    ResourceExhaustion,
}

/// The five roles of an incident (S4-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides.
    IncidentCommander,
    /// Leads the technical work.
    TechnicalLead,
    /// Writes to those who wait.
    CommunicationsLead,
    /// Leads where security is concerned.
    SecurityLead,
    /// Speaks with customers.
    CustomerSuccess,
}

/// Why a runbook is for an alarm, the strongest reason first (S1-45).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The alarm's plan links it.
    Plan,
    /// It names the alarm.
    Alarm,
    /// It names the metric.
    Metric,
    /// It has a tag of the alarm.
    Tag,
    /// The alarm is of a row of the quick reference that it is for.
    Matrix,
}

/// One entry of the severity history (S3-25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityChange {
    /// What it became.
    pub to: Severity,
    /// When.
    pub at: Timestamp,
    /// Who changed it.
    pub by: String,
    /// Why.
    pub rationale: String,
}

/// The severity profile's version that an incident was opened under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRef {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// An incident. `updated_at` and `provenance_hash` are its chain's head and are not stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// `INC-YYYYMMDD-HHMM`, with letters on collision (S4-14).
    pub display_id: String,
    /// The number that another system knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// One line.
    pub title: String,
    /// What is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// Every change of severity, with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity_history: Vec<SeverityChange>,
    /// The severity profile it was opened under.
    pub profile: ProfileRef,
    /// Where it stands.
    pub status: Status,
    /// What sort of trouble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The home tenant first, then those that it is shared with.
    pub tenants: Vec<String>,
    /// The clearance of whoever may see it and what belongs to it, 0 to 100; 0 asks for none
    /// (S3-73).
    #[serde(default, skip_serializing_if = "clearance::is_none")]
    pub clearance: u8,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who has which role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<Role, String>,
    /// When somebody must have responded.
    pub sla_deadline: Timestamp,
    /// When the trouble began, if that is known to be earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was detected: the alarm's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected_at: Option<Timestamp>,
    /// Why it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<RootCause>,
    /// How many users, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affected_users_percent: Option<f64>,
    /// What users notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_impact: Option<String>,
    /// The first 200 alarms behind it, by ARN or key; its timeline has all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub linked_alert_ids: BTreeSet<String>,
    /// Runbooks that are linked: by its plan, by the catalogue when it was opened, by people.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub linked_runbook_ids: BTreeSet<String>,
    /// Why, of those that the catalogue linked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub runbook_reasons: BTreeMap<String, Reason>,
    /// The response plan that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Whether it is a drill: opened from `watchfire.drill`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
    /// Whether its alarm goes on and off, so that people are not told of each change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flapping: bool,
    /// Whether severity came from the matrix and a person should confirm it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm_severity: bool,
    /// Fields that a person wrote: machines leave them alone from then on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub by_hand: BTreeSet<String>,
    /// The trace that it was opened in (S3-83).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// When it was opened here.
    pub created_at: Timestamp,
    /// When somebody acknowledged it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// When it first entered `mitigating`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigated_at: Option<Timestamp>,
    /// When it was last resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// When it last went back to `mitigating`: the recovery is verified anew from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Timestamp>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// How often the record was written.
    pub version: u64,
}

/// What a new incident starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Its id.
    pub id: IncidentId,
    /// One line.
    pub title: String,
    /// What is known.
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether a person should confirm the severity.
    pub confirm_severity: bool,
    /// Everything else that its opener may say.
    pub extra: Extra,
}

/// What an opener may say beyond the essentials.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extra {
    /// The number that another system knows it by.
    pub number: Option<String>,
    /// What sort of trouble.
    pub kind: Option<Kind>,
    /// Free labels.
    pub tags: BTreeMap<String, String>,
    /// The clearance of whoever may see it, 0 to 100.
    pub clearance: u8,
    /// Who owns it.
    pub owner: Option<String>,
    /// When the trouble began.
    pub started_at: Option<Timestamp>,
    /// When it was detected.
    pub detected_at: Option<Timestamp>,
    /// How many users, in percent.
    pub affected_users_percent: Option<f64>,
    /// What users notice.
    pub service_impact: Option<String>,
    /// The alarm behind it.
    pub alert: Option<String>,
    /// Runbooks of its plan.
    pub runbooks: BTreeSet<String>,
    /// Runbooks that fit it beside those, and why.
    pub fitting: BTreeMap<String, Reason>,
    /// The response plan that opens it.
    pub plan: Option<String>,
    /// Whether it is a drill.
    pub drill: bool,
    /// The trace that it is opened in.
    pub trace: Option<String>,
    /// An earlier incident of the same alarm.
    pub previous: Option<IncidentId>,
}

impl Incident {
    /// Opens an incident in `tenant` under `profile`. `letters` tells how many letters its display
    /// id needs: none, unless that minute is taken.
    pub fn open(
        tenant: &Tenant,
        profile: &Profile,
        opening: Opening,
        letters: usize,
        actor: &Actor,
        now: Timestamp,
    ) -> Change<Self> {
        let Opening { id, title, description, severity, confirm_severity, extra } = opening;
        let draft = Draft::new(EventType::IncidentCreated, actor)
            .with_some("previous", extra.previous.map(|id| id.to_string()));
        let after = Self {
            id,
            display_id: display_id(now, id, letters),
            number: extra.number,
            title,
            description,
            severity,
            severity_history: Vec::new(),
            profile: ProfileRef { name: profile.name.clone(), version: profile.version },
            status: Status::New,
            kind: extra.kind,
            tags: extra.tags,
            tenants: vec![tenant.as_str().to_owned()],
            clearance: extra.clearance,
            owner: extra.owner,
            roles: BTreeMap::new(),
            sla_deadline: profile.deadline(severity, now),
            started_at: extra.started_at,
            detected_at: extra.detected_at,
            root_cause: None,
            affected_users_percent: extra.affected_users_percent,
            service_impact: extra.service_impact,
            linked_alert_ids: extra.alert.into_iter().collect(),
            linked_runbook_ids: extra.fitting.keys().cloned().chain(extra.runbooks).collect(),
            runbook_reasons: extra.fitting,
            plan: extra.plan,
            flapping: false,
            drill: extra.drill,
            confirm_severity,
            by_hand: BTreeSet::new(),
            trace: extra.trace,
            created_at: now,
            acknowledged_at: None,
            mitigated_at: None,
            resolved_at: None,
            reopened_at: None,
            closed_at: None,
            version: 1,
        };
        Change { before: None, after, draft }
    }

    /// The tenant whose keys hold it.
    pub fn home(&self) -> &str {
        self.tenants.first().map_or("", String::as_str)
    }

    /// Since when it has lasted, as far as is known: its beginning, or else its detection, or else
    /// its opening.
    pub fn began_at(&self) -> Timestamp {
        self.started_at.or(self.detected_at).unwrap_or(self.created_at)
    }

    /// Whether closing it now needs a rationale (S3-24): it never was `mitigating`.
    pub fn rationale_required(&self) -> bool {
        self.mitigated_at.is_none()
    }

    /// This incident with `draft` as its next change: the version goes up by one.
    fn changed(&self, mut after: Self, draft: Draft) -> Change<Self> {
        after.version = self.version.saturating_add(1);
        Change { before: Some(self.clone()), after, draft }
    }
}
