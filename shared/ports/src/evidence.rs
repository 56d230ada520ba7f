//! Evidence: what the container left in the audit bucket (S0-35, decision 17), and what servers
//! answered to steps (decision 0017).

use crate::PortError;
use async_trait::async_trait;

/// What was found under an incident's prefix for one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `<cluster>/<number>/<YYYYMMDD>/<task id>/`: the date is the stop's, so it is found by listing.
    pub prefix: String,
    /// Every object below it: path relative to the prefix, and size in bytes.
    pub objects: Vec<(String, u64)>,
    /// The manifest's bytes, if there is one.
    pub manifest: Option<Vec<u8>>,
}

/// Evidence in the audit bucket. Nothing here can change what lies there.
#[async_trait]
pub trait Evidence: std::fmt::Debug + Send + Sync {
    /// What is there for `task_id` under `<cluster>/<number>/`; none if nothing is.
    async fn find(
        &self,
        cluster: &str,
        number: &str,
        task_id: &str,
    ) -> Result<Option<Found>, PortError>;

    /// Puts an object, and tells where a person finds it: `s3://bucket/<key>`. One that lies there
    /// already stays as it is: a key that follows from `bytes` is right both times.
    async fn keep(&self, key: &str, bytes: Vec<u8>) -> Result<String, PortError>;

    /// Where a person finds it: `s3://bucket/<cluster>/<number>/`.
    fn location(&self, cluster: &str, number: &str) -> String;
}
