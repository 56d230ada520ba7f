//! What a runbook's spec is known by: to those who write specs, and to those who only verify them.

use crate::chain::Digest;
use sha2::{Digest as _, Sha256};

/// The hash of a spec (S3-31): SHA-256 over a prefix of its own and its canonical text (RFC 8785).
pub fn spec_hash(canonical: &str) -> Digest {
    let hash = Sha256::new().chain_update(b"watchfire-runbook-spec/v1\0").chain_update(canonical);
    Digest(hash.finalize().into())
}
