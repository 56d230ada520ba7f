//! What a step started is stopped: before it is tried again, and once its execution is over.

use super::carried::Carry;
use super::jobs::job_of;
use super::{Loaded, act, check, machine, refused};
use crate::Desk;
use crate::settle::left_to_sweep;
use std::collections::BTreeMap;
use watchfire_domain::{DAY, HOUR, Timestamp};
use watchfire_edge::Fault;
use watchfire_ports::{Job, JobKind, Work};
use watchfire_runbook::Execution;
use watchfire_runbook::execution::{Run, StepState, Turn};
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
        let over_at = Some(loaded.execution.version);
        if !(carry.over_at == over_at && matches!(left, Ok(Some(_)))) {
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
                Ok(Some((act::patience(age), Carry { over_at, ..carry })))
            }
        }
    }

    /// What the machine brings back while a job may go on that an execution has left: of the step at
    /// which it ended, also of one that failed because nobody knew what became of it, and of those
    /// that the run went past.
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
        let one = &loaded.execution;
        let last = one.current_step.as_ref().and_then(|id| one.steps.get_key_value(id));
        let left = one.steps.iter().filter(|(_, step)| step.left_behind());
        let steps = last.into_iter().chain(left);
        let began = steps.filter_map(|(id, step)| Some((id.as_str(), step.newest_begun()?)));
        self.all_stopped(loaded, run, began.collect(), carry, Blind::Ends).await
    }

    /// Asks the jobs of these attempts to stop, all of them with each look, until each is over or
    /// was not found twice. What the machine brings back until then: of the first that goes on.
    async fn all_stopped(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        began: Vec<(&str, u32)>,
        carry: &Carry,
        blind: Blind,
    ) -> Result<Option<Carry>, Fault> {
        let steps = loaded.spec.walk();
        let (mut ended, mut left) = (carry.ended.clone(), None);
        for (id, attempt) in began {
            let effect = run.effect_of(id, attempt);
            let within = steps.iter().find(|within| within.step.id == id);
            let Some(within) = within.filter(|_| !ended.contains(&effect)) else { continue };
            let action = &within.step.action;
            match self.goes_on(loaded, action, effect.clone(), carry, blind).await? {
                Some(carry) => left = left.or(Some(carry)),
                None => drop(ended.insert(effect)),
            }
        }
        let version = loaded.execution.version;
        let asked = carry.asked.filter(|(of, _)| *of == version);
        let asked = asked.or_else(|| Some((version, self.clock.now())));
        Ok(left.map(|left| Carry { ended, asked, ..left }))
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

    /// What the machine brings back while what an earlier attempt of the step started may still go
    /// on, or of one that was let be before it: beside it is worse than a wait. None once the step
    /// may begin.
    pub(super) async fn still_runs(
        &self,
        loaded: &Loaded,
        run: &Run<'_>,
        turn: &Turn<'_>,
        carry: &Carry,
    ) -> Result<Option<Carry>, Fault> {
        let steps = &loaded.execution.steps;
        let left = |passed: bool| {
            let left =
                steps.iter().filter(move |(_, one)| one.left_behind() && one.passed_over == passed);
            left.filter_map(|(id, one)| Some((id.as_str(), one.newest_begun()?)))
        };
        // One that was passed over only looks, and nobody waits for it. One listing may have lacked
        // it when it was asked to stop: so it is asked again, and at the end until it is over.
        let looks: Vec<_> = left(true).collect();
        let asked = self.all_stopped(loaded, run, looks, &Carry::default(), Blind::Ends).await;
        left_to_sweep(asked.map(drop));
        let own = steps.get(&turn.step.id).and_then(StepState::earlier);
        let own = own.map(|attempt| (turn.step.id.as_str(), attempt));
        let began = own.into_iter().chain(left(false)).collect();
        self.all_stopped(loaded, run, began, carry, Blind::Fails).await
    }

    /// How long until a step looks again that waits for such a job, in seconds; none if that has
    /// not stopped within an hour, and the run failed with words that name it.
    pub(super) async fn wait_for_job(
        &self,
        loaded: &Loaded,
        turn: &Turn<'_>,
        carry: &Carry,
    ) -> Result<Option<i64>, Fault> {
        let now = self.clock.now();
        let waited = carry.asked.map_or(0, |(_, asked)| now.since(asked));
        if waited < HOUR {
            return Ok(Some(act::patience(waited)));
        }
        let (step, job) = (&turn.step.id, grouped(&carry.effect));
        let reason = format!(
            "the step `{step}` was not begun: the job {job} of an earlier attempt, whose name has no \
             hyphens, has not stopped for an hour; end it by hand before you try again"
        );
        self.settle_execution(loaded, &|one| one.fail(&reason, &machine(), now)).await?;
        Ok(None)
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

/// A job's name in groups, 8-4-4-4-12: in one piece it would be cleared out of a reason, like a key.
fn grouped(name: &str) -> String {
    let ends = [0, 8, 12, 16, 20, name.len()];
    let groups = ends.iter().zip(ends.iter().skip(1));
    let groups: Vec<&str> = groups.filter_map(|(from, to)| name.get(*from..*to)).collect();
    groups.join("-")
}
