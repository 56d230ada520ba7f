//! launch: one task, RUNNING with its exec agent (S0-03, S0-22..26).

use super::Entered;
use super::create::tags;
use crate::effects::client_token;
use crate::settle::keep;
use crate::step::Wait;
use crate::{Desk, Step};
use async_recursion::async_recursion as boxed;
use watchfire_domain::environment::{State, slot, started_by};
use watchfire_domain::{Actor, Environment, Rejected};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_ports::{PortError, RunAsk};

/// When a started task is looked at first, in seconds (DESIGN: observe).
const FIRST_LOOK: u32 = 5;

impl Desk {
    /// Waits for the launch route, or starts the task and waits for it to run.
    #[boxed]
    pub async fn launch(&self, step: &Step) -> Result<(), Fault> {
        let entered = self.enter(step, "launch", Action::PhaseLaunch).await?;
        let wait =
            if step.step.as_deref() == Some("wait") { Wait::LaunchAsk } else { Wait::Launch };
        self.wait(&entered.tenant, step, wait).await?;
        // Read after the token is stored: whatever was written before is seen now, and whoever
        // writes later finds the token.
        let mut environment =
            entered.repo.environment(step.environment).await?.ok_or(Fault::NotFound)?.record;
        if wait == Wait::Launch {
            if environment.state == State::Created {
                environment = self.run(&entered, &environment).await?;
            }
            if environment.state == State::Launching {
                self.probe(&entered.tenant, &environment, 0, FIRST_LOOK).await?;
            }
        }
        self.tell(&entered.tenant, &environment, wait, step.token()?).await
    }

    async fn run(
        &self,
        entered: &Entered,
        environment: &Environment,
    ) -> Result<Environment, Fault> {
        let Some(definition) = environment.definition.clone() else {
            return Err(Fault::Internal {
                reason: "a created environment has no definition".into(),
            });
        };
        let slot = slot(&environment.cluster_id, &environment.number);
        let ask = RunAsk {
            definition,
            client_token: client_token("task", environment, environment.attempt),
            started_by: started_by(&slot),
            tags: tags(environment, self.config.stage.as_str()),
        };
        let actor = Actor::service("launch");
        let arn = match self.tasks.run(&ask).await {
            Ok(arn) => arn,
            Err(error) if error.retryable() => return Err(Fault::Port(error)),
            Err(error) => return self.launch_failed(entered, environment, &error).await,
        };
        let now = self.clock.now();
        let settled = self
            .settle(&entered.repo, environment.id, &keep, &|environment| {
                match environment.launched(&arn, &actor, now) {
                    // Stopped or failed meanwhile, or another task runs: this one must not stay.
                    Err(Rejected::Environment { .. } | Rejected::Running { .. }) => Ok(None),
                    decided => decided,
                }
            })
            .await?;
        let ours = settled.task.as_ref().is_some_and(|task| task.arn == arn);
        if !ours || !matches!(settled.state, State::Launching | State::Running) {
            self.tasks.stop(&arn, "the environment was stopped before it ran").await?;
        }
        Ok(settled)
    }

    async fn launch_failed(
        &self,
        entered: &Entered,
        environment: &Environment,
        error: &PortError,
    ) -> Result<Environment, Fault> {
        let (actor, now) = (Actor::service("launch"), self.clock.now());
        let reason = error.to_string();
        self.settle(&entered.repo, environment.id, &keep, &|environment| {
            Ok(environment.fail("launch", &reason, &actor, now))
        })
        .await
    }
}
