//! stop: waits for a stop, or stops the task, or clears up after a failed launch (S0-05).

use serde_json::Value;
use watchfire_desk::{Desk, Step};
use watchfire_edge::Fault;

/// Handles a step of the lifecycle machine. Called twice, it does its work once.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    let step = read(event)?;
    let done = desk.stop(&step).await;
    desk.report(&step, done).await?;
    Ok(Value::Object(serde_json::Map::new()))
}

fn read(event: Value) -> Result<Step, Fault> {
    serde_json::from_value(event).map_err(|error| Fault::Malformed { reason: error.to_string() })
}
