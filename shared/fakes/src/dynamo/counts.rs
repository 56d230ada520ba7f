//! What the calls consumed, from the capacity that every answer is made to report.

use super::actions;
use super::answer::{Answer, Refusal};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const ASK: &str = "ReturnConsumedCapacity";
const TOLD: &str = "ConsumedCapacity";

/// What was consumed, as DynamoDB would report it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Write units of what succeeded, with index writes and the doubling of transactions.
    pub write_units: f64,
    /// Read units of what succeeded.
    pub read_units: f64,
    /// The least that refused conditional writes cost: one unit an item, two in a transaction.
    /// DynamoDB bills these by the stored item's size and reports nothing, so they stand apart.
    pub refused_units: f64,
    /// The calls that arrived, by operation, retries included.
    pub by_operation: BTreeMap<String, u64>,
    /// How many of them were scans.
    pub scans: u64,
}

impl Counts {
    pub(super) fn arrived(&mut self, operation: &str) {
        let calls = self.by_operation.entry(operation.to_owned()).or_default();
        *calls = calls.wrapping_add(1);
        if operation == "Scan" {
            self.scans = self.scans.wrapping_add(1);
        }
    }

    pub(super) fn answered(&mut self, operation: &str, body: &Value, answer: &Answer) {
        match answer {
            Ok(answer) => self.consumed(operation, answer.get(TOLD)),
            Err(refusal) => self.refused_units += refused(body, refusal),
        }
    }

    fn consumed(&mut self, operation: &str, told: Option<&Value>) {
        let entries = match told {
            Some(Value::Array(tables)) => tables.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for entry in entries {
            let units = |name| entry.get(name).and_then(Value::as_f64);
            let total = units("CapacityUnits").unwrap_or_default();
            // A transaction that repeats its token is charged as a read.
            let repeated =
                units("ReadCapacityUnits").is_some() && units("WriteCapacityUnits").is_none();
            if actions::is_write(operation) && !repeated {
                self.write_units += total;
            } else {
                self.read_units += total;
            }
        }
    }
}

fn refused(body: &Value, refusal: &Refusal) -> f64 {
    match refusal.name() {
        "ConditionalCheckFailedException" => 1.0,
        "TransactionCanceledException" => {
            let items = body.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
            2.0 * u32::try_from(items).map_or(0.0, f64::from)
        }
        _ => 0.0,
    }
}

/// The request as it is run: it always asks for the capacity, by index.
pub(super) fn asking(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.insert(ASK.to_owned(), json!("INDEXES"));
    }
    body
}

/// The answer as it is sent: with the capacity that the caller had asked for, and no more.
pub(super) fn as_asked(body: &Value, mut answer: Value) -> Value {
    let asked = body.get(ASK).and_then(Value::as_str).unwrap_or("NONE");
    if let Some(members) = answer.as_object_mut() {
        match asked {
            "INDEXES" => {}
            "TOTAL" => match members.get_mut(TOLD) {
                Some(Value::Array(tables)) => tables.iter_mut().for_each(total_only),
                Some(one) => total_only(one),
                None => {}
            },
            _ => drop(members.remove(TOLD)),
        }
    }
    answer
}

fn total_only(entry: &mut Value) {
    if let Some(members) = entry.as_object_mut() {
        retain_total(members);
    }
}

fn retain_total(members: &mut Map<String, Value>) {
    for detail in ["Table", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        members.remove(detail);
    }
}
