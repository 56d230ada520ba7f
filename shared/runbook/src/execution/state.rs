//! Where an execution and its steps stand.

use serde::{Deserialize, Serialize};

/// Where an execution stands (S3-38).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Started; none of its steps was begun.
    Pending,
    /// Under way.
    Running,
    /// Its current step waits for an approval.
    Blocked,
    /// A step failed, or somebody said that it failed. The step can be tried again.
    Failed,
    /// Given up. Final.
    Aborted,
    /// Every step is done, skipped or passed over. Final.
    Completed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Running, Self::Blocked, Self::Failed, Self::Aborted, Self::Completed];

    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Completed => "completed",
        }
    }

    /// Whether it goes on by itself.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running | Self::Blocked)
    }
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not begun.
    Pending,
    /// Approvers were asked; not begun.
    Blocked,
    /// Begun; a person does it, or chooses.
    Waiting,
    /// Begun; Watchfire does it.
    Running,
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Not needed.
    Skipped,
}

impl Standing {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Blocked,
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Skipped,
    ];

    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Blocked => "blocked",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Whether the run goes on behind it.
    pub const fn is_past(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it should.
    Passed,
    /// It did not.
    Failed,
    /// An approver refused it: final.
    Denied,
    /// Nobody decided in time, or what was granted was not begun in time.
    Expired,
    /// What the approval was for has changed.
    Superseded,
    /// The approval was taken back.
    Revoked,
    /// It took too long.
    TimedOut,
    /// Somebody said that the whole runbook failed while it was under way.
    Stopped,
    /// The runbook was given up while it was under way.
    Aborted,
}

impl Outcome {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
            Self::TimedOut => "timed_out",
            Self::Stopped => "stopped",
            Self::Aborted => "aborted",
        }
    }
}
