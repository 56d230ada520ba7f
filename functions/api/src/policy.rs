//! What the policies would decide, asked without doing it.

use crate::answer;
use crate::call::Call;
use serde::Deserialize;
use serde_json::json;
use watchfire_desk::{Instead, On, Question};
use watchfire_domain::{ApprovalId, EnvironmentId, ExecutionId, Problem};
use watchfire_edge::Fault;
use watchfire_edge::config::Name;
use watchfire_edge::http::Response;
use watchfire_policy::{Action, Answer, Context, Role};

/// A question (S3-62).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulateBody {
    action: String,
    #[serde(default)]
    actor_attrs: Option<Attributes>,
    #[serde(default)]
    resource: Option<Named>,
    #[serde(default)]
    request: Option<Said>,
}

/// What somebody would be, other than the caller is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Attributes {
    role: Option<String>,
    clearance: Option<i64>,
    on_call: Option<bool>,
    stage: Option<String>,
    tenants: Option<Vec<String>>,
}

/// One record.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Named {
    incident_id: Option<String>,
    environment_id: Option<EnvironmentId>,
    approval_id: Option<ApprovalId>,
    runbook_id: Option<String>,
    execution_id: Option<ExecutionId>,
    step: Option<String>,
}

/// What the request would say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Said {
    to: Option<String>,
    rationale: Option<String>,
    answer: Option<Word>,
    confirmed: bool,
    outcome: Option<String>,
    evidence_ref: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Grant,
    Deny,
}

/// The tenants that somebody may be said to act for.
const TENANTS: usize = 50;

impl SimulateBody {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if Action::named(&self.action).is_none() {
            problems.push(Problem::new("action", "is not an action"));
        }
        let attributes = self.actor_attrs.clone().unwrap_or_default();
        if attributes.role.is_some_and(|role| Role::claimed(&role).is_none()) {
            problems.push(Problem::new("actor_attrs.role", "is not a role"));
        }
        if attributes.clearance.is_some_and(|clearance| !(0..=100).contains(&clearance)) {
            problems.push(Problem::new("actor_attrs.clearance", "must be from 0 to 100"));
        }
        if attributes.stage.is_some_and(|stage| stage.parse::<Name>().is_err()) {
            problems.push(Problem::new("actor_attrs.stage", "is not a deployment's name"));
        }
        if attributes.tenants.is_some_and(|tenants| tenants.len() > TENANTS) {
            let most = format!("must be at most {TENANTS}");
            problems.push(Problem::new("actor_attrs.tenants", most));
        }
        let named = self.resource.clone().unwrap_or_default();
        if named.step.is_some() && named.execution_id.is_none() {
            problems.push(Problem::new("resource.step", "is one of an `execution_id`"));
        }
        let named = [
            named.execution_id.is_some(),
            named.incident_id.is_some(),
            named.environment_id.is_some(),
            named.approval_id.is_some(),
            named.runbook_id.is_some(),
        ];
        if named.into_iter().filter(|one| *one).count() > 1 {
            problems.push(Problem::new("resource", "must name one record"));
        }
        problems
    }

    fn question(self) -> Option<Question> {
        let attributes = self.actor_attrs.unwrap_or_default();
        let named = self.resource.unwrap_or_default();
        let incident = named.incident_id.map(On::Incident);
        let environment = || named.environment_id.map(On::Environment);
        let approval = || named.approval_id.map(On::Approval);
        let on = incident.or_else(environment).or_else(approval);
        let run = named.execution_id.map(|id| On::Execution(id, named.step));
        let on = on.or(named.runbook_id.map(On::Runbook)).or(run).unwrap_or(On::Tenant);
        let said = self.request.unwrap_or_default();
        let answer = said.answer.map(|answer| match answer {
            Word::Grant => Answer::Grant,
            Word::Deny => Answer::Deny,
        });
        let Said { to, rationale, confirmed, outcome, evidence_ref, .. } = said;
        Some(Question {
            action: Action::named(&self.action)?,
            on,
            instead: Instead {
                role: attributes.role.as_deref().and_then(Role::claimed),
                clearance: attributes.clearance,
                on_call: attributes.on_call,
                stage: attributes.stage,
                tenants: attributes.tenants,
            },
            context: Context {
                to,
                rationale,
                answer,
                confirmed,
                outcome,
                evidence_ref,
                ..Context::none()
            },
        })
    }
}

pub(crate) async fn simulate(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, SimulateBody::check);
    let body: SimulateBody = input.done(body)?;
    let question = body.question().ok_or_else(|| Fault::invalid("action", "is not an action"))?;
    let simulation = call.desk.simulate(&call.caller, question).await?;
    Ok(answer::read(&json!(simulation)))
}
