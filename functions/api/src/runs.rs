//! Executions of runbooks.

use crate::answer;
use crate::bodies::ReasonBody;
use crate::call::Call;
use crate::input::Input;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use watchfire_desk::{RunDeed, StartAsk};
use watchfire_domain::{ApprovalId, Problem};
use watchfire_edge::Fault;
use watchfire_edge::http::Response;
use watchfire_runbook::execution::Report;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartBody {
    #[serde(default)]
    incident_id: Option<String>,
    #[serde(default)]
    version: Option<u32>,
    #[serde(default)]
    inputs: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Passed,
    Failed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportBody {
    outcome: Outcome,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    evidence_ref: Option<String>,
    #[serde(default)]
    approval_ids: Vec<ApprovalId>,
}

impl From<ReportBody> for Report {
    fn from(body: ReportBody) -> Self {
        let evidence = body.evidence_ref.into_iter().collect();
        let failed = body.outcome == Outcome::Failed;
        Self { failed, note: body.note, evidence, approval_ids: body.approval_ids }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoiceBody {
    option: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryBody {
    attempt: u32,
}

pub(crate) async fn execute(call: &Call<'_>) -> Result<Response, Fault> {
    let mut input = call.input();
    let body = input.body(|_| None, |_: &StartBody| Vec::new());
    let ask = input.ask();
    let StartBody { incident_id, version, inputs } = input.done(body)?;
    let incident = match incident_id {
        Some(name) => Some(call.desk.incident_id(&call.caller, &name).await?),
        None => None,
    };
    let start = StartAsk { incident, version, inputs };
    let id = call.parameter("id");
    answer::written(call, call.desk.execute_runbook(&call.caller, &ask, id, &start).await?)
}

pub(crate) async fn view(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    Ok(answer::read(&call.desk.execution(&call.caller, call.id()?).await?))
}

pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Fault> {
    call.input().end()?;
    let id = call.incident().await?;
    let executions = call.desk.executions(&call.caller, id).await?;
    Ok(answer::read(&json!({ "executions": executions })))
}

/// Does what the body says to the execution or the step that the path names.
async fn deed<T: DeserializeOwned + Clone + Send>(
    call: &Call<'_>,
    deed: impl FnOnce(String, T) -> RunDeed + Send,
) -> Result<Response, Fault> {
    let mut input: Input<'_> = call.input();
    let body = input.body(|_| None, |_: &T| Vec::<Problem>::new());
    let ask = input.ask();
    let deed = deed(call.parameter("step").to_owned(), input.done(body)?);
    answer::written(call, call.desk.change_execution(&call.caller, &ask, call.id()?, &deed).await?)
}

pub(crate) async fn complete(call: &Call<'_>) -> Result<Response, Fault> {
    deed(call, |step, body: ReportBody| RunDeed::Complete(step, body.into())).await
}

pub(crate) async fn choose(call: &Call<'_>) -> Result<Response, Fault> {
    deed(call, |step, body: ChoiceBody| RunDeed::Choose(step, body.option)).await
}

pub(crate) async fn skip(call: &Call<'_>) -> Result<Response, Fault> {
    deed(call, |step, body: ReasonBody| RunDeed::Skip(step, body.reason)).await
}

pub(crate) async fn retry(call: &Call<'_>) -> Result<Response, Fault> {
    deed(call, |step, body: RetryBody| RunDeed::Retry(step, body.attempt)).await
}

pub(crate) async fn abort(call: &Call<'_>) -> Result<Response, Fault> {
    deed(call, |_, body: ReasonBody| RunDeed::Abort(body.reason)).await
}

pub(crate) async fn fail(call: &Call<'_>) -> Result<Response, Fault> {
    deed(call, |_, body: ReasonBody| RunDeed::Fail(body.reason)).await
}
