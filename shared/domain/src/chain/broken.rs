//! How a chain can be broken.

use serde::{Deserialize, Serialize};

/// What is wrong with a chain. The numbers are exit codes of the verifier and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An event is not what was hashed, or its projections are not what it says.
    Body,
    /// An event does not follow the one before it, or belongs to another incident.
    Link,
    /// An event is missing, doubled or out of its place.
    GapOrOrder,
    /// The chain does not end where it is said to end.
    Head,
    /// An event cannot be read.
    Malformed,
}

impl Class {
    /// The verifier's exit code; 6 and 7 are those of checkpoints and signatures.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Body => 2,
            Self::Link => 3,
            Self::GapOrOrder => 4,
            Self::Head => 5,
            Self::Malformed => 8,
        }
    }
}

/// A chain that does not verify, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} {what}")]
pub struct Broken {
    /// The first place in the chain that is bad.
    pub seq: u64,
    /// How.
    pub class: Class,
    /// How, in words.
    pub what: &'static str,
}
