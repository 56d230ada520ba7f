//! The words of the API. Those that the domain lists come from there; a test compares the others
//! with what its types take.

use watchfire_domain::matrix::Impact;
use watchfire_domain::{EventType, Severity, Status};
use watchfire_policy::Action;

pub(crate) const KINDS: &[&str] = &[
    "service_outage",
    "performance_degradation",
    "data_corruption",
    "security_incident",
    "integration_failure",
    "resource_exhaustion",
];
pub(crate) const ROLES: &[&str] = &[
    "incident_commander",
    "technical_lead",
    "communications_lead",
    "security_lead",
    "customer_success",
];
pub(crate) const ENVIRONMENT_STATES: &[&str] =
    &["requested", "created", "launching", "running", "stopping", "stopped", "closed", "failed"];
pub(crate) const LAUNCHES: &[&str] = &["now", "later"];
pub(crate) const REMOVALS: &[&str] = &["ask", "remove", "keep"];
pub(crate) const VERDICTS: &[&str] = &["verified", "missing", "incomplete", "none", "waived"];
pub(crate) const RISKS: &[&str] = &["low", "medium", "high"];
/// Why a runbook is linked.
pub(crate) const REASONS: &[&str] = &["plan", "alarm", "metric", "tag", "matrix"];
/// The least role of whoever agrees.
pub(crate) const LEAST_ROLES: &[&str] = &["responder", "commander", "admin"];
pub(crate) const ANSWERS: &[&str] = &["grant", "deny"];
pub(crate) const SOURCES: &[&str] =
    &["cloudwatch", "drill", "alertmanager", "grafana", "pagerduty", "datadog", "generic"];
pub(crate) const SENDERS: &[&str] = &["alertmanager", "grafana", "pagerduty", "datadog", "generic"];
pub(crate) const ACTORS: &[&str] = &["user", "tooling", "approver", "alarm", "service"];
pub(crate) const AUDIENCES: &[&str] = &["customers", "stakeholders", "tracking"];
pub(crate) const TOLD: &[&str] = &[
    "responders",
    "commander",
    "engineering_lead",
    "security_lead",
    "stakeholders",
    "executives",
    "customers",
];
pub(crate) const WORKDAYS: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
pub(crate) const RUNBOOK_STATES: &[&str] = &["draft", "published"];
/// Where an execution stands.
pub(crate) const RUN_STATES: &[&str] =
    &["pending", "running", "blocked", "failed", "aborted", "completed"];
/// Where a step stands.
pub(crate) const STANDINGS: &[&str] =
    &["pending", "blocked", "waiting", "running", "done", "failed", "skipped"];
/// How a step ended.
pub(crate) const OUTCOMES: &[&str] = &[
    "passed",
    "failed",
    "denied",
    "expired",
    "superseded",
    "revoked",
    "timed_out",
    "stopped",
    "aborted",
];
/// What an execution waits for.
pub(crate) const NEXTS: &[&str] =
    &["ask", "approval", "begin", "act", "operator", "choose", "finish", "over"];
/// The roles that a claim can give.
pub(crate) const CLAIMED: &[&str] = &["viewer", "responder", "commander", "admin", "auditor"];
/// What those outside hear (decision 6).
pub(crate) const PUBLIC: &[&str] = &["Investigating", "Identified", "Mitigating", "Resolved"];

pub(crate) fn severities() -> Vec<&'static str> {
    Severity::ALL.iter().map(|one| one.name()).collect()
}

pub(crate) fn statuses() -> Vec<&'static str> {
    Status::ALL.iter().map(|one| one.name()).collect()
}

pub(crate) fn impacts() -> Vec<&'static str> {
    Impact::ALL.iter().map(|one| one.name()).collect()
}

/// The actions that callers ask for: not those of our own functions, nor of what has no route yet.
pub(crate) fn asked() -> Vec<&'static str> {
    let asked = Action::ALL.iter().filter(|action| watchfire_desk::may_be_asked(**action));
    asked.map(|action| action.name()).collect()
}

pub(crate) fn events() -> Vec<&'static str> {
    EventType::ALL.iter().map(|one| one.name()).collect()
}
