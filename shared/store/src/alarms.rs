//! What is remembered of alarms: the newest transition of each key, and which transitions were
//! handled, with their outcome (B-05: nothing silently dropped).

use crate::commit::{Due, Refused, put_new};
use crate::item::{self, Item};
use crate::records::due_change;
use crate::{Repo, error, keys};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    KeysAndAttributes, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use watchfire_domain::alarm::Open;
use watchfire_domain::{DAY, IncidentId, Tenant, Timestamp};
use watchfire_ports::PortError;

/// What an alarm's transition came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It opened an incident.
    Opened,
    /// It belongs to an open incident.
    Attached,
    /// It reopened an incident.
    Reopened,
    /// It started a quiet period.
    Cleared,
    /// It acknowledged an incident.
    Acknowledged,
    /// It changed nothing.
    Recorded,
}

impl Outcome {
    /// Its stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Attached => "attached",
            Self::Reopened => "reopened",
            Self::Cleared => "cleared",
            Self::Acknowledged => "acknowledged",
            Self::Recorded => "recorded",
        }
    }
}

/// That a transition was handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it came to.
    pub outcome: Outcome,
    /// The incident that it belongs to, if any.
    pub incident: Option<IncidentId>,
    /// Why it changed nothing, if it did not.
    pub why: Option<&'static str>,
    /// When it was handled.
    pub at: Timestamp,
}

/// Longer than an event can be under way: a day in EventBridge, and two weeks in a dead-letter queue.
const SEEN_DAYS: i64 = 21;

pub(crate) fn write_seen(tenant: &Tenant, event: &str, seen: &Seen) -> TransactWriteItem {
    let gone = seen.at.plus(SEEN_DAYS.saturating_mul(DAY)).seconds();
    let mut fields = vec![("outcome", item::s(seen.outcome.name())), (item::TTL, item::n(gone))];
    if let Some(incident) = seen.incident {
        fields.push(("incident", item::s(&incident.to_string())));
    }
    if let Some(why) = seen.why {
        fields.push(("why", item::s(why)));
    }
    put_new(tenant, &keys::seen(tenant, event), fields)
}

/// The first item of an alarm key. `by` is the transition that made it: that it was handled needs no
/// item of its own.
pub(crate) fn write_first(
    tenant: &Tenant,
    key: &str,
    by: Option<&str>,
    after: &Open,
    due: Due,
) -> Result<TransactWriteItem, PortError> {
    let key = keys::alarm(tenant, key);
    let mut fields =
        vec![(item::DOC, item::packed(after)?), (item::VER, item::n(after.generation))];
    fields.extend(by.map(|event| (BY, item::s(event))));
    fields.extend(due_change(&key, due).0);
    Ok(put_new(tenant, &key, fields))
}

/// The transition that made an alarm key's item: it stays as long as the item does.
const BY: &str = "by";

pub(crate) fn write_open(
    tenant: &Tenant,
    key: &str,
    before: u64,
    after: &Open,
    due: Due,
) -> Result<TransactWriteItem, PortError> {
    let key = keys::alarm(tenant, key);
    let (set, remove) = due_change(&key, due);
    let mut expression = "SET doc = :doc, ver = :ver".to_owned();
    let mut update = Update::builder()
        .table_name("")
        .key(item::PK, item::s(&key.pk))
        .key(item::SK, item::s(&key.sk))
        .condition_expression("ver = :was")
        .expression_attribute_values(":was", item::n(before))
        .expression_attribute_values(":doc", item::packed(after)?)
        .expression_attribute_values(":ver", item::n(after.generation))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    for (name, value) in set {
        for piece in [", ", name, " = :", name] {
            expression.push_str(piece);
        }
        update = update.expression_attribute_values(format!(":{name}"), value);
    }
    if remove {
        expression.push_str(" REMOVE duepk, duesk");
    }
    let update = update.update_expression(expression).build().ok();
    Ok(TransactWriteItem::builder().set_update(update).build())
}

impl Repo {
    /// What is remembered of the alarm key, and which of the transitions were handled: one read, of at
    /// most 99 of them.
    pub async fn alarm<'a>(
        &self,
        key: &str,
        events: impl IntoIterator<Item = &'a str>,
    ) -> Result<(Option<Open>, BTreeSet<&'a str>), PortError> {
        let name = &self.table().name;
        let events: BTreeMap<String, &'a str> =
            events.into_iter().map(|event| (keys::seen(self.tenant(), event).pk, event)).collect();
        let marks = events.values().map(|event| keys::seen(self.tenant(), event));
        let wanted = [keys::alarm(self.tenant(), key)].into_iter().chain(marks);
        let ask = wanted.map(|key| {
            HashMap::from([
                (item::PK.to_owned(), item::s(&key.pk)),
                (item::SK.to_owned(), item::s(&key.sk)),
            ])
        });
        let ask = KeysAndAttributes::builder()
            .set_keys(Some(ask.collect()))
            .consistent_read(true)
            .build()
            .map_err(|wrong| PortError::Corrupt {
                service: error::SERVICE,
                doing: "asking for an alarm",
                reason: wrong.to_string(),
            })?;
        let answer = self
            .table()
            .client
            .batch_get_item()
            .request_items(name, ask)
            .send()
            .await
            .map_err(error::port("reading an alarm"))?;
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            return Err(PortError::Unavailable {
                service: error::SERVICE,
                doing: "reading an alarm",
                source: "throttled".into(),
            });
        }
        let items = answer.responses.and_then(|mut all| all.remove(name)).unwrap_or_default();
        let mut open = None;
        let mut seen = BTreeSet::new();
        for found in items {
            if item::text(&found, item::SK)? == "OPEN" {
                open = Some(item::doc(&found)?);
                let by = found.get(BY).and_then(|by| by.as_s().ok());
                seen.extend(events.values().find(|event| by.is_some_and(|by| by == *event)));
            } else {
                seen.extend(events.get(item::text(&found, item::PK)?));
            }
        }
        Ok((open, seen))
    }

    /// What is remembered of the alarm key.
    pub async fn remembered(&self, key: &str) -> Result<Option<Open>, PortError> {
        let item = self.table().get(&keys::alarm(self.tenant(), key), true).await?;
        item.as_ref().map(item::doc).transpose()
    }

    /// What is remembered of the alarm key, and until when its quiet period lasts.
    pub async fn quiet(&self, key: &str) -> Result<Option<crate::Row<Open>>, PortError> {
        let item = self.table().get(&keys::alarm(self.tenant(), key), true).await?;
        item.as_ref().map(crate::records::row).transpose()
    }

    /// Records a transition that belongs to no incident; `newest` is what is to be remembered of
    /// its key, if that changes. True if it was new.
    pub async fn record_alarm(
        &self,
        event: &str,
        seen: &Seen,
        newest: Option<(&str, Option<&Open>, Open)>,
    ) -> Result<bool, Refused> {
        let doing = "recording an alarm";
        let seen = write_seen(self.tenant(), event, seen);
        let Some((key, before, after)) = newest else {
            return Ok(self.put_once(seen, doing).await?);
        };
        let open = match before {
            None => write_first(self.tenant(), key, None, &after, Due::Clear)?,
            Some(open) => write_open(self.tenant(), key, open.generation, &after, Due::Clear)?,
        };
        let parts = vec![self.named(seen), self.named(open)];
        let client = &self.table().client;
        let sent = client.transact_write_items().set_transact_items(Some(parts)).send().await;
        let Err(wrong) = sent else { return Ok(true) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            wrong.as_service_error()
        {
            let failed: Vec<bool> = cancelled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code() == Some("ConditionalCheckFailed"))
                .collect();
            match failed.as_slice() {
                [true, _] => return Ok(false),
                [_, true] => return Err(Refused::Changed),
                _ => {}
            }
        }
        Err(error::port(doing)(wrong).into())
    }

    /// Puts one item under its condition. False if the condition did not hold.
    pub(crate) async fn put_once(
        &self,
        put: TransactWriteItem,
        doing: &'static str,
    ) -> Result<bool, PortError> {
        let Some(put) = put.put else { return Ok(false) };
        let sent = self
            .table()
            .client
            .put_item()
            .table_name(&self.table().name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_values(put.expression_attribute_values)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(wrong)
                if wrong.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::put_item::PutItemError::is_conditional_check_failed_exception,
                ) =>
            {
                Ok(false)
            }
            Err(wrong) => Err(error::port(doing)(wrong)),
        }
    }

    /// Ends the quiet period of an alarm key: `sweep` need not look any more.
    pub async fn end_quiet(&self, key: &str, due: Timestamp) -> Result<(), PortError> {
        self.table().move_due(&keys::alarm(self.tenant(), key), due, None).await
    }
}

pub(crate) fn key_of(item: &Item) -> Result<(String, String), PortError> {
    Ok((item::text(item, item::PK)?.to_owned(), item::text(item, item::SK)?.to_owned()))
}
