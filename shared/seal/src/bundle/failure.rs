//! What is wrong with a bundle.

use serde::Serialize;
use std::fmt;
use watchfire_domain::chain;

/// What is wrong. The numbers are exit codes of the verifier and never change (reliability: §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An event is not what was hashed.
    Body,
    /// An event does not follow the one before it, or belongs to another incident.
    Link,
    /// An event is missing, doubled or out of its place.
    GapOrOrder,
    /// The chain does not end where it is said to end.
    Head,
    /// The chain is not the one that was sealed, or the log is not the one that was signed.
    Checkpoint,
    /// A checkpoint is not signed by a key that is trusted.
    Signature,
    /// Something cannot be read, or is not the file that the manifest lists.
    Malformed,
}

impl Class {
    /// The verifier's exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Body => 2,
            Self::Link => 3,
            Self::GapOrOrder => 4,
            Self::Head => 5,
            Self::Checkpoint => 6,
            Self::Signature => 7,
            Self::Malformed => 8,
        }
    }
}

impl From<chain::Class> for Class {
    fn from(class: chain::Class) -> Self {
        match class {
            chain::Class::Body => Self::Body,
            chain::Class::Link => Self::Link,
            chain::Class::GapOrOrder => Self::GapOrOrder,
            chain::Class::Head => Self::Head,
            chain::Class::Malformed => Self::Malformed,
        }
    }
}

/// The first thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What sort of thing.
    pub class: Class,
    /// The first bad place in the chain, if it is one of the chain's.
    pub seq: Option<u64>,
    /// In words.
    pub what: String,
}

impl Failure {
    pub(super) fn at(class: Class, seq: u64, what: impl Into<String>) -> Self {
        Self { class, seq: Some(seq), what: what.into() }
    }

    pub(super) fn of(class: Class, what: impl Into<String>) -> Self {
        Self { class, seq: None, what: what.into() }
    }
}

impl From<chain::Broken> for Failure {
    fn from(broken: chain::Broken) -> Self {
        Self::at(broken.class.into(), broken.seq, broken.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}
