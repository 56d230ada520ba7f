//! The text of a checkpoint (C2SP tlog-checkpoint).

use base64ct::{Base64, Encoding as _};
use std::{fmt, str::FromStr};
use watchfire_domain::chain::Digest;

/// The state of a log: three lines, and lines that others may add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name like a URL without its scheme. The key that signs has the same name.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// Further lines, none empty: kept, not understood.
    pub extensions: Vec<String>,
}

/// Text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint: {0}")]
pub struct NoCheckpoint(pub &'static str);

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = Base64::encode_string(&self.root.0);
        writeln!(out, "{}\n{}\n{root}", self.origin, self.size)?;
        self.extensions.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = NoCheckpoint;
    fn from_str(text: &str) -> Result<Self, NoCheckpoint> {
        let text = text.strip_suffix('\n').ok_or(NoCheckpoint("its last line has no end"))?;
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty());
        let size = lines.next().and_then(number).ok_or(NoCheckpoint("its size is no number"))?;
        let root = lines.next().and_then(|line| Base64::decode_vec(line).ok());
        let root = root.and_then(|bytes| Digest::try_from(&bytes[..]).ok());
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(NoCheckpoint("one of its lines is empty"));
        }
        Ok(Self {
            origin: origin.ok_or(NoCheckpoint("it has no origin"))?.to_owned(),
            size,
            root: root.ok_or(NoCheckpoint("its root is no SHA-256 digest in base64"))?,
            extensions,
        })
    }
}

/// A decimal number in its one written form: no sign and no leading zero.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
