//! The shipped definitions hold, and every rule catches a definition that breaks it.

use super::{every_state, problems};
use crate::repo;
use serde_json::{Value, json};

fn definition(path: &str) -> Value {
    serde_json::from_str(&repo::read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn lifecycle() -> Value {
    definition("statemachines/lifecycle.asl.json")
}

#[test]
fn every_definition_holds() {
    let paths: Vec<_> =
        repo::files().into_iter().filter(|path| path.ends_with(".asl.json")).collect();
    assert!(!paths.is_empty());
    for path in paths {
        assert_eq!(problems(&definition(&path)), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn the_happy_path_enters_at_most_seven_states() {
    let machine = lifecycle();
    let (mut at, mut entered) = (machine["StartAt"].as_str().unwrap(), Vec::new());
    loop {
        entered.push(at);
        let state = &machine["States"][at];
        let launches = |choice: &&Value| choice["Condition"].as_str().unwrap().contains("'launch'");
        let next = match state["Type"].as_str().unwrap() {
            "Choice" => {
                state["Choices"].as_array().unwrap().iter().find(launches).unwrap()["Next"].as_str()
            }
            _ => state["Next"].as_str(),
        };
        let Some(next) = next else { break };
        at = next;
    }
    assert_eq!(
        entered,
        ["Create", "Route", "Launch", "WaitForStop", "Stop", "ApproveRemoval", "Close"]
    );
}

/// What a change is, the change, and what the checker must say of it.
type Break = (&'static str, fn(&mut Value), &'static str);

/// Each breaks one rule.
const BREAKS: &[Break] = &[
    (
        "another language",
        |m| m["QueryLanguage"] = json!("JSONPath"),
        "the query language must be JSONata",
    ),
    (
        "a limit of the whole machine",
        |m| m["TimeoutSeconds"] = json!(60),
        "a machine's TimeoutSeconds",
    ),
    ("a start nowhere", |m| m["StartAt"] = json!("Nope"), "StartAt names no state: Nope"),
    (
        "a next nowhere",
        |m| m["States"]["Create"]["Next"] = json!("Nope"),
        "Create: unknown target Nope",
    ),
    (
        "a choice nowhere",
        |m| m["States"]["Route"]["Choices"][0]["Next"] = json!("Nope"),
        "Route: unknown target Nope",
    ),
    (
        "a default nowhere",
        |m| m["States"]["Route"]["Default"] = json!("Nope"),
        "Route: unknown target Nope",
    ),
    (
        "a catch nowhere",
        |m| m["States"]["Stop"]["Catch"][0]["Next"] = json!("Nope"),
        "Stop: unknown target Nope",
    ),
    ("an island", |m| m["States"]["Island"] = json!({"Type": "Succeed"}), "Island: unreachable"),
    (
        "a loop without a way out",
        |m| m["States"]["Close"] = json!({"Type": "Pass", "Next": "Close"}),
        "Close: no way from it to an end",
    ),
    ("neither next nor end", |m| remove(m, "Close", "End"), "Close: needs either Next or End"),
    (
        "next and end",
        |m| m["States"]["Close"]["Next"] = json!("Done"),
        "Close: needs either Next or End",
    ),
    ("no default", |m| remove(m, "Route", "Default"), "Route: a choice needs a Default"),
    ("a foreign type", |m| m["States"]["Done"]["Type"] = json!("Stop"), "Done: unknown type Stop"),
    (
        "a task without a limit",
        |m| remove(m, "Stop", "TimeoutSeconds"),
        "Stop: a task needs a numeric TimeoutSeconds",
    ),
    (
        "a computed limit",
        |m| m["States"]["Stop"]["TimeoutSeconds"] = json!("{% 60 %}"),
        "Stop: a task needs a numeric TimeoutSeconds",
    ),
    (
        "a limit of nothing",
        |m| m["States"]["Stop"]["TimeoutSeconds"] = json!(0),
        "Stop: a task needs a numeric TimeoutSeconds",
    ),
    (
        "a heartbeat",
        |m| m["States"]["Stop"]["HeartbeatSeconds"] = json!(60),
        "Stop: HeartbeatSeconds is not honoured",
    ),
    (
        "an error that nobody raises",
        |m| m["States"]["Stop"]["Catch"][0]["ErrorEquals"] = json!(["Environment.Gone"]),
        "Stop: Catch waits for Environment.Gone",
    ),
    (
        "a retry that nobody raises",
        |m| m["States"]["Create"]["Retry"][0]["ErrorEquals"] = json!(["Lambda.Nope"]),
        "Create: Retry waits for Lambda.Nope",
    ),
    (
        "a catch of nothing",
        |m| m["States"]["Stop"]["Catch"][0]["ErrorEquals"] = json!([]),
        "Stop: a Catch names no error",
    ),
    (
        "everything, and then something",
        |m| m["States"]["Launch"]["Catch"][0]["ErrorEquals"] = json!(["States.ALL"]),
        "Launch: Catch: States.ALL must stand alone and last",
    ),
    (
        "a failure of nobody's",
        |m| m["States"]["LaunchAbandoned"]["Error"] = json!("Oops"),
        "LaunchAbandoned: fails with Oops",
    ),
    (
        "a parallel with an output",
        |m| {
            m["States"]["Close"] = json!({
                "Type": "Parallel", "End": true, "Output": {}, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}],
            });
        },
        "Close: Output on Parallel is not honoured",
    ),
    (
        "a broken branch",
        |m| {
            m["States"]["Close"] = json!({
                "Type": "Parallel", "End": true, "Branches": [{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}],
            });
        },
        "Close/StartAt names no state: B",
    ),
    (
        "a succeed with an output",
        |m| m["States"]["Done"]["Output"] = json!({}),
        "Done: Output on Succeed is not honoured",
    ),
    (
        "a parameter of JSONPath",
        |m| m["States"]["Close"]["Parameters"] = json!({}),
        "Close: Parameters belongs to JSONPath",
    ),
    (
        "a state in another language",
        |m| m["States"]["Close"]["QueryLanguage"] = json!("JSONPath"),
        "Close: its query language must be JSONata",
    ),
    (
        "a wait without its token",
        |m| payload(m, "Stop").retain(|name, _| name != "token"),
        "Stop: a task has a token if, and only if",
    ),
    (
        "a token that is not waited for",
        |m| {
            payload(m, "Close").insert("token".into(), json!("{% $states.context.Task.Token %}"));
        },
        "Close: a task has a token if, and only if",
    ),
    (
        "more than ids",
        |m| {
            payload(m, "Close").insert("title".into(), json!("{% $tenant %}"));
        },
        "Close: its payload says title: ids only",
    ),
    (
        "an expression left open",
        |m| {
            payload(m, "Close").insert("tenant".into(), json!("{% $tenant "));
        },
        "Close: an expression is not closed",
    ),
    (
        "a variable out of nowhere",
        |m| {
            payload(m, "Close").insert("tenant".into(), json!("{% $string($tenent) %}"));
        },
        "Close: $tenent is assigned nowhere",
    ),
];

fn remove(machine: &mut Value, state: &str, field: &str) {
    machine["States"][state].as_object_mut().unwrap().remove(field).unwrap();
}

fn payload<'a>(machine: &'a mut Value, state: &str) -> &'a mut serde_json::Map<String, Value> {
    machine["States"][state]["Arguments"]["Payload"].as_object_mut().unwrap()
}

#[test]
fn every_rule_catches_what_breaks_it() {
    for (what, break_it, said) in BREAKS {
        let mut machine = lifecycle();
        break_it(&mut machine);
        let problems = problems(&machine);
        assert!(problems.iter().any(|problem| problem.contains(said)), "{what}: {problems:#?}");
    }
}

#[test]
fn every_wait_for_a_token_can_hear_that_the_environment_is_closed() {
    // The record may be closed by another attempt while an old execution waits.
    for (name, state) in every_state(&lifecycle()) {
        let waits = state
            .get("Resource")
            .is_some_and(|resource| resource.as_str().unwrap().ends_with("waitForTaskToken"));
        let hears = state
            .get("Catch")
            .is_some_and(|rules| rules.to_string().contains("Environment.Closed"));
        assert!(!waits || hears, "{name}");
    }
}
