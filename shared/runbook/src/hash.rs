//! What a spec is known by.

use crate::Spec;
use sha2::{Digest as _, Sha256};
use watchfire_domain::canon::{NotCanonical, canonical};
use watchfire_domain::chain::Digest;

/// The hash of a spec (S3-31): SHA-256 over a prefix of its own and the canonical bytes (RFC 8785).
///
/// Two texts that read as the same spec have the same hash, whatever their form, the order of their
/// keys, and whether they write out what is the default.
pub fn spec_hash(spec: &Spec) -> Result<Digest, NotCanonical> {
    let hash = Sha256::new().chain_update(b"watchfire-runbook-spec/v1\0").chain_update(text(spec)?);
    Ok(Digest(hash.finalize().into()))
}

/// The canonical text of a spec: what is stored, and what is hashed.
pub fn text(spec: &Spec) -> Result<String, NotCanonical> {
    let value = serde_json::to_value(spec)
        .map_err(|source| NotCanonical::NotJson { problem: source.to_string() })?;
    canonical(&value)
}
