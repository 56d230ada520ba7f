//! What a spec's hash depends on, and what it does not.

use super::shipped::shipped;
use crate::{parse, spec_hash, text, yaml};
use proptest::prelude::*;
use serde_json::{Map, Value};

#[test]
fn the_hash_is_of_the_canonical_bytes_under_a_prefix_of_its_own() {
    use sha2::{Digest as _, Sha256};
    let spec = &shipped("high-cpu").spec;
    let bytes = text(spec).unwrap();
    let with = Sha256::digest([b"watchfire-runbook-spec/v1\0", bytes.as_bytes()].concat());
    assert_eq!(spec_hash(spec).unwrap().to_string(), watchfire_domain::hex(&with));
    // So that no other document of the same bytes has the same hash.
    assert_ne!(with, Sha256::digest(bytes.as_bytes()));
}

#[test]
fn what_is_the_default_may_be_written_out() {
    let spec = &shipped("evidence-storage-latency-triage").spec;
    let mut value = serde_json::to_value(spec).unwrap();
    value["steps"][2]["when"] = Value::Null;
    value["steps"][2]["on_failure"] = Value::from("stop");
    value["steps"][2]["do"]["manual"]["tick"] = Value::Bool(false);
    value["steps"][2]["evidence"]["optional"] = Value::Bool(false);
    assert_eq!(spec_hash(&parse::read(&value).unwrap()), spec_hash(spec));
}

/// The same value with the keys of its objects in another order, as text.
fn shuffled(value: &Value, seed: u64) -> String {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_by_key(|key| {
                key.bytes().fold(seed, |sum, byte| sum.rotate_left(7) ^ u64::from(byte))
            });
            let field = |key: &&String| {
                format!("{}: {}", Value::from(key.as_str()), shuffled(&fields[*key], seed))
            };
            format!("{{{}}}", keys.iter().map(field).collect::<Vec<_>>().join(",\n "))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(|item| shuffled(item, seed)).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn neither_form_nor_order_of_keys_changes_the_hash(seed in any::<u64>()) {
        let one = shipped("database-corruption");
        let text = shuffled(&one.value, seed);
        let hash = spec_hash(&one.spec).unwrap();
        prop_assert_eq!(spec_hash(&parse(&text).unwrap()).unwrap(), hash);
        // JSON is YAML.
        let value = yaml::read(&text).unwrap();
        prop_assert_eq!(spec_hash(&parse::read(&value).unwrap()).unwrap(), hash);
    }

    #[test]
    fn another_text_has_another_hash(word in "[a-z]{1,12}", at in 0_usize..9) {
        let one = shipped("high-cpu");
        let mut other = one.spec.clone();
        let at = at.min(other.steps.len().saturating_sub(1));
        other.steps[at].title.push_str(&word);
        prop_assert_ne!(spec_hash(&other).unwrap(), spec_hash(&one.spec).unwrap());
    }
}

#[test]
fn an_empty_map_is_no_spec() {
    assert!(parse::read(&Value::Object(Map::new())).is_err());
}
