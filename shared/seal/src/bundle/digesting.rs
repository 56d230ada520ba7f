//! Digests of files, taken while they are read or written.

use super::{Class, Failure, FileRef, Folder};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read, Write};
use watchfire_domain::chain::Digest;

/// A file, and what it hashes to so far.
pub(super) struct Digesting<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Digesting<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    pub(super) fn done(self) -> (T, FileRef) {
        let sha256 = Digest(self.hash.finalize().into());
        (self.inner, FileRef { bytes: self.bytes, sha256 })
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }
}

impl<T: Read> Read for Digesting<T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.note(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl<T: Write> Write for Digesting<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.note(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// What bytes in memory hash to.
pub(super) fn file_ref(bytes: &[u8]) -> FileRef {
    FileRef { bytes: bytes.len() as u64, sha256: Digest(Sha256::digest(bytes).into()) }
}

/// How large a file may be that is read at once: far more than any that we write.
const MOST: u64 = 16 << 20;

/// Reads a small file.
pub(super) fn small(folder: &dyn Folder, name: &str) -> Result<(String, FileRef), Failure> {
    let malformed = |what: String| Failure::of(Class::Malformed, format!("`{name}` {what}"));
    let unread = |error: io::Error| malformed(format!("cannot be read: {error}"));
    let mut bytes = Vec::new();
    folder.open(name).map_err(unread)?.take(MOST).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 >= MOST {
        return Err(malformed(format!("is larger than {} MiB", MOST >> 20)));
    }
    let found = file_ref(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| malformed("is not UTF-8".to_owned()))?;
    Ok((text, found))
}
