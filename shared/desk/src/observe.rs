//! observe: what really happens to a task, by ECS's events (fast) and by looking (the guarantee).

use crate::Desk;
use crate::drive::NOT_READY;
use crate::follow::{self, Follow as _};
use crate::guard::{Caller, of_environment};
use crate::settle::keep;
use async_recursion::async_recursion as boxed;
use watchfire_domain::environment::{State, Task};
use watchfire_domain::{Actor, Environment, EnvironmentId, MINUTE, SECOND, Tenant};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_ports::{Probe, TaskStatus};
use watchfire_store::{Due, Repo};

/// How long a task may take until it is ready (S0-24).
const LAUNCH_MILLIS: i64 = 300 * SECOND;

/// When to look next, in seconds: often at first, then every half minute.
fn pause(looks: u32) -> u32 {
    match looks {
        0..=3 => 5,
        4..=9 => 10,
        _ => 30,
    }
}

impl Desk {
    /// Looks at an environment, as a probe asks. A probe of an older attempt is dropped.
    #[boxed(?Send)]
    pub async fn observe(&self, probe: &Probe) -> Result<(), Fault> {
        follow::nobody();
        let tenant = Tenant::vouched(&probe.tenant, watchfire_domain::Voucher::Execution)
            .map_err(|unnamed| Fault::Malformed { reason: unnamed.to_string() })?;
        let Some(environment) = self.look(&tenant, probe.environment, Some(probe.attempt)).await?
        else {
            return Ok(());
        };
        let under_way = matches!(environment.state, State::Launching | State::Stopping);
        if under_way && probe.looks != Probe::ONCE {
            let looks = probe.looks.saturating_add(1);
            self.probe(&tenant, &environment, looks, pause(looks)).await?;
        }
        Ok(())
    }

    /// Looks at the environment that an ECS event is about: `started_by` leads to its slot, and
    /// the record must know the task. Whatever else the event says is looked up, not believed.
    #[boxed(?Send)]
    pub async fn observe_task(&self, arn: &str, started_by: &str) -> Result<(), Fault> {
        let Some(slot) = started_by.strip_prefix("wf-") else { return Ok(()) };
        let Some(claim) = self.table.slot(slot).await? else { return Ok(()) };
        let row = self.table.of(&claim.tenant).environment(claim.environment).await?;
        let task = row.and_then(|row| row.record.task);
        let id = crate::evidence::task_id;
        if task.is_some_and(|task| id(&task.arn) == id(arn)) {
            self.look(&claim.tenant, claim.environment, None).await?;
        }
        Ok(())
    }

    /// Brings the record up to what is really there, and wakes the machine. None if there is
    /// nothing to look at.
    pub(crate) async fn look(
        &self,
        tenant: &Tenant,
        id: EnvironmentId,
        attempt: Option<u32>,
    ) -> Result<Option<Environment>, Fault> {
        let repo = self.table.of(tenant);
        let Some(row) = repo.environment(id).await? else { return Ok(None) };
        let environment = row.record;
        if attempt.is_some_and(|attempt| attempt != environment.attempt) {
            return Ok(None);
        }
        self.may_observe(tenant, &repo, &environment).await?;
        let environment = match (environment.state, &environment.task) {
            (State::Launching | State::Running, Some(task)) => {
                let status = self.tasks.describe(&task.arn).await?;
                let environment = self.seen(&repo, &environment, task, status).await?;
                self.restore_access(&repo, environment).await?
            }
            (State::Stopping, _) => {
                if self.living(&environment).await?.is_empty() {
                    self.mark_stopped(&repo, &environment).await?
                } else {
                    environment
                }
            }
            (State::Stopped | State::Failed, _) => self.look_after(&repo, environment).await?,
            (State::Closed, _) => self.clear_access(&repo, environment).await?,
            (State::Requested | State::Created, _) | (State::Launching | State::Running, None) => {
                environment
            }
        };
        self.drive(tenant, &environment).await?;
        Ok(Some(environment))
    }

    /// What is over must not live on; and evidence may come late.
    async fn look_after(
        &self,
        repo: &Repo,
        environment: Environment,
    ) -> Result<Environment, Fault> {
        // What a lost answer left behind, or a list did not show when it was stopped.
        self.end_strays(&environment, "its environment is over").await?;
        if environment.state != State::Stopped || environment.evidence_passes() {
            return Ok(environment);
        }
        let found = self.check_evidence(&environment).await?;
        let actor = Actor::service("observe");
        // The machine gave up over it: the sweep starts another as soon as it passes.
        let soon = Due::At(self.clock.now().plus(MINUTE));
        self.settle(repo, environment.id, &|_| soon, &|environment| {
            Ok(environment.evidence_found(found.clone(), &actor))
        })
        .await
    }

    pub(crate) async fn may_observe(
        &self,
        tenant: &Tenant,
        repo: &Repo,
        environment: &Environment,
    ) -> Result<(), Fault> {
        let incident = repo.incident(environment.id.incident).await?.ok_or(Fault::NotFound)?.record;
        incident.follow();
        let caller = Caller::service("observe", tenant);
        let resource = of_environment(&incident, environment);
        self.allow(&caller, Action::PhaseObserve, &resource, &Context::none())
    }

    /// What the task's state means for an environment that is launching or running.
    async fn seen(
        &self,
        repo: &Repo,
        environment: &Environment,
        task: &Task,
        status: Option<TaskStatus>,
    ) -> Result<Environment, Fault> {
        let (actor, now) = (Actor::service("observe"), self.clock.now());
        let launching = environment.state == State::Launching;
        let late = launching && now.since(task.launched_at) >= LAUNCH_MILLIS;
        match status {
            // Older than what was seen: a stale answer says nothing.
            Some(status) if status.version < task.seen => Ok(environment.clone()),
            Some(status) if status.stopped() && launching => {
                let why = status.stopped_reason.as_deref().unwrap_or("no reason given");
                let reason = format!("the task stopped before it was ready: {why}");
                self.fail_launch(repo, environment, &reason).await
            }
            Some(status) if status.stopped() => self.mark_stopped(repo, environment).await,
            Some(status) if status.ready() && launching => {
                let access = self.lead_to(environment, &task.arn).await;
                self.settle(repo, environment.id, &keep, &|environment| {
                    environment.running(status.version, &access, &actor, now)
                })
                .await
            }
            // An hour after its end a task is no longer known, and now and then one is not seen.
            None if !launching && self.living(environment).await?.is_empty() => {
                self.mark_stopped(repo, environment).await
            }
            _ if late => {
                self.tasks.stop(&task.arn, "not ready within 300 seconds").await?;
                self.fail_launch(repo, environment, NOT_READY).await
            }
            _ => Ok(environment.clone()),
        }
    }

    async fn fail_launch(
        &self,
        repo: &Repo,
        environment: &Environment,
        reason: &str,
    ) -> Result<Environment, Fault> {
        let (actor, now) = (Actor::service("observe"), self.clock.now());
        self.settle(repo, environment.id, &keep, &|environment| {
            if environment.state == State::Launching {
                Ok(environment.fail("launch", reason, &actor, now))
            } else {
                Ok(None)
            }
        })
        .await
    }
}
