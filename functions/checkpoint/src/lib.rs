//! checkpoint: seals timelines. Two doors: a schedule, which is the guarantee, and the queue of
//! incidents that were closed or that somebody wants to take away now.

use serde_json::{Value, json};
use watchfire_desk::Desk;
use watchfire_edge::{Fault, chain};
use watchfire_ports::SealAsk;

/// Handles a batch of the queue, or the schedule's event.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) => Ok(asks(desk, records).await),
        None => every(desk).await,
    }
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

/// Each message on its own: the ones that failed are delivered again, and in the end lie in the
/// dead-letter queue; the schedule's daily look does what they asked for.
async fn asks(desk: &Desk, records: &[Value]) -> Value {
    let mut failed = Vec::new();
    for record in records {
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let done = match serde_json::from_str::<SealAsk>(text("body")) {
            Ok(ask) => desk.seal(&ask).await.map(drop),
            Err(error) => Err(Fault::Malformed { reason: error.to_string() }),
        };
        if let Err(fault) = done {
            let id = text("messageId");
            tracing::error!(message.id = %id, "An incident was not sealed: {}", chain(&fault));
            failed.push(json!({ "itemIdentifier": id }));
        }
    }
    json!({ "batchItemFailures": failed })
}
