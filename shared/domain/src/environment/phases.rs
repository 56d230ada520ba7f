//! How an environment moves through its phases. Every step may be asked for twice: the second time
//! finds the work done and says so with `None` where a caller has nothing left to write.

use super::{
    Access, Environment, Evidence, Failure, Launch, Removal, State, StopAsk, Task, Verdict,
};
use crate::{Actor, Change, Draft, EventType, HOUR, Rejected, Timestamp};
use serde::{Deserialize, Serialize};

/// How its task ended (S0-40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The container's exit code, if it got that far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// ECS's stop code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<String>,
    /// ECS's stopped reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was stopped.
    pub stopped_at: Timestamp,
}

/// What the lifecycle does next with an environment: a pure function of its record, so that an
/// execution that died is restarted from where the record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Wait for the launch route.
    WaitLaunch,
    /// Start the task, or wait on for it to run.
    Launch,
    /// Wait for somebody, the deadline or the task's own end.
    WaitStop,
    /// Stop the task, or wait on for it to stop.
    Stop,
    /// Ask whether the access point may go.
    Approve,
    /// Remove what is left.
    Close,
    /// Nothing.
    Done,
}

/// How an environment is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseAs<'a> {
    /// The access point was removed.
    Removed,
    /// It was kept, for this reason.
    Kept(&'a str),
}

impl Environment {
    fn refuse<T>(&self, cannot: &'static str) -> Result<T, Rejected> {
        Err(Rejected::Environment { state: self.state.name(), cannot })
    }

    /// What the lifecycle does next.
    pub fn next(&self) -> Next {
        match self.state {
            // Create comes first in any case; this is asked after it.
            State::Requested | State::Created if self.stop.is_some() => Next::Stop,
            State::Requested | State::Created => match self.launch {
                Launch::Now => Next::Launch,
                Launch::Later => Next::WaitLaunch,
            },
            State::Launching => Next::Launch,
            State::Running => Next::WaitStop,
            State::Stopping => Next::Stop,
            State::Stopped if self.removal == Removal::Ask => Next::Approve,
            State::Stopped => Next::Close,
            State::Closed | State::Failed => Next::Done,
        }
    }

    /// Its access point and task definition exist (S0-02). None if that is known already. They are
    /// recorded even if it was asked to stop, or failed, meanwhile: what exists must be cleared.
    pub fn created(
        &self,
        access_point: &str,
        definition: &str,
        ecs_cluster: Option<&str>,
        target: Result<Option<String>, String>,
        actor: &Actor,
    ) -> Result<Option<Change<Self>>, Rejected> {
        if self.state == State::Closed {
            return self.refuse("be created");
        }
        if self.definition.is_some() {
            return Ok(None);
        }
        let mut after = self.clone();
        if self.state == State::Requested {
            after.state = State::Created;
        }
        after.access_point = Some(access_point.to_owned());
        after.definition = Some(definition.to_owned());
        after.ecs_cluster = ecs_cluster.map(str::to_owned);
        match target {
            Ok(target) => after.target = target,
            Err(problem) => after.broker_problem = Some(problem),
        }
        Ok(Some(self.changed(after, Draft::new(EventType::EnvironmentCreated, actor))))
    }

    /// Somebody asks for the launch. A task that runs already is named (409); an environment that
    /// was stopped is not relaunched.
    pub fn ask_launch(&self, actor: &Actor) -> Result<Option<Change<Self>>, Rejected> {
        match self.state {
            State::Requested | State::Created if self.launch == Launch::Later => {}
            State::Requested | State::Created => return Ok(None),
            State::Failed if !self.was_ready() && self.stop.is_none() && self.outcome.is_none() => {
            }
            State::Launching | State::Running => {
                let task = self.task.as_ref().map_or_else(String::new, |task| task.arn.clone());
                return Err(Rejected::Running { task });
            }
            State::Stopping | State::Stopped | State::Closed | State::Failed => {
                return self.refuse("be launched; create another, its files are still there");
            }
        }
        let mut after = self.clone();
        after.launch = Launch::Now;
        if self.state == State::Failed {
            after.retry();
            // The task that never was ready is history: its launch stands on the timeline.
            after.task = None;
        }
        Ok(Some(self.changed(after, Draft::new(EventType::LaunchRequested, actor))))
    }

    /// Whether its task was ever ready to be worked in.
    pub fn was_ready(&self) -> bool {
        self.task.as_ref().is_some_and(|task| task.running_at.is_some())
    }

    // A new attempt, from what exists: a new execution takes it from there.
    fn retry(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.failure = None;
        self.state = if self.definition.is_some() { State::Created } else { State::Requested };
    }

    /// Its task was started (S0-03). None if this task is known already; a second task is refused.
    /// It is recorded even if the stop was asked for meanwhile: what runs must be ended.
    pub fn launched(
        &self,
        arn: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        match (&self.task, self.state) {
            (Some(task), _) if task.arn == arn => return Ok(None),
            (Some(task), _) => return Err(Rejected::Running { task: task.arn.clone() }),
            (None, State::Created | State::Stopping) => {}
            (None, _) => return self.refuse("be launched"),
        }
        let mut after = self.clone();
        if self.state == State::Created {
            after.state = State::Launching;
        }
        after.task =
            Some(Task { arn: arn.to_owned(), launched_at: now, running_at: None, seen: 0 });
        Ok(Some(self.changed(after, Draft::new(EventType::TaskLaunched, actor).with("task", arn))))
    }

    /// Its task runs and its exec agent is ready (S0-24), and the access broker's target leads to
    /// it (S0-25), or why not. None if that is known already.
    pub fn running(
        &self,
        seen: i64,
        access: &Access,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        let Some(task) = &self.task else { return self.refuse("run") };
        if self.state != State::Launching {
            return Ok(None);
        }
        let mut after = self.clone();
        after.state = State::Running;
        after.task = Some(Task { running_at: Some(now), seen, ..task.clone() });
        let draft = Draft::new(EventType::TaskRunning, actor).with("task", task.arn.clone());
        let draft = draft.with_some("access_problem", access.as_ref().err().cloned());
        after.reach(access);
        Ok(Some(self.changed(after, draft)))
    }

    /// Somebody, or the deadline, asks for the stop (S0-39). `removal` overrides what happens to
    /// the access point. None if it is on its way already.
    pub fn ask_stop(
        &self,
        reason: &str,
        removal: Option<Removal>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        match self.state {
            State::Closed => return self.refuse("be stopped"),
            State::Stopping | State::Stopped => {
                let wanted = removal.filter(|removal| *removal != self.removal);
                return Ok(wanted.map(|removal| {
                    let mut after = self.clone();
                    after.removal = removal;
                    self.changed(after, Draft::new(EventType::StopRequested, actor))
                }));
            }
            State::Requested
            | State::Created
            | State::Launching
            | State::Running
            | State::Failed => {}
        }
        let mut after = self.clone();
        if self.state == State::Failed {
            after.retry();
        }
        after.state = State::Stopping;
        after.removal = removal.unwrap_or(self.removal);
        after.stop = Some(StopAsk { by: actor.id.clone(), reason: reason.to_owned(), at: now });
        let draft = Draft::new(EventType::StopRequested, actor).with("reason", reason);
        Ok(Some(self.changed(after, draft)))
    }

    /// Its task is stopped, or there never was one; the evidence was looked for (S0-05). None if
    /// that is known already.
    pub fn stopped(
        &self,
        outcome: Option<Outcome>,
        evidence: Evidence,
        actor: &Actor,
    ) -> Result<Option<Change<Self>>, Rejected> {
        match self.state {
            State::Stopped | State::Closed => return Ok(None),
            State::Requested | State::Created | State::Failed => return self.refuse("be stopped"),
            State::Launching | State::Running | State::Stopping => {}
        }
        let mut after = self.clone();
        after.state = State::Stopped;
        // Stopped a second time, after a failure: ECS may have forgotten how the task ended, and
        // what passed once need not be shown, or waived, again.
        after.outcome = outcome.or_else(|| self.outcome.clone());
        if !self.evidence_passes() {
            after.evidence = Some(evidence);
        }
        let task = self.task.as_ref().map(|task| task.arn.clone());
        let draft = Draft::new(EventType::TaskStopped, actor).with_some("task", task);
        Ok(Some(self.changed(after, draft)))
    }

    /// Whether the evidence lets it be closed (decision 17: nothing is removed before it passes).
    pub fn evidence_passes(&self) -> bool {
        self.evidence.as_ref().is_some_and(|evidence| match evidence.verdict {
            Verdict::Verified | Verdict::None | Verdict::Waived => true,
            Verdict::Missing | Verdict::Incomplete => false,
        })
    }

    /// A person lets a failed evidence check pass.
    pub fn waive(&self, rationale: &str, actor: &Actor) -> Result<Option<Change<Self>>, Rejected> {
        if rationale.trim().is_empty() {
            return Err(Rejected::RationaleMissing { what: "waiving the evidence check" });
        }
        if self.state != State::Stopped {
            return self.refuse("have its evidence check waived");
        }
        let Some(evidence) = self.evidence.clone().filter(|_| !self.evidence_passes()) else {
            return Ok(None);
        };
        let mut after = self.clone();
        after.evidence = Some(Evidence { verdict: Verdict::Waived, ..evidence });
        let draft = Draft::new(EventType::EvidenceWaived, actor).with("rationale", rationale);
        Ok(Some(self.changed(after, draft)))
    }

    /// The evidence was looked for again. None if nothing new was found.
    pub fn evidence_found(&self, evidence: Evidence, actor: &Actor) -> Option<Change<Self>> {
        if self.state != State::Stopped || self.evidence_passes() {
            return None;
        }
        let mut after = self.clone();
        after.evidence = Some(evidence);
        (after != *self).then(|| {
            self.changed(after, Draft::new(EventType::TaskStopped, actor).with("again", true))
        })
    }

    /// Moves the deadline by `hours` from now.
    pub fn extend(
        &self,
        hours: u16,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Rejected> {
        if matches!(self.state, State::Stopping | State::Stopped | State::Closed | State::Failed) {
            return self.refuse("be extended");
        }
        let mut after = self.clone();
        after.deadline = now.plus(i64::from(hours).saturating_mul(HOUR));
        let draft = Draft::new(EventType::EnvironmentExtended, actor).with("hours", hours);
        Ok(self.changed(after, draft))
    }

    /// A phase failed; what exists stays recorded, so that a retry or a stop can clear it.
    pub fn fail(
        &self,
        phase: &str,
        reason: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Option<Change<Self>> {
        if matches!(self.state, State::Failed | State::Closed) {
            return None;
        }
        let mut after = self.clone();
        after.state = State::Failed;
        let reason: String = reason.chars().take(300).collect();
        after.failure = Some(Failure { phase: phase.to_owned(), reason: reason.clone(), at: now });
        let draft = Draft::new(EventType::EnvironmentFailed, actor)
            .with("phase", phase)
            .with("reason", reason);
        Some(self.changed(after, draft))
    }

    /// The access point stays, for this reason, and nobody is asked. None if that is settled: an
    /// explicit wish is not overruled.
    pub fn keep(&self, because: &str, actor: &Actor) -> Option<Change<Self>> {
        if self.removal != Removal::Ask || self.state == State::Closed {
            return None;
        }
        let mut after = self.clone();
        after.removal = Removal::Keep;
        after.kept_because = Some(because.to_owned());
        let draft =
            Draft::new(EventType::EnvironmentRemovalSettled, actor).with("because", because);
        Some(self.changed(after, draft))
    }

    /// The lifecycle's execution died: another takes over, under the next attempt's name.
    pub fn restart(&self, actor: &Actor) -> Option<Change<Self>> {
        if matches!(self.state, State::Failed | State::Closed) {
            return None;
        }
        let mut after = self.clone();
        after.attempt = self.attempt.saturating_add(1);
        let draft = Draft::new(EventType::EnvironmentRestarted, actor);
        Some(self.changed(after, draft))
    }

    /// Nothing of it runs or can be launched (S0-06). None if that is known already. `remains`:
    /// what the access broker could not be brought to delete.
    pub fn close(
        &self,
        how: CloseAs<'_>,
        revisions: usize,
        remains: Option<&str>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, Rejected> {
        match self.state {
            State::Closed => return Ok(None),
            State::Stopped if !self.evidence_passes() => {
                return self.refuse("be closed before its evidence passes");
            }
            State::Stopped => {}
            State::Requested
            | State::Created
            | State::Launching
            | State::Running
            | State::Stopping
            | State::Failed => return self.refuse("be closed before it is stopped"),
        }
        let mut after = self.clone();
        after.state = State::Closed;
        after.closed_at = Some(now);
        if let Some(remains) = remains {
            after.broker_problem = Some(remains.to_owned());
        }
        let draft = Draft::new(EventType::EnvironmentClosed, actor).with("revisions", revisions);
        let draft = match how {
            CloseAs::Removed => draft.with("access_point", "removed"),
            CloseAs::Kept(because) => {
                after.kept_because = Some(because.to_owned());
                draft.with("access_point", "kept")
            }
        };
        Ok(Some(self.changed(after, draft)))
    }
}
