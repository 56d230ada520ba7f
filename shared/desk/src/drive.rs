//! Waking the machine. A task token can wake it, never decide: what is answered follows from the
//! record alone, so that whoever comes later, or twice, comes to the same answer.

use crate::Desk;
use crate::step::{Step, Wait};
use watchfire_domain::environment::{Launch, Removal, State};
use watchfire_domain::{Environment, Tenant};
use watchfire_edge::Fault;
use watchfire_ports::TokenAnswer;

/// Whether the state that waits need wait no longer, and what it is told; none while it must.
/// `decided`: whether the approval of the access point's removal has an outcome.
pub(crate) fn answer(wait: Wait, environment: &Environment, decided: bool) -> Option<TokenAnswer> {
    let failed = |error| {
        let failure = environment.failure.as_ref();
        let cause = failure.map_or_else(String::new, |failure| failure.reason.clone());
        Some(TokenAnswer::Failure { error, cause })
    };
    let state = environment.state;
    if state == State::Failed && wait == Wait::Launch {
        return failed("Environment.LaunchFailed");
    }
    if matches!(state, State::Failed | State::Closed) {
        return failed("Environment.Closed");
    }
    let over = match wait {
        Wait::LaunchAsk => {
            !matches!(state, State::Requested | State::Created) || environment.launch == Launch::Now
        }
        Wait::Launch => !matches!(state, State::Requested | State::Created | State::Launching),
        Wait::StopAsk => matches!(state, State::Stopping | State::Stopped),
        Wait::Stop => state == State::Stopped,
        Wait::Approve => {
            state == State::Stopped && (environment.removal != Removal::Ask || decided)
        }
    };
    over.then(|| TokenAnswer::Success(serde_json::json!({})))
}

impl Desk {
    /// Stores the token that a state waits with, and answers it at once if the record says that
    /// there is nothing to wait for: the answer may have come before the token.
    pub(crate) async fn wait(&self, tenant: &Tenant, step: &Step, wait: Wait) -> Result<(), Fault> {
        let token = step.token()?;
        let (key, _) = self.token_keys().await?;
        let repo = self.table.of(tenant);
        repo.put_token(&wait.owner(step.environment), step.attempt, token, &key).await?;
        Ok(())
    }

    /// Answers every state of this attempt that need wait no longer.
    pub(crate) async fn drive(
        &self,
        tenant: &Tenant,
        environment: &Environment,
    ) -> Result<(), Fault> {
        let decided = self.removal_decided(tenant, environment).await?;
        for wait in Wait::ALL {
            if let Some(told) = answer(wait, environment, decided) {
                self.answer(tenant, environment, wait, &told).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn answer(
        &self,
        tenant: &Tenant,
        environment: &Environment,
        wait: Wait,
        told: &TokenAnswer,
    ) -> Result<(), Fault> {
        let (_, keys) = self.token_keys().await?;
        let owner = wait.owner(environment.id);
        let repo = self.table.of(tenant);
        let pick = move |kid: &str| keys.get(kid).cloned();
        match repo.token(&owner, environment.attempt, &pick).await? {
            None => Ok(()),
            Some(Err(refused)) => {
                // A key that is gone: the sweep restarts the execution, which stores a new token.
                tracing::error!(token.owner = %owner, "A task token cannot be opened: {refused}");
                Ok(())
            }
            Some(Ok(token)) => {
                if self.workflow.answer(&token, told).await? {
                    tracing::info!(token.owner = %owner, "Answered a waiting state");
                }
                Ok(())
            }
        }
    }
}
