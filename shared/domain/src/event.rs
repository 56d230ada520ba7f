//! What happened, in the past tense: the timeline's events before they are chained (S3-43, S3-44).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};

macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The type of a timeline event. Names are past tense and never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType { $($(#[$doc])* $variant,)* }

        impl EventType {
            /// Every type, in the order of an incident's life.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

event_types! {
    /// An incident was opened.
    IncidentCreated = "incident_created",
    /// A further alarm transition belongs to this incident.
    AlarmAttached = "alarm_attached",
    /// An alarm said something that changes nothing: recorded with its reason.
    AlarmRecorded = "alarm_recorded",
    /// The alarm is OK again; the quiet period runs.
    AlarmCleared = "alarm_cleared",
    /// The alarm goes on and off: people are not told of each change.
    AlarmFlapping = "alarm_flapping",
    /// The status changed.
    StatusChanged = "status_changed",
    /// The severity changed.
    SeverityChanged = "severity_changed",
    /// An owner was assigned.
    OwnerAssigned = "owner_assigned",
    /// A role was assigned.
    RoleAssigned = "role_assigned",
    /// Somebody wrote a note.
    NoteAdded = "note_added",
    /// The root cause was stated.
    RootCauseNoted = "root_cause_noted",
    /// Fields were edited by hand.
    IncidentUpdated = "incident_updated",
    /// The incident was shared with a further tenant.
    IncidentShared = "incident_shared",
    /// Somebody asked for more people.
    IncidentEscalated = "incident_escalated",
    /// The incident is closed for good.
    IncidentClosed = "incident_closed",
    /// An environment was asked for.
    EnvironmentRequested = "environment_requested",
    /// Its access point and task definition exist.
    EnvironmentCreated = "environment_created",
    /// A launch was asked for.
    LaunchRequested = "launch_requested",
    /// Its task was started.
    TaskLaunched = "task_launched",
    /// Its task runs, and its exec agent is ready.
    TaskRunning = "task_running",
    /// The access broker, which had failed, leads to its task.
    AccessRestored = "access_restored",
    /// A stop was asked for.
    StopRequested = "stop_requested",
    /// Its task is stopped; the exit and the evidence are recorded.
    TaskStopped = "task_stopped",
    /// A person let a failed evidence check pass, with a reason.
    EvidenceWaived = "evidence_waived",
    /// Its deadline was moved.
    EnvironmentExtended = "environment_extended",
    /// What happens to its access point was settled without asking.
    EnvironmentRemovalSettled = "environment_removal_settled",
    /// The execution that drove it had died: another took over.
    EnvironmentRestarted = "environment_restarted",
    /// A phase failed; a retry converges.
    EnvironmentFailed = "environment_failed",
    /// Nothing of it runs or can be launched any more; evidence and data remain.
    EnvironmentClosed = "environment_closed",
    /// What had remained of it at the access broker is gone.
    AccessRemoved = "access_removed",
    /// Approvers were asked.
    ApprovalRequested = "approval_requested",
    /// An approver agreed, and more are needed.
    ApprovalAnswered = "approval_answered",
    /// The quorum agreed.
    ApprovalGranted = "approval_granted",
    /// An approver refused.
    ApprovalDenied = "approval_denied",
    /// Nobody decided in time.
    ApprovalExpired = "approval_expired",
    /// The request was taken back.
    ApprovalRevoked = "approval_revoked",
    /// A newer question took its place: its step is tried again.
    ApprovalSuperseded = "approval_superseded",
    /// Somebody went ahead without the approvers, for a reason; a review is owed.
    ApprovalOverridden = "approval_overridden",
    /// Nobody has reviewed that yet.
    OverrideUnreviewed = "override_unreviewed",
    /// Somebody without a part in it has reviewed it.
    OverrideReviewed = "override_reviewed",
    /// A runbook was started.
    RunbookStarted = "runbook_started",
    /// A step waits for an approval, which comes before its action.
    StepBlocked = "step_blocked",
    /// A step was begun: Watchfire carries it out, or a person does.
    StepStarted = "step_started",
    /// An alternative was chosen; the steps of the others are skipped.
    OptionChosen = "option_chosen",
    /// A step is done.
    StepCompleted = "step_completed",
    /// A step failed, was refused, or took too long.
    StepFailed = "step_failed",
    /// A person let a step be, since what it is guarded by does not hold.
    StepSkipped = "step_skipped",
    /// A failed step is tried again, from its approval on.
    StepRetried = "step_retried",
    /// The execution of the machine that drove a runbook had died: another took over.
    RunbookResumed = "runbook_resumed",
    /// Every step of a runbook is done or skipped, or failed and was gone on without.
    RunbookCompleted = "runbook_completed",
    /// A runbook failed: with one of its steps, or because somebody said so.
    RunbookFailed = "runbook_failed",
    /// A runbook was given up.
    RunbookAborted = "runbook_aborted",
    /// A message could not be delivered, after every retry.
    NotificationFailed = "notification_failed",
}

impl fmt::Display for EventType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for EventType {
    type Err = crate::Unnamed;
    fn from_str(text: &str) -> Result<Self, crate::Unnamed> {
        Self::ALL
            .iter()
            .find(|kind| kind.name() == text)
            .copied()
            .ok_or_else(|| crate::Unnamed::new(text, "an event type"))
    }
}
crate::ids::text_form!(EventType);

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// What sort of actor.
    pub kind: ActorKind,
    /// Its name: a claim's subject, a principal's ARN, an approver, or the function's name.
    pub id: String,
}

/// A sort of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A signed-in person.
    User,
    /// A program of the customer's.
    Tooling,
    /// The holder of an approval link.
    Approver,
    /// An alarm.
    Alarm,
    /// Watchfire itself.
    Service,
}

impl Actor {
    /// Watchfire itself, in the function `name`.
    pub fn service(name: &str) -> Self {
        Self { kind: ActorKind::Service, id: name.to_owned() }
    }
}

/// An event that is decided but not yet chained: the store adds sequence, time and hashes, and the
/// patches of the records that change with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub kind: EventType,
    /// Who did it.
    pub actor: Actor,
    /// What a reader needs to know beyond the changed fields; no secrets.
    pub detail: Map<String, Value>,
}

impl Draft {
    /// An event without detail.
    pub fn new(kind: EventType, actor: &Actor) -> Self {
        Self { kind, actor: actor.clone(), detail: Map::new() }
    }

    /// With `value` under `key`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }

    /// With `value` under `key`, if there is one.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

/// A decided change of one record: what it was, what it is now, and the event that says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<T> {
    /// The record as it was read; none if it is new.
    pub before: Option<T>,
    /// The record as it shall be, its version one higher.
    pub after: T,
    /// What happened.
    pub draft: Draft,
}
