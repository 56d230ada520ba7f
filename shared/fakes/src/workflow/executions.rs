//! Step Functions: names are taken for ninety days, and a token is answered once.

use crate::clock::FakeClock;
use crate::faults::Faults;
use crate::ids::FakeIds;
use crate::plant;
use crate::shelf::Shelf;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::{DAY, Timestamp};
use watchfire_ports::{Clock as _, PortError, TokenAnswer, Workflow};

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It came to its end.
    Succeeded,
    /// It failed.
    Failed {
        /// The error's name.
        error: String,
        /// Its cause.
        cause: String,
    },
    /// Somebody ended it from outside.
    Aborted,
}

/// Executions of one state machine. Nothing moves them but a test, or a [`Machine`](crate::Machine).
#[derive(Clone, Debug)]
pub struct FakeWorkflow {
    service: Service<Executions>,
    clock: FakeClock,
}

#[derive(Debug)]
struct Executions {
    all: Shelf<Execution>,
    started: Vec<(String, Value)>,
    tokens: BTreeMap<String, Token>,
    answers: Vec<(String, TokenAnswer)>,
    ids: FakeIds,
}

#[derive(Clone, Debug)]
struct Execution {
    input: Value,
    ended: Option<(Outcome, Timestamp)>,
}

#[derive(Debug)]
struct Token {
    execution: String,
    waits: bool,
    answer: Option<TokenAnswer>,
}

impl FakeWorkflow {
    /// No executions.
    pub fn new(clock: FakeClock, ids: FakeIds, faults: Faults) -> Self {
        let executions = Executions {
            all: Shelf::default(),
            started: Vec::new(),
            tokens: BTreeMap::new(),
            answers: Vec::new(),
            ids,
        };
        Self { service: Service::new(faults, executions), clock }
    }

    /// The same executions, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { service: self.service.with_faults(faults), clock: self.clock.clone() }
    }

    /// Every execution that was started, in order: its name and input.
    pub fn started(&self) -> Vec<(String, Value)> {
        self.service.state().started.clone()
    }

    /// The names of those that run, in order.
    pub fn running_names(&self) -> Vec<String> {
        let executions = self.service.state();
        let running = executions.all.iter(0).filter(|(_, one)| one.ended.is_none());
        running.map(|(name, _)| name.to_owned()).collect()
    }

    /// Whether an execution of this name runs.
    pub(crate) fn runs(&self, name: &str) -> bool {
        self.service.state().all.get(name, 0).is_some_and(|one| one.ended.is_none())
    }

    /// What an execution was started with; null if it never was.
    pub(crate) fn input(&self, name: &str) -> Value {
        let executions = self.service.state();
        executions.all.get(name, 0).map_or(Value::Null, |one| one.input.clone())
    }

    /// How an execution ended; none if it runs, or never was.
    pub fn outcome(&self, name: &str) -> Option<Outcome> {
        let executions = self.service.state();
        executions.all.get(name, 0)?.ended.as_ref().map(|(outcome, _)| outcome.clone())
    }

    /// Ends an execution. Nobody waits for its tokens any more.
    pub fn end(&self, name: &str, outcome: Outcome) {
        let mut executions = self.service.state();
        let Some(running) = executions.all.get(name, 0).filter(|one| one.ended.is_none()) else {
            return;
        };
        let ended = Some((outcome, self.clock.now()));
        let execution = Execution { ended, ..running.clone() };
        executions.all.put(name, execution);
        for token in executions.tokens.values_mut().filter(|token| token.execution == name) {
            token.waits = false;
        }
    }

    /// A state of this execution begins to wait: its token.
    pub fn wait(&self, name: &str) -> String {
        let mut executions = self.service.state();
        let token = format!("AQCoAAAAKgAAAAM{}", executions.ids.hex(96));
        let waiting = Token { execution: name.to_owned(), waits: true, answer: None };
        executions.tokens.insert(token.clone(), waiting);
        token
    }

    /// Nobody waits for this token any more: its state timed out.
    pub fn expire(&self, token: &str) {
        if let Some(token) = self.service.state().tokens.get_mut(token) {
            token.waits = false;
        }
    }

    /// The tokens that somebody waits for, with the execution's name.
    pub fn waiting(&self) -> Vec<(String, String)> {
        let executions = self.service.state();
        let waiting = executions.tokens.iter().filter(|(_, token)| token.waits);
        waiting.map(|(token, one)| (token.clone(), one.execution.clone())).collect()
    }

    /// The answer to a token, if it came in time.
    pub fn answer_to(&self, token: &str) -> Option<TokenAnswer> {
        self.service.state().tokens.get(token)?.answer.clone()
    }

    /// The answers that somebody waited for, in order.
    pub fn answers(&self) -> Vec<(String, TokenAnswer)> {
        self.service.state().answers.clone()
    }

    /// The calls that reached the service. Tokens are cut, as nothing may show one.
    pub fn calls(&self) -> Vec<String> {
        self.service.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.service.settle();
    }

    /// Every execution and how it stands.
    pub fn dump(&self) -> String {
        let executions = self.service.state();
        let line = |(name, one): (&str, &Execution)| match &one.ended {
            None => format!("{name} runs"),
            Some((Outcome::Succeeded, _)) => format!("{name} succeeded"),
            Some((Outcome::Aborted, _)) => format!("{name} was aborted"),
            Some((Outcome::Failed { error, .. }, _)) => format!("{name} failed: {error}"),
        };
        lines(executions.all.iter(0).map(line))
    }
}

impl Executions {
    fn start(
        &mut self,
        call: &Ask,
        name: &str,
        input: &Value,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || name.len() > 80 || !name.bytes().all(word) {
            return Err(call.refused("InvalidName: a name has 1 to 80 letters, digits, `-` or `_`"));
        }
        let known = self.all.get(name, 0);
        match known.filter(|_| !plant::is("states:StartExecution: name")) {
            // A repeat with the same input gives the execution that runs, as if it were new.
            Some(Execution { input: first, ended: None }) => return Ok(first == input),
            Some(Execution { ended: Some((_, at)), .. }) if now.since(*at) < NAMES_LAST => {
                return Ok(false);
            }
            Some(_) | None => {}
        }
        self.all.put(name, Execution { input: input.clone(), ended: None });
        self.started.push((name.to_owned(), input.clone()));
        Ok(true)
    }

    fn answer(&mut self, token: &str, answer: &TokenAnswer) -> bool {
        let Some(one) = self.tokens.get_mut(token).filter(|one| one.waits) else { return false };
        one.waits = false;
        one.answer = Some(answer.clone());
        self.answers.push((token.to_owned(), answer.clone()));
        true
    }
}

const NAMES_LAST: i64 = DAY.saturating_mul(90);

#[async_trait]
impl Workflow for FakeWorkflow {
    async fn start(&self, name: &str, input: &Value) -> Result<bool, PortError> {
        let ask = Ask::new("states:StartExecution", "starting the lifecycle", name);
        let (call, name, input) = (ask.clone(), name.to_owned(), input.clone());
        let clock = self.clock.clone();
        self.service
            .write(ask, move |executions| executions.start(&call, &name, &input, clock.now()))
            .await
    }

    async fn running(&self, name: &str) -> Result<Option<bool>, PortError> {
        let ask = Ask::new("states:DescribeExecution", "looking at the execution", name);
        let now = self.clock.now();
        let remembered =
            |one: &&Execution| one.ended.as_ref().is_none_or(|(_, at)| now.since(*at) < NAMES_LAST);
        self.service
            .read(ask, |executions, behind| {
                let found = executions.all.get(name, behind).filter(remembered);
                Ok(found.map(|one| one.ended.is_none()))
            })
            .await
    }

    async fn answer(&self, token: &str, answer: &TokenAnswer) -> Result<bool, PortError> {
        let operation = match answer {
            TokenAnswer::Success(_) => "states:SendTaskSuccess",
            TokenAnswer::Failure { .. } => "states:SendTaskFailure",
        };
        let cut: String = token.chars().skip(15).take(8).collect();
        let ask = Ask::new(operation, "answering the waiting state", &cut);
        let (call, token, answer) = (ask.clone(), token.to_owned(), answer.clone());
        self.service
            .write(ask, move |executions| {
                let long = match &answer {
                    TokenAnswer::Success(output) => output.to_string().len() > 262_144,
                    TokenAnswer::Failure { error, cause } => {
                        error.len() > 256 || cause.len() > 32_768
                    }
                };
                if long {
                    return Err(call.refused("InvalidOutput: the answer is too long"));
                }
                Ok(executions.answer(&token, &answer))
            })
            .await
    }
}
