//! State machines and the probe queue: messengers, never judges.

use crate::PortError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use watchfire_domain::EnvironmentId;

/// How a waiting state is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenAnswer {
    /// Go on; the next state reads the record.
    Success(serde_json::Value),
    /// Fail with this stable error name and cause.
    Failure {
        /// `Fault::name()`.
        error: &'static str,
        /// In words, without secrets.
        cause: String,
    },
}

/// State machines.
#[async_trait]
pub trait Workflow: std::fmt::Debug + Send + Sync {
    /// Starts the lifecycle under this deterministic name. True if it was started now; false if
    /// an execution of that name exists or existed: that is no error.
    async fn start(&self, name: &str, input: &serde_json::Value) -> Result<bool, PortError>;

    /// Whether the execution of this name still runs; none if there never was one.
    async fn running(&self, name: &str) -> Result<Option<bool>, PortError>;

    /// Answers a waiting state. False if nobody waits any more: that is no error.
    async fn answer(&self, token: &str, answer: &TokenAnswer) -> Result<bool, PortError>;
}

/// A look that `observe` shall take at an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The environment's tenant.
    pub tenant: String,
    /// The environment.
    pub environment: EnvironmentId,
    /// The attempt that it belongs to; an older one is dropped.
    pub attempt: u32,
    /// How many looks were taken already, or [`Probe::ONCE`].
    #[serde(default)]
    pub looks: u32,
}

impl Probe {
    /// In place of a count: one look, of which no other follows. Whoever begins a phase begins a
    /// chain of looks; everybody else asks for one.
    pub const ONCE: u32 = u32::MAX;
}

/// The probe queue.
#[async_trait]
pub trait Probes: std::fmt::Debug + Send + Sync {
    /// Queues the probe, to be delivered after `delay_seconds` (at most 900).
    async fn send(&self, probe: &Probe, delay_seconds: u32) -> Result<(), PortError>;
}
