//! One route as OpenAPI has it.

use super::parameters;
use super::schema::{refer, string};
use crate::routes::{Condition, Method, Route};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use watchfire_edge::fault::Kind;

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
    let mut faults: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in route.faults() {
        faults.entry(kind.row().status).or_default().push(kind);
    }
    for (status, kinds) in faults {
        let each = kinds.iter().map(|kind| {
            let row = kind.row();
            format!("`{}` {}: {}.", row.code, row.name, row.text)
        });
        let description = each.collect::<Vec<_>>().join(" ");
        let content = json!({ "application/json": { "schema": refer("Error") } });
        responses
            .insert(status.to_string(), json!({ "description": description, "content": content }));
    }
    responses
}

fn headers(route: &Route, status: u16) -> Value {
    let header = |about: &str| json!({ "description": about, "schema": string() });
    let mut headers = Map::new();
    headers.insert("X-Request-Id".into(), header("The request's name in our log."));
    let tagged = route.condition != Condition::None
        || ["View", "Written"].iter().any(|end| route.answer.ends_with(end));
    if tagged {
        headers.insert("ETag".into(), header("The record's version, for `If-Match`."));
    }
    if route.method != Method::Get {
        let about = "`true` if this answer was given before, under the same key.";
        headers.insert("Idempotency-Replayed".into(), header(about));
    }
    if status == 201 {
        headers.insert("Location".into(), header("Where the new record is."));
    }
    Value::Object(headers)
}
