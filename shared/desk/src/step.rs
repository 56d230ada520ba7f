//! What the lifecycle machine hands to a phase: ids that we wrote into its input ourselves.

use serde::{Deserialize, Serialize};
use watchfire_domain::environment::Next;
use watchfire_domain::{EnvironmentId, Tenant, Voucher};
use watchfire_edge::Fault;

/// A step of an environment's lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The tenant.
    pub tenant: String,
    /// The environment; its incident is part of its id.
    pub environment: EnvironmentId,
    /// The attempt that the execution belongs to.
    pub attempt: u32,
    /// What to do, where a function does more than one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What the state waits with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The error that was caught, for `abandon`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Step {
    /// The tenant, vouched for by the execution.
    pub fn tenant(&self) -> Result<Tenant, Fault> {
        Tenant::vouched(&self.tenant, Voucher::Execution)
            .map_err(|unnamed| Fault::Malformed { reason: unnamed.to_string() })
    }

    /// The token, where the state must wait with one.
    pub fn token(&self) -> Result<&str, Fault> {
        self.token
            .as_deref()
            .ok_or_else(|| Fault::Malformed { reason: "the step has no token".to_owned() })
    }
}

/// What the machine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Nexts {
    /// The word that its choice state knows.
    pub next: Next,
}

/// A state of the machine that waits with a token, in the order in which the machine comes through
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// For the launch route.
    LaunchAsk,
    /// For the task to run.
    Launch,
    /// For somebody to stop it.
    StopAsk,
    /// For the task to be stopped.
    Stop,
    /// For the approvers.
    Approve,
}

impl Wait {
    /// Every waiting state.
    pub const ALL: [Self; 5] =
        [Self::LaunchAsk, Self::Launch, Self::StopAsk, Self::Stop, Self::Approve];

    /// The name under which its token is kept.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LaunchAsk => "launch-ask",
            Self::Launch => "launch",
            Self::StopAsk => "stop-ask",
            Self::Stop => "stop",
            Self::Approve => "approve",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wait| wait.name() == name)
    }
}
