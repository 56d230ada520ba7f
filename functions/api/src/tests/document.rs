//! The document and the API say the same.

use super::api::Answer;
use super::schema::{absent, broken};
use crate::routes::{Found, find};
use crate::{ROUTES, openapi};
use expect_test::expect_file;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use watchfire_edge::fault::Kind;

pub(super) static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi);

/// The schema of this name.
pub(super) fn schema(name: &str) -> &'static Value {
    let found = DOCUMENT.pointer(&format!("/components/schemas/{name}"));
    found.unwrap_or_else(|| panic!("no schema {name}"))
}

/// Whether a value is as the schema of this name says.
#[track_caller]
pub(super) fn fits(name: &str, value: &Value) {
    assert_eq!(broken(&DOCUMENT, schema(name), value), Vec::<String>::new(), "{name}: {value:#}");
}

/// Whether a value has every field that the schema of this name knows.
#[track_caller]
pub(super) fn is_whole(name: &str, value: &Value) {
    fits(name, value);
    assert_eq!(absent(&DOCUMENT, schema(name), value), Vec::<String>::new(), "{name}");
}

/// Whether the answer to a request is one that the document promises.
#[track_caller]
pub(super) fn check(event: &Value, answer: &Answer) {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let method = text("/requestContext/http/method");
    let path = text("/rawPath");
    let below = path.strip_prefix("/iam").unwrap_or(path);
    let segments: Vec<String> = below.split('/').skip(2).map(str::to_owned).collect();
    let Ok(Found::Route(route, _)) = find(method, &segments) else { return };
    if answer.body.get("error").is_some() {
        let code = answer.text("/error/code");
        let kinds = route.faults();
        let kind = kinds.iter().find(|kind| kind.row().code == code);
        let kind = kind.unwrap_or_else(|| panic!("{}: undocumented {answer}", route.operation));
        assert_eq!(u64::from(kind.row().status), answer.status);
        return fits("Error", &answer.body);
    }
    let status = u16::try_from(answer.status).unwrap();
    if method == "HEAD" {
        let faults = route.faults();
        let known = faults.iter().map(|kind| kind.row().status).chain(route.success.to_vec());
        return assert!({ known }.any(|one| one == status), "{}: {answer}", route.operation);
    }
    assert!(route.success.contains(&status), "{}: undocumented {answer}", route.operation);
    fits(route.answer, &answer.body);
}

#[test]
fn the_snapshot_is_the_tables() {
    let text = serde_json::to_string_pretty(&*DOCUMENT).unwrap() + "\n";
    expect_file!["../../../../openapi.json"].assert_eq(&text);
}

#[test]
fn every_name_leads_somewhere_and_every_schema_is_used() {
    fn names(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                into.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| names(value, into));
            }
            Value::Array(items) => items.iter().for_each(|value| names(value, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut used = BTreeSet::new();
    names(&DOCUMENT, &mut used);
    let mut there = BTreeSet::new();
    for kind in ["schemas", "parameters", "responses", "headers"] {
        let all = DOCUMENT["components"][kind].as_object().unwrap();
        there.extend(all.keys().map(|name| format!("#/components/{kind}/{name}")));
    }
    assert_eq!(used, there);
}

#[test]
fn the_table_names_each_operation_and_each_pair_of_method_and_path_once() {
    let operations: BTreeSet<_> = ROUTES.iter().map(|route| route.operation).collect();
    let pairs: BTreeSet<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
    assert_eq!((operations.len(), pairs.len()), (ROUTES.len(), ROUTES.len()));
    for route in ROUTES {
        let kinds = route.faults();
        let once: BTreeSet<_> = kinds.iter().map(|kind| kind.row().code).collect();
        assert_eq!(once.len(), kinds.len(), "{}", route.operation);
        assert_eq!(route.writes(), route.answer.ends_with("Written"), "{}", route.operation);
        assert_eq!(route.method.writes(), route.takes.is_some(), "{}", route.operation);
        assert!(!kinds.contains(&Kind::Forged));
        let words = route.action.name().replace('.', "_");
        assert!(!words.starts_with("phase"), "{words}");
    }
}
