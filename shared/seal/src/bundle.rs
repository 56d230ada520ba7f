//! The evidence bundle: one incident, with all that it takes to check it alone (docs/bundle.md).

mod approvals;
mod digesting;
mod failure;
mod lines;
mod manifest;
mod parts;
mod seal;
mod verify;
mod write;

pub use failure::{Class, Failure};
pub use lines::{Lines, events};
pub use manifest::{FORMAT, FileRef, Manifest};
pub use parts::{Grown, Proofs, Sealed};
pub use verify::{Ask, Report, SealedAt, Trust, verify};
pub use write::{Contents, Events, EventsWriter, NotWritten, Rest, write};

use std::collections::BTreeMap;
use std::io::{self, Read};

/// The files of every bundle.
pub const MANIFEST: &str = "manifest.json";
/// The events, one a line.
pub const EVENTS: &str = "events.ndjson";
/// The proofs.
pub const PROOFS: &str = "proofs.json";
/// The approvals, as the events leave them.
pub const APPROVALS: &str = "approvals.json";
/// The specs of runbooks, each under its hash.
pub const RUNBOOKS: &str = "runbooks/";

/// Where a bundle's files are read from.
pub trait Folder {
    /// Opens the file of this name, which is one of this module's own or one that the manifest
    /// lists and [`is_name`] allows.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>>;
}

/// A bundle in memory.
impl Folder for BTreeMap<String, Vec<u8>> {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let bytes = self.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(&bytes[..]))
    }
}

/// Whether a bundle may have a file of this name: a manifest must not make its reader look
/// anywhere else.
pub fn is_name(name: &str) -> bool {
    let within = |folder: &str, end: &str| {
        let stem = name.strip_prefix(folder).and_then(|rest| rest.strip_suffix(end));
        stem.is_some_and(|stem| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=64).contains(&stem.len()) && stem.bytes().all(plain)
        })
    };
    [EVENTS, PROOFS, APPROVALS].contains(&name)
        || within("checkpoints/", ".note")
        || within("keys/", ".pub")
        || within(RUNBOOKS, ".json")
}
