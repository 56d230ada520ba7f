//! A batch of the queue: each record on its own, in the order in which the alarms spoke.

use crate::parse::{self, Delivered, Unreadable};
use crate::{tell, trace_id};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use watchfire_desk::{Address, Desk, Intake, Owned, Spoken, Way};
use watchfire_domain::alarm::Alarm;
use watchfire_domain::integration::{Heard, Said};
use watchfire_edge::{Fault, chain};
use watchfire_ports::Delivery;

/// A record of the queue.
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    place: usize,
    record: &'a Value,
}

/// A transition on its way in.
enum Arrival {
    /// Of CloudWatch, or of a drill.
    Alarm(Alarm),
    /// What a webhook said, and the integration that it came by.
    Heard(Heard, Arc<Owned>),
}

impl Arrival {
    fn alarm(&self) -> &Alarm {
        match self {
            Self::Alarm(alarm) => alarm,
            Self::Heard(heard, _) => &heard.alarm,
        }
    }

    fn acknowledges(&self) -> bool {
        match self {
            Self::Alarm(_) => false,
            Self::Heard(heard, _) => heard.said == Said::Acknowledged,
        }
    }

    async fn address(&self, desk: &Desk) -> Result<Address, Fault> {
        match self {
            Self::Alarm(alarm) => desk.address(alarm).await,
            Self::Heard(heard, of) => desk.address_heard(of, &heard.alarm).await,
        }
    }
}

/// The arrivals of one alarm key, in the order in which the alarms spoke.
struct Lot<'a> {
    at: Address,
    arrivals: Vec<(Record<'a>, Arrival)>,
}

/// A batch, and which of its records failed.
struct Batch<'a> {
    desk: &'a Desk,
    way: Way,
    trace: Option<&'a str>,
    failed: BTreeSet<usize>,
}

/// Takes in a batch. The records that failed are delivered again, and in the end lie in the
/// dead-letter queue.
pub(crate) async fn batch(
    desk: &Desk,
    records: &[Value],
    trace: Option<&str>,
) -> Result<Value, Fault> {
    let all = || records.iter().enumerate().map(|(place, record)| Record { place, record });
    let in_line = all().any(|record| record.attribute("MessageGroupId").is_some());
    let way = if in_line { Way::Line } else { Way::Crowd };
    let mut batch = Batch { desk, way, trace, failed: BTreeSet::new() };
    let mut arrivals: Vec<(Record<'_>, Arrival)> = Vec::new();
    for record in all() {
        let read = batch.read(record).await;
        arrivals.extend(read.into_iter().map(|arrival| (record, arrival)));
    }
    arrivals.sort_by_key(|(_, arrival)| arrival.alarm().at);
    let mut lots: Vec<Lot<'_>> = Vec::new();
    for (record, arrival) in arrivals {
        match arrival.address(desk).await {
            Ok(at) => match lots.iter_mut().find(|lot| lot.at == at) {
                Some(lot) => lot.arrivals.push((record, arrival)),
                None => lots.push(Lot { at, arrivals: vec![(record, arrival)] }),
            },
            Err(fault) => batch.failed_at(record, arrival.alarm(), &fault),
        }
    }
    for lot in &lots {
        batch.take_in(lot).await;
    }
    answer(records, &batch.failed)
}

impl Batch<'_> {
    async fn read(&mut self, record: Record<'_>) -> Vec<Arrival> {
        match record.delivered() {
            Ok(Delivered::Alarms(alarms)) => alarms.into_iter().map(Arrival::Alarm).collect(),
            Ok(Delivered::Hook(delivery)) => match heard(self.desk, delivery).await {
                Ok(all) => all,
                Err(fault) => {
                    self.failed.insert(record.place);
                    tracing::error!(
                        message.id = record.id(),
                        message.receives = record.attribute("ApproximateReceiveCount"),
                        fault.name = fault.name(),
                        fault.code = fault.code(),
                        "What a webhook said was not taken in: {}",
                        chain(&fault),
                    );
                    Vec::new()
                }
            },
            Err(unreadable) => {
                self.failed.insert(record.place);
                tracing::error!(
                    message.id = record.id(),
                    message.receives = record.attribute("ApproximateReceiveCount"),
                    "A delivery cannot be read: {unreadable}",
                );
                Vec::new()
            }
        }
    }

    /// Takes in a lot. After a failure the later transitions wait with it: an OK that comes before
    /// its ALARM finds nothing to clear.
    async fn take_in(&mut self, lot: &Lot<'_>) {
        let mut rest = lot.arrivals.as_slice();
        let mut wrong = None;
        while wrong.is_none() && !rest.is_empty() {
            let (done, fault) = self.take_first(lot, rest).await;
            for ((_, arrival), intake) in rest.iter().zip(&done) {
                tell(arrival.alarm(), intake);
            }
            rest = rest.get(done.len()..).unwrap_or_default();
            wrong = fault;
        }
        let (Some(fault), Some(((record, arrival), behind))) = (wrong, rest.split_first()) else {
            return;
        };
        if self.way == Way::Crowd && matches!(fault, Fault::Conflict) {
            return self.line_up(lot, rest).await;
        }
        self.failed_at(*record, arrival.alarm(), &fault);
        for (record, arrival) in behind {
            self.failed.insert(record.place);
            tracing::warn!(
                message.id = record.id(),
                alarm.arn = %arrival.alarm().arn,
                "A transition waits for an earlier one",
            );
        }
    }

    /// Takes in what of the rest can be taken in at once: up to an acknowledgement, or that.
    async fn take_first(
        &self,
        lot: &Lot<'_>,
        rest: &[(Record<'_>, Arrival)],
    ) -> (Vec<Intake>, Option<Fault>) {
        match rest.first() {
            Some((_, arrival)) if arrival.acknowledges() => {
                match self.desk.acknowledge(&lot.at, arrival.alarm(), self.way).await {
                    Ok(intake) => (vec![intake], None),
                    Err(fault) => (Vec::new(), Some(fault)),
                }
            }
            _ => {
                let speak = rest.iter().take_while(|(_, arrival)| !arrival.acknowledges());
                let traces: Vec<_> =
                    speak.clone().map(|(record, _)| trace_id(self.header(*record))).collect();
                let spoken: Vec<Spoken<'_>> = speak
                    .zip(&traces)
                    .map(|((_, one), trace)| Spoken { alarm: one.alarm(), trace: trace.as_deref() })
                    .collect();
                let taken = self.desk.intake_all(&lot.at, &spoken, self.way).await;
                (taken.done, taken.fault)
            }
        }
    }

    /// Others write of the same key at this moment: the rest goes to where they come one by one.
    async fn line_up(&mut self, lot: &Lot<'_>, rest: &[(Record<'_>, Arrival)]) {
        let mut lined = BTreeSet::new();
        for (record, arrival) in rest {
            if !lined.insert(record.place) {
                continue;
            }
            let header = self.header(*record);
            match self.desk.line_up(&lot.at, record.body(), header).await {
                Ok(()) => tracing::info!(
                    message.id = record.id(),
                    alarm.arn = %arrival.alarm().arn,
                    "A transition waits in line",
                ),
                Err(fault) => self.failed_at(*record, arrival.alarm(), &fault),
            }
        }
    }

    fn header<'b>(&self, record: Record<'b>) -> Option<&'b str>
    where
        Self: 'b,
    {
        record.attribute("AWSTraceHeader").or(self.trace)
    }

    fn failed_at(&mut self, record: Record<'_>, alarm: &Alarm, fault: &Fault) {
        self.failed.insert(record.place);
        tracing::error!(
            message.id = record.id(),
            message.receives = record.attribute("ApproximateReceiveCount"),
            alarm.arn = %alarm.arn,
            fault.name = fault.name(),
            fault.code = fault.code(),
            "A transition was not taken in: {}",
            chain(fault),
        );
    }
}

/// What a webhook said, as transitions of its integration. One whose integration is gone meanwhile
/// belongs to nobody: it ends in the dead-letter queue.
async fn heard(desk: &Desk, delivery: Delivery) -> Result<Vec<Arrival>, Fault> {
    let of = Arc::new(desk.owned(&delivery.integration).await?.ok_or(Fault::NotFound)?);
    let heard = |notice: watchfire_domain::integration::Notice| {
        Arrival::Heard(notice.heard(&of.integration), Arc::clone(&of))
    };
    Ok(delivery.notices.into_iter().map(heard).collect())
}

/// Names the records that failed. One without an id cannot be named: then the whole batch comes
/// again, and what was taken in changes nothing the second time.
fn answer(records: &[Value], failed: &BTreeSet<usize>) -> Result<Value, Fault> {
    let ids: Option<Vec<Value>> = records
        .iter()
        .enumerate()
        .filter(|(place, _)| failed.contains(place))
        .map(|(place, record)| Record { place, record }.id())
        .map(|id| id.map(|id| json!({ "itemIdentifier": id })))
        .collect();
    let ids = ids.ok_or_else(|| Fault::Malformed { reason: "a record has no id".to_owned() })?;
    Ok(json!({ "batchItemFailures": ids }))
}

impl<'a> Record<'a> {
    fn delivered(self) -> Result<Delivered, Unreadable> {
        let body = self.record.get("body").and_then(Value::as_str).ok_or(Unreadable::Shape)?;
        parse::delivered(body)
    }

    fn body(self) -> &'a str {
        self.record.get("body").and_then(Value::as_str).unwrap_or_default()
    }

    fn id(self) -> Option<&'a str> {
        self.record.get("messageId").and_then(Value::as_str).filter(|id| !id.is_empty())
    }

    fn attribute(self, name: &str) -> Option<&'a str> {
        self.record.get("attributes").and_then(|all| all.get(name)).and_then(Value::as_str)
    }
}
