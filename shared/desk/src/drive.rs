//! Waking the machine. A task token can wake it, never decide: what is answered follows from the
//! record alone, so that whoever comes later, or twice, comes to the same answer.

use crate::Desk;
use crate::step::{Step, Wait};
use watchfire_domain::environment::{Launch, Removal, State};
use watchfire_domain::{Environment, Tenant};
use watchfire_edge::Fault;
use watchfire_ports::TokenAnswer;

/// Why a launch failed that took too long.
pub(crate) const NOT_READY: &str = "the task was not ready within 300 seconds";

/// Whether the state that waits need wait no longer, and what it is told; none while it must.
/// `decided`: whether the approval of the access point's removal has an outcome.
pub(crate) fn answer(wait: Wait, environment: &Environment, decided: bool) -> Option<TokenAnswer> {
    let cause = environment.failure.as_ref().map_or("", |failure| failure.reason.as_str());
    let failed = |error| Some(TokenAnswer::Failure { error, cause: cause.to_owned() });
    let state = environment.state;
    if state == State::Failed && wait == Wait::Launch {
        let late = cause == NOT_READY;
        return failed(if late {
            "Environment.LaunchTimedOut"
        } else {
            "Environment.LaunchFailed"
        });
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
    /// Stores the token that a state waits with. The caller reads the record after it and answers
    /// at once if there is nothing to wait for: what was written before is seen then, and whoever
    /// writes later finds the token.
    pub(crate) async fn wait(&self, tenant: &Tenant, step: &Step, wait: Wait) -> Result<(), Fault> {
        let token = step.token()?;
        let (key, _) = self.token_keys().await?;
        let repo = self.table.of(tenant);
        let owner = step.environment.to_string();
        Ok(repo.put_token(&owner, wait.name(), step.attempt, token, &key).await?)
    }

    /// Wakes the state that waits, if it need wait no longer. The machine never goes back, so it
    /// waits in the furthest state that this attempt has a token of, or on its way from there; and
    /// whoever stores the next token looks for himself.
    pub(crate) async fn drive(
        &self,
        tenant: &Tenant,
        environment: &Environment,
    ) -> Result<(), Fault> {
        let Some((wait, token)) = self.waiting(tenant, environment).await? else { return Ok(()) };
        self.tell(tenant, environment, wait, &token).await
    }

    /// Answers the state `wait`, if it need wait no longer.
    pub(crate) async fn tell(
        &self,
        tenant: &Tenant,
        environment: &Environment,
        wait: Wait,
        token: &str,
    ) -> Result<(), Fault> {
        let decided = wait == Wait::Approve && self.removal_decided(tenant, environment).await?;
        let Some(told) = answer(wait, environment, decided) else { return Ok(()) };
        if self.workflow.answer(token, &told).await? {
            tracing::info!(environment.id = %environment.id, machine.wait = wait.name(), "Answered a waiting state");
        }
        Ok(())
    }

    /// The furthest state that this attempt has waited in, and its token.
    async fn waiting(
        &self,
        tenant: &Tenant,
        environment: &Environment,
    ) -> Result<Option<(Wait, String)>, Fault> {
        let (_, keys) = self.token_keys().await?;
        let repo = self.table.of(tenant);
        let pick = move |kid: &str| keys.get(kid).cloned();
        let owner = environment.id.to_string();
        let tokens = repo.tokens(&owner, environment.attempt, &pick).await?;
        let named =
            tokens.into_iter().filter_map(|(name, token)| Some((Wait::named(&name)?, token)));
        match named.max_by_key(|(wait, _)| *wait) {
            None => Ok(None),
            Some((wait, Ok(token))) => Ok(Some((wait, token))),
            Some((wait, Err(refused))) => {
                // A key that is gone: a machine that times out, or is ended, is started anew by the
                // sweep, and stores a new token.
                tracing::error!(environment.id = %environment.id, machine.wait = wait.name(), "A task token cannot be opened: {refused}");
                Ok(None)
            }
        }
    }
}
