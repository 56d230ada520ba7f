//! What a request says beside its body.

use super::schema::{form, string, tenant, text, uuid, words};
use super::terms;
use crate::approvals::STATES;
use crate::routes::{Condition, Route};
use serde_json::{Value, json};

/// Every parameter of a route.
pub(super) fn of(route: &Route) -> Vec<Value> {
    let mut all: Vec<Value> = route.parameters().map(|name| in_path(route, name)).collect();
    all.extend(route.query.iter().map(|name| in_query(route, name)));
    all.push(refer("Tenant"));
    if route.writes() {
        all.push(refer("IdempotencyKey"));
    }
    match route.condition {
        Condition::None => {}
        Condition::Optional => all.push(refer("IfMatch")),
        Condition::Required => all.push(refer("IfMatchRequired")),
    }
    all
}

/// Those that many routes share.
pub(super) fn shared() -> Value {
    let header = |name: &str, about: &str, needed: bool, schema: Value| json!({ "name": name, "in": "header", "description": about, "required": needed, "schema": schema });
    let version = "The version that the change is meant for, as `ETag` said it.";
    json!({
        "Tenant": header(
            "Watchfire-Tenant",
            "The tenant to work in, if the caller acts for several. The query's `tenant` says the same.",
            false,
            tenant(),
        ),
        "IdempotencyKey": header(
            "Idempotency-Key",
            "The same key with the same body gets the same answer, for a week; with another body it is refused.",
            false,
            form("^[!-~]{1,128}$"),
        ),
        "IfMatch": header("If-Match", version, false, form("^\"?[0-9]+\"?$")),
        "IfMatchRequired": header("If-Match", version, true, form("^\"?[0-9]+\"?$")),
    })
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

fn in_path(route: &Route, name: &str) -> Value {
    let of_incident = route.path.starts_with("/incidents");
    let (about, schema) = match name {
        "id" if of_incident => ("The incident's uuid, or its display id in its home.", string()),
        "step" => ("The step's id.", text(1, 64)),
        "role" => ("The role.", words(terms::ROLES)),
        "name" => ("The name.", text(1, 64)),
        _ => ("The id.", string()),
    };
    json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
}

fn in_query(route: &Route, name: &str) -> Value {
    let timeline = route.path == "/timeline";
    let several = |words: &[&str]| format!("^({0})(,({0}))*$", words.join("|"));
    let (about, schema) = match name {
        "severity" => ("Labels of severities, separated by commas.", string()),
        "status" => ("Statuses, separated by commas.", form(&several(&terms::statuses()))),
        "state" => ("States, separated by commas.", form(&several(&STATES))),
        "q" => ("Text in title, description, display id, owner or tags.", text(1, 100)),
        "cursor" => {
            ("The last page's `next_cursor`: good for an hour, for the same filter.", string())
        }
        "limit" => {
            let default = if timeline { 100 } else { 20 };
            let schema =
                json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": default });
            ("How many.", schema)
        }
        "after" => (
            "The sequence of the last event known.",
            json!({ "type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0 }),
        ),
        "raw" => (
            "With the exact texts that were hashed.",
            json!({ "type": "boolean", "default": false }),
        ),
        "version" => (
            "Which published version, or `draft`: what would be published next.",
            form("^(draft|[0-9]{1,7})$"),
        ),
        "overdue" => {
            ("Those alone whose review is overdue.", json!({ "type": "boolean", "default": false }))
        }
        "source" => (
            "Those alone whose newest version or draft names it among its `sources`, to the \
             letter: an incident's display id, for one.",
            text(1, 200),
        ),
        "runbook_execution_id" => ("The execution; in place of `incident_id`.", uuid()),
        _ => ("The incident's uuid, or its display id in its home.", string()),
    };
    json!({ "name": name, "in": "query", "required": false, "description": about, "schema": schema })
}
