//! publish: the table's stream, to the event bus. Only timeline events reach it, in the order of
//! each incident (infra/template.yaml, the filter).

use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use serde::Deserialize;
use serde_json::Value;
use watchfire_desk::Desk;
use watchfire_edge::{Fault, chain};
use watchfire_store::Event;

/// What we read of a batch of the stream (Lambda developer guide, "DynamoDB Streams event").
#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    #[serde(default)]
    new_image: serde_dynamo::Item,
}

/// Publishes a batch of the stream. The answer names the first record that must come again: the
/// stream starts from there.
pub async fn handle(desk: &Desk, event: Value) -> Result<Value, Fault> {
    let malformed = |error: serde_json::Error| Fault::Malformed { reason: error.to_string() };
    let batch: Batch = serde_json::from_value(event).map_err(malformed)?;
    let (mut events, mut places) = (Vec::new(), Vec::new());
    for record in batch.records {
        let Change { sequence_number: number, new_image } = record.dynamodb;
        match Event::streamed(new_image) {
            Ok(event) => {
                events.push(event);
                places.push(number);
            }
            // It will read no better next time, and must not keep others from being told.
            Err(error) => {
                tracing::error!(stream.record = %number, "Not published: {}", chain(&error));
            }
        }
    }
    let done = desk.publish(&events).await?;
    tracing::info!(
        events.published = done,
        events.left = events.len().saturating_sub(done),
        "Told the bus"
    );
    let mut answer = DynamoDbEventResponse::default();
    if let Some(first) = places.get(done) {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(first.clone());
        answer.batch_item_failures.push(failure);
    }
    serde_json::to_value(answer).map_err(malformed)
}
