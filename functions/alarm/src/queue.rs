//! A batch of the queue: each record on its own, in the order in which the alarms spoke.

use crate::parse::{self, Delivered, Unreadable};
use crate::{tell, trace_id};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use watchfire_desk::{Desk, Intake, Owned};
use watchfire_domain::alarm::Alarm;
use watchfire_domain::integration::Heard;
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

    async fn take_in(&self, desk: &Desk, trace: Option<&str>) -> Result<Intake, Fault> {
        match self {
            Self::Alarm(alarm) => desk.intake(alarm, trace).await,
            Self::Heard(heard, of) => desk.intake_heard(of, heard, trace).await,
        }
    }
}

/// Takes in a batch. The records that failed are delivered again, and in the end lie in the
/// dead-letter queue.
pub(crate) async fn batch(
    desk: &Desk,
    records: &[Value],
    trace: Option<&str>,
) -> Result<Value, Fault> {
    let mut failed = BTreeSet::new();
    let mut arrivals: Vec<(Record<'_>, Arrival)> = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let record = Record { place, record };
        match record.delivered() {
            Ok(Delivered::Alarms(alarms)) => {
                let alarms = alarms.into_iter().map(Arrival::Alarm);
                arrivals.extend(alarms.map(|arrival| (record, arrival)));
            }
            Ok(Delivered::Hook(delivery)) => match heard(desk, delivery).await {
                Ok(all) => arrivals.extend(all.into_iter().map(|arrival| (record, arrival))),
                Err(fault) => {
                    failed.insert(place);
                    tracing::error!(
                        message.id = record.id(),
                        message.receives = record.attribute("ApproximateReceiveCount"),
                        fault.name = fault.name(),
                        fault.code = fault.code(),
                        "What a webhook said was not taken in: {}",
                        chain(&fault),
                    );
                }
            },
            Err(unreadable) => {
                failed.insert(place);
                tracing::error!(
                    message.id = record.id(),
                    message.receives = record.attribute("ApproximateReceiveCount"),
                    "A delivery cannot be read: {unreadable}",
                );
            }
        }
    }
    arrivals.sort_by_key(|(_, arrival)| arrival.alarm().at);
    let mut behind = BTreeSet::new();
    for (record, arrival) in &arrivals {
        let alarm = arrival.alarm();
        // After a failure the later transitions of the same alarm wait with it: an OK that comes
        // before its ALARM finds nothing to clear.
        if behind.contains(&alarm.key(None)) {
            failed.insert(record.place);
            tracing::warn!(
                message.id = record.id(),
                alarm.arn = %alarm.arn,
                "A transition waits for an earlier one",
            );
            continue;
        }
        let header = record.attribute("AWSTraceHeader").or(trace);
        match arrival.take_in(desk, trace_id(header).as_deref()).await {
            Ok(taken) => tell(alarm, &taken),
            Err(fault) => {
                failed.insert(record.place);
                behind.insert(alarm.key(None));
                tracing::error!(
                    message.id = record.id(),
                    message.receives = record.attribute("ApproximateReceiveCount"),
                    alarm.arn = %alarm.arn,
                    fault.name = fault.name(),
                    fault.code = fault.code(),
                    "A transition was not taken in: {}",
                    chain(&fault),
                );
            }
        }
    }
    answer(records, &failed)
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

    fn id(self) -> Option<&'a str> {
        self.record.get("messageId").and_then(Value::as_str).filter(|id| !id.is_empty())
    }

    fn attribute(self, name: &str) -> Option<&'a str> {
        self.record.get("attributes").and_then(|all| all.get(name)).and_then(Value::as_str)
    }
}
