//! What the automatic steps of runbooks do in the world.

use crate::PortError;
use async_trait::async_trait;
use std::collections::BTreeMap;
use watchfire_domain::Whole;

/// A request to an address that a runbook names: a health check, or a call of another system.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAsk {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// The headers. Secrets may stand in their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

impl std::fmt::Debug for WebAsk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("WebAsk")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAnswer {
    /// The status.
    pub status: u16,
    /// How long it took from the connection to the last byte, in milliseconds.
    pub millis: u64,
    /// The body.
    pub body: Vec<u8>,
}

impl WebAnswer {
    /// How long a body may be, in bytes: a longer one is refused as [`PortError::Corrupt`].
    pub const LONGEST: usize = 1_048_576;
}

/// Requests to public addresses, whose names are resolved and checked before anything is sent. No
/// redirect is followed, and no request is repeated by itself.
#[async_trait]
pub trait Requests: std::fmt::Debug + Send + Sync {
    /// Sends it, and gives the whole answer.
    async fn send(&self, ask: &WebAsk) -> Result<WebAnswer, PortError>;
}

/// Something that is started, goes on by itself and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name, 32 hexadecimal digits: what was started under a name is never started again.
    pub name: String,
    /// For whom.
    pub tenant: String,
    /// What it is.
    pub kind: JobKind,
}

/// What a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobKind {
    /// A program: one task of Fargate, under the image and the role of its profile.
    Program {
        /// The profile's name.
        profile: String,
        /// The program and its arguments; no shell reads them.
        argv: Vec<String>,
        /// What it reads.
        stdin: Option<String>,
    },
    /// An SSM Automation document.
    Automation {
        /// Its name.
        document: String,
        /// Its parameters.
        parameters: BTreeMap<String, Vec<String>>,
    },
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// It was never started, or so long ago that nobody knows of it. One that was started a moment
    /// ago may not be known yet: to start it again is no harm.
    Unknown,
    /// It goes on.
    Running,
    /// It is over.
    Over(Ended),
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Whether it did what it should: a program by its exit code 0, a document by its `Success`.
    pub passed: bool,
    /// The exit code of a program that ran to its end, as ECS tells it of its container ("Container",
    /// `exitCode`). None of a document, and of what never ran.
    pub exit_code: Option<i32>,
    /// The status with which SSM calls the end of a document ("`AutomationExecution`",
    /// `AutomationExecutionStatus`), such as `CompletedWithSuccess`. None of a program.
    pub status: Option<String>,
    /// What it printed or returned, or the beginning of it: of a program its standard output, and
    /// never its standard error, which its image leaves to the log; of a document its outputs as
    /// JSON.
    pub output: Vec<u8>,
    /// What is known of the whole, if `output` is but its beginning.
    pub whole: Option<Whole>,
    /// Where the whole is kept, if it is.
    pub evidence: Vec<String>,
    /// What went wrong, in words without secrets.
    pub problem: Option<String>,
}

/// Jobs. Every call may be repeated.
#[async_trait]
pub trait Jobs: std::fmt::Debug + Send + Sync {
    /// Starts it. One that was started under this name is left alone, whatever became of it.
    async fn start(&self, job: &Job) -> Result<(), PortError>;

    /// Where it stands.
    async fn look(&self, job: &Job) -> Result<Work, PortError>;

    /// Asks it to stop. One that is over, or unknown, is no error.
    async fn stop(&self, job: &Job, reason: &str) -> Result<(), PortError>;
}
