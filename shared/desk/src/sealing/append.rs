//! Appending to the log: what is appended is chosen and stored first, then written, then signed,
//! and only then is the log larger. Whoever is killed on the way is followed by one who does the
//! same.

use super::log::{NEWEST, differs, note_name, read_note};
use crate::Desk;
use watchfire_domain::{Tenant, Timestamp, Voucher, hex};
use watchfire_edge::Fault;
use watchfire_seal::edge::Edge;
use watchfire_seal::tiles::{self, Tile};
use watchfire_seal::{Checkpoint, Leaf, Note, Signer as _, VerifierKey, leaf_hash, root};
use watchfire_store::{LogState, SealedAt};

impl Desk {
    /// Appends the leaves, and signs the log.
    pub(super) async fn append(&self, state: LogState, leaves: &[Leaf]) -> Result<LogState, Fault> {
        let mut pending = Vec::new();
        for leaf in leaves {
            pending.push(leaf.text().map_err(|wrong| differs(wrong.to_string()))?);
        }
        if pending.is_empty() {
            return Ok(state);
        }
        let chosen = self.step(&state, LogState { pending, ..state.clone() }).await?;
        self.finish(chosen).await
    }

    /// Remembers when every incident was looked at.
    pub(super) async fn audited(&self, state: LogState, at: Timestamp) -> Result<LogState, Fault> {
        self.step(&state, LogState { audited: Some(at), ..state.clone() }).await
    }

    async fn step(&self, before: &LogState, after: LogState) -> Result<LogState, Fault> {
        let after = LogState { version: before.version.saturating_add(1), ..after };
        // Another run is at it: it does the same.
        if self.table.write_log(before, &after).await? { Ok(after) } else { Err(Fault::Conflict) }
    }

    /// Finishes what is pending, if something is.
    pub(super) async fn finish(&self, state: LogState) -> Result<LogState, Fault> {
        if state.pending.is_empty() {
            return Ok(state);
        }
        let (signer, keys) = self.log_keys().await?;
        let added = u64::try_from(state.pending.len()).unwrap_or(u64::MAX);
        let (old, new) = (state.size, state.size.saturating_add(added));
        let mut edge = self.edge(old).await?;
        let before = root(&edge, old);
        state.pending.iter().for_each(|leaf| edge.push(leaf_hash(leaf.as_bytes())));
        let root = root(&edge, new).ok_or_else(|| differs("the log has no root".to_owned()))?;
        // INVARIANT: the log only grows. The bucket, which nobody else writes, is what says how
        // large it was: a record that was put back would have us sign another history.
        match self.newest(&keys).await? {
            None if old == 0 => {}
            Some(last) if last.size == old && Some(last.root) == before => {}
            Some(last) if last.size == new && last.root == root => {}
            Some(last) if last.size > old => return self.catch_up(&state, &last).await,
            last => {
                let size = last.map_or(0, |last| last.size);
                return Err(differs(format!(
                    "the bucket's newest checkpoint is of size {size} and does not fit a log that \
                     grows from {old} to {new}"
                )));
            }
        }
        self.write_tiles(&state, &edge, old, new).await?;
        let origin = signer.key().name().to_owned();
        let checkpoint = Checkpoint { origin, size: new, root, extensions: Vec::new() };
        let note = Note::sign(&checkpoint.to_string(), &signer)
            .map_err(|wrong| Fault::Internal { reason: wrong.to_string() })?;
        self.keep_note(new, &checkpoint, &note, &keys).await?;
        self.show_key(signer.key()).await?;
        self.vault.replace(NEWEST, note.to_string().into_bytes()).await?;
        for (at, text) in (old..).zip(&state.pending) {
            let leaf: Leaf =
                serde_json::from_str(text).map_err(|wrong| differs(wrong.to_string()))?;
            let tenant = Tenant::vouched(&leaf.tenant, Voucher::Pointer)
                .map_err(|wrong| differs(wrong.to_string()))?;
            let sealed = SealedAt { index: at, size: new, seq: leaf.seq, head: leaf.head };
            self.keep_seal(&tenant, leaf.incident_id, &sealed).await?;
        }
        tracing::info!(log.size = new, log.leaves = added, "Sealed");
        self.step(&state, LogState { size: new, pending: Vec::new(), ..state.clone() }).await
    }

    /// The record is behind the bucket: the table was restored, or somebody put it back. What is
    /// signed is signed: the log goes on from there, and what was to be appended is found anew.
    async fn catch_up(&self, state: &LogState, signed: &Checkpoint) -> Result<LogState, Fault> {
        let edge = self.edge(signed.size).await?;
        if root(&edge, signed.size) != Some(signed.root) {
            return Err(differs(
                "the bucket's newest checkpoint does not fit its tiles".to_owned(),
            ));
        }
        tracing::error!(
            log.size = signed.size,
            log.record = state.size,
            "The log's record was behind what is signed: the table was restored, or tampered with"
        );
        let after = LogState { size: signed.size, pending: Vec::new(), ..state.clone() };
        self.step(state, after).await?;
        Err(Fault::Conflict)
    }

    async fn write_tiles(
        &self,
        state: &LogState,
        edge: &Edge,
        old: u64,
        new: u64,
    ) -> Result<(), Fault> {
        for tile in tiles::since(old, new) {
            if tile.level == 0 {
                let entries = self.entries(state, &tile, old).await?;
                self.keep(&tile.entries_path(), entries).await?;
            }
            let bytes = tile.bytes(edge);
            let bytes = bytes.ok_or_else(|| differs("a tile has a gap".to_owned()))?;
            self.keep(&tile.path(), bytes).await?;
        }
        Ok(())
    }

    /// The leaves of a tile: those that were there, and those that are appended.
    async fn entries(&self, state: &LogState, tile: &Tile, old: u64) -> Result<Vec<u8>, Fault> {
        let first = tile.at.saturating_mul(256);
        let held = u16::try_from(old.saturating_sub(first)).unwrap_or(0);
        let mut entries = match held {
            0 => Vec::new(),
            width => self.lies(&Tile { width, ..*tile }.entries_path()).await?,
        };
        let skip = usize::try_from(first.saturating_sub(old)).unwrap_or(usize::MAX);
        let take = usize::from(tile.width).saturating_sub(usize::from(held));
        let added = state.pending.iter().skip(skip).take(take).map(String::as_bytes);
        let added = tiles::entries(added);
        entries.extend(added.ok_or_else(|| differs("a leaf is too long".to_owned()))?);
        Ok(entries)
    }

    /// Keeps the note of a size. One that is there may be signed by an older key, and must say the
    /// same.
    async fn keep_note(
        &self,
        size: u64,
        checkpoint: &Checkpoint,
        note: &Note,
        keys: &[VerifierKey],
    ) -> Result<(), Fault> {
        let name = note_name(size);
        if self.vault.put_new(&name, note.to_string().into_bytes()).await? {
            return Ok(());
        }
        let (there, _) = read_note(&self.lies(&name).await?, keys)?;
        if there == *checkpoint {
            return Ok(());
        }
        Err(differs(format!("a log of size {size} was signed already, and is another")))
    }

    /// Puts the key where auditors find it. What lies there under a key's id is that key.
    async fn show_key(&self, key: &VerifierKey) -> Result<(), Fault> {
        let id = hex(&key.id().0);
        let name = format!("keys/{id}.pub");
        if self.vault.get(&name).await?.is_none() {
            self.keep(&name, format!("{key}\n").into_bytes()).await?;
        }
        Ok(())
    }
}
