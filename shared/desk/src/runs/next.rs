//! The machine's step: whatever can be done now is done, and the machine is told what to wait for.

use super::act::{Acted, Look};
use super::carried::{Carry, RunNext, RunStep};
use super::{Loaded, machine, refused};
use crate::Desk;
use crate::follow::Follow as _;
use crate::settle::left_to_sweep;
use async_recursion::async_recursion as boxed;
use watchfire_domain::approval::ApprovalState;
use watchfire_domain::{Approval, MINUTE, SECOND, Status};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_runbook::execution::{Next, Run, Turn};
use watchfire_store::Repo;

/// How many decisions one look makes at most: far more than lie between two waits.
const DECISIONS: usize = 300;

/// What one decision came to.
enum Went {
    On,
    Stop(RunNext),
}

impl Desk {
    /// step, as the machine calls it: decides and does all that can be done now.
    #[boxed]
    pub async fn run_step(&self, step: &RunStep) -> Result<RunNext, Fault> {
        let repo = self.table.of(&step.tenant()?);
        if step.is_full() {
            return self.hand_on(&repo, step).await;
        }
        let next = Box::pin(self.looked(&repo, step)).await?;
        let (looks, machines) = (step.carry.looks.saturating_add(1), step.carry.machines);
        Ok(RunNext { carry: Carry { looks, machines, ..next.carry }, ..next })
    }

    async fn looked(&self, repo: &Repo, step: &RunStep) -> Result<RunNext, Fault> {
        let began = self.clock.now();
        let mut loaded = self.load(repo, step.timeline, step.execution).await?;
        for _ in 0..DECISIONS {
            loaded.follow();
            match Box::pin(self.decide_next(&loaded, step)).await? {
                Went::On => {}
                Went::Stop(next) => return Ok(next),
            }
            // What is begun now may take a minute, and the function ends after two.
            if self.clock.now().since(began) > 40 * SECOND {
                break;
            }
            loaded = self.load_again(&loaded).await?;
        }
        // It goes on where it stands, in another look; what belongs to that step is kept.
        Ok(RunNext { seconds: 1, carry: step.carry.clone(), ..RunNext::of("wait") })
    }

    async fn decide_next(&self, loaded: &Loaded, step: &RunStep) -> Result<Went, Fault> {
        let (now, run) = (self.clock.now(), loaded.run()?);
        if loaded.incident.as_ref().is_some_and(|incident| incident.status == Status::Closed)
            && loaded.execution.state.is_open()
            // It may have closed its incident itself, with its last step.
            && run.next() != Next::Finish
        {
            return self.give_run_up(loaded).await;
        }
        if run.expire(&machine(), now).map_err(refused)?.is_some() {
            self.recording(loaded)?;
            self.stop_before_going_on(loaded, &run).await?;
            self.settle_run(loaded, &|run| run.expire(&machine(), now)).await?;
            return Ok(Went::On);
        }
        match run.next() {
            Next::Ask(_) => Ok(Went::Stop(RunNext::of("ask"))),
            Next::Approval(turn, _) => self.look_at_approval(loaded, &turn, step).await,
            Next::Begin(turn) => self.begin_step(loaded, &run, &turn, None, step).await,
            Next::Act(turn) => {
                let carry = Some(step.carry.clone()).filter(|carry| carry.effect == turn.effect);
                let look = Look { loaded, turn: &turn, first: false, carry };
                self.go_on_acting(look, &run).await
            }
            Next::Operator(_) | Next::Choose(_) => {
                // People may take a week: what happened until now is sealed meanwhile.
                left_to_sweep(self.seal_own_chain(loaded).await);
                Ok(Went::Stop(RunNext::of("done")))
            }
            Next::Finish => {
                self.recording(loaded)?;
                self.settle_run(loaded, &|run| run.finish(&machine(), now)).await?;
                Ok(Went::On)
            }
            Next::Over => Ok(Went::Stop(match self.wind_up(loaded, &run, &step.carry).await? {
                Some((seconds, carry)) => self.later(loaded, seconds, carry).await?,
                None => RunNext::of("done"),
            })),
        }
    }

    /// An execution without an incident has a chain of its own, which no look at incidents finds.
    pub(super) async fn seal_own_chain(&self, loaded: &Loaded) -> Result<(), Fault> {
        match loaded.execution.incident {
            Some(_) => Ok(()),
            None => self.seal_soon(&loaded.repo, loaded.execution.timeline()).await,
        }
    }

    /// Its incident was closed meanwhile: nothing more is done.
    async fn give_run_up(&self, loaded: &Loaded) -> Result<Went, Fault> {
        self.recording(loaded)?;
        let now = self.clock.now();
        let because = "its incident was closed";
        let id = loaded.execution.id;
        let gone = self
            .settle_execution(loaded, &|execution| execution.abort(because, &machine(), now))
            .await?;
        tracing::info!(execution.id = %id, run.given_up = gone.is_some(), "Gave up what was under way");
        Ok(Went::On)
    }

    async fn look_at_approval(
        &self,
        loaded: &Loaded,
        turn: &Turn<'_>,
        asked: &RunStep,
    ) -> Result<Went, Fault> {
        let step = turn.step.id.as_str();
        let approval = loaded.approval(step).await?.ok_or(Fault::NotFound)?;
        let now = self.clock.now();
        if approval.state == ApprovalState::Pending {
            if now >= approval.expires_at {
                self.expire(&loaded.repo, approval.id, "step").await?;
                return Ok(Went::On);
            }
            return Ok(Went::Stop(RunNext::of(if asked.again { "ask" } else { "done" })));
        }
        let run = loaded.run()?;
        if run.lapsed(step, &approval, &machine(), now).is_ok() {
            self.recording(loaded)?;
            self.settle_run(loaded, &|run| run.lapsed(step, &approval, &machine(), now)).await?;
            return Ok(Went::On);
        }
        self.begin_step(loaded, &run, turn, Some(&approval), asked).await
    }

    /// Begins the step, and does it at once if it is ours to do: whoever begins it is the one who
    /// may do what must not be done twice.
    async fn begin_step(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        turn: &Turn<'_>,
        approval: Option<&Approval>,
        asked: &RunStep,
    ) -> Result<Went, Fault> {
        let (step, now) = (turn.step.id.as_str(), self.clock.now());
        if let Some(carry) = self.still_runs(loaded, run, turn, &asked.carry).await? {
            return Ok(match self.wait_for_job(loaded, turn, &carry).await? {
                Some(seconds) => Went::Stop(self.later(loaded, seconds, carry).await?),
                None => Went::On,
            });
        }
        let resource = loaded.resource_of(run, step, &machine().id, approval)?;
        self.may(loaded, "step", Action::StepBegin, &resource)?;
        let begun = |run: &Run<'_>| run.begin(step, approval, &machine(), now);
        if self.settle_run(loaded, &begun).await?.is_none() {
            return Ok(Went::On);
        }
        let attempt = turn.attempt;
        tracing::info!(run.step = %step, run.attempt = attempt, "Began a step");
        let loaded = self.load_again(loaded).await?;
        let run = loaded.run()?;
        match run.next() {
            Next::Act(now) if now.step.id == step && now.attempt == turn.attempt => {
                let look = Look { loaded: &loaded, turn: &now, first: true, carry: None };
                self.go_on_acting(look, &run).await
            }
            Next::Act(_)
            | Next::Ask(_)
            | Next::Approval(..)
            | Next::Begin(_)
            | Next::Operator(_)
            | Next::Choose(_)
            | Next::Finish
            | Next::Over => Ok(Went::On),
        }
    }

    async fn go_on_acting(&self, look: Look<'_>, run: &Run<'_>) -> Result<Went, Fault> {
        let Look { loaded, turn, .. } = look;
        match Box::pin(self.act(look, run)).await? {
            Acted::Recorded => Ok(Went::On),
            Acted::Wait { seconds, carry } => {
                // Not beyond its deadline: it is for this look to say that it took too long.
                let left = turn.deadline.map_or(seconds, |deadline| {
                    deadline.since(self.clock.now()).div_euclid(1_000).saturating_add(1)
                });
                let seconds = seconds.min(left).clamp(1, 86_400);
                Ok(Went::Stop(self.later(loaded, seconds, carry.unwrap_or_default()).await?))
            }
        }
    }

    /// The machine looks again after so many seconds.
    async fn later(&self, loaded: &Loaded, seconds: i64, carry: Carry) -> Result<RunNext, Fault> {
        self.still_looking(loaded, seconds).await?;
        Ok(RunNext { next: "wait", seconds, carry })
    }

    /// Tells the sweep that a machine looks at the step, and when it looks next: only one that is
    /// not looked at any more is gone on with by another. This is index data: no record changes.
    async fn still_looking(&self, loaded: &Loaded, seconds: i64) -> Result<(), Fault> {
        let Some(due) = loaded.due else { return Ok(()) };
        let next = self.clock.now().plus(seconds.saturating_mul(SECOND)).plus(3 * MINUTE);
        let (timeline, id) = (loaded.execution.timeline(), loaded.execution.id);
        Ok(loaded.repo.move_execution_due(timeline, id, due, Some(next)).await?)
    }

    /// Tells the sweep that nothing of an execution that ended goes on any more.
    pub(super) async fn nothing_left(&self, loaded: &Loaded) -> Result<(), Fault> {
        let Some(due) = loaded.due else { return Ok(()) };
        let (timeline, id) = (loaded.execution.timeline(), loaded.execution.id);
        Ok(loaded.repo.move_execution_due(timeline, id, due, None).await?)
    }

    /// Whether the machine may record what became of a step.
    pub(super) fn recording(&self, loaded: &Loaded) -> Result<(), Fault> {
        self.may(loaded, "step", Action::StepRecord, &loaded.resource())
    }
}
