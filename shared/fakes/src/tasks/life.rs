//! A task's life on Fargate, one step at a time.

use watchfire_domain::{SECOND, Timestamp};
use watchfire_ports::{RunAsk, TaskStatus};

/// How long each stage takes, in seconds, when the clock drives the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// `PROVISIONING`: the network interface.
    pub provisioning: u32,
    /// `PENDING`: the image.
    pub pending: u32,
    /// `ACTIVATING`.
    pub activating: u32,
    /// `RUNNING`, until the exec agent runs as well.
    pub agent: u32,
    /// From the request to stop until ECS acts upon it.
    pub noticing: u32,
    /// `DEACTIVATING`.
    pub deactivating: u32,
    /// `STOPPING`: the container has its signal, and syncs.
    pub stopping: u32,
    /// `DEPROVISIONING`.
    pub deprovisioning: u32,
}

impl Pace {
    /// The same for every stage.
    pub const fn every(seconds: u32) -> Self {
        Self {
            provisioning: seconds,
            pending: seconds,
            activating: seconds,
            agent: seconds,
            noticing: seconds,
            deactivating: seconds,
            stopping: seconds,
            deprovisioning: seconds,
        }
    }
}

/// What the container leaves in the audit bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaves {
    /// Every file, and the manifest of them.
    #[default]
    Everything,
    /// Nothing: the upload failed, and the entry point hid it.
    Nothing,
    /// Every file and the manifest, but one file is shorter than the manifest says.
    Truncated,
    /// Some files and no manifest: the container was killed while it synced (exit code 137).
    Unfinished,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl Stage {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) arn: String,
    pub(super) ask: RunAsk,
    pub(super) stage: Stage,
    pub(super) agent: bool,
    pub(super) ending: bool,
    pub(super) version: i64,
    pub(super) leaves: Leaves,
    /// When its present stage, or the request to stop, began.
    pub(super) since: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) stopping_at: Option<Timestamp>,
    pub(super) stopped_at: Option<Timestamp>,
    pub(super) exit_code: Option<i32>,
    /// The container ended by itself, so that it gets no other exit code.
    pub(super) exits_with: Option<i32>,
    pub(super) stop_code: Option<String>,
    pub(super) reason: Option<String>,
}

impl Task {
    pub(super) fn new(arn: &str, ask: &RunAsk, leaves: Leaves, now: Timestamp) -> Self {
        Self {
            arn: arn.to_owned(),
            ask: ask.clone(),
            stage: Stage::Provisioning,
            agent: false,
            ending: false,
            version: 1,
            leaves,
            since: now,
            created_at: now,
            started_at: None,
            stopping_at: None,
            stopped_at: None,
            exit_code: None,
            exits_with: None,
            stop_code: None,
            reason: None,
        }
    }

    /// Its id: the ARN's last part.
    pub(super) fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn status(&self) -> TaskStatus {
        TaskStatus {
            arn: self.arn.clone(),
            last_status: self.stage.name().to_owned(),
            desired_status: self.desired().to_owned(),
            version: self.version,
            exec_ready: self.agent,
            exit_code: self.exit_code,
            stop_code: self.stop_code.clone(),
            stopped_reason: self.reason.clone(),
            stopped_at: self.stopped_at,
            started_by: Some(self.ask.started_by.clone()),
            family: self.ask.definition.rsplit(['/', ':']).nth(1).map(str::to_owned),
        }
    }

    pub(super) const fn desired(&self) -> &'static str {
        if self.ending { "STOPPED" } else { "RUNNING" }
    }

    /// What comes next; none if nothing will, unless somebody asks.
    pub(super) fn next(&self) -> Option<Step> {
        let to = |stage| Some(Step::To(stage));
        match (self.stage, self.ending) {
            (Stage::Provisioning, false) => to(Stage::Pending),
            (Stage::Pending, false) => to(Stage::Activating),
            (Stage::Activating, false) => to(Stage::Running),
            (Stage::Running, false) => (!self.agent).then_some(Step::Agent),
            // The container was never started: there is nothing to deactivate.
            (Stage::Provisioning | Stage::Pending, true) | (Stage::Stopping, _) => {
                to(Stage::Deprovisioning)
            }
            (Stage::Activating | Stage::Running, true) => to(Stage::Deactivating),
            (Stage::Deactivating, _) => to(Stage::Stopping),
            (Stage::Deprovisioning, _) => to(Stage::Stopped),
            (Stage::Stopped, _) => None,
        }
    }

    /// When the clock brings the next step about.
    pub(super) fn due(&self, pace: Pace) -> Option<Timestamp> {
        self.next()?;
        let seconds = match (self.stage, self.ending) {
            (Stage::Provisioning, false) => pace.provisioning,
            (Stage::Pending, false) => pace.pending,
            (Stage::Activating, false) => pace.activating,
            (Stage::Running, false) => pace.agent,
            (Stage::Provisioning | Stage::Pending | Stage::Activating | Stage::Running, true) => {
                pace.noticing
            }
            (Stage::Deactivating, _) => pace.deactivating,
            (Stage::Stopping, _) => pace.stopping,
            (Stage::Deprovisioning | Stage::Stopped, _) => pace.deprovisioning,
        };
        Some(self.since.plus(i64::from(seconds).saturating_mul(SECOND)))
    }

    pub(super) fn take(&mut self, step: Step, now: Timestamp) {
        self.since = now;
        match step {
            // The exec agent alone is no new version: nothing promises that ECS counts it.
            Step::Agent => self.agent = true,
            Step::To(stage) => {
                self.version = self.version.saturating_add(1);
                self.stage = stage;
                match stage {
                    Stage::Provisioning | Stage::Pending | Stage::Activating => {}
                    Stage::Running => self.started_at = Some(now),
                    Stage::Deactivating | Stage::Deprovisioning => {
                        self.agent = false;
                        self.stopping_at.get_or_insert(now);
                    }
                    Stage::Stopping => self.stopping_at = Some(now),
                    Stage::Stopped => self.stopped_at = Some(now),
                }
            }
        }
    }

    /// Asks it to end. ECS keeps the first reason.
    pub(super) fn end(&mut self, stop_code: &str, reason: &str, now: Timestamp) -> bool {
        if self.ending {
            return false;
        }
        self.ending = true;
        self.since = now;
        self.version = self.version.saturating_add(1);
        self.stop_code = Some(stop_code.to_owned());
        self.reason = Some(reason.to_owned());
        true
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    To(Stage),
    Agent,
}
