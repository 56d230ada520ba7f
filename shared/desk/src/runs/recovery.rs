//! Recovery is verified before an incident counts as resolved, where its plan says so (S4-25).

use crate::Desk;
use crate::plans::plan_of;
use watchfire_domain::{Incident, Status};
use watchfire_edge::Fault;
use watchfire_runbook::Spec;
use watchfire_runbook::execution::State;
use watchfire_runbook::spec::Verifies;
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
    /// It was, and the incident has been mitigated since.
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
                "{waits}: it was completed before the incident was last taken to `mitigating`, so \
                 run it again"
            ),
            Why::Other(version) => format!(
                "waits for the runbook `{runbook}`, whose version {version} was completed, but does \
                 not say `verifies: recovery`: publish one that does and run it, or name another \
                 in the plan"
            ),
        }
    }
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
        // One that was never mitigated ended by itself: whatever verified it did.
        let mitigated = incident.mitigated_at.max(incident.reopened_at);
        let mut why = Why::Missing;
        for row in repo.executions(incident.id).await? {
            let one = row.record;
            if one.runbook != runbook || one.state != State::Completed {
                continue;
            }
            if one.completed_at <= mitigated {
                why = why.max(Why::Early);
                continue;
            }
            let version = one.runbook_version;
            if self.verifies(repo, &runbook, version).await? {
                return Ok(None);
            }
            why = why.max(Why::Other(version));
        }
        Ok(Some(Owed { runbook, why }))
    }

    /// Whether this published version verifies the recovery.
    pub(crate) async fn verifies(
        &self,
        repo: &Repo,
        runbook: &str,
        version: u32,
    ) -> Result<bool, Fault> {
        let published = repo.runbook_version(runbook, version).await?;
        Ok(published.is_some_and(|version| verifies_recovery(&version.spec)))
    }
}
