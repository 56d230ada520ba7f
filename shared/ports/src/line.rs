//! The line of alarms: those of one key, one after the other.

use crate::PortError;
use async_trait::async_trait;

/// A delivery that goes to the end of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The line: of one line, one batch is handled at a time (SQS "FIFO queue and message group ID
    /// terms"). At most 128 characters.
    pub group: String,
    /// The delivery: within five minutes the same is queued once. At most 128 characters.
    pub id: String,
    /// What was delivered.
    pub body: String,
    /// The trace header of its delivery.
    pub trace: Option<String>,
}

/// The FIFO queue that the function `alarm` reads beside the queue of alarms.
#[async_trait]
pub trait Line: std::fmt::Debug + Send + Sync {
    /// Queues it. Once this has succeeded it is not lost.
    async fn send(&self, waiting: &Waiting) -> Result<(), PortError>;
}
