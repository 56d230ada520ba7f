//! One written form of a JSON value (RFC 8785), and the strict reading that it needs.
//!
//! RFC 8785 alone loses facts in silence: 9007199254740993 is written as …992, and of two equal
//! keys one disappears. Both are refused here, at the door.

mod form;
mod strict;
#[cfg(test)]
mod tests;
mod trail;

use form::Form;
use serde_json::{Number, Value};

/// How deep what comes in may nest.
pub const DOOR_DEPTH: usize = 64;

/// How deep what is written may nest: what came in, and our own envelope around it.
pub const BODY_DEPTH: usize = 96;

/// The largest magnitude up to which every integer has a double of its own (RFC 7493 §2.2).
pub const MAX_INTEGER: f64 = 9_007_199_254_740_991.0;

/// JSON that has no canonical form, or not the one that was meant. A path is a JSON pointer
/// (RFC 6901), its middle cut out if it is long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// No JSON at all (RFC 8259).
    #[error("not JSON: {problem}")]
    NotJson {
        /// What is wrong, and where.
        problem: String,
    },
    /// A key appears twice in one object.
    #[error("the key `{path}` appears twice")]
    DuplicateKey {
        /// Where.
        path: String,
    },
    /// A key that a JSON library would take for its own.
    #[error("the key `{path}` is reserved")]
    ReservedKey {
        /// Where.
        path: String,
    },
    /// A number that a double cannot tell from its neighbours, or that is none.
    #[error("the number at `{path}` is beyond 9007199254740991: write it as a string")]
    Number {
        /// Where.
        path: String,
    },
    /// Nested too deep.
    #[error("nested deeper than {limit} levels at `{path}`")]
    TooDeep {
        /// Where.
        path: String,
        /// How deep is allowed.
        limit: usize,
    },
}

/// The canonical text of `value` (RFC 8785). It reads back as the same value, and as the same text.
pub fn canonical(value: &Value) -> Result<String, NotCanonical> {
    let written = match form::of(value, BODY_DEPTH) {
        Some(Form::Usual) => serde_json::to_string(value),
        Some(Form::Other) => serde_json_canonicalizer::to_string(value),
        None => {
            // Slower, and names the place.
            trail::walk(value, &mut trail::Trail::new(BODY_DEPTH))?;
            serde_json_canonicalizer::to_string(value)
        }
    };
    written.map_err(|source| NotCanonical::NotJson { problem: source.to_string() })
}

/// Reads what came in: refuses duplicate keys, numbers beyond ±(2^53−1) and deep nesting.
pub fn parse_strict(text: &str) -> Result<Value, NotCanonical> {
    strict::parse(text, DOOR_DEPTH)
}

/// Reads what was written: as [`parse_strict`], with room for our own envelope.
pub fn parse_body(text: &str) -> Result<Value, NotCanonical> {
    strict::parse(text, BODY_DEPTH)
}

/// Whether every reader understands `number` as the same one. Every double beyond the limit is an
/// integer, whichever way it is written, so that one bound serves for both.
fn is_exact(number: &Number) -> bool {
    number.as_f64().is_some_and(|double| double.abs() <= MAX_INTEGER)
}

/// `serde_json` takes objects with such keys for a type of its own, whoever wrote them: a tag of
/// this name would read back as something else.
fn is_reserved(key: &str) -> bool {
    key.starts_with("$serde_json::private::")
}
