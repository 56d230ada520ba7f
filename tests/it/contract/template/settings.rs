//! The functions' environment and the table of variables.

use super::{TEMPLATE, functions, when};
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_edge::config::{Otherwise, VARIABLES};

/// What a function gets: its own variables and those of all.
fn given(properties: &Value) -> BTreeMap<String, Value> {
    let of =
        |value: &Value| value["Environment"]["Variables"].as_object().cloned().unwrap_or_default();
    of(&TEMPLATE["Globals"]["Function"]).into_iter().chain(of(properties)).collect()
}

#[test]
fn functions_get_what_they_read_and_nothing_else() {
    for (handler, name, properties) in functions() {
        let given = given(properties);
        for variable in given.keys() {
            let known = VARIABLES.iter().find(|one| one.name == variable);
            let known = known.unwrap_or_else(|| panic!("{name}: nobody reads {variable}"));
            assert!(known.functions.contains(&handler), "{name} does not read {variable}");
        }
        let needed = VARIABLES
            .iter()
            .filter(|one| one.functions.contains(&handler) && one.otherwise == Otherwise::Required);
        for variable in needed {
            let value = given
                .get(variable.name)
                .unwrap_or_else(|| panic!("{name} lacks {}", variable.name));
            assert!(
                value.get("Fn::If").is_none_or(|_| !value.to_string().contains("NoValue")),
                "{name}: {} may be absent",
                variable.name
            );
        }
    }
}

#[test]
fn nothing_secret_is_a_setting() {
    for (_, name, properties) in functions() {
        for (variable, value) in given(properties) {
            if variable.ends_with("_SECRET") {
                let value = when(&value);
                assert!(value.get("Ref").is_some(), "{name}: {variable} must be a secret's id");
            }
            assert!(!value.to_string().contains("{{resolve:"), "{name}: {variable} holds a secret");
        }
    }
}
