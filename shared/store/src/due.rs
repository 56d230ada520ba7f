//! Due items: what `sweep` looks at, and nothing else.

use crate::alarms::key_of;
use crate::executions::place;
use crate::{Record as _, Table, error, item, keys};
use watchfire_domain::{
    Approval, ApprovalId, Environment, EnvironmentId, ExecutionId, IncidentId, Tenant, Timestamp,
    Voucher,
};
use watchfire_ports::PortError;

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// Whose it is.
    pub tenant: Tenant,
    /// What it is.
    pub kind: DueKind,
    /// Since when it is due.
    pub at: Timestamp,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueKind {
    /// An environment: an unfinished effect, or its deadline.
    Environment(EnvironmentId),
    /// An approval of a runbook's step: its mail, or its expiry.
    Approval(ApprovalId),
    /// An execution of a runbook, and whose timeline it stands in: something left undone, or its step's
    /// deadline.
    Execution(IncidentId, ExecutionId),
    /// An alarm key: the end of its quiet period.
    Quiet(String),
    /// A message.
    Message(String),
}

impl Table {
    /// What is due at `now`, the oldest first in each of the partitions; at most `limit` of each.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<DueItem>, PortError> {
        let mut due = Vec::new();
        for shard in 0..keys::DUE_SHARDS {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(item::DUE)
                .key_condition_expression("duepk = :p AND duesk < :now")
                .expression_attribute_values(":p", item::s(&keys::due_pk(shard)))
                .expression_attribute_values(":now", item::s(&keys::due_sk(now, "~", "~")))
                .limit(limit)
                .send()
                .await
                .map_err(error::port("looking for what is due"))?;
            for found in answer.items.unwrap_or_default() {
                let (pk, sk) = key_of(&found)?;
                let at =
                    item::text(&found, item::DUESK)?.split('#').next().and_then(Timestamp::parse);
                match at.and_then(|at| read(&pk, &sk, at)) {
                    Some(one) => due.push(one),
                    None => {
                        tracing::warn!(item.pk = %pk, item.sk = %sk, "A due item has no known form");
                    }
                }
            }
        }
        Ok(due)
    }
}

impl Table {
    /// Looks at a due item later, unless somebody has moved it meanwhile. The record is as it was.
    pub async fn postpone(&self, item: &DueItem, to: Timestamp) -> Result<(), PortError> {
        let DueItem { tenant, kind, at } = item;
        let key = match kind {
            DueKind::Environment(id) => keys::part(tenant, id.incident, Environment::KIND, id.n),
            DueKind::Approval(id) => keys::part(tenant, id.incident, Approval::KIND, id.n),
            DueKind::Execution(timeline, id) => place(tenant, *timeline, *id),
            DueKind::Quiet(key) => keys::alarm(tenant, key),
            DueKind::Message(id) => keys::outbox(tenant, id),
        };
        self.move_due(&key, *at, Some(to)).await
    }
}

fn read(pk: &str, sk: &str, at: Timestamp) -> Option<DueItem> {
    let mut words = pk.strip_prefix("T#")?.splitn(3, '#');
    let tenant = Tenant::vouched(words.next()?, Voucher::Pointer).ok()?;
    let (kind, name) = (words.next()?, words.next()?);
    let part = |prefix: &str| sk.strip_prefix(prefix)?.parse::<u16>().ok();
    let kind = match kind {
        "INC" => {
            let incident: IncidentId = name.parse().ok()?;
            let environment =
                part("ENV#").map(|n| DueKind::Environment(EnvironmentId { incident, n }));
            let execution = || {
                let id = sk.strip_prefix("RUN#")?.parse().ok()?;
                Some(DueKind::Execution(incident, id))
            };
            let approval = || part("APR#").map(|n| DueKind::Approval(ApprovalId { incident, n }));
            environment.or_else(execution).or_else(approval)?
        }
        "ALARM" => DueKind::Quiet(name.to_owned()),
        "OUT" => DueKind::Message(name.to_owned()),
        _ => return None,
    };
    Some(DueItem { tenant, kind, at })
}
