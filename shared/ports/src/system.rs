//! Time, chance and secrets: they come in through the door.

use crate::PortError;
use async_trait::async_trait;
use std::sync::Arc;
use watchfire_domain::Timestamp;

/// The time.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Waiting between two tries.
#[async_trait]
pub trait Pause: std::fmt::Debug + Send + Sync {
    /// Waits about `millis` milliseconds; in tests, only until others had their turn.
    async fn pause(&self, millis: u64);
}

/// Chance, for ids, nonces and codes: cryptographically random on AWS, seeded in tests.
pub trait Ids: std::fmt::Debug + Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// Ten random bytes, as a version 7 uuid needs.
    fn ten(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        bytes
    }
}

/// Secrets, by id. Values are cached by the adapter for at most five minutes.
#[async_trait]
pub trait Secrets: std::fmt::Debug + Send + Sync {
    /// The secret's text. `fresh` skips the cache, at most once a minute.
    async fn secret(&self, id: &str, fresh: bool) -> Result<Arc<str>, PortError>;
}

/// The issuer's public keys (RFC 7517), cached by the adapter.
#[async_trait]
pub trait Jwks: std::fmt::Debug + Send + Sync {
    /// The key set's JSON text. `fresh` skips the cache, at most once a minute: for an unknown key id.
    async fn keys(&self, fresh: bool) -> Result<Arc<str>, PortError>;
}

/// Where metric lines go: CloudWatch reads them off a function's log (embedded metric format).
pub trait Metrics: std::fmt::Debug + Send + Sync {
    /// Writes one line of JSON.
    fn emit(&self, line: &str);
}
