//! Merge patches (RFC 7386) between two states of a record, and folding them again.
//!
//! INVARIANT: records never hold `null`, so a merge patch is lossless (DESIGN: folding the events
//! gives the state).

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The patch that makes `after` of `before`.
pub fn diff(before: &Value, after: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return after.clone();
    };
    let mut patch = Map::new();
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in after {
        match before.get(key) {
            Some(old) if old == value => {}
            // An object that replaces another is patched in depth; anything else is written anew.
            Some(old @ Value::Object(_)) if value.is_object() => {
                patch.insert(key.clone(), diff(old, value));
            }
            _ => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(patch)
}

/// Applies `patch` to `target` (RFC 7386 §2).
pub fn apply(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (key, change) in patch {
        if change.is_null() {
            fields.remove(key);
        } else {
            apply(fields.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

/// The records of an incident, by name (`incident`, `environment/1`, `approval/2`), rebuilt from
/// the payloads of its events in order.
pub fn fold<'a>(payloads: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, Value> {
    let mut records = BTreeMap::new();
    for payload in payloads {
        fold_in(&mut records, payload);
    }
    records
}

/// Folds one more payload into `records`: for whoever reads events one at a time.
pub fn fold_in(records: &mut BTreeMap<String, Value>, payload: &Value) {
    let Some(set) = payload.get("set").and_then(Value::as_object) else { return };
    for (name, patch) in set {
        apply(records.entry(name.clone()).or_insert(Value::Null), patch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-1000i64..1000).prop_map(Value::from),
            "[a-c]{0,3}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn applying_the_difference_gives_the_state(before in tree(), after in tree()) {
            let (before, after) = (json!({ "x": before }), json!({ "x": after }));
            let mut state = before.clone();
            apply(&mut state, &diff(&before, &after));
            prop_assert_eq!(state, after);
        }
    }

    #[test]
    fn a_removed_field_is_a_null_and_an_equal_one_is_not_there() {
        let patch = diff(&json!({"a":1,"b":{"c":1,"d":2}}), &json!({"b":{"c":1,"e":3}}));
        assert_eq!(patch, json!({"a":null,"b":{"d":null,"e":3}}));
    }
}
