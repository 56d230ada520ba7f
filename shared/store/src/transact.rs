//! Writing a commit: the event slot is the lock (docs/decisions/0001). Event n+1 can be put once;
//! whoever loses reads who won and goes on from there. A lost answer is found again by event id.

use crate::commit::{Part, Receipt, Refused, read_mark, write_mark};
use crate::events::{self, Head, Slotted};
use crate::item::{self, Item};
use crate::{Commit, Repo, error, keys};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use watchfire_domain::{Timestamp, hex, uuid_v7};
use watchfire_ports::PortError;

/// How often a slot is tried before the writer gives up: 50 writers at once need up to 34.
const TRIES: u32 = 100;

/// What a try came to.
enum Tried {
    Done,
    /// Another event has our slot: it is the new head.
    Slot(Option<Head>),
    /// Somebody writes at the same time: the same try again.
    Again(PortError),
    Refused(Refused),
}

impl Repo {
    /// Writes `commit`. Its events follow the newest one; whether another writer comes first does
    /// not matter, unless it changed a record that this commit changes.
    pub async fn commit(&self, commit: Commit) -> Result<Receipt, Refused> {
        let now = self.table().clock.now();
        // Made once, before the first try: a slot that holds our id is our success.
        let ids: Vec<_> =
            commit.events.iter().map(|_| uuid_v7(now, self.table().ids.ten())).collect();
        let mut head = if commit.fresh { None } else { self.head(commit.incident).await? };
        let mut last = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                self.table().pause.pause(self.backoff(attempt)).await;
            }
            let slotted = events::chain(self.tenant(), &commit, &ids, head.as_ref(), now)?;
            let receipt =
                Receipt { events: slotted.iter().map(|one| (one.seq, one.hash)).collect() };
            match self.attempt(&commit, &slotted, &receipt, now).await {
                Tried::Done => return Ok(receipt),
                Tried::Slot(winner) => {
                    head = match winner {
                        Some(winner) if attempt == 0 => Some(winner),
                        _ => self.head(commit.incident).await?,
                    };
                }
                Tried::Again(error) => last = Some(error),
                Tried::Refused(refused) => return Err(refused),
            }
        }
        Err(Refused::Port(last.unwrap_or_else(|| PortError::Unavailable {
            service: error::SERVICE,
            doing: "appending to a busy timeline",
            source: "too many writers at once".into(),
        })))
    }

    // Full jitter: 15 ms · 2^k, at most 400 ms (reliability: §2).
    fn backoff(&self, attempt: u32) -> u64 {
        let cap = 15u64.saturating_mul(1 << attempt.min(5)).min(400);
        let mut random = [0; 8];
        self.table().ids.fill(&mut random);
        u64::from_be_bytes(random).checked_rem(cap).unwrap_or(cap)
    }

    async fn attempt(
        &self,
        commit: &Commit,
        slotted: &[Slotted],
        receipt: &Receipt,
        now: Timestamp,
    ) -> Tried {
        let mut parts = match commit.parts(self.tenant()) {
            Ok(parts) => parts,
            Err(error) => return Tried::Refused(error.into()),
        };
        for one in slotted {
            match one.put(self.tenant(), commit.incident) {
                Ok(put) => parts.push((Part::Event, put)),
                Err(error) => return Tried::Refused(error.into()),
            }
        }
        if let Some(mark) = &commit.mark {
            parts.push((Part::Mark, write_mark(self.tenant(), mark, receipt, now)));
        }
        if let ([(Part::Event, put)], [one]) = (parts.as_slice(), slotted) {
            return self.put_event(put, one).await;
        }
        self.transact(parts, slotted).await
    }

    /// One event alone is one conditional put: one write unit instead of two.
    async fn put_event(&self, put: &TransactWriteItem, slotted: &Slotted) -> Tried {
        let Some(put) = put.put().cloned() else {
            return Tried::Refused(Refused::Changed);
        };
        let sent = self
            .table()
            .client
            .put_item()
            .table_name(&self.table().name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_return_values_on_condition_check_failure(
                put.return_values_on_condition_check_failure,
            )
            .send()
            .await;
        match sent {
            Ok(_) => Tried::Done,
            Err(error) => {
                if let Some(PutItemError::ConditionalCheckFailedException(failed)) =
                    error.as_service_error()
                {
                    return lost_slot(failed.item(), slotted);
                }
                if crowded(&error) {
                    return Tried::Again(error::port("appending to a timeline")(error));
                }
                self.after_silence(slotted, error).await
            }
        }
    }

    async fn transact(&self, parts: Vec<(Part, TransactWriteItem)>, slotted: &[Slotted]) -> Tried {
        let kinds: Vec<Part> = parts.iter().map(|(kind, _)| *kind).collect();
        let items = parts.into_iter().map(|(_, item)| self.named(item)).collect();
        let sent = self
            .table()
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .set_client_request_token(request_token(slotted))
            .send()
            .await;
        let Err(error) = sent else { return Tried::Done };
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancelled.cancellation_reasons()
            }
            _ if crowded(&error) => {
                return Tried::Again(error::port("committing a change")(error));
            }
            _ => {
                let Some(first) = slotted.first() else {
                    return Tried::Refused(error::port("committing a change")(error).into());
                };
                return self.after_silence(first, error).await;
            }
        };
        match judge(&kinds, reasons, slotted) {
            Some(tried) => tried,
            None => Tried::Again(error::port("committing a change")(error)),
        }
    }

    /// The answer was lost: the slot tells whether the write was not.
    async fn after_silence<E, R>(&self, slotted: &Slotted, error: SdkError<E, R>) -> Tried
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let error = error::port("committing a change")(error);
        let key = keys::Key { pk: slotted.pk.clone(), sk: keys::event_sk(slotted.seq) };
        match self.table().get(&key, true).await {
            Ok(Some(item)) => lost_slot(Some(&item), slotted),
            // Nothing there: it was not written, though a late duplicate may still arrive; it then
            // finds the conditions of its time, and the caller's repeat finds its event.
            Ok(None) | Err(_) => Tried::Refused(error.into()),
        }
    }

    pub(crate) fn named(&self, mut item: TransactWriteItem) -> TransactWriteItem {
        let name = &self.table().name;
        if let Some(put) = item.put.as_mut() {
            put.table_name.clone_from(name);
        }
        if let Some(update) = item.update.as_mut() {
            update.table_name.clone_from(name);
        }
        if let Some(delete) = item.delete.as_mut() {
            delete.table_name.clone_from(name);
        }
        if let Some(check) = item.condition_check.as_mut() {
            check.table_name.clone_from(name);
        }
        item
    }
}

fn lost_slot(found: Option<&Item>, slotted: &Slotted) -> Tried {
    match found.map(events::head_of) {
        Some(Ok((_, id))) if id == slotted.event_id => Tried::Done,
        Some(Ok((head, _))) => Tried::Slot(Some(head)),
        Some(Err(error)) => Tried::Refused(error.into()),
        None => Tried::Slot(None),
    }
}

/// Whether the table is only busy: throttled, or in conflict with another transaction.
fn crowded<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(
        error.code(),
        Some(
            "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "TransactionConflictException"
                | "TransactionInProgressException"
        )
    )
}

/// What the cancellation means; none if it may be tried again as it is.
fn judge(kinds: &[Part], reasons: &[CancellationReason], slotted: &[Slotted]) -> Option<Tried> {
    let failed: Vec<(Part, &CancellationReason)> = kinds
        .iter()
        .copied()
        .zip(reasons)
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .collect();
    let of = |kind: Part| failed.iter().find(|(part, _)| *part == kind).map(|(_, reason)| *reason);
    let slot = of(Part::Event).map(|reason| {
        // Slots are tried in order: the first one that failed has the winner.
        slotted.first().map_or(Tried::Slot(None), |first| lost_slot(reason.item(), first))
    });
    if matches!(slot, Some(Tried::Done)) {
        return Some(Tried::Done);
    }
    if let Some(reason) = of(Part::Mark) {
        return Some(Tried::Refused(match reason.item().map(read_mark) {
            Some(Ok(stored)) => Refused::Repeat(stored),
            Some(Err(error)) => error.into(),
            None => Refused::Changed,
        }));
    }
    if of(Part::Record).is_some() {
        return Some(Tried::Refused(Refused::Changed));
    }
    if let Some((Part::Guard(name), _)) =
        failed.iter().find(|(part, _)| matches!(part, Part::Guard(_)))
    {
        return Some(Tried::Refused(Refused::Taken(name)));
    }
    slot
}

/// The same for the same try, another for another slot: a replay within ten minutes is no second
/// write. The last event's hash covers its id and every event before it.
fn request_token(slotted: &[Slotted]) -> Option<String> {
    Some(hex(slotted.last()?.hash.0.first_chunk::<18>()?))
}

impl Repo {
    /// The newest event's place, read consistently; none before the first.
    pub async fn head(
        &self,
        incident: watchfire_domain::IncidentId,
    ) -> Result<Option<Head>, PortError> {
        let answer = self
            .table()
            .client
            .query()
            .table_name(&self.table().name)
            .key_condition_expression("pk = :p AND begins_with(sk, :e)")
            .expression_attribute_values(":p", item::s(&keys::incident(self.tenant(), incident)))
            .expression_attribute_values(":e", item::s("EV#"))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(error::port("reading a timeline's head"))?;
        let newest = answer.items.unwrap_or_default().into_iter().next();
        Ok(newest.as_ref().map(events::head_of).transpose()?.map(|(head, _)| head))
    }
}
