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
    /// Goes ahead without the approvers.
    ApprovalOverride,
    /// Says what was found of an override.
    ApprovalReview,
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
    /// Reads a runbook.
    RunbookView,
    /// Lists the runbooks of a tenant, and those whose review is overdue.
    RunbookList,
    /// Writes a runbook's first draft.
    RunbookCreate,
    /// Writes a draft anew.
    RunbookUpdate,
    /// Deletes a draft.
    RunbookDelete,
    /// Publishes a draft as the next version.
    RunbookPublish,
    /// Says that a published runbook was read again and still holds.
    RunbookReview,
    /// Starts a runbook.
    RunbookExecute,
    /// Reads an execution.
    ExecutionView,
    /// Lists the executions of a tenant or an incident.
    ExecutionList,
    /// Gives an execution up.
    ExecutionAbort,
    /// Says that an execution failed.
    ExecutionFail,
    /// The runbook machine takes over from one that died.
    ExecutionResume,
    /// The runbook machine begins a step, and hands its action out.
    StepBegin,
    /// The runbook machine records what became of a step.
    StepRecord,
    /// Reports on a step that a person does.
    StepComplete,
    /// Takes one of a step's alternatives.
    StepChoose,
    /// Lets a step be, since what guards it does not hold.
    StepSkip,
    /// Tries a failed step again.
    StepRetry,
    /// Reads an incident's timeline.
    TimelineView,
}

impl Action {
    /// Every action, in the order of the documentation.
    pub const ALL: [Self; 63] = [
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
        Self::ApprovalOverride,
        Self::ApprovalReview,
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
        Self::RunbookView,
        Self::RunbookList,
        Self::RunbookCreate,
        Self::RunbookUpdate,
        Self::RunbookDelete,
        Self::RunbookPublish,
        Self::RunbookReview,
        Self::RunbookExecute,
        Self::ExecutionView,
        Self::ExecutionList,
        Self::ExecutionAbort,
        Self::ExecutionFail,
        Self::ExecutionResume,
        Self::StepBegin,
        Self::StepRecord,
        Self::StepComplete,
        Self::StepChoose,
        Self::StepSkip,
        Self::StepRetry,
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
            Self::ApprovalOverride => "approval.override",
            Self::ApprovalReview => "approval.review",
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
            Self::RunbookView => "runbook.view",
            Self::RunbookList => "runbook.list",
            Self::RunbookCreate => "runbook.create",
            Self::RunbookUpdate => "runbook.update",
            Self::RunbookDelete => "runbook.delete",
            Self::RunbookPublish => "runbook.publish",
            Self::RunbookReview => "runbook.review",
            Self::RunbookExecute => "runbook.execute",
            Self::ExecutionView => "execution.view",
            Self::ExecutionList => "execution.list",
            Self::ExecutionAbort => "execution.abort",
            Self::ExecutionFail => "execution.fail",
            Self::ExecutionResume => "execution.resume",
            Self::StepBegin => "step.begin",
            Self::StepRecord => "step.record",
            Self::StepComplete => "step.complete",
            Self::StepChoose => "step.choose",
            Self::StepSkip => "step.skip",
            Self::StepRetry => "step.retry",
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
