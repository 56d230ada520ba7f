//! Deliveries as they are documented, and what may become of them on the way.

use crate::repo;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A delivery.
pub(super) struct Sample {
    pub(super) text: String,
}

/// Payloads of others that lie beside the repository, where there is a folder of them.
const BESIDE: &str = "../shared/fixtures/events";

/// Our own fixtures, and those beside the repository.
#[expect(clippy::print_stderr, reason = "what was not tested must not pass in silence")]
pub(super) fn samples() -> Vec<Sample> {
    let mut files = texts(&repo::root().join("tests/fixtures/alarms"));
    assert!(files.len() >= 20, "{files:?}");
    let beside = repo::root().join(BESIDE);
    if beside.is_dir() {
        files.extend(texts(&beside));
    } else {
        eprintln!("not tested: there is no folder `{BESIDE}` beside the repository");
    }
    files
        .iter()
        .map(|path| Sample { text: std::fs::read_to_string(path).unwrap().trim_end().to_owned() })
        .collect()
}

/// The JSON files of a folder, in order.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> =
        all.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    all.sort();
    all
}

/// The text, cut off at twenty places.
pub(super) fn cuts(text: &str) -> impl Iterator<Item = &str> {
    (0..20).map(|cut| {
        let end = (0..=text.len().saturating_mul(cut).div_euclid(20))
            .rev()
            .find(|end| text.is_char_boundary(*end));
        &text[..end.unwrap()]
    })
}

/// How many places of a sample are bent: the parser's own tests bend every one.
const PLACES: usize = 15;

/// The value with some of its places bent, each into something else.
pub(super) fn bent(whole: &Value, from: usize) -> Vec<Value> {
    let others = [
        json!(null),
        json!(-7),
        json!("x"),
        json!("T#globex#INC"),
        json!("\u{0}"),
        json!("x".repeat(20_000)),
        json!([[]]),
        json!({}),
    ];
    let other = |turn: usize| others.iter().cycle().nth(turn).unwrap().clone();
    let all = places(whole);
    let step = all.len().div_ceil(PLACES);
    let mut bent = Vec::new();
    for (at, place) in all.iter().skip(from.checked_rem(step).unwrap()).step_by(step).enumerate() {
        let mut event = whole.clone();
        *event.pointer_mut(place).unwrap() = other(at.saturating_add(from));
        bent.push(event);
    }
    // Without these nothing is an alarm, or of a task of ours.
    for place in ["/detail", "/detail/state/value", "/detail/taskArn", "/resources", "/Message"] {
        let mut event = whole.clone();
        if let Some(value) = event.pointer_mut(place) {
            *value = other(from);
            bent.push(event);
        }
    }
    bent
}

/// The places in `value`, as JSON pointers; the empty one is the whole.
fn places(value: &Value) -> Vec<String> {
    let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, one)| (escaped(key), one)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, one)| (at.to_string(), one)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let deeper = inner
        .into_iter()
        .flat_map(|(key, one)| places(one).into_iter().map(move |place| format!("/{key}{place}")));
    std::iter::once(String::new()).chain(deeper).collect()
}
