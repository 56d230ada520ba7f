//! Batches of a queue, as Lambda delivers them: each message on its own. Those that failed are
//! delivered again, and in the end lie in the dead-letter queue.

use crate::{Fault, chain};
use aws_lambda_events::sqs::SqsEvent;
use aws_lambda_events::streams::{SqsBatchItemFailure, SqsEventResponse};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Whether the event is a batch of a queue.
pub fn is_batch(event: &Value) -> bool {
    event.get("Records").is_some()
}

/// Handles each message of the batch with `handle`; what cannot be read as a `T` has failed. The
/// answer names the failed ones (Lambda developer guide, "Implementing partial batch responses").
pub async fn each<T: DeserializeOwned>(
    event: Value,
    handle: impl AsyncFn(T) -> Result<(), Fault>,
) -> Result<Value, Fault> {
    let malformed = |error: serde_json::Error| Fault::Malformed { reason: error.to_string() };
    let batch: SqsEvent = serde_json::from_value(event).map_err(malformed)?;
    let mut answer = SqsEventResponse::default();
    for message in batch.records {
        let done = match serde_json::from_str::<T>(message.body.as_deref().unwrap_or_default()) {
            Ok(body) => handle(body).await,
            Err(error) => Err(malformed(error)),
        };
        if let Err(fault) = done {
            let id = message.message_id.unwrap_or_default();
            tracing::error!(message.id = %id, "A message was not handled: {}", chain(&fault));
            let mut failure = SqsBatchItemFailure::default();
            failure.item_identifier = Some(id);
            answer.batch_item_failures.push(failure);
        }
    }
    serde_json::to_value(answer).map_err(malformed)
}
