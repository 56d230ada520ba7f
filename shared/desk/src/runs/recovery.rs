//! Recovery is verified before an incident counts as resolved, where its plan says so (S4-25).

use crate::Desk;
use crate::plans::plan_of;
use watchfire_domain::{Incident, Status, Timestamp};
use watchfire_edge::Fault;
use watchfire_runbook::execution::{Standing, State};
use watchfire_runbook::spec::{Action, Verifies};
use watchfire_runbook::{Execution, Spec};
use watchfire_store::Repo;

/// The verification that an incident still waits for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owed {
    /// The runbook that verifies the recovery.
    pub(crate) runbook: String,
    why: Why,
}

/// Why nothing that was done counts as its verification. The last one is said, since it is the
/// nearest to what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// It was not completed for the incident.
    Missing,
    /// It was, and the incident has been mitigated since its first look.
    Early,
    /// It was, in this version, which proves something else or nothing.
    Other(u32),
}

impl Owed {
    /// What is said of a resolution that nobody has verified.
    pub(crate) fn text(&self) -> String {
        let runbook = &self.runbook;
        let waits = format!("waits for the runbook `{runbook}`, which verifies the recovery");
        match self.why {
            Why::Missing => waits,
            Why::Early => format!(
                "{waits}: what it looked at it had looked at before the incident was last taken to \
                 `mitigating`, so run it again"
            ),
            Why::Other(version) => format!(
                "waits for the runbook `{runbook}`, whose version {version} was completed, but does \
                 not say `verifies: recovery`: publish one that does and run it, or name another \
                 in the plan"
            ),
        }
    }
}

/// When somebody last began to mitigate. An incident that was never mitigated ended by itself:
/// whatever verified it did.
pub(super) fn mitigated(incident: &Incident) -> Option<Timestamp> {
    incident.mitigated_at.max(incident.reopened_at)
}

/// Whether all that an execution has looked at was looked at since then, and it has looked at all:
/// a run may stand at a person's step while it breaks again.
pub(super) fn looked_since(spec: &Spec, one: &Execution, then: Option<Timestamp>) -> bool {
    let looks = spec.walk().into_iter().filter(|within| match within.step.action {
        Action::Http(_)
        | Action::Command(_)
        | Action::Ssm(_)
        | Action::Check(_)
        | Action::Manual(_) => true,
        Action::Wait(_)
        | Action::Choose(_)
        | Action::Transition(_)
        | Action::Notify(_)
        | Action::Export(_) => false,
    });
    let done = looks.filter_map(|within| one.steps.get(&within.step.id));
    let done = done.filter(|step| step.state == Standing::Done);
    done.filter_map(|step| step.started_at).min().is_some_and(|first| Some(first) >= then)
}

/// Whether a runbook that passes proves that the service works again.
pub(crate) fn verifies_recovery(spec: &Spec) -> bool {
    spec.verifies == Some(Verifies::Recovery)
}

impl Desk {
    /// The runbook that has to be completed before the incident may go to `to`; none if it may.
    /// What was completed before somebody last began to mitigate verifies nothing of what came
    /// afterwards.
    pub(crate) async fn recovery_owed(
        &self,
        repo: &Repo,
        incident: &Incident,
        to: Status,
    ) -> Result<Option<Owed>, Fault> {
        if to < Status::Resolved || incident.status >= Status::Resolved {
            return Ok(None);
        }
        let Some(runbook) = plan_of(repo, incident).await?.and_then(|plan| plan.recovery) else {
            return Ok(None);
        };
        let mut why = Why::Missing;
        for row in repo.executions(incident.id).await? {
            let one = row.record;
            if one.runbook != runbook || one.state != State::Completed {
                continue;
            }
            let version = one.runbook_version;
            why = why.max(match self.verifier(repo, &runbook, version).await? {
                None => Why::Other(version),
                Some(spec) if looked_since(&spec, &one, mitigated(incident)) => return Ok(None),
                Some(_) => Why::Early,
            });
        }
        Ok(Some(Owed { runbook, why }))
    }

    /// The spec of this published version, if it verifies the recovery.
    pub(crate) async fn verifier(
        &self,
        repo: &Repo,
        runbook: &str,
        version: u32,
    ) -> Result<Option<Spec>, Fault> {
        let published = repo.runbook_version(runbook, version).await?;
        Ok(published.map(|version| version.spec).filter(verifies_recovery))
    }
}
