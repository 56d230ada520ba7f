//! What the log holds: that an incident's chain had this head.

use crate::tree::leaf_hash;
use serde::{Deserialize, Serialize};
use watchfire_domain::IncidentId;
use watchfire_domain::canon::{NotCanonical, canonical};
use watchfire_domain::chain::Digest;

/// The version of the leaf's format.
const VERSION: u8 = 1;

/// A leaf of the log. It is appended as its canonical text (RFC 8785), so that it has one hash. The
/// log's tiles show the hash alone, and the head in it cannot be guessed: a tile tells a reader
/// nothing of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// The version of the format: 1.
    pub v: u8,
    /// The tenant whose keys hold the incident.
    pub tenant: String,
    /// The incident.
    pub incident_id: IncidentId,
    /// The place of the chain's newest event.
    pub seq: u64,
    /// That event's hash.
    pub head: Digest,
}

impl Leaf {
    /// The leaf of an incident whose newest event is `seq`, of hash `head`.
    pub fn new(tenant: &str, incident_id: IncidentId, seq: u64, head: Digest) -> Self {
        Self { v: VERSION, tenant: tenant.to_owned(), incident_id, seq, head }
    }

    /// The canonical text.
    pub fn text(&self) -> Result<String, NotCanonical> {
        let value = serde_json::to_value(self)
            .map_err(|source| NotCanonical::NotJson { problem: source.to_string() })?;
        canonical(&value)
    }

    /// Its hash in the tree.
    pub fn hash(&self) -> Result<Digest, NotCanonical> {
        self.text().map(|text| leaf_hash(text.as_bytes()))
    }
}
