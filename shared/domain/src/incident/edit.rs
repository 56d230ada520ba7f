//! Changes of an incident that are not its status.

use super::{Incident, Kind, Role, SeverityChange, Status, Transition};
use crate::{Actor, ActorKind, Change, Draft, EventType, Profile, Rejected, Severity, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many alarms an incident links: an item of DynamoDB holds 400 KB.
const MOST_ALERTS: usize = 200;

/// How many runbooks it links.
const MOST_RUNBOOKS: usize = 50;

/// Why it happened (S4-31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootCause {
    /// In words.
    pub text: String,
    /// For counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// An edit of free fields (`PATCH /v1/incidents/{id}`); what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edit {
    /// One line.
    pub title: Option<String>,
    /// What is known.
    pub description: Option<String>,
    /// What sort of trouble.
    pub kind: Option<Kind>,
    /// Free labels: replaces all of them.
    pub tags: Option<BTreeMap<String, String>>,
    /// The number that another system knows it by.
    pub number: Option<String>,
    /// When the trouble began.
    pub started_at: Option<Timestamp>,
    /// When it was detected.
    pub detected_at: Option<Timestamp>,
    /// How many users, in percent.
    pub affected_users_percent: Option<f64>,
    /// What users notice.
    pub service_impact: Option<String>,
    /// The clearance of whoever may see it, 0 to 100.
    pub clearance: Option<u8>,
    /// Why the clearance changes; needed if it becomes less.
    pub rationale: Option<String>,
}

impl Incident {
    fn open_for_change(&self) -> Result<(), Rejected> {
        if self.status == Status::Closed { Err(Rejected::Closed) } else { Ok(()) }
    }

    fn mark_by_hand(&mut self, actor: &Actor, field: &str) {
        if actor.kind == ActorKind::User {
            self.by_hand.insert(field.to_owned());
        }
    }

    /// Links a runbook (S3-52). None if it is linked already.
    pub fn link_runbook(
        &self,
        runbook: &str,
        actor: &Actor,
    ) -> Result<Option<Change<Self>>, Rejected> {
        self.open_for_change()?;
        if self.linked_runbook_ids.contains(runbook) {
            return Ok(None);
        }
        if self.linked_runbook_ids.len() >= MOST_RUNBOOKS {
            let problem = format!("has {MOST_RUNBOOKS} already, and takes no more");
            return Err(Rejected::Field { field: "runbooks", problem });
        }
        let mut after = self.clone();
        after.linked_runbook_ids.insert(runbook.to_owned());
        let draft = Draft::new(EventType::IncidentUpdated, actor).with("runbook", runbook);
        Ok(Some(self.changed(after, draft)))
    }

    /// Changes the severity; always with a rationale (S3-51, S3-79). The response deadline is
    /// counted anew from the opening, unless somebody has responded.
    pub fn change_severity(
        &self,
        to: Severity,
        rationale: &str,
        profile: &Profile,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Rejected> {
        self.open_for_change()?;
        let rationale = rationale.trim();
        if rationale.is_empty() {
            return Err(Rejected::RationaleMissing { what: "a change of severity" });
        }
        if to == self.severity && !self.confirm_severity {
            return Err(Rejected::SeveritySame { severity: to });
        }
        let mut after = self.clone();
        after.severity = to;
        after.confirm_severity = false;
        after.severity_history.push(SeverityChange {
            to,
            at: now,
            by: actor.id.clone(),
            rationale: rationale.to_owned(),
        });
        if self.acknowledged_at.is_none() {
            after.sla_deadline = profile.deadline(to, self.created_at);
        }
        after.mark_by_hand(actor, "severity");
        let draft = Draft::new(EventType::SeverityChanged, actor)
            .with("from", self.severity.name())
            .with("to", to.name())
            .with("rationale", rationale);
        Ok(self.changed(after, draft))
    }

    /// Assigns the owner (S3-53).
    pub fn assign_owner(&self, owner: &str, actor: &Actor) -> Result<Change<Self>, Rejected> {
        self.open_for_change()?;
        let mut after = self.clone();
        after.owner = Some(owner.to_owned());
        after.mark_by_hand(actor, "owner");
        let draft = Draft::new(EventType::OwnerAssigned, actor).with("owner", owner);
        Ok(self.changed(after, draft))
    }

    /// Assigns a role (S4-01).
    pub fn assign_role(
        &self,
        role: Role,
        person: &str,
        actor: &Actor,
    ) -> Result<Change<Self>, Rejected> {
        self.open_for_change()?;
        let mut after = self.clone();
        after.roles.insert(role, person.to_owned());
        let name = serde_json::to_value(role).unwrap_or_default();
        let draft =
            Draft::new(EventType::RoleAssigned, actor).with("role", name).with("person", person);
        Ok(self.changed(after, draft))
    }

    /// States the root cause. A closed incident may still learn it: reviews come later.
    pub fn note_root_cause(&self, cause: RootCause, actor: &Actor) -> Change<Self> {
        let mut after = self.clone();
        after.root_cause = Some(cause);
        self.changed(after, Draft::new(EventType::RootCauseNoted, actor))
    }

    /// Edits free fields. They are marked as written by hand. A lower clearance shows to more
    /// people what was kept from them: that needs a rationale.
    pub fn edit(&self, edit: Edit, actor: &Actor) -> Result<Change<Self>, Rejected> {
        self.open_for_change()?;
        let rationale = edit.rationale.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let rationale = rationale.map(str::to_owned);
        if edit.clearance.is_some_and(|to| to < self.clearance) && rationale.is_none() {
            return Err(Rejected::RationaleMissing { what: "a lower clearance" });
        }
        let mut after = self.clone();
        let mut fields: Vec<&'static str> = Vec::new();
        macro_rules! take {
            ($($field:ident => $set:expr;)*) => {$(
                if let Some(value) = edit.$field {
                    ($set)(&mut after, value);
                    fields.push(stringify!($field));
                }
            )*};
        }
        take! {
            title => |incident: &mut Self, value| incident.title = value;
            description => |incident: &mut Self, value| incident.description = value;
            kind => |incident: &mut Self, value| incident.kind = Some(value);
            tags => |incident: &mut Self, value| incident.tags = value;
            number => |incident: &mut Self, value| incident.number = Some(value);
            started_at => |incident: &mut Self, value| incident.started_at = Some(value);
            detected_at => |incident: &mut Self, value| incident.detected_at = Some(value);
            affected_users_percent =>
                |incident: &mut Self, value| incident.affected_users_percent = Some(value);
            service_impact => |incident: &mut Self, value| incident.service_impact = Some(value);
            clearance => |incident: &mut Self, value| incident.clearance = value;
        }
        for field in &fields {
            after.mark_by_hand(actor, field);
        }
        let fields: Vec<Value> = fields.into_iter().map(Value::from).collect();
        let mut draft = Draft::new(EventType::IncidentUpdated, actor).with("fields", fields);
        if after.clearance != self.clearance {
            draft = draft
                .with("clearance_from", self.clearance)
                .with("clearance", after.clearance)
                .with_some("rationale", rationale);
        }
        Ok(self.changed(after, draft))
    }

    /// Shares it with a further tenant. Sharing twice is no change.
    pub fn share(&self, with: &str, actor: &Actor) -> Option<Change<Self>> {
        if self.tenants.iter().any(|tenant| tenant == with) {
            return None;
        }
        let mut after = self.clone();
        after.tenants.push(with.to_owned());
        let draft = Draft::new(EventType::IncidentShared, actor).with("tenant", with);
        Some(self.changed(after, draft))
    }

    /// Links a further alarm, and raises the severity to `severity` if that is worse and no person
    /// has set it. None if nothing changes.
    pub fn attach_alert(
        &self,
        alert: &str,
        severity: Severity,
        profile: &Profile,
        draft: Draft,
        now: Timestamp,
    ) -> Option<Change<Self>> {
        let mut after = self.clone();
        let draft = after.link_alert(alert, severity, profile, draft, now);
        (after != *self).then(|| self.changed(after, draft))
    }

    /// Its alarm goes on and off. None if that is known, or it is over.
    pub fn flaps(&self, draft: Draft) -> Option<Change<Self>> {
        if self.flapping || self.status >= Status::Resolved {
            return None;
        }
        Some(self.changed(Self { flapping: true, ..self.clone() }, draft))
    }

    /// Reopens it because an alarm fires again, which may be worse than what opened it.
    pub fn reopen_by_alert(
        &self,
        ask: &Transition,
        alert: &str,
        severity: Severity,
        profile: &Profile,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Rejected> {
        let Change { before, mut after, draft } = self.transition(ask, actor, now)?;
        let draft = after.link_alert(alert, severity, profile, draft, now);
        Ok(Change { before, after, draft })
    }

    /// The draft says so if the severity rises.
    fn link_alert(
        &mut self,
        alert: &str,
        severity: Severity,
        profile: &Profile,
        draft: Draft,
        now: Timestamp,
    ) -> Draft {
        // The timeline has every alarm; the record stays small, however many there are.
        if self.linked_alert_ids.len() < MOST_ALERTS {
            self.linked_alert_ids.insert(alert.to_owned());
        }
        let rises = Severity::severer(self.severity, severity) != self.severity;
        if !rises || self.by_hand.contains("severity") {
            return draft;
        }
        let draft =
            draft.with("severity_from", self.severity.name()).with("severity", severity.name());
        self.severity = severity;
        self.severity_history.push(SeverityChange {
            to: severity,
            at: now,
            by: draft.actor.id.clone(),
            rationale: format!("alarm `{alert}` says so"),
        });
        if self.acknowledged_at.is_none() {
            self.sla_deadline = profile.deadline(severity, self.created_at);
        }
        draft
    }
}
