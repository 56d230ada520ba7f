//! Alarms, from what a queue hands over to what a person is told.

mod flapping;
mod hostile;
mod late;
mod line;
mod links;
mod marks;
mod parents;
mod plans;
mod queue;
mod quiet;
mod storm;

use serde_json::{Value, json};
use watchfire_domain::Plan;

/// A plan for alarms whose names begin with `storage`; `more` is merged into it.
fn plan(more: &Value) -> Plan {
    let mut plan = json!({
        "name": "storage",
        "version": 1,
        "matches": [{ "name_prefix": "storage" }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "medium",
        "severity_tag": "severity",
        "notify": [{ "email": "oncall@example.org" }],
    });
    for (name, value) in more.as_object().unwrap() {
        plan[name] = value.clone();
    }
    serde_json::from_value(plan).unwrap()
}

/// What makes all alarms of a cluster share a key.
const BY_CLUSTER: &str = "{alarm.dimension.Cluster}";
