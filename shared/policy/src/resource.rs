//! What is asked about.

use std::collections::BTreeMap;

use serde::Serialize;
use watchfire_domain::link::person;

use crate::step::{StepApproval, StepGuard};

/// The kind of record that an action works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceKind {
    /// An incident, or the incidents of a tenant.
    Incident,
    /// An investigation environment.
    Environment,
    /// An approval.
    Approval,
    /// A response plan.
    Plan,
    /// A severity profile.
    Profile,
    /// An integration.
    Integration,
    /// A runbook.
    Runbook,
    /// An execution of a runbook, and its steps.
    Execution,
    /// An incident's timeline.
    Timeline,
}

/// Where somebody on an approval's list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// May answer.
    Free,
    /// Is an interested party, and may not.
    Excluded,
}

impl Standing {
    /// Where somebody stands: excluded if they are among `interested`, in whatever spelling and by
    /// whatever alias.
    pub fn among(id: &str, interested: &[String]) -> Self {
        let is_listed = interested.iter().any(|one| person(one) == person(id));
        if is_listed { Self::Excluded } else { Self::Free }
    }
}

/// A record's attributes, as the policies see them. Absent ones satisfy nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// The kind of record.
    pub kind: ResourceKind,
    /// The tenant that the record belongs to.
    pub home: String,
    /// Every tenant that may see it, the home included.
    pub tenants: Vec<String>,
    /// The clearance that it asks of people; 0 asks for none.
    pub required_clearance: i64,
    /// Its present status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its present severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Whether the incident was ever `mitigating`.
    pub was_mitigated: bool,
    /// How dangerous the approved deed is: `low`, `medium` or `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// Who may answer an approval, by normalised id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub approvers: BTreeMap<String, Standing>,
    /// Who asked for an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// Whether only those may agree to an approval who are on call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_call_only: Option<bool>,
    /// From when on whoever answers may agree, in seconds since 1970; now, within their hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees_from: Option<i64>,
    /// The least role of whoever agrees, by the level that they are asked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees_role: Option<&'static str>,
    /// The clearance of whoever agrees, by the level that they are asked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees_clearance: Option<i64>,
    /// When an approval expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// How many faults a runbook's lint finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<usize>,
    /// Whether the caller wrote or last edited the runbook, or has a part in the override.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// The step of an execution that is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepGuard>,
    /// That step's approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<StepApproval>,
}

impl Resource {
    /// A record of one tenant's, shared with nobody, of which nothing else is known.
    pub fn new(kind: ResourceKind, home: impl Into<String>) -> Self {
        let home = home.into();
        Self {
            kind,
            tenants: vec![home.clone()],
            home,
            required_clearance: 0,
            status: None,
            severity: None,
            was_mitigated: false,
            risk: None,
            approvers: BTreeMap::new(),
            requested_by: None,
            on_call_only: None,
            agrees_from: None,
            agrees_role: None,
            agrees_clearance: None,
            expires_at: None,
            findings: None,
            standing: None,
            step: None,
            approval: None,
        }
    }

    /// The same record seen as another kind: an incident's timeline, or an environment of its own.
    #[must_use]
    pub fn seen_as(self, kind: ResourceKind) -> Self {
        Self { kind, ..self }
    }

    /// Adds the tenants that the record is shared with.
    #[must_use]
    pub fn shared_with(mut self, tenants: impl IntoIterator<Item = String>) -> Self {
        for tenant in tenants {
            if !self.tenants.contains(&tenant) {
                self.tenants.push(tenant);
            }
        }
        self
    }

    /// Sets the present status.
    #[must_use]
    pub fn status(self, status: impl Into<String>) -> Self {
        Self { status: Some(status.into()), ..self }
    }

    /// Sets the present severity.
    #[must_use]
    pub fn severity(self, severity: impl Into<String>) -> Self {
        Self { severity: Some(severity.into()), ..self }
    }

    /// Sets the risk of what is approved.
    #[must_use]
    pub fn risk(self, risk: impl Into<String>) -> Self {
        Self { risk: Some(risk.into()), ..self }
    }

    /// Sets who may answer: the listed, less the excluded. An exclusion holds in whatever spelling.
    #[must_use]
    pub fn approvers(mut self, listed: &[String], excluded: &[String]) -> Self {
        let standing = |id: &String| (id.clone(), Standing::among(id, excluded));
        self.approvers = listed.iter().map(standing).collect();
        self
    }

    /// Sets whether `caller` is one of those who have a part in it.
    #[must_use]
    pub fn with_part(self, caller: &str, interested: &[String]) -> Self {
        Self { standing: Some(Standing::among(caller, interested)), ..self }
    }

    /// Sets what a lint found in a runbook, and whether `caller` is one of its `authors`.
    #[must_use]
    pub fn drafted(self, findings: usize, caller: &str, authors: &[String]) -> Self {
        let standing = Some(Standing::among(caller, authors));
        Self { findings: Some(findings), standing, ..self }
    }

    /// Sets the step that is asked about, and its approval if it has one.
    #[must_use]
    pub fn step(self, step: StepGuard, approval: Option<StepApproval>) -> Self {
        Self { step: Some(step), approval, ..self }
    }
}
