//! What a spec is known by.

use crate::Spec;
use std::ops::Deref;
use watchfire_domain::canon::{NotCanonical, canonical};
use watchfire_domain::chain::Digest;

/// The hash of a spec (S3-31), as [`watchfire_domain::spec_hash`] has it of its canonical text.
///
/// Two texts that read as the same spec have the same hash, whatever their form, the order of their
/// keys, and whether they write out what is the default.
pub fn spec_hash(spec: &Spec) -> Result<Digest, NotCanonical> {
    Ok(watchfire_domain::spec_hash(&text(spec)?))
}

/// A spec, and its hash beside it: an execution is held to it at each decision, and hashing a spec
/// costs more than deciding.
#[derive(Debug, Clone, PartialEq)]
pub struct Hashed {
    spec: Spec,
    hash: String,
}

impl Hashed {
    /// The spec with its hash, in hex, as [`spec_hash`] has it.
    pub fn of(spec: Spec) -> Result<Self, NotCanonical> {
        let hash = spec_hash(&spec)?.to_string();
        Ok(Self { spec, hash })
    }

    /// The hash, in hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl Deref for Hashed {
    type Target = Spec;

    fn deref(&self) -> &Spec {
        &self.spec
    }
}

/// The canonical text of a spec: what is stored, and what is hashed.
pub fn text(spec: &Spec) -> Result<String, NotCanonical> {
    let value = serde_json::to_value(spec)
        .map_err(|source| NotCanonical::NotJson { problem: source.to_string() })?;
    canonical(&value)
}
