//! observe: what really happens to a task. Two doors: ECS's events, which are fast and may be lost,
//! and the probe queue, which is the guarantee.

use serde_json::{Value, json};
use watchfire_desk::Desk;
use watchfire_edge::{Fault, chain};
use watchfire_ports::Probe;

/// Handles a batch of the probe queue, or one "ECS Task State Change" event.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) => Ok(probes(desk, records).await),
        None => task(desk, &event).await,
    }
}

/// Each message on its own: the ones that failed are delivered again, and in the end lie in the
/// dead-letter queue.
async fn probes(desk: &Desk, records: &[Value]) -> Value {
    let mut failed = Vec::new();
    for record in records {
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let done = match serde_json::from_str::<Probe>(text("body")) {
            Ok(probe) => desk.observe(&probe).await,
            Err(error) => Err(Fault::Malformed { reason: error.to_string() }),
        };
        if let Err(fault) = done {
            let id = text("messageId");
            tracing::error!(message.id = %id, "A probe failed: {}", chain(&fault));
            failed.push(json!({ "itemIdentifier": id }));
        }
    }
    json!({ "batchItemFailures": failed })
}

async fn task(desk: &Desk, event: &Value) -> Result<Value, Fault> {
    let detail = event.get("detail").unwrap_or(&Value::Null);
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    // Nothing of ours is without `startedBy`: the rest are somebody else's tasks.
    if let (Some(arn), Some(started_by)) = (text("taskArn"), text("startedBy")) {
        desk.observe_task(arn, started_by).await?;
    }
    Ok(json!({}))
}
