//! Recovery is verified before an incident counts as resolved, where its plan says so (S4-25).

use crate::Desk;
use crate::plans::plan_of;
use watchfire_domain::{Incident, Status};
use watchfire_edge::Fault;
use watchfire_runbook::execution::State;
use watchfire_store::Repo;

/// What is said of a resolution that nobody has verified.
pub(crate) fn unverified(runbook: &str) -> String {
    format!("waits for the runbook `{runbook}`, which verifies the recovery")
}

impl Desk {
    /// The runbook that has to be completed before the incident may go to `to`; none if it may.
    /// What was completed before it was last taken up again verifies nothing of what came
    /// afterwards.
    pub(crate) async fn recovery_owed(
        &self,
        repo: &Repo,
        incident: &Incident,
        to: Status,
    ) -> Result<Option<String>, Fault> {
        if to < Status::Resolved || incident.status >= Status::Resolved {
            return Ok(None);
        }
        let Some(runbook) = plan_of(repo, incident).await?.and_then(|plan| plan.recovery) else {
            return Ok(None);
        };
        let executions = repo.executions(incident.id).await?;
        let verified = executions.iter().any(|row| {
            let one = &row.record;
            one.runbook == runbook
                && one.state == State::Completed
                && one.completed_at > incident.reopened_at
        });
        Ok((!verified).then_some(runbook))
    }
}
