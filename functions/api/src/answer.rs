//! Answers: what a use case says, as HTTP has it.

use crate::call::Call;
use serde_json::Value;
use watchfire_desk::Written;
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

/// The records that have a version of their own, by their names in an answer.
const RECORDS: [&str; 8] = [
    "incident",
    "environment",
    "approval",
    "plan",
    "profile",
    "integration",
    "runbook",
    "execution",
];

/// What was read.
pub(crate) fn read(body: &Value) -> Response {
    tagged(Response::json(200, body), body)
}

/// What was written. The text is the one that is stored under the caller's key, to the letter.
pub(crate) fn written(call: &Call<'_>, written: Written) -> Result<Response, Fault> {
    let body: Value = serde_json::from_str(&written.body).map_err(|wrong| Fault::Internal {
        reason: format!("a stored answer cannot be read: {wrong}"),
    })?;
    let mut response = tagged(Response::json(written.status, &Value::Null), &body);
    response.body = written.body.into_bytes();
    if written.status == 201
        && let Some(place) = place(&body)
    {
        response = response.with("location", format!("{}{place}", call.door.prefix()));
    }
    if written.replayed {
        response = response.with("idempotency-replayed", "true");
    }
    Ok(response)
}

/// `ETag` is the record's version: what `If-Match` says.
fn tagged(response: Response, body: &Value) -> Response {
    let version = RECORDS.iter().find_map(|record| body.get(record)?.get("version")?.as_u64());
    match version {
        Some(version) => response.with("etag", format!("\"{version}\"")),
        None => response,
    }
}

/// Where a new record is found.
fn place(body: &Value) -> Option<String> {
    let named = |record: &str, name: &str| body.get(record)?.get(name)?.as_str();
    None.or_else(|| named("incident", "id").map(|id| format!("/incidents/{id}")))
        .or_else(|| named("environment", "id").map(|id| format!("/environments/{id}")))
        .or_else(|| named("plan", "name").map(|name| format!("/plans/{name}")))
        .or_else(|| named("integration", "id").map(|id| format!("/integrations/{id}")))
        .or_else(|| named("profile", "name").map(|name| format!("/profiles/{name}")))
        .or_else(|| named("execution", "id").map(|id| format!("/executions/{id}")))
        .or_else(|| named("runbook", "name").map(|name| format!("/runbooks/{name}")))
}
