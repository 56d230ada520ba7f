//! What is measured over a life, with the exact names (S3-82).

use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::Deed;
use watchfire_domain::environment::State;
use watchfire_domain::{MINUTE, Severity, Status};
use watchfire_ports::Clock as _;

/// The values of the metric, with the severity that each is told for, in order.
fn told(lines: &[String], metric: &str) -> Vec<(f64, String)> {
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter_map(|line| {
            let severity = line["severity"].as_str().unwrap_or("-").to_owned();
            Some((line[metric].as_f64()?, severity))
        })
        .collect()
}

#[tokio::test]
async fn a_life_is_measured_from_its_opening_to_its_close() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Both).await;
    let opened = world.incident(id.incident).await.created_at;
    let since = || f64::from(u32::try_from(world.clock.now().since(opened)).unwrap()) / 1_000.0;
    world.forward(MINUTE);
    let acknowledged = since();
    world.transition(id.incident, Status::Acknowledged).await;
    let (to, rationale) = (Severity::Critical, "reads fail".to_owned());
    world.deed(id.incident, Deed::Severity { to, rationale }).await.unwrap();
    world.forward(MINUTE);
    for status in [Status::Mitigating, Status::Monitoring] {
        world.transition(id.incident, status).await;
    }
    let resolved = since();
    for status in [Status::Resolved, Status::Closed] {
        world.transition(id.incident, status).await;
    }
    let lines = world.metrics.lines();
    let pair = |value: f64, severity: &str| (value, severity.to_owned());
    assert_eq!(told(&lines, "incidents_open_total"), [pair(1.0, "-"), pair(-1.0, "-")]);
    assert_eq!(
        told(&lines, "incidents_by_severity"),
        [pair(1.0, "high"), pair(-1.0, "high"), pair(1.0, "critical"), pair(-1.0, "critical")]
    );
    assert_eq!(told(&lines, "incidents_mtta_seconds"), [pair(acknowledged, "high")]);
    assert_eq!(told(&lines, "incidents_mttr_seconds"), [pair(resolved, "critical")]);
}
