//! The event bus: what was published, in order.

use crate::faults::Faults;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::BTreeSet;
use watchfire_ports::{Bus, DomainEvent, PortError};

/// A bus that nobody listens to. It takes no event whose name was refused.
#[derive(Clone, Debug)]
pub struct FakeBus(Service<Published>);

#[derive(Debug, Default)]
struct Published {
    events: Vec<DomainEvent>,
    refused: BTreeSet<String>,
}

impl FakeBus {
    /// An empty bus.
    pub fn new(faults: Faults) -> Self {
        Self(Service::new(faults, Published::default()))
    }

    /// The same bus, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// Takes no event of this name any more.
    pub fn refuse(&self, name: &str) {
        self.0.state().refused.insert(name.to_owned());
    }

    /// What was published, in order.
    pub fn events(&self) -> Vec<DomainEvent> {
        self.0.state().events.clone()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.0.settle();
    }

    /// Each that was published.
    pub fn dump(&self) -> String {
        lines(self.0.state().events.iter().map(|event| event.name.clone()))
    }
}

#[async_trait]
impl Bus for FakeBus {
    async fn publish(&self, events: &[DomainEvent]) -> Vec<Result<(), PortError>> {
        let mut answers = Vec::new();
        for event in events {
            let call = Ask::new("events:PutEvents", "publishing a domain event", &event.name);
            let event = event.clone();
            let answer = self.0.write(call.clone(), move |bus| {
                if bus.refused.contains(&event.name) {
                    return Err(call.refused("this event is not wanted"));
                }
                bus.events.push(event.clone());
                Ok(())
            });
            let answer = answer.await;
            let away = answer.as_ref().is_err_and(PortError::retryable);
            answers.push(answer);
            if away {
                break;
            }
        }
        answers
    }

    fn largest(&self) -> usize {
        256 * 1024
    }
}
