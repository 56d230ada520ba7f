//! The access broker, through which a person reaches the container. It never blocks an incident:
//! what fails is recorded, and tried again by the looks that are due anyway.

use crate::Desk;
use crate::settle::keep;
use watchfire_domain::environment::{Access, State, slot, target_name};
use watchfire_domain::{Actor, DAY, Environment, Timestamp};
use watchfire_edge::Fault;
use watchfire_ports::{PortError, TargetAsk};
use watchfire_store::{Due, Repo};

/// How often the access broker is asked within one step.
const ASKS: u64 = 3;
/// For how long what remains there of a closed environment is deleted anew, in milliseconds.
const PATIENCE: i64 = 7 * DAY;

impl Desk {
    async fn ask_broker<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let mut asked = 0_u64;
        loop {
            asked = asked.saturating_add(1);
            match ask().await {
                Err(error) if error.retryable() && asked < ASKS => {
                    self.pause.pause(200u64.saturating_mul(asked)).await;
                }
                answered => return answered,
            }
        }
    }

    /// Makes the environment's target, or finds it.
    pub(crate) async fn make_target(&self, environment: &Environment) -> Access {
        let (cluster, number) = (&environment.cluster_id, &environment.number);
        let ask = TargetAsk::new(
            target_name(cluster, number),
            format!("Incident {number} for ROSA cluster {cluster}"),
        );
        let made = self.ask_broker(async || self.broker.create(&ask).await).await;
        made.map_err(|error| error.to_string())
    }

    /// Leads the target to the task that runs (S0-25). One that could not be made before is made
    /// now.
    pub(crate) async fn lead_to(&self, environment: &Environment, task: &str) -> Access {
        let target = match &environment.target {
            None if environment.broker_problem.is_some() => self.make_target(environment).await?,
            target => target.clone(),
        };
        if let Some(target) = &target {
            let led = self.ask_broker(async || self.broker.attach(target, task).await).await;
            led.map_err(|error| format!("the target does not lead to the task: {error}"))?;
        }
        Ok(target)
    }

    /// Tries again what the broker failed to do for an environment that runs.
    pub(crate) async fn restore_access(
        &self,
        repo: &Repo,
        environment: Environment,
    ) -> Result<Environment, Fault> {
        let Some(task) = environment.task.as_ref().filter(|_| runs_degraded(&environment)) else {
            return Ok(environment);
        };
        // What it is called may be gone with the broker's memory: made anew if it must.
        let unnamed = Environment { target: None, ..environment.clone() };
        let Ok(target) = self.lead_to(&unnamed, &task.arn).await else { return Ok(environment) };
        let actor = Actor::service("observe");
        self.settle(repo, environment.id, &keep, &|environment| {
            Ok(environment.reached(target.clone(), &actor))
        })
        .await
    }

    /// Deletes the environment's target, and says what remains. By name: it may exist though its id
    /// got lost.
    pub(crate) async fn remove_target(&self, environment: &Environment) -> Result<(), String> {
        let name = target_name(&environment.cluster_id, &environment.number);
        let gone = self.ask_broker(async || self.broker.delete(&name).await).await;
        gone.map_err(|error| {
            tracing::warn!(environment.id = %environment.id, "A trace is left at the access broker: {error}");
            format!("target `{name}` remains: {error}")
        })
    }

    /// Tries again to delete what remained at the broker when the environment was closed.
    pub(crate) async fn clear_access(
        &self,
        repo: &Repo,
        environment: Environment,
    ) -> Result<Environment, Fault> {
        if environment.broker_problem.is_none() {
            return Ok(environment);
        }
        let slot = slot(&environment.cluster_id, &environment.number);
        let holder = self.table.slot(&slot).await?;
        // Whoever holds the pair now took the target over with its name.
        let ours = holder.is_none_or(|claim| claim.environment == environment.id);
        if ours && self.remove_target(&environment).await.is_err() {
            return Ok(environment);
        }
        let actor = Actor::service("observe");
        self.settle(repo, environment.id, &|_| Due::Clear, &|environment| {
            Ok(environment.target_gone(&actor))
        })
        .await
    }
}

fn runs_degraded(environment: &Environment) -> bool {
    environment.state == State::Running && environment.broker_problem.is_some()
}

/// Whether something of a closed environment remains at the broker that is still worth a try.
pub(crate) fn remains(environment: &Environment, now: Timestamp) -> bool {
    environment.state == State::Closed
        && environment.broker_problem.is_some()
        && environment.closed_at.is_some_and(|closed| now.since(closed) < PATIENCE)
}
