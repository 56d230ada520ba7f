//! Alarms and the plan that answers them.

use super::World;
use serde_json::{Value, json};
use watchfire_domain::alarm::{Alarm, AlarmState, Source};
use watchfire_domain::{EnvironmentId, IncidentId, Plan};
use watchfire_ports::Clock as _;

/// A plan for alarms named `storage…`, with an environment; `more` is merged into the latter.
pub(crate) fn storage_plan(more: &Value) -> Plan {
    let mut environment = json!({ "cluster_id": "rosa-7", "approvers": ["ana@example.org"] });
    for (name, value) in more.as_object().unwrap() {
        environment[name] = value.clone();
    }
    let plan = json!({
        "name": "storage-latency",
        "version": 1,
        "matches": [{ "name_prefix": "storage" }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "high",
        "environment": environment,
    });
    serde_json::from_value(plan).unwrap()
}

/// An alarm of this name that fires now.
pub(crate) fn alarm(world: &World, name: &str) -> Alarm {
    Alarm {
        source: Source::Cloudwatch,
        arn: format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}"),
        name: name.to_owned(),
        account: "111122223333".to_owned(),
        region: "us-east-1".to_owned(),
        contributor: None,
        state: AlarmState::Alarm,
        at: world.clock.now(),
        reason: "Threshold Crossed: 3 datapoints were greater than the threshold (20.0)."
            .to_owned(),
        description: "Reads of the storage layer are slow.".to_owned(),
        metric: None,
        dimensions: [("Cluster".to_owned(), "rosa-7".to_owned())].into(),
        tags: std::collections::BTreeMap::default(),
        identity: None,
        suppressed_by: None,
        triggered_by: Vec::new(),
        configuration: false,
    }
}

impl World {
    /// An alarm `storage-latency-high` fires, and the incident that it opened.
    pub(crate) async fn raise(&self) -> IncidentId {
        let alarm = alarm(self, "storage-latency-high");
        let taken_in = self.desk.intake(&alarm, Some("1-6740ab12-trace"));
        let intake = self.acting("alarm", taken_in).await.unwrap();
        intake.incident.unwrap()
    }

    /// Stores [`storage_plan`], fires the alarm, and gives the environment that it asked for.
    pub(crate) async fn opened(&self, more: &Value) -> EnvironmentId {
        self.plan(&storage_plan(more)).await;
        EnvironmentId { incident: self.raise().await, n: 1 }
    }
}
