//! A small Step Functions: it runs our state machines in the test's process, on the test's clock, and
//! calls the test's functions.
//!
//! It honours `Retry` without its waits, and mints a new token for each try, as AWS does.

mod cursor;
mod definition;
mod expression;
#[cfg(test)]
mod tests;

pub use cursor::Failed;

use crate::clock::FakeClock;
use crate::wire::lock;
use crate::workflow::{FakeWorkflow, Outcome};
use cursor::{Cursor, Onward, Wait};
use definition::{Definition, Resource, State, Task};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use watchfire_domain::SECOND;
use watchfire_ports::{Clock as _, TokenAnswer};

/// A machine over the executions of a [`FakeWorkflow`].
#[derive(Debug)]
pub struct Machine {
    definition: Definition,
    workflow: FakeWorkflow,
    clock: FakeClock,
    cursors: Mutex<BTreeMap<String, Cursor>>,
}

/// Far more states than any execution of ours enters while nobody answers it.
const TOO_MANY: usize = 500;

impl Machine {
    /// A machine of this definition. What the definition says beyond the subset is refused.
    pub fn new(definition: &str, workflow: FakeWorkflow, clock: FakeClock) -> Result<Self, String> {
        let definition = Definition::parse(definition)?;
        Ok(Self { definition, workflow, clock, cursors: Mutex::default() })
    }

    /// Moves every running execution on until each waits or has ended; how many steps they took.
    ///
    /// `function` is given the function's name, `${…}` taken off, and its event. A token that is
    /// answered meanwhile, by the function itself or by anybody, goes on in the same call; one whose
    /// time has passed on the clock fails with `States.Timeout`.
    pub async fn drive<F>(&self, function: &F) -> usize
    where
        F: AsyncFn(String, Value) -> Result<Value, Failed>,
    {
        let mut steps = 0_usize;
        loop {
            let before = steps;
            for name in self.workflow.running_names() {
                let mut alone = 0_usize;
                while self.step(&name, function).await {
                    steps = steps.saturating_add(1);
                    alone = alone.saturating_add(1);
                    if alone > TOO_MANY {
                        let cause = "it does not come to rest".to_owned();
                        let error = "States.Runtime".to_owned();
                        self.workflow.end(&name, Outcome::Failed { error, cause });
                        break;
                    }
                }
            }
            if steps == before {
                return steps;
            }
        }
    }

    /// The states that an execution has entered, in order.
    pub fn entered(&self, name: &str) -> Vec<String> {
        lock(&self.cursors).get(name).map(|cursor| cursor.entered.clone()).unwrap_or_default()
    }

    /// The state that an execution waits in; none if it has ended, or was never moved.
    pub fn waits_in(&self, name: &str) -> Option<String> {
        let cursors = lock(&self.cursors);
        let cursor = cursors.get(name).filter(|_| self.workflow.runs(name))?;
        Some(cursor.state.clone())
    }

    /// One step of one execution; false if it waits or has ended.
    async fn step<F>(&self, name: &str, function: &F) -> bool
    where
        F: AsyncFn(String, Value) -> Result<Value, Failed>,
    {
        if !self.workflow.runs(name) {
            return false;
        }
        let known = lock(&self.cursors).get(name).cloned();
        let mut cursor =
            known.unwrap_or_else(|| Cursor::new(&self.definition, self.workflow.input(name)));
        let Some(state) = self.definition.states.get(&cursor.state) else { return false };
        let onward = match (state, cursor.waits.clone()) {
            (State::Wait(_), Some(wait)) if self.clock.now() < wait.until => return false,
            (State::Wait(_), Some(_)) => cursor.pass(state),
            (State::Wait(pause), None) => match cursor.seconds(&pause.seconds) {
                Ok(seconds) => {
                    let until = self.clock.now().plus(seconds.saturating_mul(SECOND));
                    cursor.waits = Some(Wait { token: None, until });
                    lock(&self.cursors).insert(name.to_owned(), cursor);
                    return true;
                }
                Err(problem) => cursor::broken(problem),
            },
            (State::Task(task), Some(wait)) => match self.answered(&wait) {
                Some(answer) => settle(&mut cursor, task, answer),
                None => return false,
            },
            (State::Task(task), None) => {
                // The function may ask where its execution stands.
                lock(&self.cursors).insert(name.to_owned(), cursor.clone());
                let called = self.call(name, &mut cursor, task, function).await;
                let Some(onward) = called else {
                    lock(&self.cursors).insert(name.to_owned(), cursor);
                    return true;
                };
                onward
            }
            (State::Choice(_) | State::Pass(_) | State::Succeed(_) | State::Fail(_), _) => {
                cursor.pass(state)
            }
        };
        if let Some(outcome) = cursor.go(onward) {
            self.workflow.end(name, outcome);
        }
        lock(&self.cursors).insert(name.to_owned(), cursor);
        true
    }

    /// Calls the task's function; none if the task waits now.
    async fn call<F>(
        &self,
        name: &str,
        cursor: &mut Cursor,
        task: &Task,
        function: &F,
    ) -> Option<Onward>
    where
        F: AsyncFn(String, Value) -> Result<Value, Failed>,
    {
        let wait = match task.resource {
            Resource::Invoke => None,
            Resource::InvokeAndWait => {
                let seconds = i64::from(task.timeout_seconds);
                let until = self.clock.now().plus(seconds.saturating_mul(SECOND));
                Some(Wait { token: Some(self.workflow.wait(name)), until })
            }
        };
        let payload =
            match cursor.payload(task, wait.as_ref().and_then(|wait| wait.token.as_deref())) {
                Ok(payload) => payload,
                Err(failed) => return Some(cursor.fail(task, failed)),
            };
        let called = task.arguments.function_name.trim_start_matches("${").trim_end_matches('}');
        let result = function(called.to_owned(), payload).await;
        match (wait, result) {
            (None, Ok(result)) => {
                let result =
                    json!({"ExecutedVersion": "$LATEST", "Payload": result, "StatusCode": 200});
                Some(cursor.succeed(task, result))
            }
            (None, Err(failed)) => Some(cursor.fail(task, failed)),
            (Some(wait), Ok(_)) => {
                cursor.waits = Some(wait);
                None
            }
            // The first to speak wins: an answer that came before the failure stands.
            (Some(wait), Err(failed)) => {
                let answer = self.answered(&wait).unwrap_or(Err(failed));
                self.workflow.expire(wait.token.as_deref().unwrap_or_default());
                Some(settle(cursor, task, answer))
            }
        }
    }

    fn answered(&self, wait: &Wait) -> Option<Result<Value, Failed>> {
        let token = wait.token.as_deref().unwrap_or_default();
        match self.workflow.answer_to(token) {
            Some(TokenAnswer::Success(output)) => Some(Ok(output)),
            Some(TokenAnswer::Failure { error, cause }) => Some(Err(Failed::new(error, &cause))),
            None if self.clock.now() < wait.until => None,
            None => {
                self.workflow.expire(token);
                Some(Err(Failed::new("States.Timeout", "nobody answered in time")))
            }
        }
    }
}

fn settle(cursor: &mut Cursor, task: &Task, answer: Result<Value, Failed>) -> Onward {
    match answer {
        Ok(result) => cursor.succeed(task, result),
        Err(failed) => cursor.fail(task, failed),
    }
}
