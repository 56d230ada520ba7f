//! approve: asks the approvers, and takes their answers (reliability: approvals, flow).

mod answer;
mod decide;
mod guard;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use watchfire_desk::{Desk, RunStep, Step};
use watchfire_edge::Fault;

/// Handles a step of the lifecycle machine or of the runbook machine, or `POST /approvals/decide`,
/// which is always answered. Called twice, either does its work once.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    if event.get("requestContext").is_some() {
        return Ok(Box::pin(decide::post(desk, &event)).await.to_event());
    }
    if event.get("execution").is_some() {
        let step: RunStep = serde_json::from_value(event)
            .map_err(|error| Fault::Malformed { reason: error.to_string() })?;
        desk.ask_step(&step).await?;
        return Ok(Value::Object(Map::new()));
    }
    let step: Step = serde_json::from_value(event)
        .map_err(|error| Fault::Malformed { reason: error.to_string() })?;
    let done = desk.approve(&step).await;
    desk.report(&step, done).await?;
    Ok(Value::Object(Map::new()))
}
