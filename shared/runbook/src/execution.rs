//! The execution of a runbook (S3-35..42): one record, and every decision about it as a pure
//! function.
//!
//! What needs the spec is asked of a [`Run`], which holds the record together with the very spec
//! that it was started with. A decision that was made already answers `None`, or is refused by
//! name: made twice, it never has a second effect.
//!
//! **High risk.** A step of high risk is begun by [`Run::begin`] alone, which takes a granted
//! approval of this very attempt of this step ([`Run::grant`]); what is to be done is handed out by
//! [`Run::act`] alone, which looks at the approval once more.
//!
//! **Failure.** A step that fails stops the run: [`Run::finish`] records it. It can be tried again,
//! from its approval on, unless an approver has refused it: that is final for this execution, and
//! whoever still wants the step starts another one. Only a step that looks may say that the run
//! goes on without it ([`OnFailure`](crate::spec::OnFailure)): it is then passed over, for good, and
//! the run can be completed. Nothing is taken back by itself:
//! [`Run::ways_back`] names what can be, the newest first, and a person decides.

mod approval;
mod begin;
mod bound;
mod end;
mod filled;
mod output;
mod proof;
mod record;
mod refusal;
mod report;
mod run;
mod start;
mod state;
#[cfg(test)]
mod tests;

pub use approval::Unfit;
pub use begin::Told;
pub use bound::Bound;
pub use output::Output;
pub(crate) use proof::looks;
pub use record::Returned;
pub use refusal::{Refusal, RefusalKind};
pub use report::Report;
pub use run::{Next, Run, Turn, WayBack};
pub use start::{Pin, Start};
pub use state::{Outcome, Standing, State};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_domain::{ApprovalId, Change, Draft, Excerpt, ExecutionId, IncidentId, Timestamp};

/// How many steps a runbook may have to be carried out, those within alternatives counted.
pub const MOST_STEPS: usize = 100;

/// How often a step may be tried.
pub const MOST_ATTEMPTS: u32 = 10;

/// How large the inputs may be, as canonical JSON in bytes.
pub const MOST_INPUTS: usize = 32_000;

/// How large the record may become by what people write, as JSON in bytes: an item of the table
/// holds 400 kB, and a run must still find room to end.
pub const MOST_RECORD: usize = 200_000;

/// What was decided: nothing to do, or a change.
pub type Decided = Result<Option<Change<Execution>>, Refusal>;

/// An execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Its id.
    pub id: ExecutionId,
    /// The incident that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The runbook's name.
    pub runbook: String,
    /// The runbook's version.
    pub runbook_version: u32,
    /// The hash of the runbook's spec, in hex: no other spec is ever carried out.
    pub spec_hash: String,
    /// Who last edited that version: no approver of its steps.
    pub edited_by: String,
    /// Who else wrote that version: no approver of its steps either. Empty of what was started
    /// before this was kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub writers: BTreeSet<String>,
    /// Where it stands.
    pub state: State,
    /// The step at which it stands; none once every step is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_step: Option<String>,
    /// What was given, as [`Inputs::bind`](crate::Inputs::bind) took it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// Its steps, by id.
    pub steps: BTreeMap<String, StepState>,
    /// Who did an attempt that was tried again, or had it tried again: no approver of what follows.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub involved: BTreeSet<String>,
    /// Who started it.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Why it failed or was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which execution of the machine drives it; counted up at every restart.
    pub drive: u32,
    /// How often the record was written.
    pub version: u64,
}

/// What became of a step (S3-40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// Where it stands.
    pub state: Standing,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The newest attempt before this one that was begun: what it started may still go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_before: Option<u32>,
    /// Who did it, or answers for its having been done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// When it was begun, its approval behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// What it was begun with: its action as canonical JSON (RFC 8785), filled in as far as that
    /// does not depend on the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Excerpt>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Which alternative was chosen, if it is a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// What its operator wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// References to what is kept as proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// The approvals that were asked for in this attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalId>,
    /// Who went ahead without the approvers, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden_by: Option<String>,
    /// The exit code of its program (S3-39), if it is one and ran to its end. What it wrote to
    /// standard error is no part of the record: docs/runbooks.md says where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What an automatic step returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// Whether it failed and the run went on without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passed_over: bool,
}

impl StepState {
    /// A step that nobody has touched, in its `attempt`.
    pub(crate) const fn fresh(attempt: u32) -> Self {
        Self {
            state: Standing::Pending,
            attempt,
            begun_before: None,
            operator: None,
            started_at: None,
            inputs: None,
            completed_at: None,
            outcome: None,
            chosen: None,
            note: None,
            evidence: Vec::new(),
            approvals: Vec::new(),
            overridden_by: None,
            exit_code: None,
            output: None,
            passed_over: false,
        }
    }

    /// Whether the run goes on behind it.
    pub const fn is_past(&self) -> bool {
        self.state.is_past() || self.passed_over
    }

    /// The newest attempt before this one that may have begun. A record of an earlier version does
    /// not say which: then it is the one before.
    pub fn earlier(&self) -> Option<u32> {
        self.begun_before.or_else(|| self.attempt.checked_sub(1).filter(|attempt| *attempt > 0))
    }

    /// The newest attempt that may have begun.
    pub fn newest_begun(&self) -> Option<u32> {
        if self.started_at.is_some() { Some(self.attempt) } else { self.earlier() }
    }

    /// Whether the run went past it while what it had started may still go on: it failed and was
    /// passed over, or was let be in a later attempt than the one that began.
    pub fn left_behind(&self) -> bool {
        let let_be = self.state == Standing::Skipped && self.earlier().is_some();
        let_be || self.passed_over
    }
}

impl Execution {
    /// Whose timeline it stands in: its incident's, or one of its own, under its own id.
    pub fn timeline(&self) -> IncidentId {
        self.incident.unwrap_or(IncidentId(self.id.0))
    }

    /// The alternatives that were chosen, by the id of the choice.
    pub fn chosen(&self) -> BTreeMap<&str, &str> {
        let steps = self.steps.iter();
        steps.filter_map(|(id, step)| Some((id.as_str(), step.chosen.as_deref()?))).collect()
    }

    /// What the automatic steps returned (S3-39), by the id of the step.
    pub fn outputs(&self) -> BTreeMap<&str, &Output> {
        let steps = self.steps.iter();
        steps.filter_map(|(id, step)| Some((id.as_str(), step.output.as_ref()?))).collect()
    }

    /// This execution with `draft` as its next change: the version goes up by one.
    fn changed(&self, mut after: Self, draft: Draft) -> Change<Self> {
        after.version = self.version.saturating_add(1);
        let draft = draft.with("execution", self.id.to_string());
        Change { before: Some(self.clone()), after, draft }
    }
}
