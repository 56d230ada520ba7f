//! Containers: ECS on Fargate.

use crate::PortError;
use async_trait::async_trait;
use watchfire_domain::Timestamp;

/// A task definition to register. The family was chosen and stored before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionAsk {
    /// The family (S0-12): one of its own for each environment.
    pub family: String,
    /// The container's environment (S0-13), in order.
    pub environment: Vec<(String, String)>,
    /// The access point that is mounted at `/home/sre`.
    pub access_point: String,
    /// Tags, in order.
    pub tags: Vec<(String, String)>,
}

/// A task to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAsk {
    /// The definition's ARN, with its revision (decision 16).
    pub definition: String,
    /// At most 64 characters; the same for the same attempt, so that a repeat finds its task.
    pub client_token: String,
    /// How tasks of this environment are listed.
    pub started_by: String,
    /// Tags, in order; the same at every repeat, since changed parameters are a conflict.
    pub tags: Vec<(String, String)>,
}

/// A task, as it was last described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskStatus {
    /// Its ARN.
    pub arn: String,
    /// `PROVISIONING` to `STOPPED`.
    pub last_status: String,
    /// `RUNNING` or `STOPPED`: a stopping task still syncs its evidence.
    pub desired_status: String,
    /// ECS counts the versions of a task's state.
    pub version: i64,
    /// Whether the exec agent runs (RUNNING alone is not enough for a shell).
    pub exec_ready: bool,
    /// The container's exit code, once it has one.
    pub exit_code: Option<i32>,
    /// ECS's stop code.
    pub stop_code: Option<String>,
    /// ECS's stopped reason.
    pub stopped_reason: Option<String>,
    /// When it stopped.
    pub stopped_at: Option<Timestamp>,
    /// What it was started by.
    pub started_by: Option<String>,
    /// The family of its definition.
    pub family: Option<String>,
}

impl TaskStatus {
    /// Whether it is stopped: only `lastStatus` tells.
    pub fn stopped(&self) -> bool {
        self.last_status == "STOPPED"
    }

    /// Whether a person can work in it.
    pub fn ready(&self) -> bool {
        self.last_status == "RUNNING" && self.exec_ready
    }
}

/// Containers. Every call may be repeated with the same arguments; the repeat finds what is there.
#[async_trait]
pub trait Tasks: std::fmt::Debug + Send + Sync {
    /// Registers the definition and gives its ARN. A family that has an active revision already
    /// gives that one: there is no client token, and a blind repeat would make another.
    async fn define(&self, ask: &DefinitionAsk) -> Result<String, PortError>;

    /// Starts one task and gives its ARN. `failures[]` in the answer are errors.
    async fn run(&self, ask: &RunAsk) -> Result<String, PortError>;

    /// The task's state; none if ECS does not know it (not yet, or no longer).
    async fn describe(&self, arn: &str) -> Result<Option<TaskStatus>, PortError>;

    /// The ARNs of all tasks started by `started_by` that are not STOPPED, those that are stopping
    /// included.
    async fn living(&self, started_by: &str) -> Result<Vec<String>, PortError>;

    /// Every task that shall run, whoever started it. The list may lag behind.
    async fn all(&self) -> Result<Vec<TaskStatus>, PortError>;

    /// Asks the task to stop. One that is stopped, or forgotten, is no error.
    async fn stop(&self, arn: &str, reason: &str) -> Result<(), PortError>;

    /// Deregisters and deletes every revision of the family; how many there were.
    async fn forget(&self, family: &str) -> Result<usize, PortError>;
}
