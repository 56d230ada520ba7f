//! sweep: handles what is due, every minute.

use serde_json::{Value, json};
use watchfire_desk::Desk;
use watchfire_edge::Fault;

/// Handles everything that is due. What fails stays due; the answer counts both.
pub async fn handle(desk: &Desk, _event: Value) -> Result<Value, Fault> {
    let swept = desk.sweep().await?;
    tracing::info!(sweep.handled = swept.handled, sweep.failed = swept.failed, "Swept");
    Ok(json!({ "handled": swept.handled, "failed": swept.failed }))
}
