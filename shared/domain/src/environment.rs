//! The gated container of an incident (S0), as one fenced state machine:
//! `requested → created → launching → running → stopping → stopped → closed`, and `failed` with a
//! reason, from which a retry converges.

mod access;
mod names;
mod phases;
#[cfg(test)]
mod tests;

pub use access::Access;
pub use names::{access_path, cluster_id, family, incident_number, slot, started_by, target_name};
pub use phases::{CloseAs, Next, Outcome};

use crate::{Actor, Change, Draft, EnvironmentId, EventType, Timestamp};
use serde::{Deserialize, Serialize};

/// Where an environment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for; nothing exists yet.
    Requested,
    /// Its access point and task definition exist.
    Created,
    /// Its task was started and does not run yet.
    Launching,
    /// Its task runs and its exec agent is ready.
    Running,
    /// It was asked to stop.
    Stopping,
    /// Its task is stopped and its evidence was looked for.
    Stopped,
    /// Nothing of it runs or can be launched. Final.
    Closed,
    /// A phase failed; a retry converges.
    Failed,
}

impl State {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Created => "created",
            Self::Launching => "launching",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }
}

/// When to launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Launch {
    /// As soon as it is created.
    #[default]
    Now,
    /// When the launch route is called.
    Later,
}

/// What happens to the access point at close. Its data stay in any case (S0-46, S0-47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// Approvers are asked.
    #[default]
    Ask,
    /// Remove it: the caller said so with the explicit flag.
    Remove,
    /// Keep it.
    Keep,
}

/// What an environment is asked to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The cluster under investigation (S0-08).
    pub cluster_id: String,
    /// The incident's number there; by default the display id less `INC-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The version of `oc` in the container (S0-08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oc_version: Option<String>,
    /// When to launch.
    #[serde(default)]
    pub launch: Launch,
    /// How long it may live, in hours.
    #[serde(default = "eight")]
    pub hours: u16,
    /// Who may approve the access point's removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    /// What happens to the access point at close.
    #[serde(default)]
    pub removal: Removal,
}

const fn eight() -> u16 {
    8
}

/// The task that runs, or ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// When it was started.
    pub launched_at: Timestamp,
    /// When it was seen running, with its exec agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_at: Option<Timestamp>,
    /// The version of the newest state seen (ECS counts them).
    #[serde(default)]
    pub seen: i64,
}

/// That it was asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopAsk {
    /// Who asked.
    pub by: String,
    /// Why (S0-39).
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// How the evidence check went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was found.
    pub verdict: Verdict,
    /// Where it lies: `<cluster>/<number>/<YYYYMMDD>/<task id>/`, found by listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// How many files its manifest lists.
    #[serde(default)]
    pub files: u32,
    /// SHA-256 of the manifest, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// What is wrong, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The verdict over the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every file of the manifest is there, in its size.
    Verified,
    /// No evidence was found.
    Missing,
    /// Some file is missing or differs.
    Incomplete,
    /// No task was ever ready to be worked in: there is none to expect.
    None,
    /// A person let it pass, with a reason.
    Waived,
}

/// Why and where a phase failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The phase: create, launch, stop or close.
    pub phase: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// An environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// The cluster under investigation.
    pub cluster_id: String,
    /// The incident's number there.
    pub number: String,
    /// The version of `oc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oc_version: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Which execution of the lifecycle drives it; counted up at every restart.
    pub attempt: u32,
    /// When to launch.
    pub launch: Launch,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// The task family, chosen once (S0-12).
    pub family: String,
    /// When it is stopped at the latest.
    pub deadline: Timestamp,
    /// The access point's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_point: Option<String>,
    /// The task definition's ARN, with its revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The ECS cluster that its task runs on (S0-20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecs_cluster: Option<String>,
    /// The access broker's target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why the broker could not be used, if it could not: access degrades, the incident goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker_problem: Option<String>,
    /// The task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// That it was asked to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopAsk>,
    /// How its task ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Who may approve the access point's removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    /// What happens to the access point at close.
    pub removal: Removal,
    /// Whether the access point was removed, and why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_because: Option<String>,
    /// Why it failed, while it is `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// How often the record was written.
    pub version: u64,
}

impl Environment {
    /// A new environment of `spec`. `number` is what the spec's number defaults to.
    pub fn request(
        id: EnvironmentId,
        spec: &Spec,
        number: &str,
        prefix: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Change<Self> {
        let number = spec.number.as_deref().unwrap_or(number);
        let after = Self {
            id,
            cluster_id: spec.cluster_id.clone(),
            number: number.to_owned(),
            oc_version: spec.oc_version.clone(),
            state: State::Requested,
            attempt: 1,
            launch: spec.launch,
            requested_by: actor.id.clone(),
            requested_at: now,
            family: family(prefix, &spec.cluster_id, number, now),
            deadline: now.plus(i64::from(spec.hours).saturating_mul(crate::HOUR)),
            access_point: None,
            definition: None,
            ecs_cluster: None,
            target: None,
            broker_problem: None,
            task: None,
            stop: None,
            outcome: None,
            evidence: None,
            approvers: spec.approvers.clone(),
            removal: spec.removal,
            kept_because: None,
            failure: None,
            closed_at: None,
            version: 1,
        };
        let draft = Draft::new(EventType::EnvironmentRequested, actor);
        Change { before: None, after, draft }
    }

    /// This environment with `draft` as its next change: the version goes up by one.
    fn changed(&self, mut after: Self, draft: Draft) -> Change<Self> {
        after.version = self.version.saturating_add(1);
        let draft = draft.with("environment", self.id.to_string());
        Change { before: Some(self.clone()), after, draft }
    }
}
