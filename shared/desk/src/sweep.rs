//! sweep: what is due, and nothing else. Nothing depends on a message having come: what a function
//! left undone is found here, by the record.

use crate::access;
use crate::effects::execution;
use crate::messages::{self, Occasion};
use crate::plans::plan_of;
use crate::settle::{TRIES, fault, keep, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use watchfire_domain::environment::{Launch, State};
use watchfire_domain::incident::Transition;
use watchfire_domain::{Actor, Environment, EnvironmentId, HOUR, MINUTE, Status, Timestamp};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_ports::Probe;
use watchfire_store::{Commit, Due, DueItem, DueKind, Refused, Repo};

/// How many due items of one partition are handled in one run.
const BATCH: i32 = 50;
/// How often an environment's execution is replaced before a person must look.
const ATTEMPTS: u32 = 10;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many due items it handled.
    pub handled: usize,
    /// How many it could not handle: they stay due.
    pub failed: usize,
}

impl Desk {
    /// Handles everything that is due. An item that fails stays due, and keeps no other from its
    /// turn.
    #[boxed]
    pub async fn sweep(&self) -> Result<Swept, Fault> {
        let mut swept = Swept::default();
        for item in self.table.due(self.clock.now(), BATCH).await? {
            match self.handle(&item).await {
                Ok(()) => swept.handled = swept.handled.saturating_add(1),
                Err(error) => {
                    swept.failed = swept.failed.saturating_add(1);
                    // Behind the others: a batch of those that fail must not keep the rest waiting.
                    let later = self.clock.now().plus(MINUTE);
                    left_to_sweep(self.table.postpone(&item, later).await.map_err(Fault::Port));
                    tracing::error!(due.kind = ?item.kind, "A due item failed: {}", watchfire_edge::chain(&error));
                }
            }
        }
        Ok(swept)
    }

    async fn handle(&self, item: &DueItem) -> Result<(), Fault> {
        let caller = Caller::service("sweep", &item.tenant);
        let resource = Resource::new(ResourceKind::Incident, item.tenant.as_str());
        self.allow(&caller, Action::PhaseSweep, &resource, &Context::none())?;
        let repo = self.table.of(&item.tenant);
        match &item.kind {
            DueKind::Environment(id) => self.sweep_environment(&repo, *id, item.at).await,
            DueKind::Approval(id) => self.sweep_approval(&repo, *id, item.at).await,
            DueKind::Execution(timeline, id) => {
                self.sweep_execution(&repo, *timeline, *id, item.at).await
            }
            DueKind::Quiet(key) => self.sweep_quiet(&repo, key, item.at).await,
            DueKind::Message(id) => match repo.queued(id).await? {
                Some(row) => self.retry(&repo, row.record).await,
                None => Ok(()),
            },
        }
    }

    async fn sweep_environment(
        &self,
        repo: &Repo,
        id: EnvironmentId,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let Some(row) = repo.environment(id).await? else { return Ok(()) };
        let environment = self.past_deadline(repo, row.record).await?;
        let environment = self.ensure_driven(repo, environment).await?;
        if environment.state == State::Stopped {
            self.expire_approvals(repo, id).await?;
        }
        if environment.state != State::Closed || access::remains(&environment, self.clock.now()) {
            // What is really there is for `observe` to see: this role may not look.
            self.probe(repo.tenant(), &environment, Probe::ONCE, 0).await?;
        }
        let next = self.next_look(&environment);
        Ok(repo.move_environment_due(id, at, next).await?)
    }

    /// When to look again: soon while something is under way, else at the deadline or now and then.
    fn next_look(&self, environment: &Environment) -> Option<Timestamp> {
        let now = self.clock.now();
        let by_deadline = environment.deadline.min(now.plus(15 * MINUTE)).max(now.plus(MINUTE));
        match environment.state {
            State::Closed => access::remains(environment, now).then(|| now.plus(15 * MINUTE)),
            // It waits for a person, until its deadline.
            State::Created if environment.launch == Launch::Later => Some(by_deadline),
            State::Requested | State::Created | State::Launching | State::Stopping => {
                Some(now.plus(MINUTE))
            }
            State::Running => Some(by_deadline),
            State::Stopped => Some(now.plus(5 * MINUTE)),
            State::Failed => Some(now.plus(HOUR)),
        }
    }

    /// Asks an environment to stop whose deadline is over.
    async fn past_deadline(
        &self,
        repo: &Repo,
        environment: Environment,
    ) -> Result<Environment, Fault> {
        let now = self.clock.now();
        if now < environment.deadline {
            return Ok(environment);
        }
        let actor = Actor::service("sweep");
        self.settle(repo, environment.id, &keep, &|environment| match environment.state {
            State::Requested | State::Created | State::Launching | State::Running => {
                environment.ask_stop("its time is over", None, &actor, now)
            }
            State::Stopping | State::Stopped | State::Closed | State::Failed => Ok(None),
        })
        .await
    }

    /// Starts the execution that should drive the environment, or replaces one that died.
    async fn ensure_driven(
        &self,
        repo: &Repo,
        environment: Environment,
    ) -> Result<Environment, Fault> {
        if matches!(environment.state, State::Closed | State::Failed) {
            return Ok(environment);
        }
        match self.workflow.running(&execution(&environment)).await? {
            Some(true) => Ok(environment),
            None => {
                self.start(repo.tenant(), &environment).await?;
                Ok(environment)
            }
            // A close that waits for its evidence needs no machine until it is there or waived.
            Some(false)
                if environment.state == State::Stopped && !environment.evidence_passes() =>
            {
                Ok(environment)
            }
            Some(false) => self.replace(repo, environment).await,
        }
    }

    /// A new execution, under the next attempt's name, from where the record stands.
    pub(crate) async fn replace(
        &self,
        repo: &Repo,
        environment: Environment,
    ) -> Result<Environment, Fault> {
        let (actor, now) = (Actor::service("sweep"), self.clock.now());
        let dead = environment.attempt;
        let settled = self
            .settle(repo, environment.id, &keep, &|environment| {
                if environment.attempt != dead {
                    return Ok(None);
                }
                if environment.attempt >= ATTEMPTS {
                    let reason = "its execution ended too often before its work was done";
                    return Ok(environment.fail("lifecycle", reason, &actor, now));
                }
                Ok(environment.restart(&actor))
            })
            .await?;
        if !matches!(settled.state, State::Failed | State::Closed) {
            self.start(repo.tenant(), &settled).await?;
        }
        Ok(settled)
    }

    async fn expire_approvals(&self, repo: &Repo, id: EnvironmentId) -> Result<(), Fault> {
        for row in repo.approvals(id.incident).await? {
            self.expire(repo, row.record.id, "sweep").await?;
        }
        Ok(())
    }

    /// The quiet period of an alarm key is over: its incident is resolved, if nothing newer came
    /// and nobody has moved it on.
    async fn sweep_quiet(&self, repo: &Repo, key: &str, at: Timestamp) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let Some(row) = repo.quiet(key).await? else { return Ok(()) };
            // Something newer came: it set another time, or none.
            if row.due != Some(at) || !row.record.is_quiet() {
                return Ok(());
            }
            let found = match row.record.incident {
                Some(id) => repo.incident(id).await?.map(|row| row.record),
                None => None,
            };
            let Some(incident) = found.filter(|incident| incident.status < Status::Resolved) else {
                return Ok(repo.end_quiet(key, at).await?);
            };
            // The alarm is quiet, and nobody has verified that all is well: people resolve it.
            if self.recovery_owed(repo, &incident, Status::Resolved).await?.is_some() {
                return Ok(repo.end_quiet(key, at).await?);
            }
            let since = row.record.since().unwrap_or(at);
            let ask = Transition {
                to: Status::Resolved,
                rationale: Some(format!("the alarm has been OK since {since}")),
            };
            let change = incident.transition(&ask, &Actor::service("sweep"), self.clock.now())?;
            let plan = plan_of(repo, &incident).await?;
            let queue = plan.map(|plan| messages::of(&plan, &change.after, Occasion::Resolved));
            let queue = queue.unwrap_or_default();
            let resolved = change.after.clone();
            let mut open = row.record.clone();
            open.generation = open.generation.saturating_add(1);
            let mut commit = Commit::on(incident.id)
                .change(change, Due::Keep)
                // The fence: a newer transition has another generation.
                .alarm(key, Some(&row.record), open, Due::Clear);
            for message in &queue {
                commit = commit.message(message.clone(), self.clock.now());
            }
            match repo.commit(commit).await {
                Ok(_) => {
                    self.measure_change(&incident, &resolved);
                    return self.deliver(repo, &queue).await;
                }
                Err(Refused::Changed | Refused::Taken(_)) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }
}
