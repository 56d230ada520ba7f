//! Integrations: each lies with its tenant, and a pointer finds it by its id alone.

use crate::commit::{Mark, Receipt, Refused, transact_put, write_mark};
use crate::{Repo, Table, item, keys};
use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use watchfire_domain::{Integration, IntegrationId, Tenant, Voucher};
use watchfire_ports::PortError;

impl Table {
    /// Whose the integration is; none if there is none of this id.
    pub async fn integration_owner(&self, id: &IntegrationId) -> Result<Option<Tenant>, PortError> {
        let Some(found) = self.get(&keys::hook(id), true).await? else { return Ok(None) };
        Ok(Tenant::vouched(item::text(&found, "tenant")?, Voucher::Pointer).ok())
    }
}

impl Repo {
    /// The integration, read consistently: one that was deleted or rotated is so at once.
    pub async fn integration(&self, id: &IntegrationId) -> Result<Option<Integration>, PortError> {
        let found = self.table().get(&keys::integration(self.tenant(), id), true).await?;
        found.as_ref().map(item::doc).transpose()
    }

    /// Every integration of the tenant, by id.
    pub async fn integrations(&self) -> Result<Vec<Integration>, PortError> {
        let items = self.table().collect(&keys::integrations(self.tenant()), "").await?;
        items.iter().map(item::doc).collect()
    }

    /// Stores a new integration, or what became of it: `Changed` if somebody else changed it first.
    pub async fn put_integration(
        &self,
        integration: &Integration,
        before: Option<&Integration>,
        mark: Option<Mark>,
    ) -> Result<(), Refused> {
        let tenant = self.tenant();
        let key = keys::integration(tenant, &integration.id);
        let mut record = Put::builder()
            .table_name("")
            .item(item::PK, item::s(&key.pk))
            .item(item::SK, item::s(&key.sk))
            .item(item::DOC, item::packed(integration)?)
            .item(item::VER, item::n(integration.version));
        if let Some(before) = before {
            record = record
                .condition_expression("ver = :was")
                .expression_attribute_values(":was", item::n(before.version))
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
        }
        let mut parts = vec![transact_put(record)];
        if before.is_none() {
            let pointer = keys::hook(&integration.id);
            let put = Put::builder()
                .table_name("")
                .item(item::PK, item::s(&pointer.pk))
                .item(item::SK, item::s(&pointer.sk))
                .item("tenant", item::s(tenant.as_str()));
            parts.push(transact_put(put));
        }
        self.marked(parts, mark).await
    }

    /// Deletes the integration. That it is gone already is no error.
    pub async fn delete_integration(
        &self,
        id: &IntegrationId,
        mark: Option<Mark>,
    ) -> Result<(), Refused> {
        let delete = |key: keys::Key| {
            let delete = Delete::builder()
                .table_name(&self.table().name)
                .key(item::PK, item::s(&key.pk))
                .key(item::SK, item::s(&key.sk));
            TransactWriteItem::builder().set_delete(delete.build().ok()).build()
        };
        let parts = vec![delete(keys::integration(self.tenant(), id)), delete(keys::hook(id))];
        self.marked(parts, mark).await
    }

    async fn marked(
        &self,
        mut parts: Vec<TransactWriteItem>,
        mark: Option<Mark>,
    ) -> Result<(), Refused> {
        if let Some(mark) = &mark {
            let none = Receipt { events: Vec::new() };
            parts.push(write_mark(self.tenant(), mark, &none, self.table().clock.now()));
        }
        self.store_all(parts, mark.is_some()).await
    }
}
