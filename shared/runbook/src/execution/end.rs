//! How a run ends, and how it goes on after all.

use super::begin::is_attempt;
use super::report::words;
use super::{Decided, Execution, MOST_ATTEMPTS, Outcome, Refusal, Run, Standing, State, StepState};
use watchfire_domain::{Actor, Draft, EventType, Timestamp};

impl Run<'_> {
    /// The run is over: completed, if it has gone past every step; failed, if its step failed. None
    /// if that is known already.
    pub fn finish(&self, actor: &Actor, now: Timestamp) -> Decided {
        let one = self.execution;
        if !one.state.is_open() {
            return Ok(None);
        }
        let mut after = one.clone();
        after.completed_at = Some(now);
        let draft = |kind| Draft::new(kind, actor).with("runbook", one.runbook.clone());
        let Some((within, state)) = self.current() else {
            // In their order: who reads that it is completed reads what it went without.
            let missed: Vec<&str> = self.passed_over().collect();
            if self.spec.verifies.is_some() && !missed.is_empty() {
                // It has looked at all, and what it is to prove does not hold (S4-25).
                let reason = format!("what it verifies does not hold: `{}`", missed.join("`, `"));
                after.state = State::Failed;
                after.reason = Some(reason.clone());
                let draft = draft(EventType::RunbookFailed)
                    .with("failed_steps", missed)
                    .with("reason", reason);
                return Ok(Some(one.changed(after, draft)));
            }
            after.state = State::Completed;
            let seconds = now.since(one.started_at).max(0).checked_div(1_000);
            let draft = draft(EventType::RunbookCompleted)
                .with_some("seconds", seconds)
                .with_some("failed_steps", (!missed.is_empty()).then_some(missed));
            return Ok(Some(one.changed(after, draft)));
        };
        if state.state != Standing::Failed {
            return one.cannot("be over before its steps are");
        }
        let outcome = state.outcome.unwrap_or(Outcome::Failed);
        let reason = format!("the step `{}` ended as `{}`", within.step.id, outcome.name());
        after.state = State::Failed;
        after.reason = Some(reason.clone());
        let draft = draft(EventType::RunbookFailed)
            .with("step", within.step.id.clone())
            .with("outcome", outcome.name())
            .with("reason", reason);
        Ok(Some(one.changed(after, draft)))
    }

    /// The step at which it stands took too long, and fails. None if it has time, or waits for no
    /// end.
    pub fn expire(&self, actor: &Actor, now: Timestamp) -> Decided {
        let Some((within, state)) = self.current() else { return Ok(None) };
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Ok(None);
        }
        let failed = StepState {
            state: Standing::Failed,
            outcome: Some(Outcome::TimedOut),
            completed_at: Some(now),
            passed_over: self.goes_on_without(within),
            ..state.clone()
        };
        let step = within.step.id.as_str();
        let draft = self
            .draft(EventType::StepFailed, step, state.attempt, actor)
            .with("outcome", Outcome::TimedOut.name())
            .with_some("goes_on", failed.passed_over.then_some(true));
        Ok(Some(self.write(self.after(step, State::Running, failed), draft)))
    }

    /// A failed step is tried again, from its approval on: what was granted for one attempt opens
    /// no other. `failed` is the attempt that failed; None if a later one is under way already.
    pub fn retry(&self, step: &str, failed: u32, actor: &Actor) -> Decided {
        let (_, state) = self.step(step)?;
        let no_more = |why| Err(Refusal::NoMoreAttempts { step: step.to_owned(), why });
        if matches!(self.execution.state, State::Aborted | State::Completed) {
            return self.execution.cannot("try a step again");
        }
        if state.attempt > failed {
            return Ok(None);
        }
        is_attempt(step, state, failed)?;
        if state.state != Standing::Failed {
            let cannot = "be tried again";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        // Its turn would come again, while a later step waits, runs or has its approval.
        if state.passed_over {
            return no_more("the run went on without it; start another execution");
        }
        if state.outcome == Some(Outcome::Denied) {
            return no_more("an approver refused it; start another execution");
        }
        if state.attempt >= MOST_ATTEMPTS {
            return no_more("it was tried too often; start another execution");
        }
        let fresh = StepState {
            begun_before: state.newest_begun(),
            ..StepState::fresh(state.attempt.saturating_add(1))
        };
        let draft = self
            .draft(EventType::StepRetried, step, fresh.attempt, actor)
            .with_some("after", state.outcome.map(Outcome::name));
        let mut after = self.after(step, State::Running, fresh);
        after.completed_at = None;
        after.reason = None;
        // Whoever wants it again asks for it again, and whoever did it has a part in it.
        after.involved.extend(state.operator.iter().cloned());
        after.involved.insert(actor.id.clone());
        Ok(Some(self.write(after, draft)))
    }
}

impl Execution {
    /// Somebody says that it failed (S3-60). None if it has failed already. What was under way may
    /// still end in the world; its answer comes too late.
    pub fn fail(&self, reason: &str, actor: &Actor, now: Timestamp) -> Decided {
        match self.state {
            State::Failed => Ok(None),
            State::Aborted | State::Completed => self.cannot("fail"),
            State::Pending | State::Running | State::Blocked => {
                let mut after = self.ended(State::Failed, reason, now)?;
                // The step at which it stands is the one that is tried again, if any is.
                after.stop(Outcome::Stopped, now, true);
                let draft = self.ending(EventType::RunbookFailed, &after, actor);
                Ok(Some(self.changed(after, draft)))
            }
        }
    }

    /// Gives it up, for good (S3-59). None if it was given up already.
    pub fn abort(&self, reason: &str, actor: &Actor, now: Timestamp) -> Decided {
        match self.state {
            State::Aborted => Ok(None),
            State::Completed => self.cannot("be given up"),
            State::Pending | State::Running | State::Blocked | State::Failed => {
                let mut after = self.ended(State::Aborted, reason, now)?;
                after.stop(Outcome::Aborted, now, false);
                let draft = self.ending(EventType::RunbookAborted, &after, actor);
                Ok(Some(self.changed(after, draft)))
            }
        }
    }

    /// The machine's execution number `drive` died: another takes over. None if one did already.
    pub fn resume(&self, drive: u32, actor: &Actor) -> Decided {
        if !self.state.is_open() {
            return self.cannot("be driven on");
        }
        if self.drive != drive {
            return Ok(None);
        }
        let mut after = self.clone();
        after.drive = self.drive.saturating_add(1);
        let draft = Draft::new(EventType::RunbookResumed, actor)
            .with("runbook", self.runbook.clone())
            .with("drive", after.drive);
        Ok(Some(self.changed(after, draft)))
    }

    fn ended(&self, state: State, reason: &str, now: Timestamp) -> Result<Self, Refusal> {
        let mut after = self.clone();
        after.reason = Some(words("reason", reason)?);
        after.state = state;
        after.completed_at = Some(now);
        Ok(after)
    }

    fn ending(&self, kind: EventType, after: &Self, actor: &Actor) -> Draft {
        Draft::new(kind, actor)
            .with("runbook", self.runbook.clone())
            .with_some("step", self.current_step.clone())
            .with_some("reason", after.reason.clone())
    }

    /// The step at which it stands is under way no more.
    fn stop(&mut self, outcome: Outcome, now: Timestamp, unbegun: bool) {
        let Some(id) = &self.current_step else { return };
        let Some(step) = self.steps.get_mut(id) else { return };
        let stops = match step.state {
            Standing::Blocked | Standing::Waiting | Standing::Running => true,
            Standing::Pending => unbegun,
            Standing::Done | Standing::Failed | Standing::Skipped => false,
        };
        if stops {
            step.state = Standing::Failed;
            step.outcome = Some(outcome);
            step.completed_at = Some(now);
        }
    }
}
