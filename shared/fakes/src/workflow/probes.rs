//! The probe queue: messages wait on the clock.

use crate::clock::FakeClock;
use crate::faults::Faults;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use watchfire_domain::{SECOND, Timestamp};
use watchfire_ports::{Clock as _, PortError, Probe, Probes};

// In seconds; what is longer is cut, as the adapter does.
const LONGEST: u32 = 900;

/// A queue. At least once: what is redelivered comes again.
#[derive(Clone, Debug)]
pub struct FakeProbes {
    service: Service<Vec<(Timestamp, Probe)>>,
    clock: FakeClock,
}

impl FakeProbes {
    /// An empty queue.
    pub fn new(clock: FakeClock, faults: Faults) -> Self {
        Self { service: Service::new(faults, Vec::new()), clock }
    }

    /// The same queue, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { service: self.service.with_faults(faults), clock: self.clock.clone() }
    }

    /// Takes out what can be delivered at `now`, in the order of time.
    pub fn due(&self, now: Timestamp) -> Vec<Probe> {
        let mut queue = self.service.state();
        let mut due: Vec<_> = queue.extract_if(.., |(at, _)| *at <= now).collect();
        due.sort_by_key(|(at, _)| *at);
        due.into_iter().map(|(_, probe)| probe).collect()
    }

    /// Delivers a probe again at once: its handler failed, or the queue sent it twice.
    pub fn again(&self, probe: &Probe) {
        let now = self.clock.now();
        self.service.state().push((now, probe.clone()));
    }

    /// When the next one can be delivered.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.service.state().iter().map(|(at, _)| *at).min()
    }

    /// What waits, and until when.
    pub fn waiting(&self) -> Vec<(Timestamp, Probe)> {
        self.service.state().clone()
    }

    /// The calls that reached the queue.
    pub fn calls(&self) -> Vec<String> {
        self.service.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.service.settle();
    }

    /// Each that waits: when, what, and which attempt.
    pub fn dump(&self) -> String {
        let line = |(at, probe): &(Timestamp, Probe)| {
            format!("{at} {} {} attempt {}", probe.tenant, probe.environment, probe.attempt)
        };
        lines(self.waiting().iter().map(line))
    }
}

#[async_trait]
impl Probes for FakeProbes {
    async fn send(&self, probe: &Probe, delay_seconds: u32) -> Result<(), PortError> {
        let subject = format!("{} in {delay_seconds} s", probe.environment);
        let ask = Ask::new("sqs:SendMessage", "queueing the probe", &subject);
        let (probe, clock) = (probe.clone(), self.clock.clone());
        self.service
            .write(ask, move |queue| {
                let delay = i64::from(delay_seconds.min(LONGEST)).saturating_mul(SECOND);
                queue.push((clock.now().plus(delay), probe.clone()));
                Ok(())
            })
            .await
    }
}
