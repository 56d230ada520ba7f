//! The event bus: EventBridge.

use crate::Aws;
use crate::error::{Cause, refused, told, unavailable};
use async_trait::async_trait;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use std::sync::Arc;
use watchfire_ports::{Bus, DomainEvent, PortError};

const SERVICE: &str = "EventBridge";
const DOING: &str = "publishing a domain event";
/// What the events say where they come from.
const SOURCE: &str = "watchfire";
// PutEvents: at most ten entries and 256 KB in one call, where an entry counts its time, source,
// name and detail (EventBridge user guide, "Calculating PutEvents event entry size").
const ENTRIES: usize = 10;
const BYTES: usize = 256 * 1024;
const BESIDE_DETAIL: usize = 256;

/// A bus of EventBridge.
#[derive(Debug)]
pub struct EventBus {
    aws: Arc<Aws>,
    bus: String,
}

impl EventBus {
    /// That of this name or ARN (`WATCHFIRE_EVENT_BUS`).
    pub const fn new(aws: Arc<Aws>, bus: String) -> Self {
        Self { aws, bus }
    }

    fn entry(&self, event: &DomainEvent) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(&event.name)
            .time(DateTime::from_millis(event.at.millis()))
            .detail(&event.detail)
            .build()
    }
}

#[async_trait]
impl Bus for EventBus {
    async fn publish(&self, events: &[DomainEvent]) -> Vec<Result<(), PortError>> {
        let mut answers = Vec::with_capacity(events.len());
        let mut rest = events;
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(fits(rest));
            let call = self.aws.eventbridge().put_events();
            let call =
                call.set_entries(Some(batch.iter().map(|event| self.entry(event)).collect()));
            match call.send().await {
                Ok(answer) => {
                    let entries = answer.entries();
                    let answered = (0..batch.len()).map(|at| {
                        entries.get(at).map_or_else(
                            || {
                                Err(unavailable(
                                    SERVICE,
                                    DOING,
                                    Cause::text("no answer for an entry"),
                                ))
                            },
                            taken,
                        )
                    });
                    answers.extend(answered);
                }
                Err(error) => {
                    answers.push(Err(told(SERVICE, DOING)(error)));
                    return answers;
                }
            }
            rest = after;
        }
        answers
    }

    fn largest(&self) -> usize {
        BYTES - BESIDE_DETAIL
    }
}

/// How many of the first events fit one call: one, at least.
fn fits(events: &[DomainEvent]) -> usize {
    let mut bytes = 0_usize;
    let small = events.iter().take(ENTRIES).take_while(|event| {
        bytes = bytes.saturating_add(event.detail.len()).saturating_add(BESIDE_DETAIL);
        bytes <= BYTES
    });
    small.count().max(1)
}

fn taken(entry: &PutEventsResultEntry) -> Result<(), PortError> {
    let message = entry.error_message().unwrap_or_default();
    match entry.error_code() {
        None => Ok(()),
        Some(code) if code.contains("Throttl") || code.contains("Internal") => {
            Err(unavailable(SERVICE, DOING, Cause::text(&format!("{code}: {message}"))))
        }
        Some(code) => Err(refused(SERVICE, DOING, &format!("{code}: {message}"))),
    }
}
