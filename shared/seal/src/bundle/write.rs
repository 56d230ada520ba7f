//! Writing a bundle: the events as they come, everything else at the end.

use super::approvals::Approvals;
use super::digesting::{Digesting, file_ref};
use super::{APPROVALS, EVENTS, FORMAT, FileRef, Manifest, PROOFS, Proofs, RUNBOOKS};
use crate::{Note, VerifierKey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Write};
use watchfire_domain::IncidentId;
use watchfire_domain::chain::{Digest, Stored, genesis};

/// A bundle could not be written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The file did not take it.
    #[error("writing an evidence bundle")]
    Io(#[source] io::Error),
    /// It has no JSON.
    #[error("wording a file of an evidence bundle")]
    Json(#[source] serde_json::Error),
}

/// Writes `events.ndjson` while the events come.
pub struct EventsWriter<W> {
    file: Digesting<W>,
    approvals: Approvals,
    tenant: String,
    incident: IncidentId,
    last: (u64, Digest),
}

impl<W> std::fmt::Debug for EventsWriter<W> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "EventsWriter(after {})", self.last.0)
    }
}

/// The events that were written.
#[derive(Debug)]
pub struct Events {
    file: FileRef,
    approvals: Approvals,
    tenant: String,
    incident: IncidentId,
    last: (u64, Digest),
}

impl<W: Write> EventsWriter<W> {
    /// Into this file.
    pub fn new(file: W, tenant: &str, incident: IncidentId) -> Self {
        Self {
            file: Digesting::new(file),
            approvals: Approvals::default(),
            tenant: tenant.to_owned(),
            incident,
            last: (0, genesis(tenant, incident)),
        }
    }

    /// Writes the next event as it is stored. It is not verified: a chain that is broken in the
    /// table shall be broken in the bundle.
    pub fn push(&mut self, event: &Stored) -> Result<(), NotWritten> {
        let mut line = serde_json::to_vec(event).map_err(NotWritten::Json)?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(NotWritten::Io)?;
        self.approvals.push(event);
        self.last = (event.seq, event.hash);
        Ok(())
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<(W, Events), NotWritten> {
        self.file.flush().map_err(NotWritten::Io)?;
        let Self { file, approvals, tenant, incident, last } = self;
        let (inner, file) = file.done();
        Ok((inner, Events { file, approvals, tenant, incident, last }))
    }
}

impl Events {
    /// The approvals as these events leave them, by name (`approval/1`).
    pub fn approvals(&self) -> &BTreeMap<String, Value> {
        self.approvals.records()
    }
}

/// What a bundle holds beside its events.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// The checkpoints, the oldest first, with their sizes.
    pub checkpoints: Vec<(u64, Note)>,
    /// The proofs.
    pub proofs: Proofs,
    /// The keys that sign the log, the newest last.
    pub keys: Vec<VerifierKey>,
    /// The specs of the incident's runbooks, by their hashes: canonical texts.
    pub runbooks: BTreeMap<String, String>,
}

/// Everything of a bundle but its events.
#[derive(Debug, Clone)]
pub struct Rest {
    /// The files, by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The manifest, to be written last: a bundle without one is a bundle that is not finished.
    pub manifest: Vec<u8>,
}

/// Words everything but the events.
pub fn write(events: &Events, contents: &Contents) -> Result<Rest, NotWritten> {
    let mut files = BTreeMap::new();
    files.insert(PROOFS.to_owned(), json(&contents.proofs)?);
    files.insert(APPROVALS.to_owned(), json(events.approvals.records())?);
    for (size, note) in &contents.checkpoints {
        // Twenty digits: names in order are sizes in order.
        files.insert(format!("checkpoints/{size:020}.note"), note.to_string().into_bytes());
    }
    for (at, key) in (1..).zip(&contents.keys) {
        let at: u64 = at;
        files.insert(format!("keys/{at:03}.pub"), format!("{key}\n").into_bytes());
    }
    for (hash, text) in &contents.runbooks {
        files.insert(format!("{RUNBOOKS}{hash}.json"), text.clone().into_bytes());
    }
    let listed = files.iter().map(|(name, bytes)| (name.clone(), file_ref(bytes)));
    let (seq, head) = events.last;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        tenant: events.tenant.clone(),
        incident_id: events.incident,
        events: seq,
        head,
        files: listed.chain([(EVENTS.to_owned(), events.file)]).collect(),
    };
    Ok(Rest { files, manifest: json(&manifest)? })
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, NotWritten> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(NotWritten::Json)?;
    bytes.push(b'\n');
    Ok(bytes)
}
