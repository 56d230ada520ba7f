//! The alarm queue, as webhooks reach it: what a verified request said, on its way to intake.

use crate::PortError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use watchfire_domain::integration::{IntegrationId, Notice};

/// What a verified webhook said. It names no tenant: whoever takes it in reads that, and the plan,
/// from the integration's own record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The version of this shape; it also tells this shape from an alarm's.
    pub watchfire_hook: u32,
    /// The integration that was verified.
    pub integration: IntegrationId,
    /// What it said, in its order.
    pub notices: Vec<Notice>,
}

impl Delivery {
    /// The version that is written.
    pub const VERSION: u32 = 1;

    /// What an integration said.
    pub fn new(integration: IntegrationId, notices: Vec<Notice>) -> Self {
        Self { watchfire_hook: Self::VERSION, integration, notices }
    }
}

/// The queue that the function `alarm` reads.
#[async_trait]
pub trait Hooks: std::fmt::Debug + Send + Sync {
    /// Queues it. Once this has succeeded it is not lost.
    async fn send(&self, delivery: &Delivery) -> Result<(), PortError>;
}
