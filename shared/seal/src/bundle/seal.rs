//! The checkpoints of a bundle, and what they say of its chain.

use super::digesting::small;
use super::manifest::parse;
use super::{Class, Failure, FileRef, Folder, Manifest, PROOFS, Proofs, Report, SealedAt, Trust};
use crate::proof::{extends, includes};
use crate::{Checkpoint, Note, VerifierKey};
use std::collections::BTreeMap;
use watchfire_domain::chain::Digest;

/// Everything but the events, read and not yet believed.
pub(super) struct Seal {
    proofs: Proofs,
    notes: Vec<(String, Note, Checkpoint)>,
    keys: Vec<VerifierKey>,
    /// Of the leaves' events: what the chain's hash is there.
    heads: BTreeMap<u64, Option<Digest>>,
}

impl Seal {
    /// Reads it; `read` gets what every file turned out to be.
    pub(super) fn read(
        folder: &dyn Folder,
        manifest: &Manifest,
        read: &mut BTreeMap<String, FileRef>,
    ) -> Result<Self, Failure> {
        let mut open = |name: &str| {
            let (text, found) = small(folder, name)?;
            read.insert(name.to_owned(), found);
            Ok::<String, Failure>(text)
        };
        let malformed =
            |name: &str, why: String| Failure::of(Class::Malformed, format!("`{name}`: {why}"));
        let proofs: Proofs = parse(PROOFS, &open(PROOFS)?)?;
        let mut notes = Vec::new();
        for name in manifest.within("checkpoints/") {
            let note: Note =
                open(name)?.parse().map_err(|why| malformed(name, format!("{why}")))?;
            let checkpoint =
                note.text().parse().map_err(|why| malformed(name, format!("{why}")))?;
            notes.push((name.to_owned(), note, checkpoint));
        }
        let mut keys = Vec::new();
        for name in manifest.within("keys/") {
            let key = open(name)?.trim_end().parse();
            keys.push(key.map_err(|why| malformed(name, format!("{why}")))?);
        }
        let heads = proofs.leaves.iter().map(|sealed| (sealed.leaf.seq, None)).collect();
        Ok(Self { proofs, notes, keys, heads })
    }

    /// Takes the hash of the event at `seq`, which has been verified.
    pub(super) fn note(&mut self, seq: u64, hash: Digest) {
        if let Some(head) = self.heads.get_mut(&seq) {
            *head = Some(hash);
        }
    }

    /// What the checkpoints prove, if all of them hold.
    pub(super) fn check(
        &self,
        manifest: &Manifest,
        trusted: &[VerifierKey],
        report: &mut Report,
    ) -> Result<(), Failure> {
        let bad = |what: String| Failure::of(Class::Checkpoint, what);
        report.checkpoints = self.notes.len() as u64;
        report.trust = match (trusted, self.notes.as_slice()) {
            ([], []) => Trust::Nobody,
            ([], _) => Trust::Bundle,
            (_, []) => return Err(bad("there is no checkpoint that a key could vouch for".into())),
            (_, _) => Trust::Given,
        };
        let keys = if trusted.is_empty() { &self.keys } else { trusted };
        for (name, note, checkpoint) in &self.notes {
            report.signed_by = Some(signed(name, note, checkpoint, keys)?.to_string());
        }
        self.one_log()?;
        let Some((_, _, newest)) = self.notes.last() else {
            return if self.proofs.leaves.is_empty() {
                Ok(())
            } else {
                Err(bad("there are leaves, and no checkpoint that has them".into()))
            };
        };
        if self.proofs.leaves.is_empty() {
            return Err(bad("there are checkpoints, and no leaf of this incident".into()));
        }
        self.leaves(manifest, newest, report)
    }

    /// Whether the checkpoints are of one log, which only grew.
    fn one_log(&self) -> Result<(), Failure> {
        let bad = |what: String| Err(Failure::of(Class::Checkpoint, what));
        let mut proofs = self.proofs.consistency.iter();
        for pair in self.notes.windows(2) {
            let [(_, _, old), (name, _, new)] = pair else { continue };
            if old.origin != new.origin {
                return bad(format!("`{name}` is of another log"));
            }
            let fits = proofs.next().filter(|grown| {
                old.size < new.size
                    && (grown.from, grown.to) == (old.size, new.size)
                    && extends(&grown.proof, (old.size, &old.root), (new.size, &new.root))
            });
            if fits.is_none() {
                return bad(format!("`{name}` does not continue the checkpoint before it"));
            }
        }
        match proofs.next() {
            Some(_) => bad("a proof is of checkpoints that are not there".to_owned()),
            None => Ok(()),
        }
    }

    /// Whether the log has the leaves, and the chain is the one that they were made of.
    fn leaves(
        &self,
        manifest: &Manifest,
        newest: &Checkpoint,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let bad = |seq: u64, what: String| Err(Failure::at(Class::Checkpoint, seq, what));
        let mut before: Option<(u64, u64)> = None;
        for sealed in &self.proofs.leaves {
            let (leaf, index) = (&sealed.leaf, sealed.index);
            let seq = leaf.seq;
            if leaf.tenant != manifest.tenant || leaf.incident_id != manifest.incident_id {
                return bad(seq, format!("leaf {index} of the log is another incident's"));
            }
            if before.is_some_and(|(last, at)| seq <= last || index <= at) {
                return bad(seq, format!("leaf {index} of the log is out of its place"));
            }
            let first = before.map_or(1, |(last, _)| last.saturating_add(1));
            let Ok(hash) = leaf.hash() else { return bad(seq, "a leaf cannot be".to_owned()) };
            if !includes(&sealed.inclusion, &hash, index, newest.size, &newest.root) {
                return bad(seq, format!("the checkpoint does not have leaf {index}"));
            }
            match self.heads.get(&seq).copied().flatten() {
                None => {
                    let end = manifest.events;
                    return bad(end, format!("event {end} is the last one, but {seq} were sealed"));
                }
                Some(hash) if hash != leaf.head => {
                    let what = "is not the one that was sealed: history was rewritten";
                    return bad(seq, format!("event {seq} {what} between {first} and {seq}"));
                }
                Some(_) => {}
            }
            before = Some((seq, index));
            let (size, origin) = (newest.size, newest.origin.clone());
            report.sealed = Some(SealedAt { seq, head: leaf.head, index, size, origin });
        }
        Ok(())
    }
}

/// Who signed a checkpoint: a key of the log's own name, so that no other log's key vouches for it.
fn signed<'a>(
    name: &str,
    note: &Note,
    checkpoint: &Checkpoint,
    keys: &'a [VerifierKey],
) -> Result<&'a VerifierKey, Failure> {
    let bad = |why: String| Failure::of(Class::Signature, format!("`{name}`: {why}"));
    let key = note.signed_by(keys).map_err(|why| bad(why.to_string()))?;
    if key.name() == checkpoint.origin {
        Ok(key)
    } else {
        Err(bad(format!("the key `{}` is not that of the log `{}`", key.name(), checkpoint.origin)))
    }
}
