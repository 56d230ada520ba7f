//! What binds an approval to a step, and the one way in which it opens it (S3-65, S3-78).

use super::output::excerpt;
use super::{Outcome, Run};
use crate::spec::Within;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use watchfire_domain::approval::{Answer, ApprovalState, Risk, Subject};
use watchfire_domain::canon::canonical;
use watchfire_domain::link::{normalise, person};
use watchfire_domain::{Approval, Timestamp, hex};

use super::Refusal;

/// How long the words for an approver may be, in characters.
const SUMMARY: usize = 1_000;

/// How much an approver is shown of what would be done, in bytes: with its digest it makes the
/// record of the approval less than a kilobyte longer.
pub(super) const DOES: usize = 700;

/// Why an approval does not open a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It belongs to another incident.
    #[error("it is another incident's")]
    OtherIncident,
    /// It was asked about something else: another tenant, execution, step, attempt or spec, or
    /// other inputs.
    #[error("it was asked about something else")]
    OtherSubject,
    /// It is not the one that this attempt waits for.
    #[error("this attempt does not wait for it")]
    NotAsked,
    /// Another one was asked for already.
    #[error("another one was asked for already")]
    AskedAlready,
    /// It is not granted.
    #[error("it is `{}`", .0.name())]
    NotGranted(ApprovalState),
    /// It was granted, and its time was over before the step began.
    #[error("its time is over")]
    Expired,
    /// It is granted, and its answers do not say so.
    #[error("its answers make no quorum")]
    NoQuorum,
    /// Somebody who has a part in it agreed, or may.
    #[error("`{0}` has a part in it, and may not approve it")]
    Interested(String),
}

impl Run<'_> {
    /// What approvers are asked about a step. It is of this tenant, incident, execution, step,
    /// attempt and spec, and of these inputs: whatever differs makes another subject.
    pub fn subject(&self, step: &str) -> Result<Subject, Refusal> {
        let (within, state) = self.step(step)?;
        let does = Some(excerpt(&self.does(within)?, DOES));
        Ok(Subject { does, ..self.subject_of(within, state.attempt) })
    }

    pub(super) fn subject_of(&self, within: &Within<'_>, attempt: u32) -> Subject {
        let (one, step) = (self.execution, within.step);
        let guard = step.guard.as_ref();
        let operation = guard.map_or("run", |guard| guard.operation.as_str());
        let only_if: Vec<&str> =
            guard.iter().flat_map(|guard| guard.only_if.iter().map(String::as_str)).collect();
        let bound = json!({
            "tenant": self.tenant.as_str(),
            "incident": one.incident.map(|incident| incident.to_string()),
            "execution": one.id.to_string(),
            "runbook": one.runbook,
            "runbook_version": one.runbook_version,
            "spec_hash": one.spec_hash,
            "step": step.id,
            "attempt": attempt,
            "operation": operation,
            "inputs": Value::Object(one.inputs.clone()),
        });
        // What stands in the record came through a door that refuses what has no canonical text.
        let text = canonical(&bound).unwrap_or_else(|_| bound.to_string());
        let digest = Sha256::digest(format!("watchfire-step-approval/v1\0{text}"));
        let mut summary = format!(
            "{operation}: {} (step `{}` of the runbook `{}`, version {}, attempt {attempt})",
            step.title, step.id, one.runbook, one.runbook_version
        );
        if !only_if.is_empty() {
            summary = format!("{summary}. Only if: {}", only_if.join(" "));
        }
        Subject {
            action: operation.to_owned(),
            target: format!("execution/{}/step/{}/attempt/{attempt}", one.id, step.id),
            summary: summary.chars().take(SUMMARY).collect(),
            does: None,
            risk: Risk::High,
            spec_hash: Some(one.spec_hash.clone()),
            inputs_hash: Some(hex(&digest)),
        }
    }

    /// Who may not approve a step of this execution: who asks, who started it, who did any of its
    /// steps or had one tried again, and who wrote the runbook's version. In one spelling each, for
    /// [`ApprovalAsk::excluded`](watchfire_domain::approval::ApprovalAsk).
    pub fn exclusions(&self, requested_by: &str) -> BTreeSet<String> {
        let one = self.execution;
        let operators = one.steps.values().filter_map(|step| step.operator.as_deref());
        let again = one.involved.iter().map(String::as_str);
        let named = [requested_by, &one.started_by, &one.edited_by].into_iter();
        let writers = one.writers.iter().map(String::as_str);
        let named = named.chain(operators).chain(again).chain(writers);
        named
            .filter(|id| !id.trim().is_empty())
            .map(|id| normalise(id).unwrap_or_else(|| id.trim().to_lowercase()))
            .collect()
    }

    /// Whether `approval` is about this attempt of this step and nothing else.
    pub(super) fn is_about(
        &self,
        within: &Within<'_>,
        attempt: u32,
        approval: &Approval,
    ) -> Result<(), Unfit> {
        if Some(approval.id.incident) != self.execution.incident {
            return Err(Unfit::OtherIncident);
        }
        // What was shown follows from the spec and the inputs, whose hashes are compared. Its words
        // may be others in another version of the engine: no question becomes void by that.
        let asked = Subject { does: None, ..approval.subject.clone() };
        if asked == self.subject_of(within, attempt) { Ok(()) } else { Err(Unfit::OtherSubject) }
    }

    /// Whether `approval` opens a step for `executor` at the moment `at`: the only way to satisfy a
    /// step of high risk. It is the one that this attempt waits for, about this subject, in time,
    /// and granted by its quorum, by nobody who has a part in it; or overridden by a person who
    /// says why.
    pub fn grant(
        &self,
        step: &str,
        approval: &Approval,
        executor: &str,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let (within, state) = self.step(step)?;
        let refuse = |why| Err(Refusal::Approval { step: step.to_owned(), why });
        if let Err(why) = self.is_about(within, state.attempt, approval) {
            return refuse(why);
        }
        if state.approvals.last() != Some(&approval.id) {
            return refuse(Unfit::NotAsked);
        }
        let over = approval.overridden.as_ref();
        let over = over.filter(|_| approval.state == ApprovalState::Overridden);
        if over.is_none() && approval.state != ApprovalState::Granted {
            return refuse(Unfit::NotGranted(approval.state));
        }
        if at >= approval.expires_at {
            return refuse(Unfit::Expired);
        }
        let mut interested = self.exclusions(&approval.requested_by);
        interested.insert(executor.to_owned());
        let interested: BTreeSet<String> = interested.iter().map(|id| person(id)).collect();
        for decision in &approval.decisions {
            let who = person(&decision.approver);
            if decision.answer == Answer::Deny {
                return refuse(Unfit::NoQuorum);
            }
            if interested.contains(&who) {
                return refuse(Unfit::Interested(decision.approver.clone()));
            }
        }
        // Whoever went ahead stands in for those who did not answer, in plain sight.
        if over.is_none() && approval.missing() > 0 {
            return refuse(Unfit::NoQuorum);
        }
        Ok(())
    }
}

/// How a step ends by its approval, if that opens it no more.
pub(super) fn lapse(approval: &Approval, now: Timestamp) -> Option<Outcome> {
    match approval.state {
        ApprovalState::Denied => Some(Outcome::Denied),
        ApprovalState::Expired => Some(Outcome::Expired),
        ApprovalState::Superseded => Some(Outcome::Superseded),
        ApprovalState::Revoked => Some(Outcome::Revoked),
        // What was granted long ago was granted for another hour.
        ApprovalState::Granted | ApprovalState::Overridden if now >= approval.expires_at => {
            Some(Outcome::Expired)
        }
        ApprovalState::Granted | ApprovalState::Overridden | ApprovalState::Pending => None,
    }
}
