//! A machine hands over to another one before its history is full: Step Functions ends an execution
//! of 25,000 events, and a check looks every five seconds for hours.

use super::carried::{Carry, RunNext, RunStep};
use super::machine_name;
use crate::Desk;
use crate::follow::Follow as _;
use watchfire_edge::Fault;
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

impl Desk {
    /// Starts the next machine, which knows what this one carries, and ends this one. No machine
    /// died: the record does not change. Whoever is asked twice started one, by its name. If a
    /// machine of that name has ended since, nobody goes on until the sweep replaces it, and what
    /// is carried is lost.
    pub(super) async fn hand_on(&self, repo: &Repo, step: &RunStep) -> Result<RunNext, Fault> {
        let done = RunNext::of("done");
        let Some(row) = repo.execution_of(step.timeline, step.execution).await? else {
            return Ok(done);
        };
        row.record.follow();
        let machines = step.carry.machines.saturating_add(1);
        let carry = Carry { looks: 0, machines, ..step.carry.clone() };
        let next = RunStep { carry, ..step.clone() };
        let name = format!("{}-next-{machines}", machine_name(&row.record));
        let started = self.begin_machine(&name, &next).await?;
        tracing::info!(execution.id = %step.execution, run.handed_over = started, "The runbook machine hands over");
        Ok(done)
    }
}
