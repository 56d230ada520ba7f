//! create: brings about what an environment needs, and says where its record stands (S0-02).

use serde_json::Value;
use watchfire_desk::{Desk, Step};
use watchfire_edge::Fault;

/// Handles a step of the lifecycle machine. Called twice, it does its work once.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    let step = read(event)?;
    let next = desk.create(&step).await?;
    serde_json::to_value(next).map_err(|error| Fault::Internal { reason: error.to_string() })
}

fn read(event: Value) -> Result<Step, Fault> {
    serde_json::from_value(event).map_err(|error| Fault::Malformed { reason: error.to_string() })
}
