//! The log as it lies in the bucket: its edge, its newest checkpoint, and proofs from its tiles.

use crate::Desk;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use watchfire_edge::Fault;
use watchfire_ports::PortError;
use watchfire_seal::edge::{self, Edge};
use watchfire_seal::tiles::{Tile, Tiled};
use watchfire_seal::{Checkpoint, Ed25519Signer, Nodes, Note, Signer as _, VerifierKey};

/// The newest checkpoint (C2SP tlog-tiles).
pub(super) const NEWEST: &str = "checkpoint";

/// The name of the checkpoint of a size. Twenty digits: names in order are sizes in order.
pub(super) fn note_name(size: u64) -> String {
    format!("checkpoints/{size:020}")
}

/// That the bucket and the record tell different stories: nobody but an intruder or a lost bucket
/// does that, and nothing is signed over it.
pub(super) fn differs(reason: String) -> Fault {
    Fault::Port(PortError::Corrupt { service: "the log", doing: "sealing", reason })
}

/// A checkpoint, if it is signed by one of `keys`.
pub(super) fn read_note(bytes: &[u8], keys: &[VerifierKey]) -> Result<(Checkpoint, Note), Fault> {
    let text = std::str::from_utf8(bytes).map_err(|wrong| differs(wrong.to_string()))?;
    let note: Note = text.parse().map_err(|wrong| differs(format!("{wrong}")))?;
    note.signed_by(keys).map_err(|wrong| differs(format!("a checkpoint: {wrong}")))?;
    let checkpoint = note.text().parse().map_err(|wrong| differs(format!("{wrong}")))?;
    Ok((checkpoint, note))
}

impl Desk {
    pub(super) async fn lies(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let found = self.vault.get(name).await?;
        found.ok_or_else(|| differs(format!("`{name}` is missing")))
    }

    /// Writes what may be there already, by a run that was killed: then it must be the same.
    pub(super) async fn keep(&self, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        if self.vault.put_new(name, bytes.clone()).await? || self.lies(name).await? == bytes {
            return Ok(());
        }
        Err(differs(format!("`{name}` is there already, and is another")))
    }

    /// The edge of a log of `size` leaves.
    pub(super) async fn edge(&self, size: u64) -> Result<Edge, Fault> {
        let mut held = Vec::new();
        for tile in edge::tiles(size) {
            held.push(self.lies(&tile.path()).await?);
        }
        Edge::open(size, &held).ok_or_else(|| differs("a tile is not whole".to_owned()))
    }

    /// The newest checkpoint in the bucket, if it is signed by a key of ours.
    pub(super) async fn newest(&self, keys: &[VerifierKey]) -> Result<Option<Checkpoint>, Fault> {
        let Some(bytes) = self.vault.get(NEWEST).await? else { return Ok(None) };
        read_note(&bytes, keys).map(|(checkpoint, _)| Some(checkpoint))
    }

    /// The keys that sign the log: the one that signs now, and all of them, the current one last.
    pub(super) async fn log_keys(&self) -> Result<(Ed25519Signer, Vec<VerifierKey>), Fault> {
        let internal = |reason: String| Fault::Internal { reason };
        let origin = self.config.log_origin.as_ref().map(ToString::to_string);
        let origin = origin.ok_or_else(|| internal("the log has no name".to_owned()))?;
        let (current, all) = self.log_seeds().await?;
        let signer = |seed: &[u8; 32]| {
            Ed25519Signer::new(&origin, seed).map_err(|wrong| internal(wrong.to_string()))
        };
        let mut keys = Vec::new();
        for seed in all.iter().filter(|seed| **seed != current) {
            keys.push(signer(seed)?.key().clone());
        }
        let current = signer(&current)?;
        keys.push(current.key().clone());
        Ok((current, keys))
    }

    /// What `prove` makes of a log of `size` leaves: it is asked again with more tiles until it has
    /// all that it looks at.
    pub(super) async fn prove<T>(
        &self,
        size: u64,
        held: &mut BTreeMap<String, Vec<u8>>,
        prove: impl Fn(&dyn Nodes) -> Option<T> + Send,
    ) -> Result<T, Fault> {
        loop {
            let missing = Mutex::new(None);
            let proof = {
                let held = &*held;
                let fetch = |tile: &Tile| {
                    let found = held.get(&tile.path()).cloned();
                    if found.is_none() {
                        *missing.lock().unwrap_or_else(PoisonError::into_inner) = Some(tile.path());
                    }
                    found
                };
                prove(&Tiled::new(size, fetch))
            };
            let missing = missing.into_inner().unwrap_or_else(PoisonError::into_inner);
            match (proof, missing) {
                (Some(proof), _) => return Ok(proof),
                (None, Some(name)) => {
                    let bytes = self.lies(&name).await?;
                    held.insert(name, bytes);
                }
                (None, None) => {
                    return Err(differs(format!("nothing is proven of a log of size {size}")));
                }
            }
        }
    }
}
