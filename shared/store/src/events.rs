//! Timeline events: chained before they are written, read as the exact bytes that were hashed.

use crate::commit::{Commit, put_new};
use crate::item::{self, Item};
use crate::{Repo, error, keys};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use watchfire_domain::chain::{Body, Digest, Idem, Stored, VERSION, genesis};
use watchfire_domain::{IncidentId, Tenant, Timestamp};
use watchfire_ports::PortError;

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The newest event's sequence.
    pub seq: u64,
    /// Its hash: the incident's provenance hash (S3-26).
    pub hash: Digest,
    /// When it happened: the incident's `updated_at` (S3-18).
    pub at: Timestamp,
}

/// An event as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The stored bytes and what surrounds them.
    pub stored: Stored,
    /// The body, read.
    pub body: Body,
}

/// An event with the slot that it wants.
pub(crate) struct Slotted {
    pub(crate) pk: String,
    pub(crate) seq: u64,
    pub(crate) event_id: String,
    pub(crate) hash: Digest,
    stored: Stored,
}

impl Slotted {
    pub(crate) fn put(
        &self,
        tenant: &Tenant,
        incident: IncidentId,
    ) -> Result<TransactWriteItem, PortError> {
        let key = keys::event(tenant, incident, self.seq);
        let fields = vec![
            (item::BODY, item::packed_text(self.stored.body.clone())?),
            (item::PREV, item::b(&self.stored.prev.0)),
            (item::HASH, item::b(&self.stored.hash.0)),
            (item::TYPE, item::s(&self.stored.kind)),
            (item::AT, item::s(&self.stored.at)),
        ];
        Ok(put_new(tenant, &key, fields))
    }
}

/// Chains the commit's events behind `head`.
pub(crate) fn chain(
    tenant: &Tenant,
    commit: &Commit,
    ids: &[Uuid],
    head: Option<&Head>,
    now: Timestamp,
) -> Result<Vec<Slotted>, PortError> {
    let mut seq = head.map_or(0, |head| head.seq);
    let mut prev = head.map_or_else(|| genesis(tenant.as_str(), commit.incident), |head| head.hash);
    // A clock that went back does not put an event before the one it follows.
    let at = head.map_or(now, |head| now.max(head.at));
    let mut slotted = Vec::with_capacity(commit.events.len());
    for ((draft, set), id) in commit.events.iter().zip(ids) {
        seq = seq.saturating_add(1);
        let mut payload = Map::new();
        if !draft.detail.is_empty() {
            payload.insert("detail".to_owned(), Value::Object(draft.detail.clone()));
        }
        if !set.is_empty() {
            payload.insert("set".to_owned(), Value::Object(set.clone()));
        }
        let body = Body {
            v: VERSION,
            tenant: tenant.as_str().to_owned(),
            incident_id: commit.incident,
            seq,
            event_id: id.to_string(),
            kind: draft.kind.name().to_owned(),
            actor: draft.actor.clone(),
            at,
            payload: Value::Object(payload),
            refs: Vec::new(),
            idem: commit
                .mark
                .as_ref()
                .map(|mark| Idem { key: mark.key.clone(), body: mark.body.clone() }),
        };
        let stored = body.after(prev).map_err(|refused| PortError::Refused {
            service: error::SERVICE,
            doing: "writing an event",
            reason: refused.to_string(),
        })?;
        prev = stored.hash;
        slotted.push(Slotted {
            pk: keys::incident(tenant, commit.incident),
            seq,
            event_id: id.to_string(),
            hash: stored.hash,
            stored,
        });
    }
    Ok(slotted)
}

fn corrupt(reason: String) -> PortError {
    PortError::Corrupt { service: error::SERVICE, doing: "reading an event", reason }
}

/// The head that this event is, and its id.
pub(crate) fn head_of(found: &Item) -> Result<(Head, String), PortError> {
    let event = read(found)?;
    let Stored { seq, hash, .. } = event.stored;
    Ok((Head { seq, hash, at: event.body.at }, event.body.event_id))
}

fn read(found: &Item) -> Result<Event, PortError> {
    let sk = item::text(found, item::SK)?;
    let place = sk.strip_prefix("EV#").and_then(|rest| rest.split_once('#'));
    let place = place.and_then(|(seq, epoch)| Some((seq.parse().ok()?, epoch.parse().ok()?)));
    let (seq, epoch) = place.ok_or_else(|| corrupt(format!("`{sk}` is no event's place")))?;
    let digest = |name| {
        Digest::try_from(item::bytes(found, name)?)
            .map_err(|_| corrupt(format!("`{name}` is no digest")))
    };
    let body = item::unpacked(found, item::BODY)?.into_owned();
    let stored = Stored {
        seq,
        epoch,
        prev: digest(item::PREV)?,
        hash: digest(item::HASH)?,
        kind: item::text(found, item::TYPE)?.to_owned(),
        at: item::text(found, item::AT)?.to_owned(),
        body,
    };
    let body = serde_json::from_str(&stored.body).map_err(|wrong| corrupt(wrong.to_string()))?;
    Ok(Event { stored, body })
}

impl Event {
    /// The event as the table's stream has it.
    pub fn streamed(image: serde_dynamo::Item) -> Result<Self, PortError> {
        read(&image.into())
    }

    /// The event as the API shows it: its body, its hash, and the hash that it follows.
    pub fn json(&self) -> Value {
        let mut value = serde_json::to_value(&self.body).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.insert("target_ids".to_owned(), json!(self.body.target_ids()));
            fields.insert("event_hash".to_owned(), json!(self.stored.hash.to_string()));
            fields.insert("prev_hash".to_owned(), json!(self.stored.prev.to_string()));
        }
        value
    }
}

impl Repo {
    /// Up to `limit` events after `after` (0: from the first), in order, read consistently.
    pub async fn events(
        &self,
        incident: IncidentId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, PortError> {
        self.slots(incident, after, limit, true).await
    }

    /// The newest `limit` events, in order.
    pub async fn newest(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<Event>, PortError> {
        let mut events = self.slots(incident, 0, limit, false).await?;
        events.reverse();
        Ok(events)
    }

    async fn slots(
        &self,
        incident: IncidentId,
        after: u64,
        limit: usize,
        forward: bool,
    ) -> Result<Vec<Event>, PortError> {
        let pk = keys::incident(self.tenant(), incident);
        let mut events: Vec<Event> = Vec::new();
        let mut from = None;
        while events.len() < limit {
            let left = i32::try_from(limit.saturating_sub(events.len())).unwrap_or(i32::MAX);
            let answer = self
                .table()
                .client
                .query()
                .table_name(&self.table().name)
                .key_condition_expression("pk = :p AND sk BETWEEN :a AND :z")
                .expression_attribute_values(":p", item::s(&pk))
                .expression_attribute_values(
                    ":a",
                    item::s(&keys::event_sk(after.saturating_add(1))),
                )
                .expression_attribute_values(":z", item::s("EV#9999999999#9999"))
                .scan_index_forward(forward)
                .limit(left)
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(error::port("reading a timeline"))?;
            for found in answer.items.unwrap_or_default() {
                events.push(read(&found)?);
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(events)
    }
}
