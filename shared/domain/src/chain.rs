//! The chain of an incident's events: each hash covers the exact bytes of its event and the hash
//! before it, and the first covers tenant and incident (reliability: §2).

mod broken;
mod digest;
mod targets;
#[cfg(test)]
mod tests;
mod verify;

pub use broken::{Broken, Class};
pub use digest::Digest;
pub use verify::{Stored, Verified, Verifier, verify};

use crate::canon::{NotCanonical, canonical};
use crate::{Actor, IncidentId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The version of the body's format.
pub const VERSION: u8 = 1;

/// The writer epoch of every event, until a second region writes.
pub const EPOCH: u16 = 1;

/// What the first event of an incident's chain follows. It binds tenant and incident, so that no
/// chain can be passed off as another's.
pub fn genesis(tenant: &str, incident: IncidentId) -> Digest {
    let hash = Sha256::new()
        .chain_update(b"genesis/v1\0")
        .chain_update(tenant)
        .chain_update(b"\0")
        .chain_update(incident.to_string());
    Digest(hash.finalize().into())
}

/// The hash of the event whose bytes are `body`, after the event of hash `prev`.
pub fn event_hash(prev: &Digest, body: &[u8]) -> Digest {
    let hash = Sha256::new()
        .chain_update(b"\0incident-event/v1\0")
        .chain_update(prev.0)
        .chain_update(body);
    Digest(hash.finalize().into())
}

/// An event as it is hashed and stored: its canonical text ([`Body::text`]) is the event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// [`VERSION`].
    pub v: u8,
    /// The tenant whose keys hold the incident.
    pub tenant: String,
    /// The incident.
    pub incident_id: IncidentId,
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// A uuid, made before the first try to store the event.
    pub event_id: String,
    /// What happened. Text, so that a verifier follows events younger than itself.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// Everything else: an object.
    pub payload: Value,
    /// Evidence that is too large for an event, by digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<Ref>,
    /// The caller's idempotency key, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idem: Option<Idem>,
}

/// Evidence that lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ref {
    /// Where.
    pub uri: String,
    /// What it hashes to.
    pub sha256: Digest,
}

/// A caller's idempotency key, as its event remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idem {
    /// The key, as the store hashes it.
    pub key: String,
    /// The digest of the request that it came with.
    pub body: String,
}

impl Body {
    /// The canonical text: what is hashed, and what is stored.
    pub fn text(&self) -> Result<String, NotCanonical> {
        if !self.payload.is_object() {
            let problem = "an event's payload must be an object".to_owned();
            return Err(NotCanonical::NotJson { problem });
        }
        let value = serde_json::to_value(self)
            .map_err(|source| NotCanonical::NotJson { problem: source.to_string() })?;
        canonical(&value)
    }

    /// The event as it is stored after the event of hash `prev`.
    pub fn after(&self, prev: Digest) -> Result<Stored, NotCanonical> {
        let body = self.text()?;
        Ok(Stored {
            seq: self.seq,
            epoch: EPOCH,
            hash: event_hash(&prev, body.as_bytes()),
            prev,
            body,
            kind: self.kind.clone(),
            at: self.at.to_string(),
        })
    }
}
