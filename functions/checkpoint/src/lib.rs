//! checkpoint: seals timelines. Two doors: a schedule, which is the guarantee, and the queue of
//! incidents that were closed or that somebody wants to take away now.

use serde_json::{Value, json};
use watchfire_desk::Desk;
use watchfire_edge::{Fault, queue};
use watchfire_ports::SealAsk;

/// Handles a batch of the queue, or the schedule's event.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    if !queue::is_batch(&event) {
        return every(desk).await;
    }
    // Of incidents, what is not sealed by these the schedule's daily look does.
    queue::each(event, async |ask: SealAsk| desk.seal(&ask).await.map(drop)).await
}

async fn every(desk: &Desk) -> Result<Value, Fault> {
    let done = desk.checkpoint().await?;
    let (size, sealed, exported) = (done.size, done.sealed, done.exported);
    tracing::info!(
        log.size = size,
        log.leaves = sealed,
        exports = exported,
        "Looked at every chain"
    );
    if done.failed > 0 {
        // Everything else is done. The invocation fails, so that its alarm tells somebody.
        let reason = format!("{} incidents were not sealed or not exported", done.failed);
        return Err(Fault::Internal { reason });
    }
    Ok(json!({ "size": size, "sealed": sealed, "exported": exported }))
}
