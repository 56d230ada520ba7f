//! An output of which only the beginning was read.

/// What is known of the whole of an output, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// How long it is, in bytes.
    pub bytes: u64,
    /// SHA-256 of it, in hex, if whoever keeps it told.
    pub sha256: Option<String>,
    /// Whether all that it says was read, and only its form is another; else its beginning was.
    pub read: bool,
}
