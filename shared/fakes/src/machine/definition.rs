//! A definition in the Amazon States Language, as far as ours go. What is not understood is refused,
//! so that nothing runs here that would mean something else on AWS.

use super::expression::{Expression, Scope};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Definition {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
    query_language: String,
    pub(super) start_at: String,
    pub(super) states: BTreeMap<String, State>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "Type")]
pub(super) enum State {
    Task(Task),
    Choice(Choice),
    Pass(Pass),
    Wait(Pause),
    Succeed(Succeed),
    Fail(Fail),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Task {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
    pub(super) resource: Resource,
    pub(super) arguments: Arguments,
    pub(super) timeout_seconds: u32,
    #[serde(default)]
    pub(super) retry: Vec<Retrier>,
    #[serde(default)]
    pub(super) catch: Vec<Catcher>,
    #[serde(default)]
    pub(super) assign: Map<String, Value>,
    pub(super) output: Option<Value>,
    pub(super) next: Option<String>,
    #[serde(default)]
    end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Resource {
    #[serde(rename = "arn:aws:states:::lambda:invoke")]
    Invoke,
    #[serde(rename = "arn:aws:states:::lambda:invoke.waitForTaskToken")]
    InvokeAndWait,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Arguments {
    pub(super) function_name: String,
    pub(super) payload: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Retrier {
    error_equals: Vec<String>,
    #[serde(default = "three")]
    pub(super) max_attempts: u32,
    #[serde(default, rename = "IntervalSeconds")]
    _interval: Option<u32>,
    #[serde(default, rename = "BackoffRate")]
    _backoff: Option<f64>,
    #[serde(default, rename = "MaxDelaySeconds")]
    _longest: Option<u32>,
    #[serde(default, rename = "JitterStrategy")]
    _jitter: Option<String>,
}

const fn three() -> u32 {
    3
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Catcher {
    error_equals: Vec<String>,
    #[serde(default)]
    pub(super) assign: Map<String, Value>,
    pub(super) output: Option<Value>,
    pub(super) next: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Choice {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
    pub(super) choices: Vec<Rule>,
    pub(super) default: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Rule {
    pub(super) condition: Value,
    pub(super) next: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Pass {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
    #[serde(default)]
    pub(super) assign: Map<String, Value>,
    pub(super) output: Option<Value>,
    pub(super) next: Option<String>,
    #[serde(default)]
    end: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Pause {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
    pub(super) seconds: Value,
    pub(super) output: Option<Value>,
    pub(super) next: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Succeed {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Fail {
    #[serde(default, rename = "Comment")]
    _comment: Option<String>,
    pub(super) error: Value,
    pub(super) cause: Value,
}

impl Retrier {
    pub(super) fn matches(&self, error: &str) -> bool {
        matches(&self.error_equals, error)
    }
}

impl Catcher {
    pub(super) fn matches(&self, error: &str) -> bool {
        matches(&self.error_equals, error)
    }
}

/// `States.ALL` matches every error, `States.TaskFailed` every one but a timeout.
fn matches(names: &[String], error: &str) -> bool {
    names.iter().any(|name| match name.as_str() {
        "States.ALL" => true,
        "States.TaskFailed" => error != "States.Timeout",
        name => name == error,
    })
}

impl Definition {
    /// Reads a definition, and says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let definition: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if definition.query_language != "JSONata" {
            return Err("the query language is not JSONata".to_owned());
        }
        let mut reached = BTreeSet::new();
        let mut ahead = vec![definition.start_at.as_str()];
        while let Some(name) = ahead.pop() {
            let state = definition.states.get(name);
            let state = state.ok_or_else(|| format!("there is no state `{name}`"))?;
            if reached.insert(name) {
                state.check().map_err(|problem| format!("`{name}`: {problem}"))?;
                ahead.extend(state.followers());
            }
        }
        match definition.states.keys().find(|name| !reached.contains(name.as_str())) {
            Some(name) => Err(format!("nothing leads to the state `{name}`")),
            None => Ok(definition),
        }
    }
}

impl State {
    fn followers(&self) -> Vec<&str> {
        match self {
            Self::Task(task) => {
                let caught = task.catch.iter().map(|catcher| catcher.next.as_str());
                task.next.as_deref().into_iter().chain(caught).collect()
            }
            Self::Choice(choice) => {
                let chosen = choice.choices.iter().map(|rule| rule.next.as_str());
                choice.default.as_deref().into_iter().chain(chosen).collect()
            }
            Self::Pass(pass) => pass.next.as_deref().into_iter().collect(),
            Self::Wait(pause) => vec![&pause.next],
            Self::Succeed(_) | Self::Fail(_) => Vec::new(),
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Task(task) => {
                ends(task.next.as_deref(), task.end)?;
                understood(&task.arguments.payload)?;
                task.output.iter().chain(task.assign.values()).try_for_each(understood)?;
                let caught = task.catch.iter();
                caught
                    .flat_map(|one| one.output.iter().chain(one.assign.values()))
                    .try_for_each(understood)
            }
            Self::Choice(choice) => {
                choice.choices.iter().map(|rule| &rule.condition).try_for_each(understood)
            }
            Self::Pass(pass) => {
                ends(pass.next.as_deref(), pass.end)?;
                pass.output.iter().chain(pass.assign.values()).try_for_each(understood)
            }
            Self::Wait(pause) => {
                pause.output.iter().chain([&pause.seconds]).try_for_each(understood)
            }
            Self::Fail(fail) => [&fail.error, &fail.cause].into_iter().try_for_each(understood),
            Self::Succeed(Succeed { .. }) => Ok(()),
        }
    }
}

fn ends(next: Option<&str>, end: bool) -> Result<(), String> {
    if next.is_some() == end { Err("it needs either `Next` or `End`".to_owned()) } else { Ok(()) }
}

fn inside(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}")
}

fn understood(template: &Value) -> Result<(), String> {
    match template {
        Value::String(text) => {
            inside(text).map_or(Ok(()), |text| Expression::parse(text).map(drop))
        }
        Value::Array(items) => items.iter().try_for_each(understood),
        Value::Object(fields) => fields.values().try_for_each(understood),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// A template's value. An expression that leads nowhere is an error, as it is on AWS.
pub(super) fn fill(template: &Value, scope: &Scope) -> Result<Value, String> {
    match template {
        Value::String(text) => match inside(text) {
            Some(text) => {
                let value = Expression::parse(text)?.value(scope);
                value.ok_or_else(|| format!("`{text}` returned nothing"))
            }
            None => Ok(template.clone()),
        },
        Value::Array(items) => items.iter().map(|item| fill(item, scope)).collect(),
        Value::Object(fields) => fill_all(fields, scope).map(Value::Object),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(template.clone()),
    }
}

pub(super) fn fill_all(
    fields: &Map<String, Value>,
    scope: &Scope,
) -> Result<Map<String, Value>, String> {
    fields.iter().map(|(name, value)| Ok((name.clone(), fill(value, scope)?))).collect()
}
