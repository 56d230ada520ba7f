//! A batch of the queue: each record on its own, in the order in which the alarms spoke.

use crate::parse::{self, Unreadable};
use crate::{take_in, trace_id};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watchfire_desk::Desk;
use watchfire_domain::alarm::Alarm;
use watchfire_edge::{Fault, chain};

/// A record of the queue.
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    place: usize,
    record: &'a Value,
}

/// Takes in a batch. The records that failed are delivered again, and in the end lie in the
/// dead-letter queue.
pub(crate) async fn batch(
    desk: &Desk,
    records: &[Value],
    trace: Option<&str>,
) -> Result<Value, Fault> {
    let mut failed = BTreeSet::new();
    let mut arrivals: Vec<(Record<'_>, Alarm)> = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let record = Record { place, record };
        match record.alarms() {
            Ok(alarms) => arrivals.extend(alarms.into_iter().map(|alarm| (record, alarm))),
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
    arrivals.sort_by_key(|(_, alarm)| alarm.at);
    let mut behind = BTreeSet::new();
    for (record, alarm) in &arrivals {
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
        if let Err(fault) = take_in(desk, alarm, trace_id(header).as_deref()).await {
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
    answer(records, &failed)
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
    fn alarms(self) -> Result<Vec<Alarm>, Unreadable> {
        let body = self.record.get("body").and_then(Value::as_str).ok_or(Unreadable::Shape)?;
        parse::alarms(body)
    }

    fn id(self) -> Option<&'a str> {
        self.record.get("messageId").and_then(Value::as_str).filter(|id| !id.is_empty())
    }

    fn attribute(self, name: &str) -> Option<&'a str> {
        self.record.get("attributes").and_then(|all| all.get(name)).and_then(Value::as_str)
    }
}
