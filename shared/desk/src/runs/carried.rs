//! What the runbook machine brings to a look, and what it takes to the next.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use watchfire_domain::{ExecutionId, IncidentId, Tenant, Timestamp, Voucher};
use watchfire_edge::Fault;

/// What the runbook machine hands to `step` and to `approve`: ids that we wrote into its input, and
/// what it carries from one look to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStep {
    /// The tenant.
    pub tenant: String,
    /// The incident, or the execution's own id if it is about none.
    pub timeline: IncidentId,
    /// The execution.
    pub execution: ExecutionId,
    /// Whether approvers who were asked before are asked again: nobody knows whether their mail
    /// left.
    #[serde(default)]
    pub again: bool,
    /// What a step that is under way needs to know of its last look. It may be lost: the step then
    /// begins to look anew.
    #[serde(default)]
    pub carry: Carry,
}

/// What is carried from one look at a step to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// The step's effect that it belongs to: another one's is dropped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub effect: String,
    /// Since when a check holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When the probe that is under way was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Timestamp>,
    /// How many looks its machine has made.
    #[serde(default, skip_serializing_if = "is_none")]
    pub looks: u32,
    /// How many machines have handed over before it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub machines: u32,
    /// That the last look found nothing of a job, long after it was begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
    /// The version of the record that was over at the last look, which saw to all but a job that
    /// goes on: another version has another end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_at: Option<u64>,
    /// The effects whose jobs were seen to be over, or not found twice, while others go on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ended: BTreeSet<String>,
    /// Since when a job is asked to stop, and at which version of the record: whoever tries again
    /// waits anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<(u64, Timestamp)>,
    /// Up to which event an export was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

/// What the machine does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunNext {
    /// `wait`, `ask` or `done`.
    pub next: &'static str,
    /// For how long it waits, in seconds.
    pub seconds: i64,
    /// What it brings back.
    pub carry: Carry,
}

impl RunNext {
    pub(super) fn of(next: &'static str) -> Self {
        Self { next, seconds: 0, carry: Carry::default() }
    }
}

impl RunStep {
    /// The tenant, vouched for by the machine's input.
    pub fn tenant(&self) -> Result<Tenant, Fault> {
        Tenant::vouched(&self.tenant, Voucher::Execution)
            .map_err(|unnamed| Fault::Malformed { reason: unnamed.to_string() })
    }
}
