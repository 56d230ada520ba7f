//! The expressions of a definition: closed, and of variables that somebody assigns.

use super::{State, every_state};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn check(definition: &Value, problems: &mut Vec<String>) {
    let states = every_state(definition);
    let assigned: BTreeSet<String> = states.iter().flat_map(|(_, state)| assigned(state)).collect();
    for (name, state) in &states {
        let mut found = Vec::new();
        for text in own(state).flat_map(|(_, value)| texts(value)) {
            match (text.starts_with("{%"), text.ends_with("%}")) {
                (true, true) => found.extend(
                    variables(text)
                        .filter(|variable| !assigned.contains(*variable))
                        .map(|variable| format!("${variable} is assigned nowhere")),
                ),
                (false, false) => {}
                _ => found.push(format!("an expression is not closed: {text}")),
            }
        }
        problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
    }
}

/// A state's fields, without the machines within it.
fn own(state: &State) -> impl Iterator<Item = (&String, &Value)> {
    let machines = ["Branches", "ItemProcessor", "Iterator"];
    state.iter().filter(move |(name, _)| !machines.contains(&name.as_str()))
}

/// The variables that a state assigns, itself or on one of its ways out.
fn assigned(state: &State) -> Vec<String> {
    let ways = own(state).filter_map(|(_, value)| value.as_array()).flatten();
    ways.filter_map(|way| way.get("Assign"))
        .chain(state.get("Assign"))
        .filter_map(Value::as_object)
        .flat_map(|fields| fields.keys().cloned())
        .collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// The variables in an expression: `$name`, but neither `$states` nor a function `$name(…)`.
fn variables(expression: &str) -> impl Iterator<Item = &str> {
    expression.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        (!name.is_empty() && name != "states" && !after.starts_with('(')).then_some(name)
    })
}
