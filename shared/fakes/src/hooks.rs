//! The alarm queue, as the door of webhooks sees it.

use crate::faults::Faults;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use watchfire_ports::{Delivery, Hooks, PortError};

/// A queue of message bodies. At least once: what is redelivered comes again.
#[derive(Clone, Debug)]
pub struct FakeHooks(Service<Vec<String>>);

/// What SQS takes in one message.
const LARGEST: usize = 256 * 1024;

impl FakeHooks {
    /// An empty queue.
    pub fn new(faults: Faults) -> Self {
        Self(Service::new(faults, Vec::new()))
    }

    /// The same queue, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// Takes out the bodies that wait, in order.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.state())
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.0.settle();
    }

    /// Each that waits.
    pub fn dump(&self) -> String {
        lines(self.0.state().iter().cloned())
    }
}

#[async_trait]
impl Hooks for FakeHooks {
    async fn send(&self, delivery: &Delivery) -> Result<(), PortError> {
        let subject = format!("hook {}", delivery.integration);
        let call = Ask::new("sqs:SendMessage", "queueing what a webhook said", &subject);
        let body =
            serde_json::to_string(delivery).map_err(|error| call.refused(&error.to_string()))?;
        if body.len() > LARGEST {
            return Err(call.refused("the message is too long"));
        }
        self.0
            .write(call, move |queue| {
                queue.push(body.clone());
                Ok(())
            })
            .await
    }
}
