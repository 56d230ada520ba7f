//! Verification of a bundle. The chain comes first, then its end, then the signatures, then what
//! the checkpoints say, and the files' digests last: the first thing that is wrong is the one that
//! says most about what was done.

use super::approvals::Approvals;
use super::digesting::{Digesting, small};
use super::manifest::parse;
use super::seal::Seal;
use super::{APPROVALS, Class, EVENTS, Failure, FileRef, Folder, Lines, Manifest, RUNBOOKS};
use crate::VerifierKey;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::chain::{Digest, Stored, Verified, Verifier};
use watchfire_domain::{IncidentId, spec_hash};

/// What somebody wants to know of a bundle.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Keys that are trusted. Without one, the bundle's own are used.
    pub trusted: Vec<VerifierKey>,
    /// Heads that somebody kept, by place: receipts of the API's answers.
    pub receipts: BTreeMap<u64, Digest>,
}

/// Whose key the checkpoints were checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// One that the caller gave.
    Given,
    /// One that lay in the bundle: whoever wrote the bundle may have made it.
    Bundle,
    /// Nobody's: there is no checkpoint.
    Nobody,
}

/// A bundle in which nothing is wrong, and how far that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The tenant.
    pub tenant: String,
    /// The incident.
    pub incident_id: IncidentId,
    /// How many events there are.
    pub events: u64,
    /// The hash of the last one.
    pub head: Digest,
    /// Up to where the chain is sealed.
    pub sealed: Option<SealedAt>,
    /// The first event after that: from here on a rewriting would not show.
    pub window_from: Option<u64>,
    /// How many checkpoints there are.
    pub checkpoints: u64,
    /// Whose key they were checked with.
    pub trust: Trust,
    /// The key itself: that of the newest checkpoint.
    pub signed_by: Option<String>,
    /// How many of the caller's receipts were compared.
    pub receipts: u64,
}

/// Up to where a chain is sealed, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedAt {
    /// The last event that the log knows.
    pub seq: u64,
    /// Its hash.
    pub head: Digest,
    /// The leaf's place in the log.
    pub index: u64,
    /// How many leaves the newest checkpoint has.
    pub size: u64,
    /// Which log.
    pub origin: String,
}

/// Verifies a bundle. `see` gets each event once the chain holds up to it, and how many bytes of
/// the events' file are read; what it saw counts only if the whole bundle verifies.
pub fn verify(
    folder: &dyn Folder,
    ask: &Ask,
    see: &mut dyn FnMut(&Stored, u64),
) -> Result<Report, Failure> {
    let manifest = Manifest::read(folder)?;
    let mut read = BTreeMap::new();
    let mut seal = Seal::read(folder, &manifest, &mut read)?;
    let mut approvals = Approvals::default();
    let mut receipts = ask.receipts.clone();

    let (verified, found) = chain(folder, &manifest, &mut |event, bytes| {
        seal.note(event.seq, event.hash);
        approvals.push(event);
        if receipts.get(&event.seq) == Some(&event.hash) {
            receipts.remove(&event.seq);
        }
        see(event, bytes);
    })?;
    read.insert(EVENTS.to_owned(), found);
    verified.ends_at(manifest.events, &manifest.head)?;
    if let Some(seq) = receipts.keys().next() {
        let what = format!("event {seq} is not the one that its receipt tells");
        return Err(Failure::at(Class::Head, *seq, what));
    }

    let mut report = Report {
        tenant: manifest.tenant.clone(),
        incident_id: manifest.incident_id,
        events: verified.events,
        head: verified.head,
        sealed: None,
        window_from: None,
        checkpoints: 0,
        trust: Trust::Nobody,
        signed_by: None,
        receipts: ask.receipts.len() as u64,
    };
    seal.check(&manifest, &ask.trusted, &mut report)?;
    let sealed = report.sealed.as_ref().map_or(0, |sealed| sealed.seq);
    report.window_from = (sealed < report.events).then(|| sealed.saturating_add(1));

    let (text, found) = small(folder, APPROVALS)?;
    read.insert(APPROVALS.to_owned(), found);
    let listed: BTreeMap<String, Value> = parse(APPROVALS, &text)?;
    if let Some((name, seq)) = approvals.differs(&listed) {
        let what = format!("`{APPROVALS}` tells `{name}` otherwise than the events do");
        return Err(Failure { class: Class::Body, seq, what });
    }
    for name in manifest.within(RUNBOOKS) {
        let (text, found) = small(folder, name)?;
        read.insert(name.to_owned(), found);
        // Executions and approvals name a spec by this hash: a file under another's name would pass
        // for what was agreed to.
        if name != format!("{RUNBOOKS}{}.json", spec_hash(&text)) {
            let what = format!("`{name}` is not the spec of this hash");
            return Err(Failure::of(Class::Malformed, what));
        }
    }
    match manifest.files.iter().find(|(name, file)| read.get(*name) != Some(file)) {
        None => Ok(report),
        Some((name, _)) => {
            let what = format!("`{name}` is not the file that the manifest lists");
            Err(Failure::of(Class::Malformed, what))
        }
    }
}

/// Verifies the events alone, one at a time.
fn chain(
    folder: &dyn Folder,
    manifest: &Manifest,
    see: &mut dyn FnMut(&Stored, u64),
) -> Result<(Verified, FileRef), Failure> {
    let unread =
        |error| Failure::of(Class::Malformed, format!("`{EVENTS}` cannot be read: {error}"));
    let mut lines = Lines::new(Digesting::new(folder.open(EVENTS).map_err(unread)?));
    let mut verifier = Verifier::new(&manifest.tenant, manifest.incident_id);
    let mut bytes = 0u64;
    while let Some(event) = lines.next() {
        let event = event?;
        verifier.push(&event)?;
        bytes = bytes.saturating_add(lines.width()).saturating_add(1);
        see(&event, bytes);
    }
    let (_, found) = lines.into_inner().done();
    Ok((verifier.finish(), found))
}
