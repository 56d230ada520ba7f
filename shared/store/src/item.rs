//! Attributes: their names, and reading them without trusting them.

use crate::deflate::{deflated, inflated};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use std::borrow::Cow;
use std::collections::HashMap;
use watchfire_ports::PortError;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// A record: JSON, as text or deflated.
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

pub(crate) fn corrupt(reason: &str) -> PortError {
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
    serde_json::from_str(&unpacked(item, DOC)?).map_err(|error| corrupt(&error.to_string()))
}

/// The text that [`packed_text`] made `name` of.
pub(crate) fn unpacked<'a>(item: &'a Item, name: &str) -> Result<Cow<'a, str>, PortError> {
    let Some(AttributeValue::B(bytes)) = item.get(name) else {
        return text(item, name).map(Cow::Borrowed);
    };
    // What we wrote is far smaller than this; whatever claims to be larger is not ours.
    match inflated(bytes.as_ref(), LARGEST)? {
        Some(text) => {
            String::from_utf8(text).map(Cow::Owned).map_err(|error| corrupt(&error.to_string()))
        }
        None => Err(corrupt(&format!("`{name}` is larger than an item may be"))),
    }
}

/// As large as an item may be.
const LARGEST: usize = 400 * 1024;

/// What fits one write unit together with its keys and its places in the indexes.
const FITS: usize = 700;

/// `value` as a record is stored: packed JSON.
pub(crate) fn packed(value: &impl serde::Serialize) -> Result<AttributeValue, PortError> {
    packed_text(json(value)?)
}

/// `text` as it is stored. A write costs a unit for every kilobyte, twice in a transaction: what
/// would need a second unit is deflated (RFC 1951).
pub(crate) fn packed_text(text: String) -> Result<AttributeValue, PortError> {
    if text.len() <= FITS {
        return Ok(AttributeValue::S(text));
    }
    // Deflated it may fit an item all the same, and nobody would read it again.
    if text.len() >= LARGEST {
        return Err(PortError::Refused {
            service: "DynamoDB",
            doing: "writing an item",
            reason: format!("{} bytes are more than an item may have", text.len()),
        });
    }
    deflated(text.as_bytes()).map(|bytes| b(&bytes))
}

/// `value` as JSON text.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, PortError> {
    serde_json::to_string(value).map_err(|error| corrupt(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_cannot_be_made_smaller_is_read_back_too() {
        // Bytes in no order, as far as text allows.
        let mut seed = 7_u32;
        let noise: String = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from_u32(0x4E00 + (seed >> 16) % 0x5000).unwrap()
        })
        .take(100_000)
        .collect();
        for length in [701, 16_384, 100_000] {
            let text: String = noise.chars().take(length).collect();
            let item = Item::from([(BODY.to_owned(), packed_text(text.clone()).unwrap())]);
            assert_eq!(unpacked(&item, BODY).unwrap(), text, "{length}");
        }
    }

    #[test]
    fn a_large_document_is_deflated_and_read_back_like_a_small_one() {
        for (length, deflates) in [(0, false), (688, false), (689, true), (50_000, true)] {
            let value = json!({ "title": "a".repeat(length) });
            let stored = packed(&value).unwrap();
            assert_eq!(matches!(&stored, AttributeValue::B(_)), deflates, "{length}");
            let item = Item::from([(DOC.to_owned(), stored)]);
            assert_eq!(doc::<Value>(&item).unwrap(), value);
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let bytes = |length| packed_text("a".repeat(length));
        let item = Item::from([(DOC.to_owned(), bytes(LARGEST - 1).unwrap())]);
        assert_eq!(unpacked(&item, DOC).unwrap().len(), LARGEST - 1);
        assert!(matches!(bytes(LARGEST), Err(PortError::Refused { .. })));
    }

    #[test]
    fn what_is_no_document_is_told() {
        let bytes = |bytes: &[u8]| Item::from([(DOC.to_owned(), b(bytes))]);
        let deflated = |text: &str| deflated(text.as_bytes()).unwrap();
        let bomb = deflated(&json!({ "title": "a".repeat(2_000_000) }).to_string());
        let whole = deflated(&json!({ "title": "a".repeat(2_000) }).to_string());
        let cut = &whole[..whole.len() / 2];
        for item in [Item::new(), bytes(b""), bytes(b"{}"), bytes(cut), bytes(&bomb)] {
            assert!(matches!(doc::<Value>(&item), Err(PortError::Corrupt { .. })));
        }
    }
}
