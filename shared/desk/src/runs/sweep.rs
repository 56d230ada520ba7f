//! What a machine left undone: nothing depends on one having been started, or having lived.

use super::ask::asker_name;
use super::settle::people_look;
use super::stop::is_given_up_on;
use super::{Loaded, machine_name};
use crate::Desk;
use crate::follow::Follow as _;
use watchfire_domain::approval::ApprovalState;
use watchfire_domain::{ApprovalId, ExecutionId, IncidentId, MINUTE, Status, Timestamp};
use watchfire_edge::Fault;
use watchfire_policy::Action;
use watchfire_runbook::Execution;
use watchfire_runbook::execution::{Bound, Next};
use watchfire_store::Repo;

/// How often a machine is replaced before a person must look.
const DRIVES: u32 = 10;

impl Desk {
    /// An execution is due: a machine goes on with it, unless a person has to.
    ///
    /// Only a machine that was started from this version of the record is looked for. One that was
    /// started from an earlier version, or that another has handed over to, has another name; as
    /// long as it lives it moves the due time beyond its next look, whatever it waits for, and the
    /// sweep does not come here.
    pub(crate) async fn sweep_execution(
        &self,
        repo: &Repo,
        timeline: IncidentId,
        id: ExecutionId,
        at: Timestamp,
    ) -> Result<(), Fault> {
        if repo.execution_of(timeline, id).await?.is_none() {
            return Ok(());
        }
        let loaded = self.load(repo, timeline, id).await?;
        loaded.follow();
        let (now, run) = (self.clock.now(), loaded.run()?);
        let late = run.deadline().is_some_and(|deadline| now >= deadline);
        let closed = |incident: &watchfire_domain::Incident| incident.status == Status::Closed;
        let closed = loaded.incident.as_ref().is_some_and(closed);
        match run.next() {
            Next::Over => return self.clear_up(&loaded, at).await,
            Next::Operator(_) | Next::Choose(_) if !late && !closed => {
                let next = Some(people_look(&run, now));
                return Ok(repo.move_execution_due(timeline, id, at, next).await?);
            }
            // It waits for people, who are asked by the approval's own due time.
            Next::Approval(turn, _) if !closed => {
                let approval = loaded.approval(&turn.step.id).await?;
                if approval.is_some_and(|one| one.state == ApprovalState::Pending) {
                    let later = Some(now.plus(5 * MINUTE));
                    return Ok(repo.move_execution_due(timeline, id, at, later).await?);
                }
            }
            Next::Approval(..)
            | Next::Operator(_)
            | Next::Choose(_)
            | Next::Ask(_)
            | Next::Begin(_)
            | Next::Act(_)
            | Next::Finish => {}
        }
        if !self.go(repo, &loaded.execution).await?
            && self.runs.running(&machine_name(&loaded.execution)).await? != Some(true)
        {
            self.replace_machine(&loaded).await?;
        }
        Ok(repo.move_execution_due(timeline, id, at, Some(now.plus(5 * MINUTE))).await?)
    }

    /// An approval of a step is due: its time is over, or nobody knows whether its mail ever left.
    pub(crate) async fn sweep_approval(
        &self,
        repo: &Repo,
        id: ApprovalId,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let Some(row) = repo.approval(id).await? else { return Ok(()) };
        if row.record.review_due().is_some_and(|due| self.clock.now() >= due) {
            return self.remind_of_review(repo, &row.record).await;
        }
        if row.record.state != ApprovalState::Pending {
            return Ok(repo.move_approval_due(id, at, row.record.review_due()).await?);
        }
        if let Some(expired) = self.expire(repo, id, "sweep").await? {
            return self.go_behind(repo.tenant(), &expired).await;
        }
        let bound = Bound::of(&row.record, repo.tenant());
        if let Some(run) = bound.and_then(|bound| bound.execution.parse().ok()) {
            let loaded = self.load(repo, id.incident, run).await?;
            let name = asker_name(&loaded.execution, &row.record);
            if !self.start_machine(repo, &loaded.execution, &name, true).await?
                && self.runs.running(&name).await? != Some(true)
            {
                // That mail is out is no fault of the run: they are asked for as long as the
                // question lasts, each time by a machine of its own name.
                let name = format!("{name}-{}", at.millis());
                self.start_machine(repo, &loaded.execution, &name, true).await?;
            }
        }
        let later = self.clock.now().plus(5 * MINUTE);
        Ok(repo.move_approval_due(id, at, Some(later)).await?)
    }

    /// It ended, and no machine has said since that nothing of it goes on any more: another one
    /// looks, for a day. Each look's machine has a name of its own, since the record does not
    /// change any more.
    async fn clear_up(&self, loaded: &Loaded, at: Timestamp) -> Result<(), Fault> {
        let (one, now) = (&loaded.execution, self.clock.now());
        let (timeline, id) = (one.timeline(), one.id);
        if is_given_up_on(one, now) {
            tracing::warn!(execution.id = %id, "What it started may still go on, and nobody could stop it");
            return Ok(loaded.repo.move_execution_due(timeline, id, at, None).await?);
        }
        let name = machine_name(one);
        if !self.go(&loaded.repo, one).await? && self.runs.running(&name).await? != Some(true) {
            let name = format!("{name}-{}", at.millis());
            self.start_machine(&loaded.repo, one, &name, false).await?;
        }
        let later = Some(now.plus(5 * MINUTE));
        Ok(loaded.repo.move_execution_due(timeline, id, at, later).await?)
    }

    /// The machine that went on from here died: another takes over, or a person has to look.
    async fn replace_machine(&self, loaded: &Loaded) -> Result<(), Fault> {
        let (one, now) = (&loaded.execution, self.clock.now());
        self.may(loaded, "sweep", Action::ExecutionResume, &loaded.resource())?;
        let (drive, actor) = (one.drive, watchfire_domain::Actor::service("sweep"));
        if drive >= DRIVES {
            let reason = "its machine ended too often before its work was done";
            self.settle_execution(loaded, &|one| one.fail(reason, &actor, now)).await?;
            return Ok(());
        }
        let resumed = |one: &Execution| one.resume(drive, &actor);
        if self.settle_execution(loaded, &resumed).await?.is_some() {
            let row = loaded.repo.execution_of(one.timeline(), one.id).await?;
            if let Some(row) = row {
                self.go(&loaded.repo, &row.record).await?;
            }
        }
        Ok(())
    }
}
