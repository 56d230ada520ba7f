//! stop: the task ends, and its evidence is looked for (S0-05, S0-39..41).

use super::Entered;
use crate::drive::NOT_READY;
use crate::settle::keep;
use crate::step::Wait;
use crate::{Desk, Step};
use async_recursion::async_recursion as boxed;
use watchfire_domain::environment::{Outcome, State, slot, started_by};
use watchfire_domain::{Actor, Environment, Rejected, Tenant, Timestamp};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_ports::TaskStatus;
use watchfire_store::Repo;

const FIRST_LOOK: u32 = 5;

impl Desk {
    /// Waits for a stop, or stops the task and waits for its end, or clears up after a launch that
    /// failed.
    #[boxed]
    pub async fn stop(&self, step: &Step) -> Result<(), Fault> {
        let entered = self.enter(step, "stop", Action::PhaseStop).await?;
        match step.step.as_deref() {
            Some("wait") => {
                self.wait(&entered.tenant, step, Wait::StopAsk).await?;
                self.tell_now(&entered, step, Wait::StopAsk).await
            }
            Some("abandon") => self.abandon(&entered, step.error.as_deref()).await,
            _ => {
                self.wait(&entered.tenant, step, Wait::Stop).await?;
                let environment = self.stopping(&entered).await?;
                if environment.state == State::Stopping {
                    self.end_tasks(&entered.tenant, &entered.repo, &environment).await?;
                }
                self.tell_now(&entered, step, Wait::Stop).await
            }
        }
    }

    /// Answers the state whose token was just stored, by the record as it stands after that.
    async fn tell_now(&self, entered: &Entered, step: &Step, wait: Wait) -> Result<(), Fault> {
        let row = entered.repo.environment(step.environment).await?.ok_or(Fault::NotFound)?;
        self.tell(&entered.tenant, &row.record, wait, step.token()?).await
    }

    /// The environment, asked to stop if nobody has: the machine waited long enough.
    async fn stopping(&self, entered: &Entered) -> Result<Environment, Fault> {
        let (actor, now) = (Actor::service("stop"), self.clock.now());
        self.settle(&entered.repo, entered.environment.id, &keep, &|environment| match environment
            .state
        {
            State::Requested | State::Created | State::Launching | State::Running => {
                environment.ask_stop("nobody stopped it in time", None, &actor, now)
            }
            State::Stopping | State::Stopped | State::Closed | State::Failed => Ok(None),
        })
        .await
    }

    /// Tells every task of the environment to stop; if none lives, it is stopped.
    pub(crate) async fn end_tasks(
        &self,
        tenant: &Tenant,
        repo: &Repo,
        environment: &Environment,
    ) -> Result<Environment, Fault> {
        let reason = environment.stop.as_ref().map_or("stopped", |stop| stop.reason.as_str());
        let living = self.living(environment).await?;
        for task in &living {
            self.tasks.stop(task, reason).await?;
        }
        if living.is_empty() {
            return self.mark_stopped(repo, environment).await;
        }
        self.probe(tenant, environment, 0, FIRST_LOOK).await?;
        Ok(environment.clone())
    }

    /// The tasks of the environment's slot that are not STOPPED: its own, and any that a lost
    /// answer left behind.
    pub(crate) async fn living(&self, environment: &Environment) -> Result<Vec<String>, Fault> {
        let slot = slot(&environment.cluster_id, &environment.number);
        let mut living = self.tasks.living(&started_by(&slot)).await?;
        // The list lags behind; what is known by its name is looked up by it.
        if living.is_empty()
            && let Some(task) = &environment.task
            && environment.outcome.is_none()
            && let Some(status) = self.tasks.describe(&task.arn).await?
            && !status.stopped()
        {
            living.push(task.arn.clone());
        }
        Ok(living)
    }

    /// Ends every task of the environment's slot; an error as long as one lives.
    pub(crate) async fn end_strays(
        &self,
        environment: &Environment,
        why: &str,
    ) -> Result<(), Fault> {
        let tasks = self.living(environment).await?;
        for task in &tasks {
            tracing::warn!(environment.id = %environment.id, task.arn = %task, "Ends a task that should not live: {why}");
            self.tasks.stop(task, why).await?;
        }
        if tasks.is_empty() { Ok(()) } else { Err(Rejected::Alive { tasks }.into()) }
    }

    /// Records the end of the task and its evidence.
    pub(crate) async fn mark_stopped(
        &self,
        repo: &Repo,
        environment: &Environment,
    ) -> Result<Environment, Fault> {
        let evidence = self.check_evidence(environment).await?;
        let now = self.clock.now();
        let outcome = match &environment.task {
            None => None,
            Some(task) => {
                // ECS forgets a stopped task after an hour: then only the fact remains.
                let status = self.tasks.describe(&task.arn).await?;
                Some(status.map_or_else(|| forgotten(now), |status| outcome(&status, now)))
            }
        };
        let actor = Actor::service("stop");
        self.settle(repo, environment.id, &keep, &|environment| {
            environment.stopped(outcome.clone(), evidence.clone(), &actor)
        })
        .await
    }

    async fn abandon(&self, entered: &Entered, error: Option<&str>) -> Result<(), Fault> {
        // Listed before the record says that it failed: what a later launch starts is not among
        // them.
        let living = self.living(&entered.environment).await?;
        let (actor, now) = (Actor::service("stop"), self.clock.now());
        let reason = match error {
            Some("States.Timeout" | "Environment.LaunchTimedOut") => NOT_READY,
            Some("Dependency.Unavailable") => {
                "ECS started no task, though it was asked several times: no capacity, or no answer"
            }
            Some(name) => name,
            None => "the launch failed",
        };
        let give_up = |environment: &Environment| match environment.state {
            State::Requested | State::Created | State::Launching => {
                Ok(environment.fail("launch", reason, &actor, now))
            }
            State::Running | State::Stopping | State::Stopped | State::Closed | State::Failed => {
                Ok(None)
            }
        };
        let settled = self.settle(&entered.repo, entered.environment.id, &keep, &give_up).await?;
        // It was seen in time, and only the machine was not told: the record is the judge, and
        // somebody may work in that task. The sweep starts another machine.
        if settled.state == State::Running {
            return Ok(());
        }
        for task in living {
            self.tasks.stop(&task, "the launch failed").await?;
        }
        Ok(())
    }
}

fn outcome(status: &TaskStatus, now: Timestamp) -> Outcome {
    Outcome {
        exit_code: status.exit_code,
        stop_code: status.stop_code.clone(),
        reason: status.stopped_reason.clone(),
        stopped_at: status.stopped_at.unwrap_or(now),
    }
}

fn forgotten(now: Timestamp) -> Outcome {
    let reason = Some("ECS no longer knows the task".to_owned());
    Outcome { exit_code: None, stop_code: None, reason, stopped_at: now }
}
