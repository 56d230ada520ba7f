//! close: removes what is left of an environment, as far as it may (S0-06).

use serde_json::Value;
use watchfire_desk::{Desk, Step};
use watchfire_edge::Fault;

/// Handles a step of the lifecycle machine. Called twice, it does its work once.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    desk.close(&read(event)?).await?;
    Ok(Value::Object(serde_json::Map::new()))
}

fn read(event: Value) -> Result<Step, Fault> {
    serde_json::from_value(event).map_err(|error| Fault::Malformed { reason: error.to_string() })
}
