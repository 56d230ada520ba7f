//! Lists of incidents, newest first. The index holds keys only: it costs one write unit at opening
//! and two at closing, and a status change costs none (docs/decisions/0002).

use crate::records::row;
use crate::{Repo, Row, error, item, keys};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::collections::{BTreeMap, HashMap};
use watchfire_domain::{Incident, IncidentId, Tenant, Voucher};
use watchfire_ports::PortError;

/// Which incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are not closed.
    Open,
    /// Those that are closed.
    Closed,
    /// All.
    All,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The incidents, newest first.
    pub incidents: Vec<Incident>,
    /// Where the next page goes on behind; none if this is the last.
    pub next: Option<IncidentId>,
}

/// How many incidents are read for one page at most: a filter that fits nothing must not read a
/// whole table. The page may then be short, or empty, and still have a next one.
const READ_AT_MOST: usize = 500;
/// How many are read at once; `BatchGetItem` takes 100.
const STRIDE: usize = 50;

impl Repo {
    /// A page of at most `limit` incidents behind `after`, own and shared, that `keep` keeps.
    pub async fn list(
        &self,
        which: Which,
        after: Option<IncidentId>,
        limit: usize,
        keep: &(dyn Fn(&Incident) -> bool + Send + Sync),
    ) -> Result<Page, PortError> {
        let shared = self.shared().await?;
        let mut incidents = Vec::new();
        let mut last = after;
        let mut seen = 0usize;
        while seen < READ_AT_MOST {
            let ids = self.next_ids(which, last, &shared).await?;
            let full = ids.len() == STRIDE;
            seen = seen.saturating_add(ids.len());
            let mut found = self.read_all(&ids).await?;
            for (id, _) in ids {
                last = Some(id);
                let Some(incident) = found.remove(&id) else { continue };
                // The index follows the record with a delay: the record judges.
                let fits = match which {
                    Which::Open => incident.closed_at.is_none(),
                    Which::Closed => incident.closed_at.is_some(),
                    Which::All => true,
                };
                let ours = incident.tenants.iter().any(|tenant| tenant == self.tenant().as_str());
                if fits && ours && keep(&incident) {
                    incidents.push(incident);
                    if incidents.len() == limit {
                        return Ok(Page { incidents, next: last });
                    }
                }
            }
            if !full {
                return Ok(Page { incidents, next: None });
            }
        }
        Ok(Page { incidents, next: last })
    }

    /// The ids of the tenant's own incidents behind `after`, newest first: some of them; none at all
    /// where the list ends. The index may lag behind the records.
    pub async fn ids(
        &self,
        which: Which,
        after: Option<IncidentId>,
    ) -> Result<Vec<IncidentId>, PortError> {
        let own = self.next_ids(which, after, &BTreeMap::new()).await?;
        Ok(own.into_iter().map(|(id, _)| id).collect())
    }

    /// The next ids behind `after`, newest first, with the home tenant of each.
    async fn next_ids(
        &self,
        which: Which,
        after: Option<IncidentId>,
        shared: &BTreeMap<IncidentId, Tenant>,
    ) -> Result<Vec<(IncidentId, Tenant)>, PortError> {
        let below = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
        let mut merged: BTreeMap<IncidentId, Tenant> = shared
            .iter()
            .filter(|(id, _)| after.is_none_or(|after| **id < after))
            .map(|(id, home)| (*id, home.clone()))
            .collect();
        for shard in 0..keys::LIST_SHARDS {
            let open = keys::open_list(self.tenant(), shard);
            let done = keys::done_list(self.tenant(), shard);
            let lists = match which {
                Which::Open => vec![open],
                Which::Closed => vec![done],
                Which::All => vec![open, done],
            };
            for list in lists {
                for id in self.index(&list, &below).await? {
                    merged.insert(id, self.tenant().clone());
                }
            }
        }
        Ok(merged.into_iter().rev().take(STRIDE).collect())
    }

    async fn index(&self, list: &str, below: &str) -> Result<Vec<IncidentId>, PortError> {
        let answer = self
            .table()
            .client
            .query()
            .table_name(&self.table().name)
            .index_name(item::GSI1)
            .key_condition_expression("gsi1pk = :p AND gsi1sk < :below")
            .expression_attribute_values(":p", item::s(list))
            .expression_attribute_values(":below", item::s(below))
            .scan_index_forward(false)
            .limit(i32::try_from(STRIDE).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(error::port("reading a list"))?;
        let found = answer.items.unwrap_or_default();
        Ok(found
            .iter()
            .filter_map(|found| item::text(found, item::GSI1SK).ok()?.parse().ok())
            .collect())
    }

    async fn read_all(
        &self,
        ids: &[(IncidentId, Tenant)],
    ) -> Result<HashMap<IncidentId, Incident>, PortError> {
        let mut found = HashMap::new();
        let mut wanted: Vec<HashMap<_, _>> = ids
            .iter()
            .map(|(id, home)| {
                let pk = (item::PK.to_owned(), item::s(&keys::incident(home, *id)));
                HashMap::from([pk, (item::SK.to_owned(), item::s(keys::META))])
            })
            .collect();
        let name = &self.table().name;
        for attempt in 1..=8 {
            if wanted.is_empty() {
                return Ok(found);
            }
            let ask = KeysAndAttributes::builder().set_keys(Some(wanted)).build();
            let ask = ask.map_err(|wrong| PortError::Corrupt {
                service: error::SERVICE,
                doing: "asking for a list",
                reason: wrong.to_string(),
            })?;
            let sent = self.table().client.batch_get_item().request_items(name, ask).send().await;
            let answer = sent.map_err(error::port("reading a list"))?;
            for one in answer.responses.and_then(|mut all| all.remove(name)).unwrap_or_default() {
                let incident: Row<Incident> = row(&one)?;
                found.insert(incident.record.id, incident.record);
            }
            let left = answer.unprocessed_keys.and_then(|mut all| all.remove(name));
            wanted = left.map(|left| left.keys).unwrap_or_default();
            if !wanted.is_empty() {
                self.table().pause.pause(25u64.saturating_mul(attempt)).await;
            }
        }
        Err(PortError::Unavailable {
            service: error::SERVICE,
            doing: "reading a list",
            source: "throttled".into(),
        })
    }

    /// The incidents that others share with this tenant, and their home tenants.
    async fn shared(&self) -> Result<BTreeMap<IncidentId, Tenant>, PortError> {
        let mut shared = BTreeMap::new();
        for found in self.table().collect(&keys::shares(self.tenant()), "INC#").await? {
            let id =
                item::text(&found, item::SK)?.strip_prefix("INC#").and_then(|id| id.parse().ok());
            let home = Tenant::vouched(item::text(&found, "home")?, Voucher::Pointer).ok();
            shared.extend(id.zip(home));
        }
        Ok(shared)
    }
}
