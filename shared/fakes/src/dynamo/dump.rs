//! The whole table as text.

use super::actions;
use super::answer::Refusal;
use super::schema::{KEY, TABLE};
use base64ct::{Base64, Encoding as _};
use dynoxide::Database;
use flate2::read::DeflateDecoder;
use serde_json::{Value, json};
use std::io::Read as _;

/// Every item, in key order.
pub(super) fn items(database: &Database) -> Result<Vec<Value>, Refusal> {
    let mut items = Vec::new();
    let mut start = Value::Null;
    loop {
        let mut body = json!({"TableName": TABLE, "ConsistentRead": true});
        if let (Some(members), false) = (body.as_object_mut(), start.is_null()) {
            members.insert("ExclusiveStartKey".to_owned(), start);
        }
        let mut page = actions::run(database, "Scan", &body)?;
        if let Some(found) = page.get_mut("Items").and_then(Value::as_array_mut) {
            items.append(found);
        }
        start = page.get_mut("LastEvaluatedKey").map(Value::take).unwrap_or_default();
        if start.is_null() {
            break;
        }
    }
    items.sort_by_cached_key(|item| {
        KEY.map(|name| {
            item.pointer(&format!("/{name}/S"))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        })
    });
    Ok(items)
}

/// The item with the text of every attribute that is one, deflated.
pub(super) fn legible(mut item: Value) -> Value {
    for value in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
        let deflated = value.get("B").and_then(Value::as_str);
        if let Some(text) = deflated.and_then(inflated) {
            *value = json!({ "S": text });
        }
    }
    item
}

/// JSON text alone is taken for what was deflated: a digest may look like it by chance.
fn inflated(base64: &str) -> Option<String> {
    let bytes = Base64::decode_vec(base64).ok()?;
    let mut text = String::new();
    DeflateDecoder::new(bytes.as_slice()).read_to_string(&mut text).ok()?;
    text.starts_with('{').then_some(text)
}

pub(super) fn text(items: Vec<Value>) -> String {
    let lines: Vec<String> = items.into_iter().map(|item| sorted(item).to_string()).collect();
    lines.join("\n")
}

/// The same value with its members, and those of its sets, in order: neither has one in DynamoDB.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members
                .into_iter()
                .map(|(name, value)| {
                    let value = sorted(value);
                    let value = if matches!(name.as_str(), "SS" | "NS" | "BS") {
                        set(value)
                    } else {
                        value
                    };
                    (name, value)
                })
                .collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            members.into_iter().collect()
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => scalar,
    }
}

fn set(value: Value) -> Value {
    match value {
        Value::Array(mut members) => {
            members.sort_by_cached_key(Value::to_string);
            Value::Array(members)
        }
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => other,
    }
}
