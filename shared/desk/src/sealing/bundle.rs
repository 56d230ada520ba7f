//! An incident as an evidence bundle in the bucket (docs/bundle.md, S3-92).

use super::log::{differs, note_name, read_note};
use crate::Desk;
use std::collections::BTreeMap;
use watchfire_domain::{IncidentId, Tenant};
use watchfire_edge::Fault;
use watchfire_runbook::catalog::Version;
use watchfire_seal::Leaf;
use watchfire_seal::bundle::{
    Contents, EVENTS, EventsWriter, Grown, MANIFEST, Proofs, Sealed, write,
};
use watchfire_seal::proof::{consistency, inclusion};
use watchfire_store::{Exported, Repo, SealedAt};

/// How many of an incident's leaves go into its bundle, the newest ones.
const LEAVES: usize = 20;
/// How many events are read at once.
const PAGE: usize = 100;

/// Where an incident's bundles lie.
pub(super) fn folder(tenant: &Tenant, id: IncidentId) -> String {
    format!("bundles/{tenant}/{id}/")
}

impl Desk {
    /// Exports the incident, up to its newest leaf, under a log of `size` leaves; and whether it
    /// was exported now: what was not sealed since its last export is left as it is. None if it was
    /// never sealed.
    pub(super) async fn export(
        &self,
        repo: &Repo,
        id: IncidentId,
        size: u64,
    ) -> Result<Option<(Exported, bool)>, Fault> {
        // Up to what is sealed: an event that came since would stand in a bundle that proves
        // nothing of it, and that nobody writes again.
        let noted = repo.noted_seal(id).await?;
        let newest = repo.export(id).await?;
        if let (Some(seal), Some(export)) = (noted, newest)
            && export.seq >= seal.seq
        {
            return Ok(Some((export, false)));
        }
        let seals = self.seals(repo.tenant(), id).await?;
        let Some(upto) = seals.last().map(|seal| seal.seq) else { return Ok(None) };
        let wrong = |wrong: watchfire_seal::bundle::NotWritten| differs(wrong.to_string());
        let mut writer = EventsWriter::new(Vec::new(), repo.tenant().as_str(), id);
        let mut last = 0;
        while last < upto {
            let page = repo.events(id, last, PAGE).await?;
            let read = page.len();
            for event in page.into_iter().take_while(|event| event.stored.seq <= upto) {
                writer.push(&event.stored).map_err(wrong)?;
                last = event.stored.seq;
            }
            if read < PAGE {
                break;
            }
        }
        let (lines, events) = writer.finish().map_err(wrong)?;
        self.keep_documents(repo.tenant(), id, events.approvals()).await?;
        let contents = self.contents(repo, id, &seals, size).await?;
        let rest = write(&events, &contents).map_err(wrong)?;
        let into = format!("{}{last:010}-{size:020}/", folder(repo.tenant(), id));
        self.keep(&format!("{into}{EVENTS}"), lines).await?;
        for (name, bytes) in rest.files {
            self.keep(&format!("{into}{name}"), bytes).await?;
        }
        // Last: a bundle without a manifest is one that is not finished.
        self.keep(&format!("{into}{MANIFEST}"), rest.manifest).await?;
        let (at, location) = (self.clock.now(), self.vault.location(&into));
        let export = Exported { seq: last, size, at, location };
        repo.exported(id, &export).await?;
        tracing::info!(incident.id = %id, export.events = last, "Exported to {}", export.location);
        Ok(Some((export, true)))
    }

    /// What ties the incident to a log of `size` leaves.
    async fn contents(
        &self,
        repo: &Repo,
        id: IncidentId,
        seals: &[SealedAt],
        size: u64,
    ) -> Result<Contents, Fault> {
        let mut tiles = BTreeMap::new();
        let (mut proofs, mut sizes) = (Proofs::default(), Vec::new());
        let newest = seals.len().saturating_sub(LEAVES);
        for seal in seals.iter().skip(newest).filter(|seal| seal.size <= size) {
            let path = self.prove(size, &mut tiles, |log| inclusion(log, seal.index, size));
            proofs.leaves.push(Sealed {
                leaf: Leaf::new(repo.tenant().as_str(), id, seal.seq, seal.head),
                index: seal.index,
                inclusion: path.await?,
            });
            sizes.push(seal.size);
        }
        sizes.push(size);
        sizes.dedup();
        for pair in sizes.windows(2) {
            let [from, to] = *pair else { continue };
            let proof = self.prove(to, &mut tiles, |log| consistency(log, from, to)).await?;
            proofs.consistency.push(Grown { from, to, proof });
        }
        let (_, keys) = self.log_keys().await?;
        let mut checkpoints = Vec::new();
        for size in sizes {
            let (_, note) = read_note(&self.lies(&note_name(size)).await?, &keys)?;
            checkpoints.push((size, note));
        }
        let runbooks = self.specs(repo, id).await?;
        Ok(Contents { checkpoints, proofs, keys, runbooks })
    }

    /// The specs of the runbooks that the incident links, as they were published when it was
    /// opened, and of those that were carried out, in their versions: what is published meanwhile
    /// does not make another bundle of one that is half written.
    async fn specs(&self, repo: &Repo, id: IncidentId) -> Result<BTreeMap<String, String>, Fault> {
        let mut specs = BTreeMap::new();
        // A chain of an execution's own has no incident, and its execution below.
        let incident = repo.incident(id).await?.map(|row| row.record);
        let linked = incident
            .iter()
            .flat_map(|one| one.linked_runbook_ids.iter().map(|name| (name, one.created_at)));
        for (name, opened) in linked {
            let published = repo.runbook(name).await?.and_then(|one| one.published);
            let mut number = published.map_or(0, |newest| newest.version);
            while number > 0 {
                let version = repo.runbook_version(name, number).await?;
                if let Some(then) = version.filter(|version| version.published_at <= opened) {
                    specs.insert(then.spec_hash.to_string(), text_of(&then)?);
                    break;
                }
                number = number.saturating_sub(1);
            }
        }
        // Each start is an event: another execution makes another bundle anyway.
        for row in repo.executions(id).await? {
            let (name, number) = (&row.record.runbook, row.record.runbook_version);
            if let Some(version) = repo.runbook_version(name, number).await? {
                specs.insert(version.spec_hash.to_string(), text_of(&version)?);
            }
        }
        Ok(specs)
    }
}

fn text_of(version: &Version) -> Result<String, Fault> {
    watchfire_runbook::text(&version.spec).map_err(|error| differs(error.to_string()))
}
