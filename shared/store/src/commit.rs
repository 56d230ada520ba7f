//! One conditional commit: the changed records, their timeline events, what guards them, and the
//! caller's idempotency mark. All of it is written, or nothing.

use crate::item::Item;
use crate::records::{Record, due_change};
use crate::{Repo, Slot, alarms, error, item, keys, outbox};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use serde_json::{Map, Value, json};
use watchfire_domain::alarm::Open;
use watchfire_domain::chain::Digest;
use watchfire_domain::{Change, Draft, ExecutionId, IncidentId, Tenant, Timestamp, patch};
use watchfire_ports::{Message, PortError};

/// What shall happen to the time at which `sweep` looks at an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It stays.
    Keep,
    /// It becomes this.
    At(Timestamp),
    /// Nobody need look any more.
    Clear,
}

/// What a commit wrote to the timeline: sequence and hash of every event, in order (S3-84).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The events.
    pub events: Vec<(u64, Digest)>,
}

/// The receipt of a commit's last event, as callers get it.
pub fn receipt_json(receipt: &Receipt) -> Value {
    match receipt.events.last() {
        Some((seq, hash)) => json!({ "seq": seq, "event_hash": hash.to_string() }),
        None => Value::Null,
    }
}

/// A stored answer to an idempotent request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Digest of the request's body.
    pub body: String,
    /// The HTTP status.
    pub status: u16,
    /// The answer's body.
    pub answer: String,
}

/// A caller's idempotency mark, written with the commit.
pub struct Mark {
    /// Digest of route, caller and key: names the mark.
    pub key: String,
    /// Digest of the request's body: the same key with another body is refused.
    pub body: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Makes the answer to store, of what was written.
    pub answer: Box<dyn Fn(&Receipt) -> String + Send + Sync>,
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mark")
            .field("key", &self.key)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why a commit was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A record changed since it was read: read again, decide again.
    #[error("the record changed meanwhile")]
    Changed,
    /// What must not be there is there, or the reverse: `display`, `alarm`, `seen`, `slot`,
    /// `outbox`, `execution` or `given up`.
    #[error("`{0}` is taken")]
    Taken(&'static str),
    /// The idempotency key was used before.
    #[error("the idempotency key was used before")]
    Repeat(Stored),
    /// The table cannot be written.
    #[error("the commit could not be written")]
    Port(#[from] PortError),
}

/// What one item of the transaction is, so that a refusal can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Record,
    Event,
    Guard(&'static str),
    Mark,
}

type RecordOf = Box<dyn Fn(&Tenant) -> Result<TransactWriteItem, PortError> + Send + Sync>;

/// A commit on one incident's collection.
pub struct Commit {
    pub(crate) incident: IncidentId,
    pub(crate) fresh: bool,
    records: Vec<RecordOf>,
    pub(crate) events: Vec<(Draft, Map<String, Value>)>,
    guards: Vec<(&'static str, RecordOf)>,
    pub(crate) mark: Option<Mark>,
}

impl std::fmt::Debug for Commit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let events: Vec<_> = self.events.iter().map(|(draft, _)| draft.kind).collect();
        out.debug_struct("Commit")
            .field("incident", &self.incident)
            .field("events", &events)
            .finish_non_exhaustive()
    }
}

impl Commit {
    /// A commit on `incident`.
    pub fn on(incident: IncidentId) -> Self {
        Self {
            incident,
            fresh: false,
            records: Vec::new(),
            events: Vec::new(),
            guards: Vec::new(),
            mark: None,
        }
    }

    /// Says that the incident is new: its first event is the chain's first, and no head is read.
    #[must_use]
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// Writes a changed record and its event. The record must still have the version that the
    /// change was decided on, or not exist if it is new.
    #[must_use]
    pub fn change<R: Record + 'static>(self, change: Change<R>, due: Due) -> Self {
        self.told(&change).record(change, due)
    }

    /// Adds the event of a change, without its record: what several changes of one record came to is
    /// written once, with [`Commit::record`].
    #[must_use]
    pub fn told<R: Record>(mut self, change: &Change<R>) -> Self {
        let before = change.before.as_ref().map(serde_json::to_value);
        let name = change.after.name();
        let after = serde_json::to_value(&change.after).unwrap_or_default();
        let before = before.and_then(Result::ok).unwrap_or_else(|| json!({}));
        let set = Map::from_iter([(name, patch::diff(&before, &after))]);
        self.events.push((change.draft.clone(), set));
        self
    }

    /// Writes a changed record, whose events [`Commit::told`] has: from before the first of them to
    /// after the last.
    #[must_use]
    pub fn record<R: Record + 'static>(mut self, change: Change<R>, due: Due) -> Self {
        self.records.push(Box::new(move |tenant| write_record(tenant, &change, due)));
        self
    }

    /// Adds an event that changes no record.
    #[must_use]
    pub fn event(mut self, draft: Draft) -> Self {
        self.events.push((draft, Map::new()));
        self
    }

    /// Asks that the record is still as it was read, though this commit does not change it.
    #[must_use]
    pub fn unchanged<R: Record + 'static>(mut self, record: &R) -> Self {
        let (sk, version) = (record.sk(), record.version());
        let incident = record.incident();
        self.records.push(Box::new(move |tenant| {
            let check = ConditionCheck::builder()
                .table_name("")
                .key(item::PK, item::s(&keys::incident(tenant, incident)))
                .key(item::SK, item::s(&sk))
                .condition_expression("ver = :was")
                .expression_attribute_values(":was", item::n(version));
            Ok(TransactWriteItem::builder().set_condition_check(check.build().ok()).build())
        }));
        self
    }

    /// Claims the display id.
    #[must_use]
    pub fn display(self, display_id: &str) -> Self {
        let (display_id, incident) = (display_id.to_owned(), self.incident);
        self.guard("display", move |tenant| {
            let key = keys::display(tenant, &display_id);
            let fields = [("incident", item::s(&incident.to_string()))];
            Ok(put_new(tenant, &key, fields.into()))
        })
    }

    /// Says where an execution is found by its id alone.
    #[must_use]
    pub fn execution(self, id: ExecutionId) -> Self {
        let incident = self.incident;
        self.guard("execution", move |tenant| {
            let key = keys::execution(tenant, id);
            let fields = [("incident", item::s(&incident.to_string()))];
            Ok(put_new(tenant, &key, fields.into()))
        })
    }

    /// Counts that a runbook was started.
    #[must_use]
    pub fn used(self, runbook: &str) -> Self {
        let runbook = runbook.to_owned();
        self.guard("used", move |tenant| {
            let update = Update::builder()
                .table_name("")
                .key(item::PK, item::s(&keys::uses(tenant)))
                .key(item::SK, item::s(&runbook))
                .update_expression("ADD uses :one")
                .expression_attribute_values(":one", item::n(1));
            Ok(TransactWriteItem::builder().set_update(update.build().ok()).build())
        })
    }

    /// Claims the environment slot, which must be free or still be `over`'s (a closed environment
    /// of the same tenant).
    #[must_use]
    pub fn slot(self, slot: &str, claim: Slot, over: Option<Slot>) -> Self {
        let slot = slot.to_owned();
        self.guard("slot", move |_| Ok(claim.write(&slot, over.as_ref())))
    }

    /// Remembers the alarm key's newest transition. `before` is what was read: the item must still
    /// be that, or not exist. `due` is when its quiet period ends.
    #[must_use]
    pub fn alarm(self, key: &str, before: Option<&Open>, after: Open, due: Due) -> Self {
        let (key, before) = (key.to_owned(), before.map(|open| open.generation));
        self.guard("alarm", move |tenant| match before {
            None => alarms::write_first(tenant, &key, None, &after, due),
            Some(before) => alarms::write_open(tenant, &key, before, &after, due),
        })
    }

    /// Remembers the first transition of an alarm key, and that it was handled: instead of
    /// [`Commit::alarm`] and [`Commit::seen`].
    #[must_use]
    pub fn first_alarm(self, key: &str, event: &str, after: Open, due: Due) -> Self {
        let (key, event) = (key.to_owned(), event.to_owned());
        self.guard("alarm", move |tenant| {
            alarms::write_first(tenant, &key, Some(&event), &after, due)
        })
    }

    /// Marks the alarm's transition as handled, with its outcome.
    #[must_use]
    pub fn seen(self, event: &str, seen: alarms::Seen) -> Self {
        let event = event.to_owned();
        self.guard("seen", move |tenant| Ok(alarms::write_seen(tenant, &event, &seen)))
    }

    /// Shares the incident with `with`: the pointer by which it finds the home tenant.
    #[must_use]
    pub fn share(self, with: &Tenant) -> Self {
        let (with, incident) = (with.clone(), self.incident);
        self.guard("share", move |tenant| {
            let key = keys::share(&with, incident);
            let put = Put::builder()
                .table_name("")
                .item(item::PK, item::s(&key.pk))
                .item(item::SK, item::s(&key.sk))
                .item("home", item::s(tenant.as_str()))
                // A guest's pointer stays with the home that it leads to.
                .condition_expression("attribute_not_exists(pk) OR home = :home")
                .expression_attribute_values(":home", item::s(tenant.as_str()));
            Ok(transact_put(put))
        })
    }

    /// Queues a message to be sent after the commit.
    #[must_use]
    pub fn message(self, message: Message, now: Timestamp) -> Self {
        let incident = self.incident;
        self.guard("outbox", move |tenant| outbox::write(tenant, incident, &message, now))
    }

    /// Takes a queued message off the queue, which must still be there.
    #[must_use]
    pub fn given_up(self, message: &str) -> Self {
        let message = message.to_owned();
        self.guard("given up", move |tenant| {
            let key = keys::outbox(tenant, &message);
            let delete = Delete::builder()
                .table_name("")
                .key(item::PK, item::s(&key.pk))
                .key(item::SK, item::s(&key.sk))
                .condition_expression("attribute_exists(pk)");
            Ok(TransactWriteItem::builder().set_delete(delete.build().ok()).build())
        })
    }

    /// Adds the caller's idempotency mark.
    #[must_use]
    pub fn mark(mut self, mark: Option<Mark>) -> Self {
        self.mark = mark;
        self
    }

    fn guard(
        mut self,
        name: &'static str,
        write: impl Fn(&Tenant) -> Result<TransactWriteItem, PortError> + Send + Sync + 'static,
    ) -> Self {
        self.guards.push((name, Box::new(write)));
        self
    }

    /// Every item of the transaction but the events and the mark, with what each is.
    pub(crate) fn parts(
        &self,
        tenant: &Tenant,
    ) -> Result<Vec<(Part, TransactWriteItem)>, PortError> {
        let records = self.records.iter().map(|write| Ok((Part::Record, write(tenant)?)));
        let guards =
            self.guards.iter().map(|(name, write)| Ok((Part::Guard(name), write(tenant)?)));
        records.chain(guards).collect()
    }
}

/// A put of an item that must not be there. The table's name is filled in later.
pub(crate) fn put_new(
    _tenant: &Tenant,
    key: &keys::Key,
    fields: Vec<(&'static str, AttributeValue)>,
) -> TransactWriteItem {
    let mut put = Put::builder()
        .table_name("")
        .item(item::PK, item::s(&key.pk))
        .item(item::SK, item::s(&key.sk))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    for (name, value) in fields {
        put = put.item(name, value);
    }
    transact_put(put)
}

pub(crate) fn transact_put(
    put: aws_sdk_dynamodb::types::builders::PutBuilder,
) -> TransactWriteItem {
    TransactWriteItem::builder().set_put(put.build().ok()).build()
}

fn write_record<R: Record>(
    tenant: &Tenant,
    change: &Change<R>,
    due: Due,
) -> Result<TransactWriteItem, PortError> {
    let record = &change.after;
    let key = keys::Key { pk: keys::incident(tenant, record.incident()), sk: record.sk() };
    let (set, remove) = due_change(&key, due);
    let list = record.list(tenant);
    let Some(before) = &change.before else {
        let mut fields =
            vec![(item::DOC, item::packed(record)?), (item::VER, item::n(record.version()))];
        if let Some((pk, sk)) = list {
            fields.extend([(item::GSI1PK, item::s(&pk)), (item::GSI1SK, item::s(&sk))]);
        }
        fields.extend(set);
        return Ok(put_new(tenant, &key, fields));
    };
    let mut expression = "SET doc = :doc, ver = :ver".to_owned();
    let mut update = Update::builder()
        .table_name("")
        .key(item::PK, item::s(&key.pk))
        .key(item::SK, item::s(&key.sk))
        .condition_expression("ver = :was")
        .expression_attribute_values(":was", item::n(before.version()))
        .expression_attribute_values(":doc", item::packed(record)?)
        .expression_attribute_values(":ver", item::n(record.version()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    if list != before.list(tenant)
        && let Some((pk, _)) = list
    {
        expression.push_str(", gsi1pk = :list");
        update = update.expression_attribute_values(":list", item::s(&pk));
    }
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

/// How long an idempotency mark is kept: a week.
const MARK_DAYS: i64 = 7;

pub(crate) fn write_mark(
    tenant: &Tenant,
    mark: &Mark,
    receipt: &Receipt,
    now: Timestamp,
) -> TransactWriteItem {
    let key = keys::mark(tenant, &mark.key);
    let gone = now.plus(MARK_DAYS.saturating_mul(watchfire_domain::DAY)).seconds();
    let fields = vec![
        ("want", item::s(&mark.body)),
        ("status", item::n(mark.status)),
        ("answer", item::s(&(mark.answer)(receipt))),
        (item::TTL, item::n(gone)),
    ];
    put_new(tenant, &key, fields)
}

pub(crate) fn read_mark(item: &Item) -> Result<Stored, PortError> {
    Ok(Stored {
        body: item::text(item, "want")?.to_owned(),
        status: item::number(item, "status")?,
        answer: item::text(item, "answer")?.to_owned(),
    })
}

impl Repo {
    /// The stored answer to an idempotent request, if it was answered before.
    pub async fn stored(&self, key: &str) -> Result<Option<Stored>, PortError> {
        let item = self.table().get(&keys::mark(self.tenant(), key), true).await?;
        item.as_ref().map(read_mark).transpose()
    }

    /// Keeps the answer to a request that changed nothing: the key is used all the same.
    pub async fn keep_answer(&self, mark: &Mark) -> Result<(), Refused> {
        let none = Receipt { events: Vec::new() };
        let part = write_mark(self.tenant(), mark, &none, self.table().clock.now());
        let put = part.put().cloned();
        let sent = self
            .table()
            .client
            .put_item()
            .table_name(&self.table().name)
            .set_item(put.as_ref().map(|put| put.item.clone()))
            .set_condition_expression(put.and_then(|put| put.condition_expression))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(wrong) = sent else { return Ok(()) };
        match wrong.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => match failed.item() {
                Some(item) => Err(Refused::Repeat(read_mark(item)?)),
                None => Err(Refused::Changed),
            },
            _ => Err(error::port("keeping an answer")(wrong).into()),
        }
    }
}
