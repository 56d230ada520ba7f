//! A storm's alarms, by the batch.

use super::events::queued;
use super::life::failed;
use super::{Scene, alarm_event};
use crate::trouble::{Trouble, odd};
use serde_json::Value;
use tokio::runtime::Builder;
use watchfire_domain::Timestamp;
use watchfire_ports::Clock as _;

/// What kind of alarms a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gust {
    /// Each opens an incident.
    New,
    /// Each was delivered and handled before, by another process.
    Handled,
    /// The same batch again and again, to the same process.
    Repeated,
    /// Each belongs to one incident, which is open.
    Attached,
}

impl Gust {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::New, Self::Handled, Self::Repeated, Self::Attached];

    /// In a gate's id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Handled => "handled",
            Self::Repeated => "repeated",
            Self::Attached => "attached",
        }
    }

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "an alarm that opens an incident",
            Self::Handled => "an alarm that another process handled",
            Self::Repeated => "an alarm that this process handled",
            Self::Attached => "an alarm of an incident that is open",
        }
    }
}

impl Scene {
    /// So many events of `each` alarms.
    pub fn gusts(&mut self, gust: Gust, count: u64, each: u64) -> Result<Vec<Value>, Trouble> {
        let at = self.world.clock.now();
        match gust {
            Gust::New => Ok((0..count).map(|_| queued(&self.fresh(each, at))).collect()),
            Gust::Handled => (0..count).map(|_| self.handled(each)).collect(),
            Gust::Repeated => {
                let batch = self.handled(each)?;
                Ok((0..count).map(|_| batch.clone()).collect())
            }
            Gust::Attached => {
                let runtime = Builder::new_current_thread().enable_time().build();
                let runtime = runtime.map_err(|error| odd(error.to_string()))?;
                runtime.block_on(self.shared())?;
                Ok((0..count).map(|_| queued(&self.named("shared", each, at))).collect())
            }
        }
    }

    fn fresh(&mut self, each: u64, at: Timestamp) -> Vec<Value> {
        self.named("storage", each, at)
    }

    fn named(&mut self, name: &str, each: u64, at: Timestamp) -> Vec<Value> {
        let mut one = || {
            self.count = self.count.saturating_add(1);
            alarm_event(&format!("{name}-latency-{}", self.count), "ALARM", at)
        };
        (0..each).map(|_| one()).collect()
    }

    /// An incident that is open for all alarms of the plan `shared`.
    async fn shared(&mut self) -> Result<(), Trouble> {
        let event = alarm_event("shared-latency", "ALARM", self.world.clock.now());
        let alarms = watchfire_alarm::alarms(&event.to_string());
        let alarm = alarms.ok().and_then(|mut all| all.pop()).ok_or_else(|| odd("no alarm"))?;
        self.desk.intake(&alarm, None).await.map_err(failed)?;
        Ok(())
    }

    fn handled(&mut self, each: u64) -> Result<Value, Trouble> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| odd(error.to_string()))?;
        let mut alarms = Vec::new();
        for _ in 0..each {
            let (id, event) = runtime.block_on(self.fire())?;
            // Its machine was started: nothing is left undone.
            runtime.block_on(self.reach(id, None, Some(super::STARTED)))?;
            alarms.push(event);
        }
        Ok(queued(&alarms))
    }
}
