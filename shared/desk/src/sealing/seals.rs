//! Where an incident is sealed. The bucket says it, by names alone: whoever can rewrite the table's
//! history could rewrite a mark in the table as well.

use super::log::differs;
use crate::Desk;
use watchfire_domain::{IncidentId, Tenant};
use watchfire_edge::Fault;
use watchfire_store::SealedAt;

fn folder(tenant: &Tenant, id: IncidentId) -> String {
    format!("seals/{tenant}/{id}/")
}

/// What stands in the name is what counts; names in order are seals in order.
fn name(at: &SealedAt) -> String {
    format!("{:020}-{:020}-{:010}-{}", at.index, at.size, at.seq, at.head)
}

fn read(name: &str) -> Option<SealedAt> {
    let mut parts = name.splitn(4, '-');
    let mut next = || parts.next();
    let at = SealedAt {
        index: next()?.parse().ok()?,
        size: next()?.parse().ok()?,
        seq: next()?.parse().ok()?,
        head: next()?.parse().ok()?,
    };
    (self::name(&at) == name).then_some(at)
}

impl Desk {
    /// Keeps a seal, and notes it.
    pub(super) async fn keep_seal(
        &self,
        tenant: &Tenant,
        id: IncidentId,
        at: &SealedAt,
    ) -> Result<(), Fault> {
        // One that is there already says the same.
        self.vault.put_new(&format!("{}{}", folder(tenant, id), name(at)), Vec::new()).await?;
        Ok(self.table.of(tenant).note_seal(id, at).await?)
    }

    /// Every seal of the incident, the newest last.
    pub(super) async fn seals(
        &self,
        tenant: &Tenant,
        id: IncidentId,
    ) -> Result<Vec<SealedAt>, Fault> {
        let names = self.vault.names(&folder(tenant, id)).await?;
        let seals = names.iter().map(|name| {
            read(name).ok_or_else(|| differs(format!("`{name}` is no seal of incident {id}")))
        });
        seals.collect()
    }
}
