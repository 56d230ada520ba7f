//! observe: what is really there. Three doors: ECS's events, which are fast and may be lost; the
//! probe queue, which is the guarantee; and an hourly schedule, for the inventory of the account.

use serde_json::{Value, json};
use watchfire_desk::Desk;
use watchfire_edge::{Fault, queue};
use watchfire_ports::Probe;

/// Handles a batch of the probe queue, an "ECS Task State Change" event, or the schedule's
/// `{"inventory": "account"}`.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    if event.get("inventory").is_some() {
        let orphans = desk.inventory().await?.len();
        tracing::info!(orphans, "Compared the account with the records");
        return Ok(json!({ "orphans": orphans }));
    }
    if !queue::is_batch(&event) {
        return task(desk, &event).await;
    }
    queue::each(event, async |probe: Probe| desk.observe(&probe).await).await
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
