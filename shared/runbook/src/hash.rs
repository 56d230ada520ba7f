//! What a spec is known by.

use crate::Spec;
use watchfire_domain::canon::{NotCanonical, canonical};
use watchfire_domain::chain::Digest;

/// The hash of a spec (S3-31), as [`watchfire_domain::spec_hash`] has it of its canonical text.
///
/// Two texts that read as the same spec have the same hash, whatever their form, the order of their
/// keys, and whether they write out what is the default.
pub fn spec_hash(spec: &Spec) -> Result<Digest, NotCanonical> {
    Ok(watchfire_domain::spec_hash(&text(spec)?))
}

/// The canonical text of a spec: what is stored, and what is hashed.
pub fn text(spec: &Spec) -> Result<String, NotCanonical> {
    let value = serde_json::to_value(spec)
        .map_err(|source| NotCanonical::NotJson { problem: source.to_string() })?;
    canonical(&value)
}
