//! step: carries a runbook's execution on, as far as it goes without a person (S3-35..42).

use serde_json::Value;
use watchfire_desk::{Desk, RunStep};
use watchfire_edge::Fault;

/// Handles a step of the runbook machine. Called twice, it does its work once.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    let step: RunStep = serde_json::from_value(event)
        .map_err(|error| Fault::Malformed { reason: error.to_string() })?;
    let next = desk.run_step(&step).await?;
    serde_json::to_value(next).map_err(|error| Fault::Internal { reason: error.to_string() })
}
