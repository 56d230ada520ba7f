//! Attributes: their names, and reading them without trusting them.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use watchfire_ports::PortError;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// A record, as JSON.
pub(crate) const DOC: &str = "doc";
/// A record's version, or an item's generation: the fence of its next write.
pub(crate) const VER: &str = "ver";
pub(crate) const BODY: &str = "body";
pub(crate) const PREV: &str = "prev";
pub(crate) const HASH: &str = "hash";
pub(crate) const TYPE: &str = "type";
pub(crate) const AT: &str = "at";
pub(crate) const TTL: &str = "ttl";
pub(crate) const GSI1: &str = "gsi1";
pub(crate) const GSI1PK: &str = "gsi1pk";
pub(crate) const GSI1SK: &str = "gsi1sk";
pub(crate) const DUE: &str = "due";
pub(crate) const DUEPK: &str = "duepk";
pub(crate) const DUESK: &str = "duesk";

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn b(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

fn corrupt(reason: &str) -> PortError {
    PortError::Corrupt { service: "DynamoDB", doing: "reading an item", reason: reason.to_owned() }
}

pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, PortError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| corrupt(&format!("`{name}` is no text")))
}

pub(crate) fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, PortError> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| corrupt(&format!("`{name}` is no number")))
}

pub(crate) fn bytes<'a>(item: &'a Item, name: &str) -> Result<&'a [u8], PortError> {
    item.get(name)
        .and_then(|value| value.as_b().ok())
        .map(AsRef::as_ref)
        .ok_or_else(|| corrupt(&format!("`{name}` is no bytes")))
}

/// The JSON document under `doc`.
pub(crate) fn doc<T: serde::de::DeserializeOwned>(item: &Item) -> Result<T, PortError> {
    serde_json::from_str(text(item, DOC)?).map_err(|error| corrupt(&error.to_string()))
}

/// `value` as JSON text.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, PortError> {
    serde_json::to_string(value).map_err(|error| corrupt(&error.to_string()))
}
