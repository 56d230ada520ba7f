//! No denied input becomes an allowed one by losing or spoiling an attribute.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use serde_json::{Value, json};

use super::suite::{Case, cases};
use super::tell::tell;
use crate::{Decision, Policies};

/// Where any words will do: words put in place of a spoilt value would repair it, not spoil it further.
const FREE_TEXT: [&str; 5] = [
    "/actor/id",
    "/request/rationale",
    "/request/evidence_ref",
    "/resource/approval/overridden_by",
    "/resource/approval/overridden_because",
];

/// The type that an attribute has where it is right.
pub(crate) type Types = BTreeMap<String, Discriminant<Value>>;

#[test]
fn spoiling_an_attribute_never_opens_a_door() {
    let policies = Policies::embedded();
    let (allowed, denied): (Vec<Case>, Vec<Case>) =
        cases().into_iter().partition(|case| case.decide(&policies).is_allowed());
    let types = types(&allowed);
    let (mut tried, mut errors, mut open) = (0, 0, Vec::new());
    for case in denied {
        for (change, input) in mutants(&case.input, &types) {
            tried += 1;
            match policies.evaluate(case.package, &input.to_string()) {
                Decision::Allow { .. } => open.push(format!("{}: {change}", case.name)),
                Decision::Deny { engine_error, .. } => errors += usize::from(engine_error),
            }
        }
    }
    tell("attributes", &json!({ "mutants": tried, "fail_open": open.len() }));
    assert!(open.is_empty(), "{} of {tried} became allowed:\n{}", open.len(), open.join("\n"));
    // A loop that tries nothing proves nothing, and rules must not lean on the engine's own failures.
    assert!(tried >= 60_000, "{tried}");
    assert_eq!(errors, 0, "of {tried}");
}

pub(crate) fn types(allowed: &[Case]) -> Types {
    let of_case = |case: &Case| {
        let typed = |path: String| {
            let kind = discriminant(case.input.pointer(&path).unwrap());
            (path, kind)
        };
        paths(&case.input, "").into_iter().map(typed).collect::<Vec<_>>()
    };
    allowed.iter().flat_map(of_case).collect()
}

/// Every single change of every attribute, with a name.
pub(crate) fn mutants(input: &Value, types: &Types) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for path in paths(input, "") {
        let mut without = input.clone();
        remove(&mut without, &path);
        found.push((format!("{path} deleted"), without));
        let old = input.pointer(&path).unwrap();
        let right = types.get(&path).copied().unwrap_or(discriminant(old));
        for new in replacements(&path, old, right) {
            let mut changed = input.clone();
            *changed.pointer_mut(&path).unwrap() = new.clone();
            found.push((format!("{path} = {new}"), changed));
        }
    }
    found
}

fn replacements(path: &str, old: &Value, right: Discriminant<Value>) -> Vec<Value> {
    let shapes = [json!(null), json!(true), json!(7), json!("no-such-value"), json!([]), json!({})];
    let wrapped = [json!([old]), json!({"value": old})];
    let mut new: Vec<Value> =
        shapes.into_iter().chain(wrapped).filter(|new| discriminant(new) != right).collect();
    match old {
        Value::String(word) if FREE_TEXT.contains(&path) && word.trim().is_empty() => {}
        Value::String(word) => {
            let spoilt = [word.to_uppercase() + "~", format!("{word} ")];
            new.extend([json!("no-such-value"), json!("")]);
            new.extend(spoilt.map(|word| json!(word)));
        }
        Value::Number(_) => new.extend([json!(-1), json!(0.5), json!(1e300)]),
        Value::Array(_) => new.extend([json!([null]), json!([[]]), json!(["no-such-value"])]),
        Value::Object(_) => new.push(json!({"no-such-name": "no-such-value"})),
        // Both truth values are known ones; what they mean is for the cases to say.
        Value::Bool(_) | Value::Null => {}
    }
    new
}

fn paths(value: &Value, here: &str) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(k, v)| (format!("{here}/{k}"), v)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(i, v)| (format!("{here}/{i}"), v)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let deeper = below.iter().flat_map(|(path, value)| paths(value, path));
    below.iter().map(|(path, _)| path.clone()).chain(deeper).collect()
}

fn remove(input: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = input.pointer_mut(parent).unwrap();
    if let Some(items) = parent.as_array_mut() {
        items.remove(name.parse().unwrap());
    } else {
        parent.as_object_mut().unwrap().remove(name);
    }
}
