//! Reading a spec: all that is wrong with it is told at once.

mod problem;
mod rules;
mod shape;

pub use problem::{Problem, Unread, Wrong};

use crate::spec::Spec;
use regex_lite::Regex;
use serde::Deserialize as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use watchfire_domain::canon;

/// How long the text of a spec may be, in bytes: with its item it must fit into DynamoDB's 400 kB.
pub const LONGEST: usize = 200_000;

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(crate::SCHEMA).unwrap_or_default());

/// The forms that the schema names: compiled once, since every text is held against one.
static FORMS: LazyLock<BTreeMap<String, Regex>> = LazyLock::new(|| {
    let mut forms = BTreeMap::new();
    shape::forms(&SCHEMA, &mut forms);
    forms
});

/// Reads a spec from JSON.
pub fn parse(text: &str) -> Result<Spec, Unread> {
    if text.len() > LONGEST {
        return Err(Unread::TooLong { bytes: text.len() });
    }
    read(&canon::parse_strict(text)?)
}

/// Reads a spec from a value.
pub fn read(value: &Value) -> Result<Spec, Unread> {
    let mut problems = shape::check(&SCHEMA, &FORMS, value);
    // What has not the shape is not read: one slip would be told twice.
    if problems.is_empty() {
        match Spec::deserialize(value) {
            Ok(spec) => {
                problems = rules::check(&spec);
                if problems.is_empty() {
                    return Ok(spec);
                }
            }
            Err(_) => problems.extend(misread(value)),
        }
    }
    Err(Unread::Wrong(problems))
}

/// Where the types say no although the schema said yes. Following the path costs as much as
/// reading, so that it is done only then.
fn misread(value: &Value) -> Option<Problem> {
    let error = serde_path_to_error::deserialize::<_, Spec>(value).err()?;
    let wrong = Wrong::Other(error.inner().to_string());
    Some(Problem::new(error.path().to_string(), wrong))
}
