//! Who has incidents: what looks at all of them has to find them.

use crate::{Repo, Table, error, item, keys};
use watchfire_domain::{Tenant, Voucher};
use watchfire_ports::PortError;

impl Repo {
    /// Lists the tenant among those that have incidents, unless it is listed: before its first
    /// incident, so that none is missed.
    pub async fn list_tenant(&self) -> Result<(), PortError> {
        let (table, key) = (self.table(), keys::tenant(self.tenant()));
        if table.get(&key, false).await?.is_some() {
            return Ok(());
        }
        let put = table
            .client
            .put_item()
            .table_name(&table.name)
            .item(item::PK, item::s(&key.pk))
            .item(item::SK, item::s(&key.sk));
        put.send().await.map(|_| ()).map_err(error::port("listing a tenant"))
    }
}

impl Table {
    /// Every tenant that has, or had, incidents.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, PortError> {
        let mut tenants = Vec::new();
        let mut from = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("pk = :p")
                .expression_attribute_values(":p", item::s(keys::TENANTS))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(error::port("listing the tenants"))?;
            for found in answer.items.unwrap_or_default() {
                // A name that is none was not written by us.
                tenants.extend(Tenant::vouched(item::text(&found, item::SK)?, Voucher::Pointer));
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(tenants);
            }
        }
    }
}
