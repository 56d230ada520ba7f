//! The documents of approvals, kept in the locked bucket and lent from there (S3-90,
//! docs/decisions/0023).
//!
//! An approval's own is written when it ends, before the bus is told. An export writes all of them
//! besides: it reads every event anyway, so that an incident without approvals costs nothing more,
//! and whatever a run that was killed left out is there in the end.

use super::log::differs;
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watchfire_domain::chain::Digest;
use watchfire_domain::{Approval, ApprovalId, IncidentId, SECOND, Tenant};
use watchfire_edge::Fault;
use watchfire_ports::SealAsk;
use watchfire_store::Repo;

/// Where a document lies. The name says which one it is: no other can take its place.
fn name(tenant: &Tenant, incident: IncidentId, n: u16, digest: &Digest) -> String {
    format!("approvals/{tenant}/{incident}/{n:04}-{digest}.json")
}

impl Desk {
    /// Keeps the documents of an approval that came to its end, as its record has them. If that is
    /// not what the chain says, an export keeps what is, under the name that the event gives.
    pub(super) async fn keep_ended(&self, repo: &Repo, id: ApprovalId) -> Result<(), Fault> {
        match repo.approval(id).await? {
            Some(row) => self.keep_of(repo.tenant(), &row.record).await,
            None => Ok(()),
        }
    }

    async fn keep_of(&self, tenant: &Tenant, approval: &Approval) -> Result<(), Fault> {
        for document in approval.documents() {
            let ApprovalId { incident, n } = approval.id;
            let name = name(tenant, incident, n, &document.digest);
            self.keep(&name, document.text.into_bytes()).await?;
        }
        Ok(())
    }

    /// Keeps every document of these approvals, which are those that an incident's events leave.
    pub(super) async fn keep_documents(
        &self,
        tenant: &Tenant,
        incident: IncidentId,
        approvals: &BTreeMap<String, Value>,
    ) -> Result<(), Fault> {
        for record in approvals.values() {
            let approval: Approval = serde_json::from_value(record.clone())
                .map_err(|wrong| differs(format!("an approval of {incident}: {wrong}")))?;
            self.keep_of(tenant, &approval).await?;
        }
        Ok(())
    }

    /// An address under which the approval's newest document is read for a while.
    #[boxed]
    pub async fn lend_evidence(&self, caller: &Caller, id: ApprovalId) -> Result<Value, Fault> {
        let (home, approval) = self.approval_at_home(caller, id).await?;
        let open =
            Fault::NotKept { reason: "the approval is open: there is no evidence of it yet" };
        let document = approval.document().ok_or(open)?;
        let key = name(home.tenant(), id.incident, id.n, &document.digest);
        // An address of nothing would be refused by S3, to somebody who cannot tell why.
        if !self.vault.names(&key).await?.iter().any(String::is_empty) {
            // Its end may be older than this bucket's documents, in an incident in which nothing
            // happens any more, or its message may be lost: nobody else would ask.
            let (tenant, incident) = (home.tenant().as_str().to_owned(), id.incident);
            self.seals.send(&SealAsk { tenant, incident, approval: Some(id) }).await?;
            let reason = "the approval's evidence is being written: ask again in a minute";
            return Err(Fault::NotKept { reason });
        }
        let (now, seconds) = (self.clock.now(), self.config.evidence_url);
        let url = self.vault.lend(&key, now, seconds).await?;
        let expires_at = now.plus(i64::from(seconds).saturating_mul(SECOND));
        let sha256 = document.digest;
        Ok(json!({ "key": key, "sha256": sha256, "url": url, "expires_at": expires_at }))
    }
}
