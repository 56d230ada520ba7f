//! The line of alarms: a FIFO queue, of which a batch has messages of one group.

use crate::faults::Faults;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::BTreeSet;
use watchfire_ports::{Line, PortError, Waiting};

/// A queue of what waits. The same is queued once.
#[derive(Clone, Debug)]
pub struct FakeLine(Service<Lines>);

#[derive(Debug, Default)]
struct Lines {
    waiting: Vec<Waiting>,
    /// Every id that came: none comes a second time.
    ids: BTreeSet<String>,
}

impl FakeLine {
    /// An empty queue.
    pub fn new(faults: Faults) -> Self {
        Self(Service::new(faults, Lines::default()))
    }

    /// The same queue, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// Takes out at most `most` messages: the first that waits, and those behind it in its line.
    pub fn take(&self, most: usize) -> Vec<Waiting> {
        let lines = &mut *self.0.state();
        let Some(group) = lines.waiting.first().map(|one| one.group.clone()) else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        lines.waiting.retain(|one| {
            let goes = one.group == group && taken.len() < most;
            if goes {
                taken.push(one.clone());
            }
            !goes
        });
        taken
    }

    /// Puts back what failed: before all that came later.
    pub fn put_back(&self, failed: Vec<Waiting>) {
        self.0.state().waiting.splice(0..0, failed);
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.0.settle();
    }

    /// Each that waits.
    pub fn dump(&self) -> String {
        lines(self.0.state().waiting.iter().map(|one| format!("{} {}", one.group, one.body)))
    }
}

#[async_trait]
impl Line for FakeLine {
    async fn send(&self, waiting: &Waiting) -> Result<(), PortError> {
        let subject = format!("line {}", waiting.group);
        let call = Ask::new("sqs:SendMessage", "queueing an alarm behind others", &subject);
        if waiting.group.len() > 128 || waiting.id.len() > 128 {
            return Err(call.refused("a group or an id is too long"));
        }
        let waiting = waiting.clone();
        self.0
            .write(call, move |lines| {
                if lines.ids.insert(waiting.id.clone()) {
                    lines.waiting.push(waiting.clone());
                }
                Ok(())
            })
            .await
    }
}
