//! The phases of an environment's lifecycle, as the machine calls them (S0).

mod close;
mod create;
mod launch;
mod stop;

pub(crate) use create::{ENVIRONMENT_TAG, STAGE_TAG};

use crate::Desk;
use crate::follow::Follow as _;
use crate::guard::{Caller, of_environment};
use crate::step::Step;
use async_recursion::async_recursion as boxed;
use watchfire_domain::{Environment, Incident, Tenant};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_ports::TokenAnswer;
use watchfire_store::Repo;

/// An environment at a phase's door: loaded, allowed, and of the attempt that the machine drives.
pub(crate) struct Entered {
    pub(crate) tenant: Tenant,
    pub(crate) repo: Repo,
    pub(crate) incident: Incident,
    pub(crate) environment: Environment,
}

impl Desk {
    /// Loads what a step is about and asks the policies. A step of an attempt that was replaced is
    /// refused: its machine ends.
    pub(crate) async fn enter(
        &self,
        step: &Step,
        function: &'static str,
        action: Action,
    ) -> Result<Entered, Fault> {
        let tenant = step.tenant()?;
        let repo = self.table.of(&tenant);
        let incident = repo.incident(step.environment.incident).await?.ok_or(Fault::NotFound)?;
        incident.record.follow();
        tracing::info!(environment.id = %step.environment, "Entered a phase");
        let row = repo.environment(step.environment).await?.ok_or(Fault::NotFound)?;
        if row.record.attempt != step.attempt {
            return Err(Fault::Closed);
        }
        let caller = Caller::service(function, &tenant);
        let resource = of_environment(&incident.record, &row.record);
        self.allow(&caller, action, &resource, &Context::none())?;
        Ok(Entered { tenant, repo, incident: incident.record, environment: row.record })
    }
}

impl Desk {
    /// How a step that waits with a token ends. A failure that a repeat may mend goes to the
    /// machine's `Retry`; any other is told to the waiting state by its stable name, since not
    /// every implementation fails a waiting state whose function failed.
    #[boxed]
    pub async fn report(&self, step: &Step, done: Result<(), Fault>) -> Result<(), Fault> {
        match (done, &step.token) {
            (Ok(()), _) => Ok(()),
            (Err(fault), Some(token)) if !fault.retryable() => {
                tracing::error!(environment.id = %step.environment, "A step failed: {}", watchfire_edge::chain(&fault));
                let told = TokenAnswer::Failure { error: fault.name(), cause: fault.public() };
                self.workflow.answer(token, &told).await?;
                Ok(())
            }
            (Err(fault), _) => Err(fault),
        }
    }
}
