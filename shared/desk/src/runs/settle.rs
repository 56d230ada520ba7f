//! What is decided of an execution is written, with when the sweep looks at it next.

use super::{Loaded, refused};
use crate::Desk;
use crate::settle::{TRIES, fault};
use watchfire_domain::{Change, HOUR, MINUTE, Tenant, Timestamp};
use watchfire_edge::Fault;
use watchfire_runbook::execution::{Next, Refusal, Run, State, StepState};
use watchfire_runbook::{Execution, Hashed};
use watchfire_store::{Commit, Due, Receipt, Refused};

/// What the rules of executions say.
type Decided = Result<Option<Change<Execution>>, Refusal>;

/// What is decided of an execution as it was loaded.
type Decide<'a> = dyn Fn(&Loaded) -> Result<Option<Change<Execution>>, Fault> + Send + Sync + 'a;

impl Desk {
    /// Decides on the execution as it stands until the decision could be written. None if there was
    /// nothing to write.
    pub(super) async fn settle_run(
        &self,
        loaded: &Loaded,
        decide: &(dyn Fn(&Run<'_>) -> Decided + Send + Sync),
    ) -> Result<Option<Receipt>, Fault> {
        self.settled(loaded, &|loaded| decide(&loaded.run()?).map_err(refused)).await
    }

    /// The same for what does not read the spec; none, too, if the execution has ended meanwhile.
    pub(super) async fn settle_execution(
        &self,
        loaded: &Loaded,
        decide: &(dyn Fn(&Execution) -> Decided + Send + Sync),
    ) -> Result<Option<Receipt>, Fault> {
        let unless_over = |loaded: &Loaded| match decide(&loaded.execution) {
            Err(Refusal::Execution { .. }) => Ok(None),
            decided => decided.map_err(refused),
        };
        self.settled(loaded, &unless_over).await
    }

    async fn settled(
        &self,
        loaded: &Loaded,
        decide: &Decide<'_>,
    ) -> Result<Option<Receipt>, Fault> {
        let timeline = loaded.execution.timeline();
        let mut loaded = loaded.clone();
        for _ in 0..TRIES {
            let Some(change) = decide(&loaded)? else { return Ok(None) };
            let due = self.due_of(&change.after, &loaded.spec, loaded.repo.tenant())?;
            let after = change.after.clone();
            match loaded.repo.commit(Commit::on(timeline).change(change, due)).await {
                Ok(receipt) => {
                    self.measure_run(Some(&loaded.execution), &after);
                    return Ok(Some(receipt));
                }
                Err(Refused::Changed) => {
                    loaded = self.load_again(&loaded).await?;
                }
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// When the sweep looks: soon while the machine has something to do, at the deadline while a
    /// person has.
    pub(super) fn due_of(
        &self,
        execution: &Execution,
        spec: &Hashed,
        tenant: &Tenant,
    ) -> Result<Due, Fault> {
        let now = self.clock.now();
        let run = execution.with(spec, tenant).map_err(refused)?;
        let look = now.plus(5 * MINUTE);
        Ok(match run.next() {
            // Something of it may still go on, be asked, or wait to be sealed: the machine ends
            // that, and clears this.
            Next::Over if execution.state != State::Completed || execution.incident.is_none() => {
                Due::At(look)
            }
            // What it went past without may have left a job.
            Next::Over if execution.steps.values().any(StepState::left_behind) => Due::At(look),
            Next::Over => Due::Clear,
            // Nothing is to be done, unless its incident is closed and nobody told the machine.
            Next::Operator(_) | Next::Choose(_) => Due::At(people_look(&run, now)),
            Next::Act(_) => Due::At(run.deadline().map_or(look, |deadline| deadline.min(look))),
            Next::Ask(_) | Next::Approval(..) | Next::Begin(_) | Next::Finish => Due::At(look),
        })
    }
}

/// When the sweep looks at what people have to do: at the deadline, and every hour.
pub(super) fn people_look(run: &Run<'_>, now: Timestamp) -> Timestamp {
    let hour = now.plus(HOUR);
    run.deadline().map_or(hour, |deadline| deadline.min(hour))
}
