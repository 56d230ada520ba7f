//! Executions of runbooks: started and reported on by people, carried on by the runbook machine.
//!
//! A machine runs only while there is something for it to do (docs/decisions/0018). It ends where a
//! person has to act; whoever commits what that person says starts the next one. What is next
//! follows from the record alone, so that two machines at once do nothing that one would not.

mod act;
mod answer;
mod ask;
mod carried;
mod check;
mod deed;
mod facts;
mod hand_on;
mod jobs;
mod next;
mod ours;
mod recovery;
mod settle;
mod start;
mod stop;
mod sweep;
mod view;

pub(crate) use ask::mailed;
pub use deed::RunDeed;

pub use carried::{Carry, RunNext, RunStep};
pub use start::StartAsk;

use crate::guard::of_incident;
use crate::{Caller, Desk};
use std::sync::Arc;
use watchfire_domain::approval::Answer;
use watchfire_domain::{Actor, Approval, ExecutionId, Incident, IncidentId, Timestamp};
use watchfire_edge::{Fault, Problem};
use watchfire_policy::{Action, Binding, Context, Resource, ResourceKind, StepApproval, StepGuard};
use watchfire_runbook::execution::{Bound, Refusal, RefusalKind, Run};
use watchfire_runbook::{Execution, Hashed, Spec};
use watchfire_store::Repo;

/// An execution with all that deciding on it takes.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) repo: Repo,
    pub(crate) execution: Execution,
    pub(crate) due: Option<Timestamp>,
    pub(crate) incident: Option<Incident>,
    pub(crate) spec: Arc<Hashed>,
}

impl Loaded {
    /// The execution with its spec.
    pub(crate) fn run(&self) -> Result<Run<'_>, Fault> {
        self.execution.with(&self.spec, self.repo.tenant()).map_err(refused)
    }

    /// As the policies see it.
    pub(crate) fn resource(&self) -> Resource {
        let seen = match &self.incident {
            Some(incident) => of_incident(incident).seen_as(ResourceKind::Execution),
            None => Resource::new(ResourceKind::Execution, self.repo.tenant().as_str()),
        };
        seen.status(self.execution.state.name())
    }

    /// One of its steps, as the policies see it, beside the approval that it waits or began with.
    pub(crate) fn resource_of(
        &self,
        run: &Run<'_>,
        step: &str,
        executor: &str,
        approval: Option<&Approval>,
    ) -> Result<Resource, Fault> {
        let mut resource = self.resource();
        resource.step = Some(StepGuard {
            risk: run.weighs(step).map_err(refused)?.name().to_owned(),
            evidence_required: run.owes_evidence(step).map_err(refused)?,
            binding: run.bound(step).map_err(refused)?.map(binding),
        });
        let tenant = self.repo.tenant();
        resource.approval = approval.and_then(|approval| {
            let bound = Bound::of(approval, tenant)?;
            let agreed = approval.decisions.iter().filter(|one| one.answer == Answer::Grant);
            let agreed: Vec<String> = agreed.map(|one| one.approver.clone()).collect();
            // What one level has too many is not what another lacks.
            let need = agreed.len().saturating_add(approval.missing());
            let mut interested: Vec<String> =
                run.exclusions(&approval.requested_by).into_iter().collect();
            interested.push(executor.to_owned());
            let seen = StepApproval::new(
                approval.state.name(),
                binding(bound),
                u8::try_from(need).unwrap_or(u8::MAX),
                &agreed,
                &interested,
                approval.expires_at.seconds(),
            );
            Some(match &approval.overridden {
                Some(over) => seen.overridden(&over.by, &over.reason),
                None => seen,
            })
        });
        Ok(resource)
    }

    /// The approval that the step's attempt waits for, or began with; read anew.
    pub(crate) async fn approval(&self, step: &str) -> Result<Option<Approval>, Fault> {
        let asked = self.execution.steps.get(step).and_then(|state| state.approvals.last());
        let Some(id) = asked else { return Ok(None) };
        Ok(self.repo.approval(*id).await?.map(|row| row.record))
    }
}

fn binding(bound: Bound) -> Binding {
    let Bound { tenant, incident, execution, step, attempt, spec_hash, inputs_hash } = bound;
    Binding { tenant, incident, execution, step, attempt, spec_hash, inputs_hash }
}

/// What a rule of executions said, as a fault.
pub(crate) fn refused(refusal: Refusal) -> Fault {
    let reason = refusal.to_string();
    match refusal.kind() {
        RefusalKind::NotFound => Fault::NotFound,
        RefusalKind::Conflict => Fault::Execution { reason },
        RefusalKind::Forbidden => Fault::Unapproved { reason },
        RefusalKind::Invalid => Fault::Invalid { problems: problems(&refusal, reason) },
    }
}

fn problems(refusal: &Refusal, reason: String) -> Vec<Problem> {
    match refusal {
        Refusal::Inputs(unbound) => {
            let one = |one: &watchfire_runbook::bind::Unbound| {
                Problem::new(format!("inputs.{}", one.input), one.to_string())
            };
            unbound.iter().map(one).collect()
        }
        Refusal::NeedsIncident { .. } => vec![Problem::new("incident_id", reason)],
        Refusal::EvidenceMissing { .. } => vec![Problem::new("evidence_ref", reason)],
        Refusal::NoSuchOption { .. } => vec![Problem::new("option", reason)],
        Refusal::Field { field, problem } => vec![Problem::new(*field, problem.clone())],
        Refusal::Unfollowable(_)
        | Refusal::Unconditional { .. }
        | Refusal::Full
        | Refusal::Parameters(_)
        | Refusal::OtherSpec
        | Refusal::NoSuchStep { .. }
        | Refusal::Execution { .. }
        | Refusal::NotItsTurn { .. }
        | Refusal::Step { .. }
        | Refusal::Attempt { .. }
        | Refusal::NoMoreAttempts { .. }
        | Refusal::ApprovalNeeded { .. }
        | Refusal::Approval { .. }
        | Refusal::ChosenOtherwise { .. } => vec![Problem::new(".", reason)],
    }
}

impl Desk {
    /// The execution of this timeline.
    pub(crate) async fn load(
        &self,
        repo: &Repo,
        timeline: IncidentId,
        id: ExecutionId,
    ) -> Result<Loaded, Fault> {
        let row = repo.execution_of(timeline, id).await?.ok_or(Fault::NotFound)?;
        let incident = incident_of(repo, &row.record).await?;
        let spec = self.spec_of(repo, &row.record).await?;
        Ok(Loaded { repo: repo.clone(), execution: row.record, due: row.due, incident, spec })
    }

    /// The spec that the execution was started with.
    async fn spec_of(&self, repo: &Repo, execution: &Execution) -> Result<Arc<Hashed>, Fault> {
        if let Some(known) = self.specs.of(repo.tenant(), &execution.spec_hash) {
            return Ok(known);
        }
        let (name, version) = (&execution.runbook, execution.runbook_version);
        let version = repo.runbook_version(name, version).await?.ok_or(Fault::NotFound)?;
        let spec = Arc::new(hashed(version.spec)?);
        self.specs.note(repo.tenant(), &spec);
        Ok(spec)
    }

    /// The same execution as it stands now. Its spec is not read again: a published version never
    /// changes, and an execution keeps to one.
    pub(crate) async fn load_again(&self, known: &Loaded) -> Result<Loaded, Fault> {
        let (timeline, id) = (known.execution.timeline(), known.execution.id);
        let row = known.repo.execution_of(timeline, id).await?.ok_or(Fault::NotFound)?;
        let incident = incident_of(&known.repo, &row.record).await?;
        Ok(Loaded { execution: row.record, due: row.due, incident, ..known.clone() })
    }

    /// The execution of this id, in the tenant's own records.
    pub(crate) async fn load_by_id(&self, repo: &Repo, id: ExecutionId) -> Result<Loaded, Fault> {
        let row = repo.execution(id).await?.ok_or(Fault::NotFound)?;
        self.load(repo, row.record.timeline(), id).await
    }

    /// Starts a machine that goes on from where the execution stands now. False if one was started
    /// from there before: that is no error.
    pub(crate) async fn go(&self, repo: &Repo, execution: &Execution) -> Result<bool, Fault> {
        self.start_machine(repo, execution, &machine_name(execution), false).await
    }

    /// Starts a machine of this name for the execution; `again` asks approvers once more who were
    /// asked before. False if it was started before.
    async fn start_machine(
        &self,
        repo: &Repo,
        execution: &Execution,
        name: &str,
        again: bool,
    ) -> Result<bool, Fault> {
        let step = RunStep {
            tenant: repo.tenant().as_str().to_owned(),
            timeline: execution.timeline(),
            execution: execution.id,
            again,
            carry: Carry::default(),
        };
        let started = self.begin_machine(name, &step).await?;
        if started {
            tracing::info!(execution.id = %execution.id, "Started the runbook machine");
        }
        Ok(started)
    }

    async fn begin_machine(&self, name: &str, step: &RunStep) -> Result<bool, Fault> {
        let input = serde_json::to_value(step)
            .map_err(|error| Fault::Internal { reason: error.to_string() })?;
        Ok(self.runs.start(name, &input).await?)
    }

    /// An incident was closed: the machine gives up what is still under way for it.
    pub(crate) async fn end_runs(&self, repo: &Repo, incident: IncidentId) -> Result<(), Fault> {
        for row in repo.executions(incident).await? {
            if row.record.state.is_open() {
                self.go(repo, &row.record).await?;
            }
        }
        Ok(())
    }

    /// Asks the policies whether `function` may do `action` to the execution.
    fn may(
        &self,
        loaded: &Loaded,
        function: &str,
        action: Action,
        resource: &Resource,
    ) -> Result<(), Fault> {
        let caller = Caller::service(function, loaded.repo.tenant());
        self.allow(&caller, action, resource, &Context::at(self.clock.now().seconds()))
    }
}

async fn incident_of(repo: &Repo, execution: &Execution) -> Result<Option<Incident>, Fault> {
    let Some(id) = execution.incident else { return Ok(None) };
    Ok(Some(repo.incident(id).await?.ok_or(Fault::NotFound)?.record))
}

/// A published spec with its hash.
fn hashed(spec: Spec) -> Result<Hashed, Fault> {
    Hashed::of(spec).map_err(|error| Fault::Internal { reason: error.to_string() })
}

/// The name of the machine that goes on from this version of the record.
pub(crate) fn machine_name(execution: &Execution) -> String {
    format!("run-{}-{}", execution.id.0.simple(), execution.version)
}

/// Watchfire itself, where it carries a runbook on.
pub(crate) fn machine() -> Actor {
    Actor::service("step")
}
