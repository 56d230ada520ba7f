//! From a step's turn to its action: asking, beginning, and handing out what is to be done.

use super::approval::lapse;
use super::{Decided, Execution, Refusal, Run, Standing, State, StepState, Unfit};
use crate::Inputs;
use crate::render::{Facts, Given, Rendered, render};
use crate::spec::Action;
use watchfire_domain::approval::Answer;
use watchfire_domain::{Actor, Approval, Change, Draft, EventType, Timestamp};

/// What only the caller knows of what a step is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// What is known of the incident, if the execution is about one.
    pub incident: Option<&'a Facts>,
    /// Now.
    pub now: Timestamp,
}

impl Run<'_> {
    /// Approvers were asked about a step of high risk: it waits for `approval`. None if it does
    /// already. Those who have a part in the step must be excluded from answering.
    pub fn block(&self, step: &str, approval: &Approval, actor: &Actor) -> Decided {
        let (within, state) = self.turn(step, "wait for an approval")?;
        let refuse = |why| Err(Refusal::Approval { step: step.to_owned(), why });
        if !within.needs_approval() {
            let cannot = "wait for an approval: it needs none";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        if let Err(why) = self.is_about(within, state.attempt, approval) {
            return refuse(why);
        }
        match state.state {
            Standing::Blocked if state.approvals.last() == Some(&approval.id) => return Ok(None),
            Standing::Blocked => return refuse(Unfit::AskedAlready),
            Standing::Pending => {}
            Standing::Waiting
            | Standing::Running
            | Standing::Done
            | Standing::Failed
            | Standing::Skipped => {
                let cannot = "wait for an approval";
                return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
            }
        }
        for excluded in self.exclusions(&approval.requested_by) {
            if approval.may_answer(&excluded) {
                return refuse(Unfit::Interested(excluded));
            }
        }
        let mut blocked = state.clone();
        blocked.state = Standing::Blocked;
        blocked.approvals.push(approval.id);
        let draft = self
            .draft(EventType::StepBlocked, step, state.attempt, actor)
            .with("approval", approval.id.to_string());
        Ok(Some(self.write(self.after(step, State::Blocked, blocked), draft)))
    }

    /// A step begins. One of high risk begins by its granted approval alone, read anew by the
    /// caller. None if it has begun already: whoever repeats it goes on with [`Run::next`].
    pub fn begin(
        &self,
        step: &str,
        approval: Option<&Approval>,
        actor: &Actor,
        now: Timestamp,
    ) -> Decided {
        let (within, state) = self.turn(step, "begin a step")?;
        let needs = within.needs_approval();
        match state.state {
            Standing::Waiting | Standing::Running => return Ok(None),
            Standing::Pending if !needs => {}
            Standing::Blocked | Standing::Pending => match approval {
                Some(approval) => self.grant(step, approval, &actor.id, now)?,
                None => return Err(Refusal::ApprovalNeeded { step: step.to_owned() }),
            },
            Standing::Done | Standing::Failed | Standing::Skipped => {
                let cannot = "begin";
                return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
            }
        }
        let mut begun = state.clone();
        begun.state = match within.step.action {
            Action::Manual(_) | Action::Choose(_) => Standing::Waiting,
            Action::Http(_)
            | Action::Command(_)
            | Action::Ssm(_)
            | Action::Wait(_)
            | Action::Check(_)
            | Action::Transition(_)
            | Action::Notify(_)
            | Action::Export(_) => Standing::Running,
        };
        begun.started_at = Some(now);
        begun.inputs = self.begun_with(within);
        let over = approval.filter(|_| needs).and_then(|approval| approval.overridden.as_ref());
        begun.overridden_by = over.map(|over| over.by.clone());
        if begun.state == Standing::Running {
            begun.operator = Some(actor.id.clone());
        }
        let draft = self
            .draft(EventType::StepStarted, step, state.attempt, actor)
            .with_some("approval", state.approvals.last().map(ToString::to_string))
            .with_some("granted_by", approval.filter(|_| needs).map(granted_by))
            .with_some("overridden_by", begun.overridden_by.clone());
        Ok(Some(self.write(self.after(step, State::Running, begun), draft)))
    }

    /// The approval that a step waits for opens it no more: the step fails with the reason. None if
    /// that is known already.
    pub fn lapsed(
        &self,
        step: &str,
        approval: &Approval,
        actor: &Actor,
        now: Timestamp,
    ) -> Decided {
        let (_, state) = self.turn(step, "fail a step")?;
        let outcome = lapse(approval, now);
        if state.approvals.last() != Some(&approval.id) {
            return Err(Refusal::Approval { step: step.to_owned(), why: Unfit::NotAsked });
        }
        let Some(outcome) = outcome else {
            let cannot = "fail by its approval, which may still open it";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        };
        if state.state == Standing::Failed && state.outcome == Some(outcome) {
            return Ok(None);
        }
        if state.state != Standing::Blocked {
            let cannot = "fail by its approval";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        let mut failed = state.clone();
        failed.state = Standing::Failed;
        failed.outcome = Some(outcome);
        failed.completed_at = Some(now);
        let draft = self
            .draft(EventType::StepFailed, step, state.attempt, actor)
            .with("outcome", outcome.name())
            .with("approval", approval.id.to_string());
        Ok(Some(self.write(self.after(step, State::Running, failed), draft)))
    }

    /// What an automatic step that has begun is to do: the only place where it is handed out. The
    /// approval of a step of high risk is looked at once more, as of the moment at which it began.
    pub fn act(
        &self,
        step: &str,
        attempt: u32,
        approval: Option<&Approval>,
        told: Told<'_>,
    ) -> Result<Rendered, Refusal> {
        let (within, state) = self.turn(step, "act")?;
        is_attempt(step, state, attempt)?;
        if state.state != Standing::Running {
            let cannot = "be carried out";
            return Err(Refusal::Step { step: step.to_owned(), state: state.state, cannot });
        }
        self.still_granted(within.needs_approval(), step, state, approval, "")?;
        let id = self.execution.id.to_string();
        let inputs = Inputs::bind(self.spec, &self.execution.inputs).map_err(Refusal::Inputs)?;
        let given = Given {
            inputs: &inputs,
            tenant: self.tenant.as_str(),
            execution_id: &id,
            incident: told.incident,
            now: told.now,
        };
        render(&within.step.action, &format!("{}.do", within.path), &given)
            .map_err(Refusal::Parameters)
    }

    /// Whether the approval under which a step began still stands, and was given by nobody who does
    /// it.
    pub(super) fn still_granted(
        &self,
        needs: bool,
        step: &str,
        state: &StepState,
        approval: Option<&Approval>,
        executor: &str,
    ) -> Result<(), Refusal> {
        let needed = || Refusal::ApprovalNeeded { step: step.to_owned() };
        if !needs {
            return Ok(());
        }
        let (approval, began) = approval.zip(state.started_at).ok_or_else(needed)?;
        self.grant(step, approval, executor, began)
    }

    pub(super) fn draft(&self, kind: EventType, step: &str, attempt: u32, by: &Actor) -> Draft {
        Draft::new(kind, by)
            .with("runbook", self.execution.runbook.clone())
            .with("step", step)
            .with("attempt", attempt)
    }

    pub(super) fn write(&self, after: Execution, draft: Draft) -> Change<Execution> {
        self.execution.changed(after, draft)
    }
}

pub(super) fn is_attempt(step: &str, state: &StepState, given: u32) -> Result<(), Refusal> {
    if state.attempt == given {
        return Ok(());
    }
    Err(Refusal::Attempt { step: step.to_owned(), attempt: state.attempt, given })
}

fn granted_by(approval: &Approval) -> Vec<String> {
    let agreed = approval.decisions.iter().filter(|one| one.answer == Answer::Grant);
    agreed.map(|one| one.approver.clone()).collect()
}
