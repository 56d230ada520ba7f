//! "May I?", asked without doing anything (S3-62, S3-81). Only of what the caller may see: an
//! answer tells how a record stands.

use crate::catalog::of_runbook;
use crate::guard::{answered_by, of_environment, of_incident};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use watchfire_domain::{ApprovalId, EnvironmentId, ExecutionId};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Actor, Context, Resource, ResourceKind, Role, Simulation};

/// What the action would be done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    /// Something of the tenant's: a new incident, its plans.
    Tenant,
    /// An incident, by uuid or display id.
    Incident(String),
    /// An environment.
    Environment(EnvironmentId),
    /// An approval.
    Approval(ApprovalId),
    /// A runbook, by uuid or name.
    Runbook(String),
    /// An execution, or one of its steps.
    Execution(ExecutionId, Option<String>),
}

/// What somebody would be, other than the caller is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instead {
    /// The role.
    pub role: Option<Role>,
    /// The clearance.
    pub clearance: Option<i64>,
    /// Whether on call.
    pub on_call: Option<bool>,
    /// The one deployment that the credential is good for.
    pub stage: Option<String>,
    /// The tenants acted for.
    pub tenants: Option<Vec<String>>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What would be done.
    pub action: Action,
    /// To what.
    pub on: On,
    /// By whom, as far as it is not the caller.
    pub instead: Instead,
    /// What the request would say.
    pub context: Context,
}

/// Whether callers may ask for the action: not if only our own functions do it, or nothing does
/// yet.
pub fn may_be_asked(action: Action) -> bool {
    kind_of(action).is_some()
}

impl Desk {
    /// What the policies would decide, why, and what would change it.
    #[boxed]
    pub async fn simulate(&self, caller: &Caller, question: Question) -> Result<Simulation, Fault> {
        let Question { action, on, instead, context } = question;
        let kind = kind_of(action).ok_or_else(|| {
            Fault::invalid("action", "must be one of the actions that callers may ask for")
        })?;
        let resource = self.resource(caller, action, kind, on).await?;
        let own = caller.actor.clone();
        let actor = Actor {
            role: instead.role.unwrap_or(own.role),
            clearance: instead.clearance.unwrap_or(own.clearance),
            on_call: instead.on_call.unwrap_or(own.on_call),
            stage: instead.stage.or(own.stage),
            tenants: instead.tenants.unwrap_or(own.tenants),
            ..own
        };
        let context = Context { now: Some(self.clock.now().seconds()), ..context };
        Ok(self.policies.simulate(&actor, action, &resource, &context))
    }

    /// The record, as the policies see it, if the caller may see it.
    async fn resource(
        &self,
        caller: &Caller,
        action: Action,
        kind: ResourceKind,
        on: On,
    ) -> Result<Resource, Fault> {
        let wrong = |what: &str| Err(Fault::invalid("resource", format!("must be {what}")));
        let incident = matches!(kind, ResourceKind::Incident | ResourceKind::Timeline);
        match (kind, on) {
            (ResourceKind::Incident | ResourceKind::Timeline, On::Incident(name)) => {
                let id = self.incident_id(caller, &name).await?;
                let (_, record) = self.visible(caller, id, Action::IncidentView).await?;
                Ok(of_incident(&record).seen_as(kind))
            }
            // An environment or an approval that is asked for belongs to an incident.
            (ResourceKind::Environment | ResourceKind::Approval, On::Incident(name))
                if matches!(action, Action::EnvironmentCreate | Action::ApprovalRequest) =>
            {
                let id = self.incident_id(caller, &name).await?;
                let (_, record) = self.visible(caller, id, Action::IncidentView).await?;
                Ok(of_incident(&record).seen_as(kind))
            }
            (ResourceKind::Environment, On::Environment(id)) => {
                let environment = self.environment(caller, id).await?;
                let (_, record) = self.visible(caller, id.incident, Action::IncidentView).await?;
                Ok(of_environment(&record, &environment))
            }
            (ResourceKind::Approval, On::Approval(id)) => {
                let approval = self.approval(caller, id).await?;
                let (repo, record) =
                    self.visible(caller, id.incident, Action::IncidentView).await?;
                let resource = self.with_part(&repo, caller, &record, &approval).await?;
                Ok(answered_by(resource, &approval, &caller.actor.id, self.clock.now()))
            }
            (ResourceKind::Runbook, On::Runbook(id)) => {
                let repo = self.table.of(&caller.tenant);
                let found = self.runbook_of(caller, Action::RunbookView, &repo, &id).await?;
                Ok(of_runbook(caller, action, &found))
            }
            (ResourceKind::Execution, On::Incident(name)) if action == Action::ExecutionList => {
                let id = self.incident_id(caller, &name).await?;
                let (_, record) = self.visible(caller, id, Action::IncidentView).await?;
                Ok(of_incident(&record).seen_as(kind))
            }
            (ResourceKind::Execution, On::Execution(id, step)) => {
                let loaded = self.seen_run(caller, id).await?;
                let of_a_step = action.name().starts_with("step.");
                match step {
                    Some(step) if of_a_step => {
                        let (run, approval) = (loaded.run()?, loaded.approval(&step).await?);
                        loaded.resource_of(&run, &step, &caller.actor.id, approval.as_ref())
                    }
                    None if !of_a_step => Ok(loaded.resource()),
                    Some(_) => wrong("an `execution_id` without a `step`"),
                    None => wrong("an `execution_id` and a `step`"),
                }
            }
            (_, On::Tenant) if !of_a_record(action) => {
                Ok(Resource::new(kind, caller.tenant.as_str()))
            }
            _ if incident => wrong("an `incident_id`"),
            (ResourceKind::Environment, _) => wrong("an `environment_id`"),
            (ResourceKind::Approval, _) => wrong("an `approval_id`"),
            (ResourceKind::Runbook, _) => wrong("a `runbook_id`"),
            (ResourceKind::Execution, _) => wrong("an `execution_id`"),
            _ => wrong("left out"),
        }
    }
}

/// Whether the action is done to one record, and not to what a tenant has.
fn of_a_record(action: Action) -> bool {
    let tenants =
        [Action::IncidentCreate, Action::IncidentList, Action::RunbookCreate, Action::RunbookList];
    let kind = kind_of(action);
    let of_incident = !matches!(
        kind,
        Some(ResourceKind::Plan | ResourceKind::Profile | ResourceKind::Integration)
    );
    of_incident && !tenants.contains(&action)
}

/// The kind of record that an action works on; none for what only our own functions do.
fn kind_of(action: Action) -> Option<ResourceKind> {
    Some(match action.name().split('.').next()? {
        "incident" => ResourceKind::Incident,
        "environment" => ResourceKind::Environment,
        "approval" => ResourceKind::Approval,
        "plan" => ResourceKind::Plan,
        "profile" => ResourceKind::Profile,
        "integration" => ResourceKind::Integration,
        "timeline" => ResourceKind::Timeline,
        "runbook" => ResourceKind::Runbook,
        "execution" if action != Action::ExecutionResume => ResourceKind::Execution,
        "step" if !matches!(action, Action::StepBegin | Action::StepRecord) => {
            ResourceKind::Execution
        }
        _ => return None,
    })
}
