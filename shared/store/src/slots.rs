//! The global claim of a pair (cluster, number). It holds one unclosed environment, and once used it
//! stays with its tenant: path and target name derive from the pair.

use crate::commit::transact_put;
use crate::item::{self, Item};
use crate::{Table, keys};
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use watchfire_domain::{EnvironmentId, Tenant, Voucher};
use watchfire_ports::PortError;

/// Who claims, or claimed, a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The tenant.
    pub tenant: Tenant,
    /// The environment that claimed it last.
    pub environment: EnvironmentId,
}

impl Slot {
    pub(crate) fn write(&self, slot: &str, over: Option<&Self>) -> TransactWriteItem {
        let key = keys::slot(slot);
        let mut put = Put::builder()
            .table_name("")
            .item(item::PK, item::s(&key.pk))
            .item(item::SK, item::s(&key.sk))
            .item("tenant", item::s(self.tenant.as_str()))
            .item("environment", item::s(&self.environment.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        put = match over {
            None => put.condition_expression("attribute_not_exists(pk)"),
            // Another tenant's slot never changes hands, whatever was read.
            Some(old) => put
                .condition_expression("tenant = :tenant AND environment = :old")
                .expression_attribute_values(":tenant", item::s(self.tenant.as_str()))
                .expression_attribute_values(":old", item::s(&old.environment.to_string())),
        };
        transact_put(put)
    }
}

fn read(found: &Item) -> Result<Option<Slot>, PortError> {
    let tenant = Tenant::vouched(item::text(found, "tenant")?, Voucher::Pointer).ok();
    let environment = item::text(found, "environment")?.parse().ok();
    Ok(tenant.zip(environment).map(|(tenant, environment)| Slot { tenant, environment }))
}

impl Table {
    /// Who claimed the slot.
    pub async fn slot(&self, slot: &str) -> Result<Option<Slot>, PortError> {
        let item = self.get(&keys::slot(slot), true).await?;
        Ok(item.as_ref().map(read).transpose()?.flatten())
    }
}
