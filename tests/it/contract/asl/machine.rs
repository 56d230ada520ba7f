//! One machine: where its states lead, and what each kind of state may say.

use super::{State, inner, raised, states};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn check(machine: &Value, place: &str, problems: &mut Vec<String>) {
    let names: BTreeSet<&str> = states(machine).map(|(name, _)| name.as_str()).collect();
    let start = machine["StartAt"].as_str().unwrap_or_default();
    if !names.contains(start) {
        problems.push(format!("{place}StartAt names no state: {start}"));
    }
    for (name, state) in states(machine) {
        let mut found = Vec::new();
        for target in targets(state).iter().filter(|target| !names.contains(*target)) {
            found.push(format!("unknown target {target}"));
        }
        one(state, &mut found);
        problems.extend(found.into_iter().map(|problem| format!("{place}{name}: {problem}")));
        for machine in inner(state) {
            check(machine, &format!("{place}{name}/"), problems);
        }
    }
    let step = |from: &str| targets_of(machine, from);
    let reached = closure(start, step);
    for name in names.difference(&reached) {
        problems.push(format!("{place}{name}: unreachable"));
    }
    let ends = |name: &str| targets_of(machine, name).is_empty();
    for name in &names {
        if !closure(name, step).into_iter().any(ends) {
            problems.push(format!("{place}{name}: no way from it to an end"));
        }
    }
}

/// Where a state may lead.
fn targets(state: &State) -> Vec<&str> {
    let list = |field: &str| state.get(field).and_then(Value::as_array).into_iter().flatten();
    let direct = ["Next", "Default"].into_iter().filter_map(|field| state.get(field));
    let nested = list("Choices").chain(list("Catch")).filter_map(|one| one.get("Next"));
    direct.chain(nested).filter_map(Value::as_str).collect()
}

fn targets_of<'a>(machine: &'a Value, name: &str) -> Vec<&'a str> {
    states(machine)
        .find(|(other, _)| *other == name)
        .map(|(_, one)| targets(one))
        .unwrap_or_default()
}

fn closure<'a>(from: &'a str, step: impl Fn(&str) -> Vec<&'a str>) -> BTreeSet<&'a str> {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![from]);
    while let Some(name) = todo.pop() {
        if seen.insert(name) {
            todo.extend(step(name));
        }
    }
    seen
}

/// What the kinds of states may say, beyond what every state may.
fn one(state: &State, found: &mut Vec<String>) {
    let has = |field: &str| state.contains_key(field);
    let kind = state.get("Type").and_then(Value::as_str).unwrap_or_default();
    if !matches!(kind, "Choice" | "Succeed" | "Fail")
        && has("Next") == (state.get("End") == Some(&Value::Bool(true)))
    {
        found.push("needs either Next or End".to_owned());
    }
    for field in JSONPATH.iter().filter(|field| has(field)) {
        found.push(format!("{field} belongs to JSONPath"));
    }
    if state.get("QueryLanguage").is_some_and(|language| language != "JSONata") {
        found.push("its query language must be JSONata".to_owned());
    }
    match kind {
        "Task" => task(state, found),
        "Choice" if !has("Default") => found.push("a choice needs a Default".to_owned()),
        "Parallel" | "Map" | "Pass" | "Wait" | "Choice" | "Succeed" | "Fail" => {}
        other => found.push(format!("unknown type {other}")),
    }
    // The local stack passes over these without a word.
    let ignored: &[&str] = match kind {
        "Parallel" => &["Output", "Assign", "Arguments"],
        "Succeed" => &["Output"],
        _ => &[],
    };
    for field in ignored.iter().filter(|field| has(field)) {
        found.push(format!(
            "{field} on {kind} is not honoured everywhere: put it into a Pass after it"
        ));
    }
    errors(state, found);
}

const JSONPATH: [&str; 9] = [
    "Parameters",
    "InputPath",
    "OutputPath",
    "ResultPath",
    "ResultSelector",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
];

/// Executions are read by more people than records are: ids, a step's name, an error's name, the token.
const PAYLOAD: [&str; 11] = [
    "tenant",
    "incident",
    "environment",
    "attempt",
    "step",
    "error",
    "token",
    "timeline",
    "execution",
    "again",
    "carry",
];

fn task(state: &State, found: &mut Vec<String>) {
    if state.get("TimeoutSeconds").and_then(Value::as_u64).is_none_or(|seconds| seconds == 0) {
        found.push("a task needs a numeric TimeoutSeconds".to_owned());
    }
    for field in ["HeartbeatSeconds", "HeartbeatSecondsPath"] {
        if state.contains_key(field) {
            found.push(format!("{field} is not honoured everywhere"));
        }
    }
    let waits = state
        .get("Resource")
        .and_then(Value::as_str)
        .is_some_and(|text| text.ends_with(".waitForTaskToken"));
    let arguments = state.get("Arguments").map(Value::to_string).unwrap_or_default();
    if waits != arguments.contains("$states.context.Task.Token") {
        found.push("a task has a token if, and only if, it waits for it".to_owned());
    }
    let payload = state.get("Arguments").and_then(|arguments| arguments["Payload"].as_object());
    for field in payload.into_iter().flat_map(|payload| payload.keys()) {
        if !PAYLOAD.contains(&field.as_str()) {
            found.push(format!("its payload says {field}: ids only"));
        }
    }
}

/// The names that it catches, retries or fails with.
fn errors(state: &State, found: &mut Vec<String>) {
    let raised = raised();
    for field in ["Catch", "Retry"] {
        let rules: Vec<_> =
            state.get(field).and_then(Value::as_array).into_iter().flatten().collect();
        for (at, rule) in rules.iter().enumerate() {
            let names: Vec<_> = rule["ErrorEquals"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if names.is_empty() {
                found.push(format!("a {field} names no error"));
            }
            for name in names.iter().filter(|name| !raised.contains(*name)) {
                found.push(format!("{field} waits for {name}, which nobody raises"));
            }
            if names.contains(&"States.ALL")
                && (names.len() > 1 || rules.len().saturating_sub(1) > at)
            {
                found.push(format!("{field}: States.ALL must stand alone and last"));
            }
        }
    }
    let error = state.get("Error").and_then(Value::as_str);
    if let Some(name) = error.filter(|name| !name.starts_with("{%") && !raised.contains(name)) {
        found.push(format!("fails with {name}, which is no fault of ours"));
    }
}
