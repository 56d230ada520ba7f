//! Everything that can be asked for.

/// An action, by the name that the policies, the timeline and the simulation use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Opens an incident by hand.
    IncidentCreate,
    /// Reads one incident.
    IncidentView,
    /// Lists the incidents of a tenant.
    IncidentList,
    /// Adds a note.
    IncidentNote,
    /// Changes the descriptive fields.
    IncidentUpdate,
    /// Names the owner.
    IncidentOwner,
    /// Gives somebody one of the incident's roles.
    IncidentRole,
    /// Records the root cause.
    IncidentRootCause,
    /// Moves the incident to another status, closing included.
    IncidentTransition,
    /// Changes the severity.
    IncidentSeverity,
    /// Calls for more help.
    IncidentEscalate,
    /// Shares the incident with another tenant.
    IncidentShare,
    /// Exports the incident as an evidence bundle, and learns where it lies.
    IncidentExport,
    /// Asks for an investigation environment.
    EnvironmentCreate,
    /// Reads an environment.
    EnvironmentView,
    /// Lets a created environment start.
    EnvironmentLaunch,
    /// Stops a running environment.
    EnvironmentStop,
    /// Closes a stopped environment.
    EnvironmentClose,
    /// Moves an environment's deadline.
    EnvironmentExtend,
    /// Waives a failed evidence check.
    EnvironmentWaive,
    /// Opens a shell in the container.
    EnvironmentConnect,
    /// Reads an approval.
    ApprovalView,
    /// Asks for an approval.
    ApprovalRequest,
    /// Grants or denies an approval.
    ApprovalDecide,
    /// Takes an approval's question back.
    ApprovalRevoke,
    /// Reads a response plan.
    PlanView,
    /// Writes a new version of a response plan.
    PlanPut,
    /// Reads a severity profile.
    ProfileView,
    /// Writes a new version of a severity profile.
    ProfilePut,
    /// Reads an integration.
    IntegrationView,
    /// Makes, rotates or deletes an integration.
    IntegrationPut,
    /// The lifecycle creates an environment.
    PhaseCreate,
    /// The lifecycle launches an environment's task.
    PhaseLaunch,
    /// The lifecycle records what became of a task.
    PhaseObserve,
    /// The lifecycle stops an environment's task.
    PhaseStop,
    /// The lifecycle closes an environment.
    PhaseClose,
    /// The lifecycle asks for, or settles, the approval of a removal.
    PhaseApprove,
    /// The sweep does what has become due.
    PhaseSweep,
    /// Seals timelines, and exports incidents.
    PhaseCheckpoint,
    /// Publishes what happened as domain events.
    PhasePublish,
    /// An alarm opens, joins, acknowledges, reopens or resolves an incident.
    AlarmOpen,
    /// Reads an incident's timeline.
    TimelineView,
}

impl Action {
    /// Every action, in the order of the documentation.
    pub const ALL: [Self; 42] = [
        Self::IncidentCreate,
        Self::IncidentView,
        Self::IncidentList,
        Self::IncidentNote,
        Self::IncidentUpdate,
        Self::IncidentOwner,
        Self::IncidentRole,
        Self::IncidentRootCause,
        Self::IncidentTransition,
        Self::IncidentSeverity,
        Self::IncidentEscalate,
        Self::IncidentShare,
        Self::IncidentExport,
        Self::EnvironmentCreate,
        Self::EnvironmentView,
        Self::EnvironmentLaunch,
        Self::EnvironmentStop,
        Self::EnvironmentClose,
        Self::EnvironmentExtend,
        Self::EnvironmentWaive,
        Self::EnvironmentConnect,
        Self::ApprovalView,
        Self::ApprovalRequest,
        Self::ApprovalDecide,
        Self::ApprovalRevoke,
        Self::PlanView,
        Self::PlanPut,
        Self::ProfileView,
        Self::ProfilePut,
        Self::IntegrationView,
        Self::IntegrationPut,
        Self::PhaseCreate,
        Self::PhaseLaunch,
        Self::PhaseObserve,
        Self::PhaseStop,
        Self::PhaseClose,
        Self::PhaseApprove,
        Self::PhaseSweep,
        Self::PhaseCheckpoint,
        Self::PhasePublish,
        Self::AlarmOpen,
        Self::TimelineView,
    ];

    /// The action's stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IncidentCreate => "incident.create",
            Self::IncidentView => "incident.view",
            Self::IncidentList => "incident.list",
            Self::IncidentNote => "incident.note",
            Self::IncidentUpdate => "incident.update",
            Self::IncidentOwner => "incident.owner",
            Self::IncidentRole => "incident.role",
            Self::IncidentRootCause => "incident.root_cause",
            Self::IncidentTransition => "incident.transition",
            Self::IncidentSeverity => "incident.severity",
            Self::IncidentEscalate => "incident.escalate",
            Self::IncidentShare => "incident.share",
            Self::IncidentExport => "incident.export",
            Self::EnvironmentCreate => "environment.create",
            Self::EnvironmentView => "environment.view",
            Self::EnvironmentLaunch => "environment.launch",
            Self::EnvironmentStop => "environment.stop",
            Self::EnvironmentClose => "environment.close",
            Self::EnvironmentExtend => "environment.extend",
            Self::EnvironmentWaive => "environment.waive",
            Self::EnvironmentConnect => "environment.connect",
            Self::ApprovalView => "approval.view",
            Self::ApprovalRequest => "approval.request",
            Self::ApprovalDecide => "approval.decide",
            Self::ApprovalRevoke => "approval.revoke",
            Self::PlanView => "plan.view",
            Self::PlanPut => "plan.put",
            Self::ProfileView => "profile.view",
            Self::ProfilePut => "profile.put",
            Self::IntegrationView => "integration.view",
            Self::IntegrationPut => "integration.put",
            Self::PhaseCreate => "phase.create",
            Self::PhaseLaunch => "phase.launch",
            Self::PhaseObserve => "phase.observe",
            Self::PhaseStop => "phase.stop",
            Self::PhaseClose => "phase.close",
            Self::PhaseApprove => "phase.approve",
            Self::PhaseSweep => "phase.sweep",
            Self::PhaseCheckpoint => "phase.checkpoint",
            Self::PhasePublish => "phase.publish",
            Self::AlarmOpen => "alarm.open",
            Self::TimelineView => "timeline.view",
        }
    }

    /// The action of that name, for callers that are told one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}
