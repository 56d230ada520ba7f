//! Recovery is verified before an incident counts as resolved, where its plan says so (S4-25).

use crate::Desk;
use crate::plans::plan_of;
use watchfire_domain::{Incident, Status, Timestamp};
use watchfire_edge::Fault;
use watchfire_runbook::execution::State;
use watchfire_runbook::spec::Verifies;
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
    /// It did not pass for the incident.
    Missing,
    /// It was, and the incident has been mitigated since its first look.
    Early,
    /// It was, in this version, which proves something else or nothing.
    Other(u32),
}

impl Owed {
    /// Why `one`, a run of `spec` that has come to its own transition, may not resolve what it has
    /// verified; none if it may.
    pub(super) fn withheld(
        &self,
        spec: &Spec,
        one: &Execution,
        incident: &Incident,
    ) -> Option<String> {
        if !verifies_recovery(spec) || one.runbook != self.runbook {
            return Some(self.text());
        }
        let open = one.unproven(spec);
        if !open.is_empty() {
            let open = open.join("`, `");
            return Some(format!("resolves what it has yet to verify: `{open}` comes first"));
        }
        let proven = one.proven_since(spec);
        let holds = proven.is_some() && proven >= mitigated(incident);
        (!holds).then(|| self.text())
    }

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
fn mitigated(incident: &Incident) -> Option<Timestamp> {
    incident.mitigated_at.max(incident.reopened_at)
}

/// Whether a runbook that passes proves that the service works again.
pub(crate) fn verifies_recovery(spec: &Spec) -> bool {
    spec.verifies == Some(Verifies::Recovery)
}

impl Desk {
    /// The runbook that has to pass before the incident may go to `to`; none if it may. What was
    /// looked at before somebody last began to mitigate verifies nothing of what came afterwards.
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
            if one.runbook != runbook || one.state.is_open() {
                continue;
            }
            let version = one.runbook_version;
            let Some(spec) = self.verifier(repo, &runbook, version).await? else {
                if one.state == State::Completed {
                    why = why.max(Why::Other(version));
                }
                continue;
            };
            why = why.max(match one.proven_since(&spec) {
                // A run may stand at a person's step while it breaks again.
                Some(first) if Some(first) >= mitigated(incident) => return Ok(None),
                Some(_) => Why::Early,
                None => Why::Missing,
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
