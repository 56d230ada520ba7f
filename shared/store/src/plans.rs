//! Plans and profiles: versioned documents of a tenant. A version is never rewritten; the head names
//! the newest one. A plan that answers alarms also stands in the alarm mapping.

use crate::commit::{Mark, Receipt, Refused, Stored, put_new, read_mark, transact_put, write_mark};
use crate::{Repo, Table, error, item, keys};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use watchfire_domain::{Plan, Profile, Tenant, Voucher};
use watchfire_ports::PortError;

/// A document that is kept in versions.
pub trait Versioned: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// `PLAN` or `PROF`.
    const KIND: &'static str;
    /// Its name, unique in its tenant.
    fn name(&self) -> &str;
    /// Its version.
    fn version(&self) -> u32;
    /// Whether it stands in the alarm mapping.
    fn answers_alarms(&self) -> bool {
        false
    }
}

impl Versioned for Plan {
    const KIND: &'static str = "PLAN";
    fn name(&self) -> &str {
        &self.name
    }
    fn version(&self) -> u32 {
        self.version
    }
    fn answers_alarms(&self) -> bool {
        !self.matches.is_empty()
    }
}

impl Versioned for Profile {
    const KIND: &'static str = "PROF";
    fn name(&self) -> &str {
        &self.name
    }
    fn version(&self) -> u32 {
        self.version
    }
}

/// A plan of the alarm mapping, and the tenant that its administrator gave it to.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmPlan {
    /// The tenant.
    pub tenant: Tenant,
    /// The plan.
    pub plan: Plan,
}

impl Table {
    /// The alarm mapping: every plan that answers alarms.
    pub async fn alarm_map(&self) -> Result<Vec<AlarmPlan>, PortError> {
        let mut plans = Vec::new();
        for found in self.collect(&keys::alarm_map(), "").await? {
            let Ok(tenant) = Tenant::vouched(item::text(&found, "tenant")?, Voucher::AlarmMap)
            else {
                continue;
            };
            plans.push(AlarmPlan { tenant, plan: item::doc(&found)? });
        }
        Ok(plans)
    }
}

impl Repo {
    /// The newest version of a document.
    pub async fn newest_of<V: Versioned>(&self, name: &str) -> Result<Option<V>, PortError> {
        let head = keys::Key { pk: keys::names(self.tenant(), V::KIND), sk: name.to_owned() };
        self.table().get(&head, true).await?.as_ref().map(item::doc).transpose()
    }

    /// One version of a document.
    pub async fn version_of<V: Versioned>(
        &self,
        name: &str,
        version: u32,
    ) -> Result<Option<V>, PortError> {
        let key = keys::Key {
            pk: keys::versions(self.tenant(), V::KIND, name),
            sk: keys::version_sk(version),
        };
        self.table().get(&key, false).await?.as_ref().map(item::doc).transpose()
    }

    /// The newest version of every document of this kind, by name.
    pub async fn all_of<V: Versioned>(&self) -> Result<Vec<V>, PortError> {
        let items = self.table().collect(&keys::names(self.tenant(), V::KIND), "").await?;
        items.iter().map(item::doc).collect()
    }

    /// Stores a new version, one after the newest: `Changed` if somebody else stored it first.
    pub async fn put_version<V: Versioned>(
        &self,
        document: &V,
        mark: Option<Mark>,
    ) -> Result<(), Refused> {
        let tenant = self.tenant();
        let (name, version) = (document.name(), document.version());
        let doc = item::json(document)?;
        let place =
            keys::Key { pk: keys::versions(tenant, V::KIND, name), sk: keys::version_sk(version) };
        let mut parts = vec![put_new(tenant, &place, vec![(item::DOC, item::s(&doc))])];
        let head = Put::builder()
            .table_name("")
            .item(item::PK, item::s(&keys::names(tenant, V::KIND)))
            .item(item::SK, item::s(name))
            .item(item::DOC, item::s(&doc))
            .item(item::VER, item::n(version));
        // The new version's own place is the fence: it can be put once.
        parts.push(transact_put(head));
        let mapping = format!("{tenant}#{name}");
        if document.answers_alarms() {
            let put = Put::builder()
                .table_name("")
                .item(item::PK, item::s(&keys::alarm_map()))
                .item(item::SK, item::s(&mapping))
                .item("tenant", item::s(tenant.as_str()))
                .item(item::DOC, item::s(&doc));
            parts.push(transact_put(put));
        } else if V::KIND == Plan::KIND {
            let delete = Delete::builder()
                .table_name(&self.table().name)
                .key(item::PK, item::s(&keys::alarm_map()))
                .key(item::SK, item::s(&mapping));
            parts.push(TransactWriteItem::builder().set_delete(delete.build().ok()).build());
        }
        if let Some(mark) = &mark {
            let none = Receipt { events: Vec::new() };
            parts.push(write_mark(tenant, mark, &none, self.table().clock.now()));
        }
        self.store_all(parts, mark.is_some()).await
    }

    pub(crate) async fn store_all(
        &self,
        parts: Vec<TransactWriteItem>,
        marked: bool,
    ) -> Result<(), Refused> {
        let last = parts.len().saturating_sub(1);
        let parts = parts.into_iter().map(|part| self.named(part)).collect();
        let client = &self.table().client;
        let sent = client.transact_write_items().set_transact_items(Some(parts)).send().await;
        let Err(wrong) = sent else { return Ok(()) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            wrong.as_service_error()
        {
            let reasons = cancelled.cancellation_reasons();
            let failed = |at: usize| {
                reasons.get(at).filter(|reason| reason.code() == Some("ConditionalCheckFailed"))
            };
            if marked && let Some(item) = failed(last).and_then(|reason| reason.item()) {
                return Err(Refused::Repeat(read_mark(item)?));
            }
            if failed(0).is_some() {
                return Err(Refused::Changed);
            }
        }
        Err(error::port("storing a version")(wrong).into())
    }
}

/// Tells whether a stored answer belongs to a request of this body.
impl Stored {
    /// Whether it answers a request of this digest: another body under the same key is refused.
    pub fn answers(&self, body: &str) -> bool {
        self.body == body
    }
}
