//! Messages to be sent after a commit: written with it, deleted when the target took them.

use crate::commit::put_new;
use crate::records::{due_values, row};
use crate::{Repo, Table, error, item, keys};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};
use watchfire_domain::{IncidentId, MINUTE, Tenant, Timestamp};
use watchfire_ports::{Message, PortError};

/// A queued message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The incident that it is about.
    pub incident: IncidentId,
    /// The message.
    pub message: Message,
    /// How often it was tried.
    pub tries: u32,
}

pub(crate) fn write(
    tenant: &Tenant,
    incident: IncidentId,
    message: &Message,
    now: Timestamp,
) -> Result<TransactWriteItem, PortError> {
    let key = keys::outbox(tenant, &message.id);
    let queued = Queued { incident, message: message.clone(), tries: 0 };
    let mut fields = vec![(item::DOC, item::packed(&queued)?)];
    // Whoever committed sends it at once; `sweep` looks a minute later.
    fields.extend(due_values(&key, now.plus(MINUTE)));
    Ok(put_new(tenant, &key, fields))
}

impl Repo {
    /// The queued message, and when it is due.
    pub async fn queued(&self, id: &str) -> Result<Option<crate::Row<Queued>>, PortError> {
        let item = self.table().get(&keys::outbox(self.tenant(), id), true).await?;
        item.as_ref().map(row).transpose()
    }

    /// The message was taken, or given up: it is queued no more.
    pub async fn unqueue(&self, id: &str) -> Result<(), PortError> {
        let key = keys::outbox(self.tenant(), id);
        let Table { client, name, .. } = self.table();
        let ask = client.delete_item().table_name(name);
        ask.key(item::PK, item::s(&key.pk))
            .key(item::SK, item::s(&key.sk))
            .send()
            .await
            .map_err(error::port("taking a message off the queue"))?;
        Ok(())
    }

    /// The message was not taken: it is due again at `at`.
    pub async fn requeue(&self, queued: &Queued, at: Timestamp) -> Result<(), PortError> {
        let key = keys::outbox(self.tenant(), &queued.message.id);
        let [(_, pk), (_, sk)] = due_values(&key, at);
        let Table { client, name, .. } = self.table();
        let sent = client
            .update_item()
            .table_name(name)
            .key(item::PK, item::s(&key.pk))
            .key(item::SK, item::s(&key.sk))
            .update_expression("SET doc = :doc, duepk = :pk, duesk = :sk")
            // One that was taken meanwhile must not come back.
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":doc", item::packed(queued)?)
            .expression_attribute_values(":pk", pk)
            .expression_attribute_values(":sk", sk)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(wrong)
                if wrong.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::update_item::UpdateItemError::is_conditional_check_failed_exception,
                ) =>
            {
                Ok(())
            }
            Err(wrong) => Err(error::port("queueing a message again")(wrong)),
        }
    }
}
