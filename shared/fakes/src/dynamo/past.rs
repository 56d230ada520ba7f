//! What the last writes replaced, so that an eventually consistent read can miss them.
//!
//! A stale read takes the last writes back, reads, and writes them again; nobody sees the table in
//! between, because the engine is held throughout.

use super::actions;
use super::answer::{Answer, Refusal};
use super::schema::{KEY, TABLE};
use dynoxide::Database;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// The most writes that a reader can lag behind.
const DEPTH: usize = 16;

/// One item at one moment; the item is null where there was none.
#[derive(Clone, Debug)]
pub(super) struct Image {
    key: Value,
    item: Value,
}

#[derive(Debug, Default)]
pub(super) struct Past {
    /// What each write replaced, the newest write last.
    writes: VecDeque<Vec<Image>>,
}

impl Past {
    pub(super) fn remember(&mut self, replaced: Vec<Image>) {
        self.writes.push_back(replaced);
        if self.writes.len() > DEPTH {
            self.writes.pop_front();
        }
    }

    pub(super) fn forget(&mut self) {
        self.writes.clear();
    }

    /// Runs a read as it would have gone before the last `lag` writes.
    pub(super) fn read(
        &self,
        database: &Database,
        lag: u8,
        read: impl FnOnce() -> Answer,
    ) -> Answer {
        let undone: Vec<&Image> =
            self.writes.iter().rev().take(usize::from(lag)).flatten().collect();
        let keys = undone.iter().map(|image| image.key.clone());
        let present = images(database, keys)?;
        restore(database, undone.into_iter())?;
        let answer = read();
        restore(database, present.iter())?;
        answer
    }
}

/// The items that a write is about to replace, as they stand.
pub(super) fn targets(
    database: &Database,
    operation: &str,
    body: &Value,
) -> Result<Vec<Image>, Refusal> {
    let empty = Value::Null;
    let list = |name| body.get(name).and_then(Value::as_array).into_iter().flatten();
    let asks: Vec<&Value> = match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => vec![body],
        "TransactWriteItems" => {
            list("TransactItems").filter_map(Value::as_object).flat_map(Map::values).collect()
        }
        "BatchWriteItem" => body
            .get("RequestItems")
            .and_then(|tables| tables.get(TABLE))
            .unwrap_or(&empty)
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flat_map(Map::values)
            .collect(),
        _ => Vec::new(),
    };
    images(database, asks.into_iter().filter_map(key))
}

fn key(ask: &Value) -> Option<Value> {
    let source = ask.get("Key").or_else(|| ask.get("Item"))?;
    let parts = KEY.map(|name| source.get(name).map(|part| (name.to_owned(), part.clone())));
    parts.into_iter().collect::<Option<Map<String, Value>>>().map(Value::Object)
}

fn images(database: &Database, keys: impl Iterator<Item = Value>) -> Result<Vec<Image>, Refusal> {
    keys.map(|key| {
        let ask = json!({"TableName": TABLE, "Key": key, "ConsistentRead": true});
        let mut found = actions::run(database, "GetItem", &ask)?;
        let item = found.get_mut("Item").map(Value::take).unwrap_or_default();
        Ok(Image { key, item })
    })
    .collect()
}

fn restore<'a>(
    database: &Database,
    images: impl Iterator<Item = &'a Image>,
) -> Result<(), Refusal> {
    for Image { key, item } in images {
        if item.is_null() {
            actions::run(database, "DeleteItem", &json!({"TableName": TABLE, "Key": key}))?;
        } else {
            actions::run(database, "PutItem", &json!({"TableName": TABLE, "Item": item}))?;
        }
    }
    Ok(())
}
