//! Messages to people and to other systems.

use crate::PortError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use watchfire_domain::plan::Target;

/// A message to one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Deterministic: a repeat carries the same id, and receivers may drop it.
    pub id: String,
    /// Whom.
    pub to: Target,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// For machines (SNS message attributes, webhook body); a JSON object.
    pub data: serde_json::Value,
}

/// That a message was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The receiver's own id for it, if it gave one.
    pub receipt: Option<String>,
}

/// Messages: mail by SES, topics by SNS, signed webhooks.
#[async_trait]
pub trait Notify: std::fmt::Debug + Send + Sync {
    /// Sends it. At least once: a repeat may arrive twice.
    async fn send(&self, message: &Message) -> Result<Sent, PortError>;
}
