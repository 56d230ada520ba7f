//! The proofs of a bundle.

use crate::Leaf;
use serde::{Deserialize, Serialize};
use watchfire_domain::chain::Digest;

/// What ties the chain to the checkpoints, and the checkpoints to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proofs {
    /// Heads of this chain that the log holds, the oldest first.
    pub leaves: Vec<Sealed>,
    /// From each checkpoint to the next.
    pub consistency: Vec<Grown>,
}

/// A leaf, and the proof that the newest checkpoint's tree has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The leaf.
    pub leaf: Leaf,
    /// Its place in the log, from 0.
    pub index: u64,
    /// The proof, from the leaf upwards.
    pub inclusion: Vec<Digest>,
}

/// The proof that a later checkpoint's tree begins with an earlier one's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grown {
    /// The earlier size.
    pub from: u64,
    /// The later size.
    pub to: u64,
    /// The proof.
    pub proof: Vec<Digest>,
}
