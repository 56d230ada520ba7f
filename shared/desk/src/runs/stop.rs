//! What a step started is stopped: before it is tried again, and once its execution is over.

use super::carried::Carry;
use super::jobs::job_of;
use super::{Loaded, act, check, refused};
use crate::Desk;
use crate::settle::left_to_sweep;
use std::collections::BTreeMap;
use watchfire_domain::{DAY, Timestamp};
use watchfire_edge::Fault;
use watchfire_ports::{Job, JobKind, Work};
use watchfire_runbook::Execution;
use watchfire_runbook::execution::{Run, Turn};
use watchfire_runbook::spec::{Action, Command, Probe};

impl Desk {
    /// Does what is left of an execution that is over. What runs is asked to stop, what was asked
    /// is withdrawn, and what happened is sealed; once nothing goes on, the sweep forgets it. In
    /// how many seconds the machine looks again, and with what; none if it need not.
    pub(super) async fn wind_up(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        carry: &Carry,
    ) -> Result<Option<(i64, Carry)>, Fault> {
        let left = self.stop_what_runs(loaded, run, carry).await;
        // No question and no seal waits for a job that does not stop, or cannot be asked to. While
        // it is waited for they were seen to before; at the end they are once more, since its state
        // may have changed meanwhile.
        if !(carry.over && matches!(left, Ok(Some(_)))) {
            self.withdraw(loaded).await?;
            self.seal_own_chain(loaded).await?;
        }
        let one = &loaded.execution;
        match left? {
            None => self.nothing_left(loaded).await.map(|()| None),
            // It stays due: the sweep says that nobody could stop it, and forgets it.
            Some(_) if is_given_up_on(one, self.clock.now()) => Ok(None),
            Some(carry) => {
                let age = one.completed_at.map_or(0, |ended| self.clock.now().since(ended));
                Ok(Some((act::patience(age), carry)))
            }
        }
    }

    /// What the machine brings back while a job of the step may go on at which an execution has
    /// ended: also of one that failed because nobody knew what became of it.
    ///
    /// The job of a check has its round in its name, which the machine that looks at it carries,
    /// and nobody else knows. If that one died, its program is not asked to stop, and goes on until
    /// it ends by itself: Watchfire sets no task a time.
    async fn stop_what_runs(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        carry: &Carry,
    ) -> Result<Option<Carry>, Fault> {
        let Some(id) = &loaded.execution.current_step else { return Ok(None) };
        let Some(state) = loaded.execution.steps.get(id) else { return Ok(None) };
        // Of an attempt that was not begun, the one before it may go on.
        let unbegun = u32::from(state.started_at.is_none());
        let attempt = state.attempt.saturating_sub(unbegun);
        let steps = loaded.spec.walk();
        let Some(within) = steps.iter().find(|within| within.step.id == *id) else {
            return Ok(None);
        };
        if attempt == 0 {
            return Ok(None);
        }
        let effect = run.effect_of(id, attempt);
        let left = self.goes_on(loaded, &within.step.action, effect, carry, Blind::Ends).await?;
        Ok(left.map(|carry| Carry { over: true, ..carry }))
    }

    /// Asks what the step at which it stands has begun to stop, if the run goes on without it: at
    /// its end the run looks at its last step alone. It only looks, and so nobody waits for its
    /// end.
    pub(super) async fn stop_before_going_on(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
    ) -> Result<(), Fault> {
        let Some(id) = &loaded.execution.current_step else { return Ok(()) };
        let steps = loaded.spec.walk();
        match steps.iter().find(|within| within.step.id == *id) {
            Some(within) if run.goes_on_without(within) => {
                let effect = run.effect(id).map_err(refused)?;
                let action = &within.step.action;
                let carry = Carry::default();
                self.goes_on(loaded, action, effect, &carry, Blind::Ends).await.map(drop)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What the machine brings back while what an earlier attempt started may still go on: two
    /// attempts beside each other are worse than a wait. None once the next one may begin.
    pub(super) async fn still_runs(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        turn: &Turn<'_>,
        carry: &Carry,
    ) -> Result<Option<Carry>, Fault> {
        let effect = run.effect_of(&turn.step.id, turn.attempt.saturating_sub(1));
        self.goes_on(loaded, &turn.step.action, effect, carry, Blind::Fails).await
    }

    /// Asks the job of this effect to stop, until it is over or two looks in turn have not found
    /// it: one listing may lack what runs, that of the asking too. What the machine brings back
    /// until then.
    async fn goes_on(
        &self,
        loaded: &Loaded,
        action: &Action,
        effect: String,
        carry: &Carry,
        blind: Blind,
    ) -> Result<Option<Carry>, Fault> {
        let known = Some(carry).filter(|carry| carry.effect == effect);
        let round = known.and_then(|carry| carry.round);
        let Some(job) = job_left(loaded, action, &effect, round) else { return Ok(None) };
        let found = match self.jobs.look(&job).await {
            Err(error) if blind == Blind::Ends && !error.retryable() => {
                left_to_sweep(Err(Fault::Port(error)));
                return self.stop_job(&job).await.map(|()| None);
            }
            found => found?,
        };
        let missed = match found {
            Work::Over(_) => return Ok(None),
            Work::Unknown if known.is_some_and(|carry| carry.missed) => return Ok(None),
            Work::Unknown => true,
            Work::Running => false,
        };
        self.stop_job(&job).await?;
        Ok(Some(Carry { effect, round, missed, ..Carry::default() }))
    }

    /// Asks a job to stop. What cannot be asked now is asked again, with the machine's next try.
    async fn stop_job(&self, job: &Job) -> Result<(), Fault> {
        match self.jobs.stop(job, "its runbook's step has ended").await {
            Err(error) if error.retryable() => Err(error.into()),
            stopped => {
                left_to_sweep(stopped.map_err(Fault::Port));
                Ok(())
            }
        }
    }
}

/// What becomes of it if a job cannot be looked at, and never will be: its cluster is gone, or a
/// right is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blind {
    /// It is asked to stop without a look, and that is all: what ends must be able to end.
    Ends,
    /// It fails: nothing is begun beside what cannot be seen.
    Fails,
}

/// Whether it ended so long ago that what it started is stopped no more.
pub(super) fn is_given_up_on(execution: &Execution, now: Timestamp) -> bool {
    execution.completed_at.is_none_or(|ended| now.since(ended) > DAY)
}

/// What of a step goes on by itself, as far as it takes to know its job; `round` is that of a
/// check.
fn job_left(
    loaded: &Loaded,
    action: &Action,
    effect: &str,
    round: Option<Timestamp>,
) -> Option<Job> {
    match action {
        Action::Command(command) => Some(job_of(loaded, effect, program(command))),
        Action::Ssm(ssm) => {
            let (document, parameters) = (ssm.document.clone(), BTreeMap::new());
            Some(job_of(loaded, effect, JobKind::Automation { document, parameters }))
        }
        Action::Check(one) => match &one.probe {
            Probe::Command(command) => {
                Some(job_of(loaded, &check::name(effect, round?), program(command)))
            }
            Probe::Http(_) => None,
        },
        Action::Manual(_)
        | Action::Http(_)
        | Action::Wait(_)
        | Action::Choose(_)
        | Action::Transition(_)
        | Action::Notify(_)
        | Action::Export(_) => None,
    }
}

fn program(command: &Command) -> JobKind {
    let Command { profile, argv, .. } = command.clone();
    JobKind::Program { profile, argv, stdin: None }
}
