//! Attributes: their names, and reading them without trusting them.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read as _;
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
    serde_json::from_str(&unpacked(item, DOC)?).map_err(|error| corrupt(&error.to_string()))
}

/// The text that [`packed_text`] made `name` of.
pub(crate) fn unpacked<'a>(item: &'a Item, name: &str) -> Result<Cow<'a, str>, PortError> {
    let Some(AttributeValue::B(deflated)) = item.get(name) else {
        return text(item, name).map(Cow::Borrowed);
    };
    let mut text = String::new();
    // What we wrote is far smaller than this; whatever claims to be larger is not ours.
    let read = DeflateDecoder::new(deflated.as_ref()).take(LARGEST).read_to_string(&mut text);
    match read {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length < LARGEST) => {
            Ok(Cow::Owned(text))
        }
        Ok(_) => Err(corrupt(&format!("`{name}` is larger than an item may be"))),
        Err(error) => Err(corrupt(&error.to_string())),
    }
}

/// As large as an item may be.
const LARGEST: u64 = 400 * 1024;

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
    if u64::try_from(text.len()).map_or(true, |length| length >= LARGEST) {
        return Err(PortError::Refused {
            service: "DynamoDB",
            doing: "writing an item",
            reason: format!("{} bytes are more than an item may have", text.len()),
        });
    }
    deflated(text.as_bytes()).map(|bytes| b(&bytes))
}

thread_local! {
    /// A deflater clears half a megabyte when it is made, and a quarter of that when it is reset: an
    /// incident's first commit deflates twice or more.
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), false));
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>, PortError> {
    // What cannot be made smaller grows by five bytes for each 16 KB (RFC 1951, 3.2.4).
    let mut out =
        Vec::with_capacity(bytes.len().saturating_add(bytes.len() / 1024).saturating_add(64));
    let ended = DEFLATER.with_borrow_mut(|deflater| {
        deflater.reset();
        deflater.compress_vec(bytes, &mut out, FlushCompress::Finish)
    });
    match ended {
        Ok(Status::StreamEnd) => Ok(out),
        Ok(Status::Ok | Status::BufError) => Err(corrupt("it could not be deflated")),
        Err(error) => Err(corrupt(&error.to_string())),
    }
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
        let largest = usize::try_from(LARGEST).unwrap();
        let item = Item::from([(DOC.to_owned(), bytes(largest - 1).unwrap())]);
        assert_eq!(unpacked(&item, DOC).unwrap().len(), largest - 1);
        assert!(matches!(bytes(largest), Err(PortError::Refused { .. })));
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
