//! Reading records out of the API's answers.

use crate::trouble::{Doing, Trouble};
use serde_json::Value;

/// The text at `pointer`.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Trouble> {
    value.pointer(pointer).and_then(Value::as_str).doing(&format!("no {pointer} in {value}"))
}

/// The number at `pointer`.
pub(super) fn number(value: &Value, pointer: &str) -> Result<u64, Trouble> {
    value.pointer(pointer).and_then(Value::as_u64).doing(&format!("no {pointer} in {value}"))
}

/// The items of a list: an array, or the first array in an object.
pub(super) fn list(value: &Value) -> Vec<Value> {
    let array = match value {
        Value::Array(items) => Some(items),
        Value::Object(fields) => fields.values().find_map(Value::as_array),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    array.cloned().unwrap_or_default()
}
