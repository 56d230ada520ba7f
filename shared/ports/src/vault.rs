//! Where sealed things are kept: a bucket whose objects nobody can change (DESIGN §5), and the queue
//! of incidents that shall be sealed soon.

use crate::PortError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use watchfire_domain::{ApprovalId, IncidentId, Timestamp};

/// Objects that stay as they were written. The bucket locks them; `checkpoint` writes here, and `api` what is published.
#[async_trait]
pub trait Vault: std::fmt::Debug + Send + Sync {
    /// Writes an object, if there is none of this name. True if it was written now.
    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, PortError>;

    /// Writes the newest version of an object; the older ones stay locked below it.
    async fn replace(&self, name: &str, bytes: Vec<u8>) -> Result<(), PortError>;

    /// An object's newest version; none if there is no object of this name.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// What follows `prefix` in the names of the objects that have it, in order.
    async fn names(&self, prefix: &str) -> Result<Vec<String>, PortError>;

    /// An address under which whoever has it reads the object, from `from` on and for so many seconds at
    /// most. Nobody is asked for it: it is made whether or not there is such an object, and it ends with
    /// the credentials that signed it. A secret.
    async fn lend(&self, name: &str, from: Timestamp, seconds: u32) -> Result<String, PortError>;

    /// Where a person finds what is called `name`: `s3://bucket/<name>`.
    fn location(&self, name: &str) -> String;
}

/// That an incident shall be sealed and exported now, or the documents of one approval kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealAsk {
    /// The incident's home tenant.
    pub tenant: String,
    /// The incident.
    pub incident: IncidentId,
    /// The approval that came to its end. Only its documents are wanted: the incident is sealed when
    /// its turn comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
}

/// The queue of those.
#[async_trait]
pub trait Seals: std::fmt::Debug + Send + Sync {
    /// Queues it.
    async fn send(&self, ask: &SealAsk) -> Result<(), PortError>;
}
