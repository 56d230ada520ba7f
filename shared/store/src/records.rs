//! Records: an incident, an environment, an approval; each one JSON document under a version.

use crate::commit::Due;
use crate::item::{self, Item};
use crate::{Repo, Table, error, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use watchfire_domain::{
    Approval, ApprovalId, Environment, EnvironmentId, Incident, IncidentId, Status, Tenant,
    Timestamp, Voucher,
};
use watchfire_ports::PortError;

/// A record of an incident's collection.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// The sort key's first word, which is also its name in event payloads.
    const KIND: &'static str;
    /// Its name in event payloads: `incident`, `environment/1`.
    fn name(&self) -> String;
    /// Its incident.
    fn incident(&self) -> IncidentId;
    /// Its sort key within the incident's collection.
    fn sk(&self) -> String;
    /// Its version.
    fn version(&self) -> u64;
    /// The list that it stands in.
    fn list(&self, _tenant: &Tenant) -> Option<(String, String)> {
        None
    }
}

impl Record for Incident {
    const KIND: &'static str = keys::META;
    fn name(&self) -> String {
        "incident".to_owned()
    }
    fn incident(&self) -> IncidentId {
        self.id
    }
    fn sk(&self) -> String {
        keys::META.to_owned()
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn list(&self, tenant: &Tenant) -> Option<(String, String)> {
        let list = if self.status == Status::Closed { keys::done_list } else { keys::open_list };
        Some((list(tenant, self.id.shard()), self.id.to_string()))
    }
}

impl Record for Environment {
    const KIND: &'static str = "ENV";
    fn name(&self) -> String {
        format!("environment/{}", self.id.n)
    }
    fn incident(&self) -> IncidentId {
        self.id.incident
    }
    fn sk(&self) -> String {
        keys::numbered(Self::KIND, self.id.n)
    }
    fn version(&self) -> u64 {
        self.version
    }
}

impl Record for Approval {
    const KIND: &'static str = "APR";
    fn name(&self) -> String {
        format!("approval/{}", self.id.n)
    }
    fn incident(&self) -> IncidentId {
        self.id.incident
    }
    fn sk(&self) -> String {
        keys::numbered(Self::KIND, self.id.n)
    }
    fn version(&self) -> u64 {
        self.version
    }
}

/// A record as it was read, and when `sweep` shall look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<R> {
    /// The record.
    pub record: R,
    /// When it is due, if it is.
    pub due: Option<Timestamp>,
}

pub(crate) fn row<R: DeserializeOwned>(item: &Item) -> Result<Row<R>, PortError> {
    let due = item.get(item::DUESK).and_then(|value| value.as_s().ok());
    let due = due.and_then(|text| text.split('#').next()).and_then(Timestamp::parse);
    Ok(Row { record: item::doc(item)?, due })
}

impl Table {
    pub(crate) async fn get(
        &self,
        key: &keys::Key,
        fresh: bool,
    ) -> Result<Option<Item>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(item::PK, item::s(&key.pk))
            .key(item::SK, item::s(&key.sk))
            .consistent_read(fresh)
            .send()
            .await
            .map_err(error::port("reading an item"))?;
        Ok(answer.item)
    }

    /// Every item of `pk` whose sort key begins with `prefix`, in order, read consistently.
    pub(crate) async fn collect(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let mut ask = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("pk = :p AND begins_with(sk, :s)")
                .expression_attribute_values(":p", item::s(pk))
                .expression_attribute_values(":s", item::s(prefix))
                .consistent_read(true)
                .set_exclusive_start_key(from);
            if prefix.is_empty() {
                ask = ask
                    .key_condition_expression("pk = :p")
                    .set_expression_attribute_values(Some([(":p".to_owned(), item::s(pk))].into()));
            }
            let answer = ask.send().await.map_err(error::port("reading a collection"))?;
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// Moves when `sweep` looks at an item, if it still is due when it was. An item that is gone
    /// or was moved by somebody else is no error. This is index data: no record changes.
    pub(crate) async fn move_due(
        &self,
        key: &keys::Key,
        from: Timestamp,
        to: Option<Timestamp>,
    ) -> Result<(), PortError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(item::PK, item::s(&key.pk))
            .key(item::SK, item::s(&key.sk))
            .condition_expression("duesk = :was")
            .expression_attribute_values(":was", item::s(&keys::due_sk(from, &key.pk, &key.sk)));
        update = match to {
            Some(at) => update
                .update_expression("SET duesk = :due")
                .expression_attribute_values(":due", item::s(&keys::due_sk(at, &key.pk, &key.sk))),
            None => update.update_expression("REMOVE duepk, duesk"),
        };
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::update_item::UpdateItemError::is_conditional_check_failed_exception,
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error::port("moving a due time")(error)),
        }
    }
}

impl Repo {
    /// The incident; none if this tenant has none of this id. Read consistently.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Row<Incident>>, PortError> {
        self.record(id, keys::META.to_owned()).await
    }

    /// The environment.
    pub async fn environment(
        &self,
        id: EnvironmentId,
    ) -> Result<Option<Row<Environment>>, PortError> {
        self.record(id.incident, keys::numbered(Environment::KIND, id.n)).await
    }

    /// The approval.
    pub async fn approval(&self, id: ApprovalId) -> Result<Option<Row<Approval>>, PortError> {
        self.record(id.incident, keys::numbered(Approval::KIND, id.n)).await
    }

    pub(crate) async fn record<R: Record>(
        &self,
        id: IncidentId,
        sk: String,
    ) -> Result<Option<Row<R>>, PortError> {
        let key = keys::Key { pk: keys::incident(&self.tenant, id), sk };
        self.table.get(&key, true).await?.as_ref().map(row).transpose()
    }

    /// Every environment of the incident, in order.
    pub async fn environments(&self, id: IncidentId) -> Result<Vec<Row<Environment>>, PortError> {
        self.parts(id).await
    }

    /// Every approval of the incident, in order.
    pub async fn approvals(&self, id: IncidentId) -> Result<Vec<Row<Approval>>, PortError> {
        self.parts(id).await
    }

    pub(crate) async fn parts<R: Record>(&self, id: IncidentId) -> Result<Vec<Row<R>>, PortError> {
        let pk = keys::incident(&self.tenant, id);
        let items = self.table.collect(&pk, &format!("{}#", R::KIND)).await?;
        items.iter().map(row).collect()
    }

    /// The incident of a display id.
    pub async fn by_display_id(&self, display_id: &str) -> Result<Option<IncidentId>, PortError> {
        let item = self.table.get(&keys::display(&self.tenant, display_id), true).await?;
        Ok(item
            .as_ref()
            .map(|item| item::text(item, "incident"))
            .transpose()?
            .and_then(|text| text.parse().ok()))
    }

    /// The incident, whether it is this tenant's own or shared with it; with the home tenant's view.
    pub async fn find(&self, id: IncidentId) -> Result<Option<(Self, Row<Incident>)>, PortError> {
        if let Some(row) = self.incident(id).await? {
            return Ok(Some((self.clone(), row)));
        }
        let Some(pointer) = self.table.get(&keys::share(&self.tenant, id), true).await? else {
            return Ok(None);
        };
        let Ok(home) = Tenant::vouched(item::text(&pointer, "home")?, Voucher::Pointer) else {
            return Ok(None);
        };
        let home = self.table.of(&home);
        let row = home.incident(id).await?;
        // The record judges: a pointer that its incident does not know leads nowhere.
        let row = row.filter(|row| row.record.tenants.iter().any(|t| t == self.tenant.as_str()));
        Ok(row.map(|row| (home, row)))
    }

    /// Moves when `sweep` looks at the approval.
    pub async fn move_approval_due(
        &self,
        id: ApprovalId,
        from: Timestamp,
        to: Option<Timestamp>,
    ) -> Result<(), PortError> {
        let key = keys::part(&self.tenant, id.incident, Approval::KIND, id.n);
        self.table.move_due(&key, from, to).await
    }

    /// Moves when `sweep` looks at the environment.
    pub async fn move_environment_due(
        &self,
        id: EnvironmentId,
        from: Timestamp,
        to: Option<Timestamp>,
    ) -> Result<(), PortError> {
        let key = keys::part(&self.tenant, id.incident, Environment::KIND, id.n);
        self.table.move_due(&key, from, to).await
    }
}

/// The due attributes for an item of this key.
pub(crate) fn due_values(key: &keys::Key, at: Timestamp) -> [(&'static str, AttributeValue); 2] {
    [
        (item::DUEPK, item::s(&keys::due_pk(keys::due_shard(&key.pk)))),
        (item::DUESK, item::s(&keys::due_sk(at, &key.pk, &key.sk))),
    ]
}

/// What `due` does to the item of `key`: attributes to set, and whether to remove them.
pub(crate) fn due_change(key: &keys::Key, due: Due) -> (Vec<(&'static str, AttributeValue)>, bool) {
    match due {
        Due::Keep => (Vec::new(), false),
        Due::At(at) => (due_values(key, at).into(), false),
        Due::Clear => (Vec::new(), true),
    }
}
