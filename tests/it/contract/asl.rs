//! Our own reading of the state machines. The local stack accepts any definition, and AWS only says
//! what is malformed; what would hang, or wait for an error that nobody raises, is found here.

mod expressions;
mod machine;
mod tests;

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use watchfire_edge::Fault;

type State = Map<String, Value>;

/// What is wrong with a definition.
pub(super) fn problems(definition: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if definition["QueryLanguage"] != "JSONata" {
        problems.push("the query language must be JSONata".to_owned());
    }
    if definition.get("TimeoutSeconds").is_some() {
        problems.push("a machine's TimeoutSeconds is not honoured everywhere".to_owned());
    }
    machine::check(definition, "", &mut problems);
    expressions::check(definition, &mut problems);
    problems
}

/// The states of a machine, a branch or an item processor.
fn states(machine: &Value) -> impl Iterator<Item = (&String, &State)> {
    let states = machine["States"].as_object().into_iter().flatten();
    states.filter_map(|(name, state)| Some((name, state.as_object()?)))
}

/// The machines within a state.
fn inner(state: &State) -> Vec<&Value> {
    let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
    branches.chain(state.get("ItemProcessor")).chain(state.get("Iterator")).collect()
}

/// Every state of a definition, at whatever depth.
fn every_state(machine: &Value) -> Vec<(String, &State)> {
    let mut found = Vec::new();
    for (name, state) in states(machine) {
        found.push((name.clone(), state));
        found.extend(inner(state).into_iter().flat_map(every_state));
    }
    found
}

/// The errors that somebody raises: Step Functions, the invocation of a function, and our faults.
fn raised() -> BTreeSet<&'static str> {
    const STATES: [&str; 8] = [
        "States.ALL",
        "States.DataLimitExceeded",
        "States.ExceedToleratedFailureThreshold",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.Runtime",
        "States.TaskFailed",
        "States.Timeout",
    ];
    const LAMBDA: [&str; 6] = [
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
    ];
    STATES.into_iter().chain(LAMBDA).chain(Fault::ALL_NAMES).collect()
}
