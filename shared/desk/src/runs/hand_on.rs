//! A machine hands over to another one before its history is full: Step Functions ends an execution
//! of 25,000 events, and a check looks every five seconds for hours.

use super::carried::{Carry, RunNext, RunStep};
use super::{Loaded, machine_name};
use crate::Desk;
use crate::follow::Follow as _;
use watchfire_edge::Fault;
use watchfire_runbook::execution::Next;
use watchfire_store::Repo;

/// How many looks one machine makes. A look is nine events, and twelve more if each call of its
/// function is tried five times: the rest is left to the asking of approvers.
const LOOKS: u32 = 1_000;

impl RunStep {
    /// Whether the machine has made all its looks.
    pub(super) const fn is_full(&self) -> bool {
        self.carry.looks >= LOOKS
    }
}

/// How many further names a hand-over tries, while the machines of those before have ended.
const NAMES: u32 = 5;

impl Desk {
    /// Starts the next machine, which knows what this one carries, and ends this one. No machine
    /// died: the record does not change.
    ///
    /// Whoever is asked twice finds the machine that was started first, by its name: while that
    /// runs, or has handed over to one that runs, no other is started. If it has ended and its work
    /// is not done, it died, and what it carried would be lost with the next one of the sweep: so
    /// the next name is tried. Nothing is done if the record has moved on, whose new version has
    /// machines of other names, or if it waits for people. Two machines beside each other, as when
    /// the first one moves the record on before this one is asked again, cost looks and no more:
    /// whatever they do is claimed by a conditional write, or has one name. If none of the names is
    /// free, the sweep finds that nobody looks, and starts another one.
    pub(super) async fn hand_on(&self, repo: &Repo, step: &RunStep) -> Result<RunNext, Fault> {
        let done = RunNext::of("done");
        let Some(row) = repo.execution_of(step.timeline, step.execution).await? else {
            return Ok(done);
        };
        row.record.follow();
        let machine = machine_name(&row.record);
        let first = step.carry.machines.saturating_add(1);
        for machines in first..=first.saturating_add(NAMES) {
            let carry = Carry { looks: 0, machines, ..step.carry.clone() };
            let name = format!("{machine}-next-{machines}");
            let started = self.begin_machine(&name, &RunStep { carry, ..step.clone() }).await?;
            // One that is there and not yet described was started a moment ago.
            if started || self.runs.running(&name).await? != Some(false) {
                tracing::info!(execution.name = %name, run.handed_over = started, "The runbook machine hands over");
                return Ok(done);
            }
            let loaded = self.load(repo, step.timeline, step.execution).await?;
            if loaded.execution.version != row.record.version || !has_work(&loaded)? {
                return Ok(done);
            }
        }
        tracing::warn!("Every machine to hand over to has ended");
        Ok(done)
    }
}

/// Whether a machine has something to do there: whoever commits what people say starts one behind
/// it.
fn has_work(loaded: &Loaded) -> Result<bool, Fault> {
    Ok(match loaded.run()?.next() {
        Next::Ask(_) | Next::Begin(_) | Next::Act(_) | Next::Finish => true,
        Next::Approval(..) | Next::Operator(_) | Next::Choose(_) => false,
        Next::Over => loaded.due.is_some(),
    })
}
