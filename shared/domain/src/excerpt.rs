//! The beginning of a text, with what tells whether another text is the whole of it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The beginning of a text: as much as a record has room for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The beginning, in which what is marked as a secret reads `[redacted]`.
    pub text: String,
    /// SHA-256 of the whole, in hex.
    pub sha256: String,
    /// How long the whole is, in bytes.
    pub bytes: u64,
    /// Whether `text` ends before the whole does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Whether something in `text` was taken out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl Excerpt {
    /// That it is not the whole, for whoever reads it; nothing, if it is.
    pub fn remark(&self) -> Option<Remark<'_>> {
        self.cut.then_some(Remark(self))
    }
}

/// How much an excerpt leaves out, in words.
#[derive(Debug, Clone, Copy)]
pub struct Remark<'a>(&'a Excerpt);

impl fmt::Display for Remark<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Excerpt { bytes, sha256, .. } = self.0;
        write!(out, "cut here: the whole has {bytes} bytes, and the SHA-256 {sha256}")
    }
}
