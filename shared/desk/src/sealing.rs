//! checkpoint: heads of changed chains become leaves of one log, and incidents become bundles
//! (DESIGN §5, docs/bundle.md). Every name and every byte follows from what was read, so that a run
//! that was killed is finished by the next one.

mod append;
mod bundle;
mod documents;
mod log;
mod seals;

use crate::guard::of_incident;
use crate::incidents::{Ask, Written};
use crate::settle::TRIES;
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use watchfire_domain::{DAY, Incident, IncidentId, Tenant, Timestamp, Voucher};
use watchfire_edge::{Fault, chain};
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_ports::SealAsk;
use watchfire_seal::Leaf;
use watchfire_store::{Exported, Repo, Which};

/// How many leaves are appended at once: their texts wait in one item.
const BATCH: usize = 256;

/// What a checkpoint did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checkpointed {
    /// How many leaves were appended.
    pub sealed: usize,
    /// How many incidents were exported.
    pub exported: usize,
    /// The size of the log.
    pub size: u64,
    /// How many incidents could not be sealed or exported: each has an error in the log.
    pub failed: usize,
}

/// Where it is looked how far an incident is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// At the table's note first, which tells of most that nothing has changed.
    Note,
    /// In the bucket, which whoever can rewrite the table cannot.
    Bucket,
}

impl Checkpointed {
    /// What came of one incident. What another try may mend ends the run, and the next one tries;
    /// anything else must not keep the other incidents waiting.
    fn passed<T>(&mut self, id: IncidentId, came: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match came {
            Ok(came) => Ok(Some(came)),
            Err(fault) if fault.retryable() => Err(fault),
            Err(fault) => {
                self.failed = self.failed.saturating_add(1);
                tracing::error!(incident.id = %id, "An incident was not sealed: {}", chain(&fault));
                Ok(None)
            }
        }
    }
}

/// In how many days every incident is compared with the bucket once, grown or not.
const ROUND: i64 = 30;

fn is_turn(id: IncidentId, now: Timestamp) -> bool {
    let byte = id.0.as_bytes().last().copied().unwrap_or(0);
    i64::from(byte) % ROUND == now.millis().div_euclid(DAY) % ROUND
}

impl Desk {
    /// Seals every open incident whose chain has grown; once a day looks at the closed ones too,
    /// and exports what has grown since its last export.
    #[boxed(?Send)]
    pub async fn checkpoint(&self) -> Result<Checkpointed, Fault> {
        let mut state = self.finish(self.table.log().await?).await?;
        let begun = self.clock.now();
        let daily = state.audited.is_none_or(|at| begun.since(at) >= DAY);
        let mut done = Checkpointed::default();
        for tenant in self.table.tenants().await? {
            self.may_seal(&tenant)?;
            let repo = self.table.of(&tenant);
            let which = if daily { Which::All } else { Which::Open };
            let mut after = None;
            loop {
                let ids = repo.ids(which, after).await?;
                let Some(last) = ids.last() else { break };
                after = Some(*last);
                let mut leaves = Vec::new();
                for id in &ids {
                    let look = if daily && is_turn(*id, begun) { Look::Bucket } else { Look::Note };
                    let leaf = self.leaf(&repo, *id, look).await;
                    leaves.extend(done.passed(*id, leaf)?.flatten());
                }
                for batch in leaves.chunks(BATCH) {
                    state = self.append(state, batch).await?;
                    done.sealed = done.sealed.saturating_add(batch.len());
                }
                if daily {
                    for id in &ids {
                        let exported = self.export(&repo, *id, state.size).await;
                        let now = done.passed(*id, exported)?.flatten();
                        let now = usize::from(now.is_some_and(|(_, now)| now));
                        done.exported = done.exported.saturating_add(now);
                    }
                }
            }
        }
        if daily {
            state = self.audited(state, begun).await?;
        }
        done.size = state.size;
        Ok(done)
    }

    /// Seals one incident as it stands, and exports it; or keeps the documents of one approval.
    /// None if there is no such incident.
    #[boxed(?Send)]
    pub async fn seal(&self, ask: &SealAsk) -> Result<Option<Exported>, Fault> {
        let tenant = Tenant::vouched(&ask.tenant, Voucher::Execution)
            .map_err(|unnamed| Fault::Malformed { reason: unnamed.to_string() })?;
        self.may_seal(&tenant)?;
        let repo = self.table.of(&tenant);
        if let Some(approval) = ask.approval {
            return self.keep_ended(&repo, approval).await.map(|()| None);
        }
        for _ in 1..TRIES {
            match self.seal_now(&repo, ask.incident).await {
                // Another run wrote the log: as a message it would come again in hours only.
                Err(Fault::Conflict) => {}
                settled => return settled,
            }
        }
        self.seal_now(&repo, ask.incident).await
    }

    async fn seal_now(&self, repo: &Repo, id: IncidentId) -> Result<Option<Exported>, Fault> {
        let mut state = self.finish(self.table.log().await?).await?;
        if let Some(leaf) = self.leaf(repo, id, Look::Bucket).await? {
            state = self.append(state, &[leaf]).await?;
        }
        Ok(self.export(repo, id, state.size).await?.map(|(export, _)| export))
    }

    /// The leaf of an incident whose chain has grown since it was last sealed. A chain that is not
    /// the one that was sealed is an error, and is not sealed over.
    async fn leaf(&self, repo: &Repo, id: IncidentId, look: Look) -> Result<Option<Leaf>, Fault> {
        let newest = repo.newest(id, 1).await?;
        let Some(event) = newest.last() else { return Ok(None) };
        let (seq, head) = (event.stored.seq, event.stored.hash);
        let noted = repo.noted_seal(id).await?.filter(|seal| look == Look::Note && seal.seq == seq);
        let sealed = match noted {
            Some(noted) => Some(noted),
            None => self.seals(repo.tenant(), id).await?.pop(),
        };
        if let Some(seal) = sealed {
            let there = match seal.seq {
                sealed if sealed == seq => Some(head),
                sealed => {
                    let found = repo.events(id, sealed.saturating_sub(1), 1).await?;
                    found.first().filter(|one| one.stored.seq == sealed).map(|one| one.stored.hash)
                }
            };
            if there != Some(seal.head) {
                return Err(log::differs(format!(
                    "event {} of incident {id} is not the one that was sealed",
                    seal.seq
                )));
            }
            if seal.seq == seq {
                return Ok(None);
            }
        }
        Ok(Some(Leaf::new(repo.tenant().as_str(), id, seq, head)))
    }

    fn may_seal(&self, tenant: &Tenant) -> Result<(), Fault> {
        let caller = Caller::service("checkpoint", tenant);
        let resource = Resource::new(ResourceKind::Incident, tenant.as_str());
        self.allow(&caller, Action::PhaseCheckpoint, &resource, &Context::none())
    }

    /// Has the incident sealed and exported soon. What was not queued, the next day does;
    /// of an execution without an incident nobody but its machine asks.
    pub(crate) async fn seal_soon(&self, repo: &Repo, incident: IncidentId) -> Result<(), Fault> {
        let tenant = repo.tenant().as_str().to_owned();
        Ok(self.seals.send(&SealAsk { tenant, incident, approval: None }).await?)
    }

    /// A caller asks for an export: it is written soon.
    #[boxed]
    pub async fn ask_export(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: IncidentId,
    ) -> Result<Written, Fault> {
        let (repo, incident) = self.exportable(caller, id).await?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            return Ok(written);
        }
        self.seal_soon(&repo, incident.id).await?;
        let answer = self.export_shown(&repo, &incident).await?.to_string();
        self.unchanged(&repo, mark, answer).await
    }

    /// An incident's newest export.
    #[boxed]
    pub async fn view_export(&self, caller: &Caller, id: IncidentId) -> Result<Value, Fault> {
        let (repo, incident) = self.exportable(caller, id).await?;
        self.export_shown(&repo, &incident).await
    }

    async fn exportable(&self, caller: &Caller, id: IncidentId) -> Result<(Repo, Incident), Fault> {
        let found = self.table.of(&caller.tenant).find(id).await?;
        let (repo, row) = found.ok_or(Fault::NotFound)?;
        self.allow(caller, Action::IncidentExport, &of_incident(&row.record), &Context::none())?;
        Ok((repo, row.record))
    }

    async fn export_shown(&self, repo: &Repo, incident: &Incident) -> Result<Value, Fault> {
        let newest = repo.export(incident.id).await?;
        let below = self.vault.location(&bundle::folder(repo.tenant(), incident.id));
        Ok(json!({ "incident_id": incident.id, "below": below, "newest": newest }))
    }
}
