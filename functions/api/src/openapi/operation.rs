//! One route as OpenAPI has it.

use super::schema::{refer, string};
use super::{faults, parameters};
use crate::routes::Route;
use serde_json::{Map, Value, json};

/// The operation object of a route.
pub(super) fn operation(route: &Route) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".into(), json!(route.operation));
    operation.insert("summary".into(), json!(route.summary));
    let policy = format!("The policies are asked for `{}`.", route.action);
    operation.insert("description".into(), json!(policy));
    operation.insert("tags".into(), json!([tag(route)]));
    operation.insert("parameters".into(), json!(parameters::of(route)));
    if let Some(takes) = route.takes {
        let content = json!({ "application/json": { "schema": refer(takes.schema) } });
        let body = json!({ "required": !takes.optional, "content": content });
        operation.insert("requestBody".into(), body);
    }
    operation.insert("responses".into(), Value::Object(responses(route)));
    Value::Object(operation)
}

/// What it is about: the first word of its path.
fn tag(route: &Route) -> &'static str {
    route.path.split('/').nth(1).unwrap_or_default()
}

fn responses(route: &Route) -> Map<String, Value> {
    let mut responses = Map::new();
    for status in route.success {
        let content = json!({ "application/json": { "schema": refer(route.answer) } });
        let answer = json!({
            "description": if *status == 201 { "Stored anew." } else { "Done." },
            "headers": headers(route, *status),
            "content": content,
        });
        responses.insert(status.to_string(), answer);
    }
    for (status, name) in faults::of(route) {
        let refer = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.insert(status.to_string(), refer);
    }
    responses
}

/// What every record's answer says beside its body.
pub(super) fn shared_headers() -> Value {
    let header = |about: &str| json!({ "description": about, "schema": string() });
    json!({
        "X-Request-Id": header("The request's name in our log."),
        "ETag": header("The record's version, for `If-Match`."),
        "Idempotency-Replayed": header("`true` if this answer was given before, under the same key."),
        "Location": header("Where the new record is."),
    })
}

fn headers(route: &Route, status: u16) -> Value {
    let tagged = ["View", "Written"].iter().any(|end| route.answer.ends_with(end));
    let all = [
        ("X-Request-Id", true),
        ("ETag", tagged),
        ("Idempotency-Replayed", route.writes()),
        ("Location", status == 201),
    ];
    let refer = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    let there = all.into_iter().filter(|(_, there)| *there);
    Value::Object(there.map(|(name, _)| (name.to_owned(), refer(name))).collect())
}
