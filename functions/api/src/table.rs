//! The route table: every route of the API, once.

use crate::routes::{Condition, Method, Route, Takes};
use crate::{approvals, environments, incidents, integrations, plans, policy, runbooks, runs};
use watchfire_edge::fault::Kind;
use watchfire_policy::Action;

const fn takes(schema: &'static str) -> Takes {
    Takes { schema, optional: false }
}

const fn may_take(schema: &'static str) -> Takes {
    Takes { schema, optional: true }
}

/// What a change of an incident may be refused for.
const INCIDENT: &[Kind] = &[Kind::IncidentClosed];
/// What steering an environment may be refused for.
const ENVIRONMENT: &[Kind] = &[Kind::EnvironmentState, Kind::Running];

/// What a step's report may be refused for.
const STEP: &[Kind] = &[Kind::Execution, Kind::Unapproved, Kind::IncidentClosed];
/// What an approver's answer may be refused for.
const ANSWER: &[Kind] =
    &[Kind::Decided, Kind::AnsweredOtherwise, Kind::NotApprover, Kind::OutsideHours, Kind::Expired];

/// What going ahead without the approvers may be refused for.
const OVERRIDE: &[Kind] = &[Kind::Decided, Kind::Expired];

/// A read; what differs is filled in over it.
macro_rules! read {
    ($path:literal $operation:literal $action:ident $answer:literal $handler:expr, $query:expr, $summary:literal) => {
        read!($path $operation $action $answer $handler, $query, $summary, &[])
    };
    ($path:literal $operation:literal $action:ident $answer:literal $handler:expr, $query:expr, $summary:literal, $refusals:expr) => {
        Route {
            method: Method::Get,
            path: $path,
            operation: $operation,
            summary: $summary,
            action: Action::$action,
            query: $query,
            takes: None,
            condition: Condition::None,
            asks: false,
            answer: $answer,
            success: &[200],
            refusals: $refusals,
            handler: |call| Box::pin($handler(call)),
        }
    };
}

macro_rules! write {
    ($method:ident $path:literal $operation:literal $action:ident ($takes:expr) $condition:ident
     $answer:literal $success:expr, $refusals:expr, $handler:expr, $summary:literal) => {
        Route {
            method: Method::$method,
            path: $path,
            operation: $operation,
            summary: $summary,
            action: Action::$action,
            query: &[],
            takes: Some($takes),
            condition: Condition::$condition,
            asks: false,
            answer: $answer,
            success: $success,
            refusals: $refusals,
            handler: |call| Box::pin($handler(call)),
        }
    };
}

/// A question: it takes a body and changes nothing.
macro_rules! ask {
    ($path:literal $operation:literal $action:ident $takes:literal $answer:literal, $handler:expr, $summary:literal) => {
        Route {
            method: Method::Post,
            path: $path,
            operation: $operation,
            summary: $summary,
            action: Action::$action,
            query: &[],
            takes: Some(takes($takes)),
            condition: Condition::None,
            asks: true,
            answer: $answer,
            success: &[200],
            refusals: &[],
            handler: |call| Box::pin($handler(call)),
        }
    };
}

/// Every route.
pub static ROUTES: &[Route] = &[
    write!(Post "/incidents" "create_incident" IncidentCreate (takes("NewIncident")) None
        "IncidentWritten" &[201], &[], incidents::create, "Opens an incident."),
    read!("/incidents" "list_incidents" IncidentList "Incidents" incidents::list,
        &["severity", "status", "q", "limit", "cursor"], "Lists incidents, newest first."),
    read!("/incidents/{id}" "get_incident" IncidentView "IncidentView" incidents::view, &[],
        "Shows an incident with its environments, its approvals and its newest events."),
    write!(Patch "/incidents/{id}" "edit_incident" IncidentUpdate (takes("Edit")) Required
        "IncidentWritten" &[200], INCIDENT, incidents::edit, "Edits an incident's free fields."),
    write!(Post "/incidents/{id}/transition" "change_status" IncidentTransition
        (takes("Transition")) Optional "IncidentWritten" &[200],
        &[Kind::IncidentClosed, Kind::Transition], incidents::transition,
        "Moves an incident to another status."),
    write!(Post "/incidents/{id}/severity" "change_severity" IncidentSeverity
        (takes("SeverityChange")) Optional "IncidentWritten" &[200], INCIDENT, incidents::severity,
        "Changes an incident's severity."),
    write!(Post "/incidents/{id}/owner" "assign_owner" IncidentOwner (takes("Owner")) Optional
        "IncidentWritten" &[200], INCIDENT, incidents::owner, "Assigns an incident's owner."),
    write!(Put "/incidents/{id}/root-cause" "state_root_cause" IncidentRootCause
        (takes("RootCause")) Optional "IncidentWritten" &[200], &[], incidents::root_cause,
        "States why it happened."),
    write!(Put "/incidents/{id}/roles/{role}" "assign_role" IncidentRole (takes("Person")) Optional
        "IncidentWritten" &[200], INCIDENT, incidents::role, "Gives somebody a role."),
    write!(Post "/incidents/{id}/notes" "add_note" IncidentNote (takes("Note")) Optional
        "IncidentWritten" &[200], &[], incidents::note, "Adds a note to the timeline."),
    write!(Post "/incidents/{id}/escalate" "escalate" IncidentEscalate (takes("Reason")) Optional
        "IncidentWritten" &[200], &[], incidents::escalate, "Asks for more people."),
    write!(Post "/incidents/{id}/share" "share_incident" IncidentShare (takes("Share")) Optional
        "IncidentWritten" &[200], &[], incidents::share,
        "Shares an incident with a further tenant."),
    write!(Post "/incidents/{id}/runbooks" "link_runbook" IncidentUpdate (takes("RunbookLink"))
        Optional "IncidentWritten" &[200], INCIDENT, incidents::link,
        "Links a published runbook to an incident."),
    read!("/incidents/{id}/executions" "list_executions" ExecutionList "Executions" runs::list, &[],
        "Lists what was carried out for an incident, the oldest first."),
    read!("/incidents/{id}/export" "get_export" IncidentExport "Export" incidents::export, &[],
        "Shows where an incident's newest evidence bundle lies."),
    write!(Post "/incidents/{id}/export" "export_incident" IncidentExport (may_take("Nothing")) None
        "ExportWritten" &[200], &[], incidents::ask_export,
        "Has an incident sealed now, and exported as an evidence bundle."),
    read!("/incidents/{id}/environments" "list_environments" EnvironmentView "Environments"
        environments::list, &[], "Lists an incident's environments."),
    write!(Post "/incidents/{id}/environments" "create_environment" EnvironmentCreate
        (takes("EnvironmentSpec")) None "EnvironmentWritten" &[201],
        &[Kind::IncidentClosed, Kind::SlotTaken], environments::create,
        "Asks for an investigation environment."),
    read!("/environments/{id}" "get_environment" EnvironmentView "EnvironmentView"
        environments::view, &[], "Shows an environment."),
    read!("/environments/{id}/connection" "connect" EnvironmentConnect "Connection"
        environments::connection, &[],
        "Shows how to open a shell in an environment's container.",
        &[Kind::EnvironmentState, Kind::EnvironmentClosed]),
    read!("/targets/{id}/connection" "connect_target" EnvironmentConnect "Connection"
        environments::connection, &[],
        "The same, by the target's id; with `ecs-exec` an environment is its own target.",
        &[Kind::EnvironmentState, Kind::EnvironmentClosed]),
    write!(Post "/environments/{id}/launch" "launch_environment" EnvironmentLaunch
        (may_take("Nothing")) Optional "EnvironmentWritten" &[200], ENVIRONMENT,
        environments::launch, "Launches an environment that waits for it, or failed."),
    write!(Post "/environments/{id}/stop" "stop_environment" EnvironmentStop (may_take("Stop"))
        Optional "EnvironmentWritten" &[200], ENVIRONMENT, environments::stop,
        "Stops an environment."),
    write!(Post "/environments/{id}/close" "close_environment" EnvironmentClose (may_take("Close"))
        Optional "EnvironmentWritten" &[200], ENVIRONMENT, environments::close,
        "Closes an environment: stops it first, if it must."),
    write!(Post "/environments/{id}/extend" "extend_environment" EnvironmentExtend
        (takes("Extend")) Optional "EnvironmentWritten" &[200], ENVIRONMENT, environments::extend,
        "Moves an environment's deadline."),
    write!(Post "/environments/{id}/waive" "waive_evidence" EnvironmentWaive (takes("Waive"))
        Optional "EnvironmentWritten" &[200], ENVIRONMENT, environments::waive,
        "Lets a failed evidence check pass."),
    read!("/approvals" "list_approvals" ApprovalView "Approvals" approvals::list,
        &["incident_id", "state", "limit", "cursor"],
        "Lists approvals, those of the newest incident first."),
    read!("/approvals/{id}" "get_approval" ApprovalView "ApprovalView" approvals::view, &[],
        "Shows an approval."),
    read!("/approvals/{id}/evidence" "get_approval_evidence" ApprovalView "ApprovalEvidence"
        approvals::evidence, &[],
        "Lends the document of an approval that came to its end, by an address that is good for a while.",
        &[Kind::NotKept]),
    write!(Post "/approvals/{id}/decide" "decide_approval" ApprovalDecide (takes("ApprovalAnswer"))
        None "ApprovalWritten" &[200], ANSWER, approvals::decide,
        "Answers as the approver whom the link was sent to, signed in: what is of high risk is \
         granted by this alone."),
    write!(Post "/approvals/{id}/revoke" "revoke_approval" ApprovalRevoke (takes("Revoke"))
        Optional "ApprovalWritten" &[200], &[Kind::Decided], approvals::revoke,
        "Takes an open question back: its links are void."),
    write!(Post "/approvals/{id}/override" "override_approval" ApprovalOverride (takes("Override"))
        Optional "ApprovalWritten" &[200], OVERRIDE, approvals::go_ahead,
        "Goes ahead with a runbook's step without its approvers, for a reason: all who were skipped \
         are told, and a review is owed."),
    write!(Post "/approvals/{id}/review" "review_override" ApprovalReview (takes("OverrideReview"))
        Optional "ApprovalWritten" &[200], &[Kind::Decided, Kind::NotApprover], approvals::review,
        "Says whether it was right to go ahead, as somebody without a part in it."),
    read!("/timeline" "read_timeline" TimelineView "Timeline" incidents::timeline,
        &["incident_id", "runbook_execution_id", "after", "limit", "raw"],
        "Reads an incident's timeline in order, or what of it belongs to an execution."),
    read!("/plans" "list_plans" PlanView "Plans" plans::list_plans, &[],
        "Lists the tenant's response plans."),
    read!("/plans/{name}" "get_plan" PlanView "PlanView" plans::plan, &[],
        "Shows a response plan."),
    write!(Put "/plans/{name}" "put_plan" PlanPut (takes("Plan")) Optional "PlanWritten"
        &[200, 201], &[], plans::put_plan, "Stores a response plan's next version."),
    read!("/profiles" "list_profiles" ProfileView "Profiles" plans::list_profiles, &[],
        "Lists severity profiles: the tenant's and the built-in ones."),
    read!("/profiles/{name}" "get_profile" ProfileView "ProfileView" plans::profile, &[],
        "Shows a severity profile."),
    write!(Put "/profiles/{name}" "put_profile" ProfilePut (takes("Profile")) Optional
        "ProfileWritten" &[200, 201], &[], plans::put_profile,
        "Stores a severity profile's next version."),
    read!("/integrations" "list_integrations" IntegrationView "Integrations" integrations::list,
        &[], "Lists the tenant's integrations."),
    write!(Post "/integrations" "create_integration" IntegrationPut (takes("NewIntegration")) None
        "IntegrationWritten" &[201], &[], integrations::create,
        "Makes an integration. The answer tells its secret."),
    read!("/integrations/{id}" "get_integration" IntegrationView "IntegrationView"
        integrations::view, &[], "Shows an integration."),
    write!(Delete "/integrations/{id}" "delete_integration" IntegrationPut (may_take("Nothing"))
        Optional "IntegrationWritten" &[200], &[], integrations::delete,
        "Deletes an integration: what it sends is refused."),
    write!(Post "/integrations/{id}/rotate" "rotate_integration" IntegrationPut
        (may_take("Nothing")) Optional "IntegrationWritten" &[200], &[], integrations::rotate,
        "Gives an integration a new secret, which the answer tells. The old one is taken for a day."),
    read!("/runbooks" "list_runbooks" RunbookList "Runbooks" runbooks::list,
        &["overdue", "source"],
        "Lists the tenant's runbooks, or those whose review is overdue, or that name a source."),
    read!("/alarms/unlinked" "list_unlinked_alarms" RunbookList "UnlinkedAlarms"
        runbooks::unlinked, &["limit", "cursor"],
        "Lists the alarms behind a page of the tenant's newest incidents that have no runbook."),
    write!(Post "/runbooks" "create_runbook" RunbookCreate (takes("RunbookSpec")) None
        "RunbookWritten" &[201], &[], runbooks::create, "Begins a runbook: its first draft."),
    read!("/runbooks/{id}" "get_runbook" RunbookView "RunbookView" runbooks::view, &["version"],
        "Shows a runbook with the spec of a version, or of its draft: the newest published one, else \
         the draft."),
    write!(Put "/runbooks/{id}" "draft_runbook" RunbookUpdate (takes("RunbookSpec")) Optional
        "RunbookWritten" &[200], &[], runbooks::draft, "Writes a runbook's draft anew."),
    write!(Delete "/runbooks/{id}" "delete_draft" RunbookDelete (may_take("Nothing")) Optional
        "RunbookWritten" &[200], &[], runbooks::delete,
        "Deletes a runbook's draft, and the runbook if nothing of it is published."),
    write!(Post "/runbooks/{id}/publish" "publish_runbook" RunbookPublish (may_take("Nothing"))
        Required "RunbookWritten" &[200], &[], runbooks::publish,
        "Publishes a runbook's draft, as it was read, as its next version, which never changes."),
    write!(Post "/runbooks/{id}/review" "review_runbook" RunbookReview (may_take("Nothing"))
        Required "RunbookWritten" &[200], &[], runbooks::review,
        "Says that a runbook's newest version was read again, and still holds."),
    write!(Post "/runbooks/{id}/execute" "execute_runbook" RunbookExecute (takes("StartRunbook")) None
        "ExecutionWritten" &[201], &[Kind::IncidentClosed, Kind::NoApprovers, Kind::NoHours], runs::execute,
        "Starts a published runbook, on an incident or on none."),
    read!("/executions/{id}" "get_execution" ExecutionView "ExecutionView" runs::view, &[],
        "Shows an execution, what it waits for, and what that would do."),
    write!(Post "/executions/{id}/steps/{step}/complete" "complete_step" StepComplete
        (takes("StepReport")) Optional "ExecutionWritten" &[200], STEP, runs::complete,
        "Reports on a step that a person does."),
    write!(Post "/executions/{id}/steps/{step}/choose" "choose_option" StepChoose
        (takes("StepChoice")) Optional "ExecutionWritten" &[200], STEP, runs::choose,
        "Takes one of a step's alternatives."),
    write!(Post "/executions/{id}/steps/{step}/skip" "skip_step" StepSkip (takes("StepReason"))
        Optional "ExecutionWritten" &[200], STEP, runs::skip,
        "Lets a step be, since what guards it does not hold."),
    write!(Post "/executions/{id}/steps/{step}/retry" "retry_step" StepRetry (takes("StepRetry"))
        Optional "ExecutionWritten" &[200], STEP, runs::retry, "Tries a failed step again."),
    write!(Post "/executions/{id}/abort" "abort_execution" ExecutionAbort (takes("StepReason"))
        Optional "ExecutionWritten" &[200], &[Kind::Execution], runs::abort,
        "Gives an execution up, for good."),
    write!(Post "/executions/{id}/fail" "fail_execution" ExecutionFail (takes("StepReason"))
        Optional "ExecutionWritten" &[200], STEP, runs::fail,
        "Says that an execution failed; its step can be tried again."),
    ask!("/policy/simulate" "simulate" IncidentView "Question" "Simulation", policy::simulate,
        "Says what the policies would decide, why, and what would change it. Nothing is done."),
];
