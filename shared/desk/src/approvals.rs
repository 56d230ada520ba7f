//! Approvals by signed link (reliability: §1): asked for by the machine, shown by a page that
//! writes nothing, decided by one conditional commit; the machine is woken afterwards.

mod answer;
mod removal;

use crate::guard::{of_approval, of_environment};
use crate::settle::{TRIES, fault};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use watchfire_domain::{Actor, Approval, ApprovalId, Environment, EnvironmentId};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_store::{Commit, Due, Refused, Repo};

pub use answer::{Decided, View};

impl Desk {
    /// Expires the approval if its time is over. None if it is not, or is decided.
    pub(crate) async fn expire(
        &self,
        repo: &Repo,
        id: ApprovalId,
        service: &'static str,
    ) -> Result<Option<Approval>, Fault> {
        for _ in 0..TRIES {
            let Some(row) = repo.approval(id).await? else { return Ok(None) };
            let actor = Actor::service(service);
            let Some(change) = row.record.expire(&actor, self.clock.now()) else { return Ok(None) };
            let approval = change.after.clone();
            match repo.commit(Commit::on(id.incident).change(change, Due::Clear)).await {
                Ok(_) => return Ok(Some(approval)),
                Err(Refused::Changed) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// An approval, as a caller may see it.
    #[boxed]
    pub async fn approval(&self, caller: &Caller, id: ApprovalId) -> Result<Approval, Fault> {
        Ok(self.approval_at_home(caller, id).await?.1)
    }

    /// The same, with the repository of the tenant whose it is: an incident has one home and may be
    /// found from others.
    pub(crate) async fn approval_at_home(
        &self,
        caller: &Caller,
        id: ApprovalId,
    ) -> Result<(Repo, Approval), Fault> {
        let repo = self.table.of(&caller.tenant);
        let (home, incident) = repo.find(id.incident).await?.ok_or(Fault::NotFound)?;
        let approval = home.approval(id).await?.ok_or(Fault::NotFound)?.record;
        let resource = of_approval(&incident.record, &approval);
        self.allow(caller, Action::ApprovalView, &resource, &Context::none())?;
        Ok((home, approval))
    }

    /// An environment, as a caller may see it.
    #[boxed]
    pub async fn environment(
        &self,
        caller: &Caller,
        id: EnvironmentId,
    ) -> Result<Environment, Fault> {
        let repo = self.table.of(&caller.tenant);
        let (home, incident) = repo.find(id.incident).await?.ok_or(Fault::NotFound)?;
        let environment = home.environment(id).await?.ok_or(Fault::NotFound)?.record;
        let resource = of_environment(&incident.record, &environment);
        self.allow(caller, Action::EnvironmentView, &resource, &Context::none())?;
        Ok(environment)
    }
}
