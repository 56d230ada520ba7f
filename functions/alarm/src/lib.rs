//! The function `alarm`: deliveries of alarms, in every shape that they come in, to the desk.
//!
//! Three doors: the queue, which is the way of a deployment; a topic that the function is
//! subscribed to; and EventBridge or an alarm action that calls it. What comes through the queue is
//! judged record by record, and what cannot be taken in ends in the dead-letter queue; the callers
//! of the other doors try again by themselves and are told the fault. What webhooks said comes
//! through the queue alone.

mod parse;
mod queue;
#[cfg(test)]
mod tests;

pub use parse::{Unreadable, alarms};

use serde_json::{Value, json};
use watchfire_desk::{Desk, Intake};
use watchfire_domain::alarm::Alarm;
use watchfire_edge::{Fault, TraceId};

/// Takes in what was delivered. From the queue the answer names the records that failed.
pub async fn handle(desk: &Desk, event: Value, trace: Option<&str>) -> Result<Value, Fault> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) if records.iter().all(|record| record.get("Sns").is_none()) => {
            queue::batch(desk, records, trace).await
        }
        _ => direct(desk, &event, trace).await,
    }
}

async fn direct(desk: &Desk, event: &Value, trace: Option<&str>) -> Result<Value, Fault> {
    let mut alarms = parse::read(event)
        .map_err(|unreadable| Fault::Malformed { reason: unreadable.to_string() })?;
    alarms.sort_by_key(|alarm| alarm.at);
    for alarm in &alarms {
        let taken = desk.intake(alarm, trace_id(trace).as_deref()).await?;
        tell(alarm, &taken);
    }
    Ok(json!({}))
}

fn tell(alarm: &Alarm, Intake { outcome, incident, why }: &Intake) {
    tracing::info!(
        alarm.arn = %alarm.arn,
        alarm.state = alarm.state.name(),
        alarm.outcome = outcome.map_or("known", |outcome| outcome.name()),
        alarm.why = why,
        incident.id = incident.map(tracing::field::display),
        "Took in a transition",
    );
}

/// The id in a trace header. What is no header is an id already.
fn trace_id(trace: Option<&str>) -> Option<String> {
    trace
        .map(|text| TraceId::from_header(text).map_or_else(|| text.to_owned(), |id| id.to_string()))
}
