//! Where an execution stands, and how it goes on: without calling anybody.

use super::definition::{Definition, State, Task, fill, fill_all};
use super::expression::Scope;
use crate::workflow::Outcome;
use serde_json::{Map, Value, json};
use watchfire_domain::Timestamp;

/// An error with a stable name, as `Catch` and `Retry` match it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub error: String,
    /// Its cause.
    pub cause: String,
}

impl Failed {
    /// An error of this name.
    pub fn new(error: &str, cause: &str) -> Self {
        Self { error: error.to_owned(), cause: cause.to_owned() }
    }

    fn query(problem: String) -> Self {
        Self { error: "States.QueryEvaluationError".to_owned(), cause: problem }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Cursor {
    pub(super) state: String,
    pub(super) entered: Vec<String>,
    pub(super) waits: Option<Wait>,
    input: Value,
    variables: Map<String, Value>,
    /// How often each retrier of this state was used.
    tries: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct Wait {
    /// What somebody answers; none for a pause, which only ends.
    pub(super) token: Option<String>,
    pub(super) until: Timestamp,
}

/// How it goes on.
#[derive(Debug)]
pub(super) enum Onward {
    Enter(String, Value),
    Again,
    End(Outcome),
}

impl Cursor {
    pub(super) fn new(definition: &Definition, input: Value) -> Self {
        Self {
            state: definition.start_at.clone(),
            entered: vec![definition.start_at.clone()],
            waits: None,
            input,
            variables: Map::new(),
            tries: Vec::new(),
        }
    }

    /// Takes the step; the outcome, if that was the last.
    pub(super) fn go(&mut self, onward: Onward) -> Option<Outcome> {
        self.waits = None;
        match onward {
            Onward::Again => None,
            Onward::End(outcome) => Some(outcome),
            Onward::Enter(state, input) => {
                self.entered.push(state.clone());
                self.state = state;
                self.input = input;
                self.tries.clear();
                None
            }
        }
    }

    /// A state that calls nobody.
    pub(super) fn pass(&mut self, state: &State) -> Onward {
        let scope = self.scope("input", self.input.clone(), None);
        match state {
            State::Task(_) => Onward::Again,
            State::Choice(choice) => {
                for rule in &choice.choices {
                    match fill(&rule.condition, &scope) {
                        Ok(Value::Bool(true)) => {
                            return Onward::Enter(rule.next.clone(), self.input.clone());
                        }
                        Ok(Value::Bool(false)) => {}
                        Ok(_) => return broken("a condition is neither true nor false".to_owned()),
                        Err(problem) => return broken(problem),
                    }
                }
                match &choice.default {
                    Some(next) => Onward::Enter(next.clone(), self.input.clone()),
                    None => fail(Failed::new("States.NoChoiceMatched", "no condition holds")),
                }
            }
            State::Pass(pass) => {
                let output = pass.output.as_ref().unwrap_or(&self.input).clone();
                let filled = fill_all(&pass.assign, &scope)
                    .and_then(|assigned| Ok((assigned, fill(&output, &scope)?)));
                match filled {
                    Ok((assigned, output)) => {
                        self.variables.extend(assigned);
                        onward(pass.next.as_deref(), output)
                    }
                    Err(problem) => broken(problem),
                }
            }
            State::Wait(pause) => {
                let output = pause.output.as_ref().unwrap_or(&self.input).clone();
                match fill(&output, &scope) {
                    Ok(output) => Onward::Enter(pause.next.clone(), output),
                    Err(problem) => broken(problem),
                }
            }
            State::Succeed(_) => Onward::End(Outcome::Succeeded),
            State::Fail(state) => {
                let word = |template| match fill(template, &scope) {
                    Ok(Value::String(text)) => text,
                    Ok(other) => other.to_string(),
                    Err(problem) => problem,
                };
                fail(Failed { error: word(&state.error), cause: word(&state.cause) })
            }
        }
    }

    /// For how many seconds a pause waits.
    pub(super) fn seconds(&self, seconds: &Value) -> Result<i64, String> {
        let scope = self.scope("input", self.input.clone(), None);
        let value = fill(seconds, &scope)?;
        let whole = value.as_i64().filter(|seconds| (0..=99_999_999).contains(seconds));
        whole.ok_or_else(|| format!("`{value}` is no number of seconds"))
    }

    /// What the function is called with.
    pub(super) fn payload(&self, task: &Task, token: Option<&str>) -> Result<Value, Failed> {
        let scope = self.scope("input", self.input.clone(), token);
        fill(&task.arguments.payload, &scope).map_err(Failed::query)
    }

    /// The task has its result.
    pub(super) fn succeed(&mut self, task: &Task, result: Value) -> Onward {
        let scope = self.scope("result", result.clone(), None);
        let filled = fill_all(&task.assign, &scope).and_then(|assigned| {
            Ok((assigned, task.output.as_ref().map_or(Ok(result), |output| fill(output, &scope))?))
        });
        match filled {
            Ok((assigned, output)) => {
                self.variables.extend(assigned);
                onward(task.next.as_deref(), output)
            }
            Err(problem) => self.fail(task, Failed::query(problem)),
        }
    }

    /// The task failed: it is tried again, caught, or it fails the execution.
    pub(super) fn fail(&mut self, task: &Task, failed: Failed) -> Onward {
        if let Some(at) = task.retry.iter().position(|retrier| retrier.matches(&failed.error)) {
            self.tries.resize(task.retry.len(), 0);
            let most = task.retry.get(at).map_or(0, |retrier| retrier.max_attempts);
            if let Some(tries) = self.tries.get_mut(at).filter(|tries| **tries < most) {
                *tries = tries.saturating_add(1);
                return Onward::Again;
            }
        }
        let Some(catcher) = task.catch.iter().find(|catcher| catcher.matches(&failed.error)) else {
            return fail(failed);
        };
        let error = json!({"Error": failed.error, "Cause": failed.cause});
        let scope = self.scope("errorOutput", error.clone(), None);
        let filled = fill_all(&catcher.assign, &scope).and_then(|assigned| {
            Ok((
                assigned,
                catcher.output.as_ref().map_or(Ok(error), |output| fill(output, &scope))?,
            ))
        });
        match filled {
            Ok((assigned, output)) => {
                self.variables.extend(assigned);
                Onward::Enter(catcher.next.clone(), output)
            }
            Err(problem) => broken(problem),
        }
    }

    fn scope(&self, name: &str, value: Value, token: Option<&str>) -> Scope {
        let mut states = json!({"input": self.input, "context": {"State": {"Name": self.state}}});
        if let Some(states) = states.as_object_mut() {
            states.insert(name.to_owned(), value);
            if let Some(token) = token {
                let task = json!({"Task": {"Token": token}, "State": {"Name": self.state}});
                states.insert("context".to_owned(), task);
            }
        }
        Scope { variables: self.variables.clone(), states }
    }
}

fn onward(next: Option<&str>, output: Value) -> Onward {
    next.map_or(Onward::End(Outcome::Succeeded), |next| Onward::Enter(next.to_owned(), output))
}

pub(super) fn broken(problem: String) -> Onward {
    fail(Failed::query(problem))
}

fn fail(Failed { error, cause }: Failed) -> Onward {
    Onward::End(Outcome::Failed { error, cause })
}
