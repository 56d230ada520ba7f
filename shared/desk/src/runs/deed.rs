//! What people say of an execution and its steps (S3-58..60).

use super::start::answer;
use super::{Loaded, refused};
use crate::follow::Follow as _;
use crate::incidents::{Ask, Written};
use crate::opening::marked;
use crate::settle::{TRIES, fault, left_to_sweep};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use watchfire_domain::approval::ApprovalState;
use watchfire_domain::{Actor, Approval, Change, ExecutionId, Rejected, Status};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context};
use watchfire_runbook::Execution;
use watchfire_runbook::execution::{Refusal, Report};
use watchfire_store::{Commit, Due, Receipt, Refused};

/// What a person does to an execution, or to one of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunDeed {
    /// Reports on a step that is theirs to do.
    Complete(String, Report),
    /// Takes one of a step's alternatives.
    Choose(String, String),
    /// Lets a step be, since what guards it does not hold.
    Skip(String, String),
    /// Tries the step again that failed in this attempt.
    Retry(String, u32),
    /// Gives the execution up, for good.
    Abort(String),
    /// Says that it failed.
    Fail(String),
}

impl RunDeed {
    const fn action(&self) -> Action {
        match self {
            Self::Complete(..) => Action::StepComplete,
            Self::Choose(..) => Action::StepChoose,
            Self::Skip(..) => Action::StepSkip,
            Self::Retry(..) => Action::StepRetry,
            Self::Abort(_) => Action::ExecutionAbort,
            Self::Fail(_) => Action::ExecutionFail,
        }
    }

    /// The step that it is about.
    fn step(&self) -> Option<&str> {
        match self {
            Self::Complete(step, _)
            | Self::Choose(step, _)
            | Self::Skip(step, _)
            | Self::Retry(step, _) => Some(step),
            Self::Abort(_) | Self::Fail(_) => None,
        }
    }

    fn context(&self) -> Context {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match self {
            Self::Complete(_, report) => {
                let outcome = if report.failed { "failed" } else { "passed" };
                Context::report(outcome, report.evidence.first().cloned())
            }
            Self::Skip(_, reason) | Self::Abort(reason) | Self::Fail(reason) => {
                Context::because(text(reason))
            }
            Self::Choose(..) | Self::Retry(..) => Context::none(),
        }
    }
}

impl Desk {
    /// Does `deed` to the execution, and starts the machine that goes on behind it.
    #[boxed]
    pub async fn change_execution(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: ExecutionId,
        deed: &RunDeed,
    ) -> Result<Written, Fault> {
        let repo = self.table.of(&caller.tenant);
        let mark = ask.mark(caller);
        for _ in 0..TRIES {
            let loaded = self.load_by_id(&repo, id).await?;
            loaded.follow();
            let approval = match deed.step() {
                Some(step) => loaded.approval(step).await?,
                None => None,
            };
            if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
                let view = Action::ExecutionView;
                self.allow(caller, view, &loaded.resource(), &Context::none())?;
                left_to_sweep(self.go_if_left(&loaded).await);
                return Ok(written);
            }
            self.may_do(caller, &loaded, deed, approval.as_ref())?;
            if ask.expect.is_some_and(|version| version != loaded.execution.version) {
                return Err(Fault::Stale);
            }
            let closed = |incident: &watchfire_domain::Incident| incident.status == Status::Closed;
            if loaded.incident.as_ref().is_some_and(closed) && !matches!(deed, RunDeed::Abort(_)) {
                return Err(Rejected::Closed.into());
            }
            let change = self.judged(caller, &loaded, deed, approval.as_ref()).map_err(refused)?;
            let Some(change) = change else {
                // Said before: whatever a lost call left undone is done now.
                left_to_sweep(self.go_if_left(&loaded).await);
                let nothing = Receipt { events: Vec::new() };
                return self.unchanged(&repo, mark, answer(&loaded.execution, &nothing)).await;
            };
            let (after, seen) = (change.after.clone(), change.after.clone());
            let due = self.due_of(&after, &loaded.spec, repo.tenant())?;
            let answer = move |receipt: &Receipt| answer(&seen, receipt);
            let mut commit = Commit::on(after.timeline()).change(change, due).mark(marked(
                mark.clone(),
                200,
                answer.clone(),
            ));
            if let Some(overtaken) = overtaken(&loaded, deed, approval.as_ref(), &caller.author()) {
                commit = commit.change(overtaken?, Due::Clear);
            }
            match repo.commit(commit).await {
                Ok(receipt) => {
                    tracing::info!(execution.id = %id, deed = deed.action().name(), "Wrote to an execution");
                    self.measure_run(Some(&loaded.execution), &after);
                    left_to_sweep(self.go(&repo, &after).await.map(drop));
                    return Ok(Written::new(200, answer(&receipt)));
                }
                // What changed may be the approval alone: read anew, the version says which.
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => return Written::replay(stored, &ask.body),
                Err(other) => return Err(fault(other)),
            }
        }
        Err(Fault::Conflict)
    }

    fn may_do(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        deed: &RunDeed,
        approval: Option<&Approval>,
    ) -> Result<(), Fault> {
        let run = loaded.run()?;
        let resource = match deed.step() {
            // A step that is not there: only who may see the execution learns that.
            Some(step) if run.weighs(step).is_err() => {
                self.allow(caller, Action::ExecutionView, &loaded.resource(), &Context::none())?;
                return Err(Fault::NotFound);
            }
            Some(step) => loaded.resource_of(&run, step, &caller.actor.id, approval)?,
            None => loaded.resource(),
        };
        self.allow(caller, deed.action(), &resource, &deed.context())
    }

    fn judged(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        deed: &RunDeed,
        approval: Option<&Approval>,
    ) -> Result<Option<Change<Execution>>, Refusal> {
        let (actor, now, one) = (caller.author(), self.clock.now(), &loaded.execution);
        let run = one.with(&loaded.spec, loaded.repo.tenant())?;
        match deed {
            RunDeed::Complete(step, report) => run.complete(step, report, approval, &actor, now),
            RunDeed::Choose(step, option) => run.choose(step, option, approval, &actor, now),
            RunDeed::Skip(step, because) => run.skip(step, because, &actor, now),
            RunDeed::Retry(step, attempt) => run.retry(step, *attempt, &actor),
            RunDeed::Abort(reason) => one.abort(reason, &actor, now),
            RunDeed::Fail(reason) => one.fail(reason, &actor, now),
        }
    }

    /// Something is left to do while it is open, and after its end until what it started was
    /// stopped.
    async fn go_if_left(&self, loaded: &Loaded) -> Result<(), Fault> {
        if loaded.execution.state.is_open() || loaded.due.is_some() {
            self.go(&loaded.repo, &loaded.execution).await?;
        }
        Ok(())
    }
}

/// What becomes of the question about a step that is tried again or let be, in the commit that does
/// so: afterwards nothing of the execution leads to it. The next attempt asks anew, which supersedes
/// it; whoever lets the step be takes it back. One under which the attempt began stands as it is.
fn overtaken(
    loaded: &Loaded,
    deed: &RunDeed,
    approval: Option<&Approval>,
    by: &Actor,
) -> Option<Result<Change<Approval>, Rejected>> {
    let (approval, step) = approval.zip(deed.step())?;
    if loaded.execution.steps.get(step)?.started_at.is_some() {
        return None;
    }
    match deed {
        RunDeed::Retry(..) => approval.supersede("its step is tried again", by).map(Ok),
        RunDeed::Skip(..) => {
            let is_open = approval.state == ApprovalState::Pending;
            is_open.then(|| approval.revoke("its step was let be", by))
        }
        RunDeed::Complete(..) | RunDeed::Choose(..) | RunDeed::Abort(_) | RunDeed::Fail(_) => None,
    }
}
