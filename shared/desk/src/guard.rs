//! Every use case asks one function whether it may go ahead.

mod sight;

use crate::Desk;
pub(crate) use sight::Sight;
use watchfire_domain::approval::LeastRole;
use watchfire_domain::incident::Incident;
use watchfire_domain::link::normalise;
use watchfire_domain::{
    Actor as Author, ActorKind as AuthorKind, Approval, Environment, Tenant, Timestamp,
};
use watchfire_edge::Fault;
use watchfire_edge::metrics::{Measured, Metric};
use watchfire_policy::{Action, Actor, ActorKind, Context, Decision, Resource, ResourceKind};

/// Who asks: the actor as the policies see it, and the tenant that the request is made in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For the policies.
    pub actor: Actor,
    /// The tenant of the request, one of the actor's.
    pub tenant: Tenant,
    /// The trace of the request (S3-83).
    pub trace: Option<String>,
}

impl Caller {
    /// Watchfire itself, in the function `name`.
    pub fn service(name: &str, tenant: &Tenant) -> Self {
        let actor = Actor::service(name, tenant.as_str());
        Self { actor, tenant: tenant.clone(), trace: None }
    }

    /// The caller as the timeline names it.
    pub fn author(&self) -> Author {
        let kind = match self.actor.kind {
            ActorKind::User => AuthorKind::User,
            ActorKind::Tooling => AuthorKind::Tooling,
            ActorKind::Service => AuthorKind::Service,
        };
        Author { kind, id: self.actor.id.clone() }
    }
}

/// An incident, as the policies see it.
pub(crate) fn of_incident(incident: &Incident) -> Resource {
    let mut resource = Resource::new(ResourceKind::Incident, incident.home())
        .shared_with(incident.tenants.iter().skip(1).cloned())
        .status(incident.status.name())
        .severity(incident.severity.name());
    resource.was_mitigated = incident.mitigated_at.is_some();
    resource.required_clearance = incident.clearance.into();
    resource
}

/// An environment of an incident, as the policies see it.
pub(crate) fn of_environment(incident: &Incident, environment: &Environment) -> Resource {
    of_incident(incident).seen_as(ResourceKind::Environment).status(environment.state.name())
}

/// An approval of an incident, as the policies see it.
pub(crate) fn of_approval(incident: &Incident, approval: &Approval) -> Resource {
    let risk = match approval.subject.risk {
        watchfire_domain::approval::Risk::Low => "low",
        watchfire_domain::approval::Risk::Medium => "medium",
        watchfire_domain::approval::Risk::High => "high",
    };
    // Whose turn has not come is none of its approvers yet.
    let asked: Vec<String> = approval.asked().flat_map(|level| level.people).cloned().collect();
    let mut resource = of_incident(incident)
        .seen_as(ResourceKind::Approval)
        .status(approval.state.name())
        .risk(risk)
        .approvers(&asked, &approval.excluded);
    resource.requested_by = Some(approval.requested_by.clone());
    resource.expires_at = Some(approval.expires_at.seconds());
    resource
}

/// The same, for the answer of `who` at `now`: whether they may agree is for their own level to
/// say. Of whom nobody asked it says what holds for the level whose turn it is.
pub(crate) fn answered_by(
    resource: Resource,
    approval: &Approval,
    who: &str,
    now: Timestamp,
) -> Resource {
    let own = normalise(who).and_then(|who| approval.asked_in(&who));
    let level = own.or_else(|| approval.asked().last());
    let on_call_only = level.map(|level| level.on_call);
    let agrees_from = level.map(|level| level.agrees_from(now).seconds());
    // Whoever may answer at all is a viewer.
    let role = |asked: Option<LeastRole>| asked.map_or("viewer", LeastRole::name);
    let agrees_role = level.map(|level| role(level.role));
    let agrees_clearance = level.map(|level| level.clearance.map_or(0, i64::from));
    Resource { on_call_only, agrees_from, agrees_role, agrees_clearance, ..resource }
}

impl Desk {
    /// Asks the policies. A record that is none of the caller's business looks absent.
    pub fn allow(
        &self,
        caller: &Caller,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Result<(), Fault> {
        self.decide(&caller.actor, action, resource, context)
    }

    /// Asks the policies about a record that is hidden from the actor no more, or not there yet:
    /// what is lacking is said.
    pub(crate) fn decide_shown(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Result<(), Fault> {
        let asked = self.weigh(actor, action, resource, context);
        asked.map_err(|decision| refusal(&decision, decision.is_foreign()))
    }

    /// Asks the policies for this actor.
    pub fn decide(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Result<(), Fault> {
        let asked = self.weigh(actor, action, resource, context);
        asked.map_err(|decision| refusal(&decision, self.hides(actor, resource, &decision)))
    }

    /// The decision, if it is a refusal: counted.
    fn weigh(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        context: &Context,
    ) -> Result<(), Decision> {
        let decision = self.policies.decide(actor, action, resource, context);
        if decision.is_allowed() {
            return Ok(());
        }
        self.count_error(action, &decision);
        self.measure(&Measured::one(Metric::PolicyDenialsTotal).field("action", action.name()));
        Err(decision)
    }

    /// Whether the record is none of the actor's business, and so must look absent: it is another
    /// tenant's, or they lack the clearance to see it. What a deed alone asks for is no secret.
    fn hides(&self, actor: &Actor, resource: &Resource, decision: &Decision) -> bool {
        if decision.is_foreign() || !lacks_clearance(decision) {
            return decision.is_foreign();
        }
        let seen = resource.clone().seen_as(ResourceKind::Incident);
        let view = Action::IncidentView;
        lacks_clearance(&self.policies.decide(actor, view, &seen, &Context::none()))
    }

    /// What of a list the caller may see.
    pub(crate) const fn sight<'a>(&'a self, caller: &'a Caller) -> Sight<'a> {
        Sight::new(self, caller)
    }

    fn count_error(&self, action: Action, decision: &Decision) {
        if let Some(detail) = broken(decision) {
            self.tell_broken(action, detail, 1);
        }
    }

    /// Logs and counts that the policies could not be asked, so many `times`.
    fn tell_broken(&self, action: Action, detail: &str, times: u32) {
        tracing::error!(policy.action = %action.name(), policy.detail = %detail, policy.times = times, "The policy engine failed");
        let errors = Measured::new(Metric::PolicyErrorsTotal, f64::from(times));
        self.measure(&errors.field("action", action.name()));
    }
}

fn lacks_clearance(decision: &Decision) -> bool {
    decision.missing().iter().any(|obligation| obligation.code == "clearance")
}

fn refusal(decision: &Decision, is_hidden: bool) -> Fault {
    if is_hidden {
        return Fault::NotFound;
    }
    let missing = decision.missing().iter();
    Fault::Denied { missing: missing.map(|one| (one.code, one.text)).collect() }
}

/// What the engine said if it failed.
fn broken(decision: &Decision) -> Option<&str> {
    match decision {
        Decision::Deny { engine_error: true, detail, .. } => {
            Some(detail.as_deref().unwrap_or("no detail"))
        }
        Decision::Deny { .. } | Decision::Allow { .. } => None,
    }
}
