//! The published schema is the types', and the reader knows every word of it.

use super::shipped::SHIPPED;
use crate::spec::Spec;
use expect_test::expect_file;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_published_schema_is_the_types() {
    let schema = schemars::schema_for!(Spec);
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../runbooks/schema.json"].assert_eq(&text);
}

fn words<'a>(schema: &'a Value, into: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(fields) => {
            for (word, inner) in fields {
                into.insert(word);
                match (word.as_str(), inner) {
                    ("properties" | "$defs", Value::Object(named)) => {
                        named.values().for_each(|one| words(one, into));
                    }
                    ("const" | "enum" | "default", _) => {}
                    _ => words(inner, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|one| words(one, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_word_of_the_schema_is_known() {
    // What the reader checks, and what says nothing about the value.
    const CHECKED: [&str; 15] = [
        "$ref",
        "oneOf",
        "anyOf",
        "type",
        "enum",
        "const",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "uniqueItems",
        "pattern",
        "minimum",
        "maximum",
        "$defs",
    ];
    const BOUNDS: [&str; 4] = ["minLength", "maxLength", "minItems", "maxItems"];
    const SILENT: [&str; 5] = ["$schema", "title", "description", "format", "default"];
    let schema: Value = serde_json::from_str(crate::SCHEMA).unwrap();
    let mut found = BTreeSet::new();
    words(&schema, &mut found);
    let known: BTreeSet<&str> = CHECKED.into_iter().chain(BOUNDS).chain(SILENT).collect();
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(unknown.is_empty(), "the reader does not check {unknown:?}");
}

#[test]
fn what_is_written_is_what_is_read() {
    for one in SHIPPED.iter() {
        let written = serde_json::to_value(&one.spec).unwrap();
        assert_eq!(crate::parse::read(&written).unwrap(), one.spec, "{}", one.name);
    }
}
