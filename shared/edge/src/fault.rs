//! The one error that leaves a function, and what each of its readers gets to see of it.

mod kind;
#[cfg(test)]
mod tests;

pub use kind::{Kind, Row};

use crate::Problem;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use watchfire_domain::{Rejected, canon::NotCanonical};
use watchfire_ports::PortError;

/// Why a function could not do what it was asked.
///
/// `Display` is for our log and may name internals; [`Fault::public`] is for callers. Neither
/// repeats its source: [`chain`] does, once, at the edge.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The request cannot be read.
    #[error("the request cannot be read: {reason}")]
    Malformed {
        /// What is wrong, in words for the caller.
        reason: String,
    },
    /// It can be read, and some fields are not as they must be: all of them at once.
    #[error("the request has problems: {}", sentence(problems))]
    Invalid {
        /// All of them.
        problems: Vec<Problem>,
    },
    /// Something of it is larger than allowed.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What: `the body`, `the path`.
        what: &'static str,
        /// How large it may be.
        limit: usize,
    },
    /// Nobody that we know.
    #[error("the caller is not authenticated: {reason}")]
    Unauthenticated {
        /// Why not; for our log, never for the caller.
        reason: &'static str,
    },
    /// A policy said no.
    #[error("the policy denied it: {}", codes(missing))]
    Denied {
        /// What was required and not met: the obligation's code, and its text.
        missing: Vec<(&'static str, &'static str)>,
    },
    /// No such record, or another tenant's: the caller cannot tell which.
    #[error("no such record")]
    NotFound,
    /// The path is known, the method is not.
    #[error("the method is not allowed here")]
    MethodNotAllowed {
        /// Those that are, as in the `Allow` header.
        allow: &'static str,
    },
    /// The page's form did not come from our own page.
    #[error("the form did not come from our page: {reason}")]
    Forged {
        /// What gave it away; for our log.
        reason: &'static str,
    },
    /// Others changed the incident all the time meanwhile.
    #[error("the incident was changed by others meanwhile")]
    Conflict,
    /// The record has another version than `If-Match` says.
    #[error("the record has another version than the request expects")]
    Stale,
    /// The route changes a record only under `If-Match`.
    #[error("the request does not say which version it changes")]
    ConditionMissing,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A rule said no.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// This cluster and number have an environment that is not closed.
    #[error("the cluster and number have an environment that is not closed")]
    SlotTaken,
    /// The environment is closed, or a newer attempt drives it.
    #[error("the environment is closed, or a newer attempt drives it")]
    Closed,
    /// The task did not come up.
    #[error("the task did not come up: {reason}")]
    LaunchFailed {
        /// Why, as far as ECS says.
        reason: String,
    },
    /// The task did not come up in time.
    #[error("the task was not ready after {seconds} seconds")]
    LaunchTimedOut {
        /// How long we waited.
        seconds: u32,
    },
    /// The task could not be stopped.
    #[error("the task did not stop: {reason}")]
    StopFailed {
        /// Why.
        reason: String,
    },
    /// The container's evidence is not in the bucket, or not all of it.
    #[error("the evidence is not complete: {reason}")]
    EvidenceMissing {
        /// What is missing.
        reason: String,
    },
    /// The execution of a runbook stands elsewhere.
    #[error("{reason}")]
    Execution {
        /// Where, and what it cannot do there.
        reason: String,
    },
    /// A step of high risk, without an approval that opens it.
    #[error("{reason}")]
    Unapproved {
        /// What is missing, or does not fit.
        reason: String,
    },
    /// The evidence of an approval is not there yet.
    #[error("{reason}")]
    NotKept {
        /// What it waits for.
        reason: &'static str,
    },
    /// A dependency failed.
    #[error("a dependency failed")]
    Port(#[from] PortError),
    /// Our configuration is wrong.
    #[error("the configuration has problems: {}", sentence(problems))]
    Misconfigured {
        /// All of them.
        problems: Vec<Problem>,
    },
    /// A promise of our own code does not hold.
    #[error("something that cannot be is: {reason}")]
    Internal {
        /// What; for our log.
        reason: String,
    },
}

impl Fault {
    /// The stable names of all faults, as state machines match them.
    pub const ALL_NAMES: [&'static str; Kind::ALL.len()] = kind::names();

    /// One field is not as it must be.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        let problem = Problem { field: field.into(), problem: problem.into() };
        Self::Invalid { problems: vec![problem] }
    }

    /// What kind of fault it is: each has one name, code and status.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Malformed { .. } => Kind::Malformed,
            Self::Invalid { .. } => Kind::Invalid,
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::Unauthenticated { .. } => Kind::Unauthenticated,
            Self::Denied { .. } => Kind::Denied,
            Self::NotFound => Kind::NotFound,
            Self::MethodNotAllowed { .. } => Kind::MethodNotAllowed,
            Self::Forged { .. } => Kind::Forged,
            Self::Conflict => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::ConditionMissing => Kind::ConditionMissing,
            Self::KeyReused => Kind::KeyReused,
            Self::Rejected(rejected) => kind::of_rejected(rejected),
            Self::SlotTaken => Kind::SlotTaken,
            Self::Closed => Kind::EnvironmentClosed,
            Self::LaunchFailed { .. } => Kind::LaunchFailed,
            Self::LaunchTimedOut { .. } => Kind::LaunchTimedOut,
            Self::StopFailed { .. } => Kind::StopFailed,
            Self::EvidenceMissing { .. } => Kind::EvidenceMissing,
            Self::Execution { .. } => Kind::Execution,
            Self::Unapproved { .. } => Kind::Unapproved,
            Self::NotKept { .. } => Kind::NotKept,
            Self::Port(error) => kind::of_port(error),
            Self::Misconfigured { .. } => Kind::Misconfigured,
            Self::Internal { .. } => Kind::Internal,
        }
    }

    /// The stable name, `Incident.Conflict`: state machines and alarms match it.
    pub fn name(&self) -> &'static str {
        self.kind().row().name
    }

    /// The stable code, `WF-0007`: it has a page under `docs/errors/`.
    pub fn code(&self) -> &'static str {
        self.kind().row().code
    }

    /// Whether the same request, unchanged, may succeed later.
    pub fn retryable(&self) -> bool {
        self.kind().row().retryable
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.kind().row().status
    }

    /// What the caller reads: no internals, no other tenant's facts, no secrets.
    pub fn public(&self) -> String {
        match self {
            // The request, the record with its rules, the tasks and the evidence are the caller's own.
            Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::Rejected(_)
            | Self::LaunchFailed { .. }
            | Self::LaunchTimedOut { .. }
            | Self::StopFailed { .. }
            | Self::EvidenceMissing { .. }
            | Self::Execution { .. }
            | Self::Unapproved { .. }
            | Self::NotKept { .. } => self.to_string(),
            Self::Invalid { .. }
            | Self::Unauthenticated { .. }
            | Self::Denied { .. }
            | Self::NotFound
            | Self::MethodNotAllowed { .. }
            | Self::Forged { .. }
            | Self::Conflict
            | Self::Stale
            | Self::ConditionMissing
            | Self::KeyReused
            | Self::SlotTaken
            | Self::Closed
            | Self::Port(_)
            | Self::Misconfigured { .. }
            | Self::Internal { .. } => self.kind().row().text.to_owned(),
        }
    }

    /// The body of the HTTP answer. Problems, missing obligations and tasks are told apart from the
    /// text, so that a program need not read it.
    pub fn body(&self, request_id: &str) -> Value {
        let row = self.kind().row();
        let mut error = Map::new();
        error.insert("code".into(), row.code.into());
        error.insert("name".into(), row.name.into());
        error.insert("message".into(), self.public().into());
        error.insert("request_id".into(), request_id.into());
        error.insert("help".into(), row.help().into());
        error.insert("retryable".into(), row.retryable.into());
        if let Some((name, facts)) = self.facts() {
            error.insert(name.into(), facts);
        }
        json!({ "error": error })
    }

    fn facts(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Invalid { problems } => Some(("problems", json!(problems))),
            Self::Denied { missing } => {
                let missing =
                    missing.iter().map(|(code, text)| json!({"code": code, "text": text}));
                Some(("missing", missing.collect()))
            }
            Self::Rejected(rejected) => kind::facts(rejected),
            Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::Unauthenticated { .. }
            | Self::NotFound
            | Self::MethodNotAllowed { .. }
            | Self::Forged { .. }
            | Self::Conflict
            | Self::Stale
            | Self::ConditionMissing
            | Self::KeyReused
            | Self::SlotTaken
            | Self::Closed
            | Self::LaunchFailed { .. }
            | Self::LaunchTimedOut { .. }
            | Self::StopFailed { .. }
            | Self::EvidenceMissing { .. }
            | Self::Execution { .. }
            | Self::Unapproved { .. }
            | Self::NotKept { .. }
            | Self::Port(_)
            | Self::Misconfigured { .. }
            | Self::Internal { .. } => None,
        }
    }
}

impl From<NotCanonical> for Fault {
    fn from(problem: NotCanonical) -> Self {
        Self::Malformed { reason: problem.to_string() }
    }
}

/// The error and all its sources in one line, as the log has them.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

fn sentence(problems: &[Problem]) -> String {
    let each = problems.iter().map(|one| format!("`{}` {}", one.field, one.problem));
    each.collect::<Vec<_>>().join("; ")
}

fn codes(missing: &[(&'static str, &'static str)]) -> String {
    missing.iter().map(|(code, _)| *code).collect::<Vec<_>>().join(", ")
}
