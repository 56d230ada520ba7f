//! The document's schemas and the types of the code are the same.

use super::document::{DOCUMENT, fits, is_whole, schema};
use super::fixture::bodies;
use super::schema::broken;
use crate::ROUTES;
use crate::approvals::STATES;
use crate::bodies as api;
use crate::openapi::terms;
use crate::runs;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watchfire_desk::NewIncident;
use watchfire_domain::approval::{self, ApprovalState, Risk};
use watchfire_domain::calendar::{Calendar, Workday};
use watchfire_domain::environment::{Launch, Removal, Spec, State, Verdict};
use watchfire_domain::incident::{Kind, Reason, Role};
use watchfire_domain::integration::{IntegrationKind, NewIntegration};
use watchfire_domain::plan::{Approvers, Match};
use watchfire_domain::profile::{Audience, Level, Notice};
use watchfire_domain::{ActorKind, Plan, Profile, alarm};
use watchfire_edge::Fault;
use watchfire_edge::http::shaped;
use watchfire_runbook::{Execution, execution};

/// The words between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn wrong<T: DeserializeOwned>(value: Value) -> String {
    match serde_json::from_value::<T>(value) {
        Ok(_) => panic!("it is taken"),
        Err(wrong) => wrong.to_string(),
    }
}

/// `T` takes the fields of the schema and no others, and needs those that it needs.
#[track_caller]
fn takes<T: DeserializeOwned>(name: &str, given: &Value, completed: &[&str]) {
    let schema = schema(name);
    assert_eq!(schema["additionalProperties"], false, "{name}");
    let listed: BTreeSet<String> =
        schema["properties"].as_object().unwrap().keys().cloned().collect();
    let text = wrong::<T>(json!({ "zz": 1 }));
    let known = quoted(text.split_once("`zz`").expect(&text).1);
    assert_eq!(known, listed, "{name}: {text}");
    let given_names = || given.as_object().unwrap().keys().cloned();
    let needed: BTreeSet<String> = match shaped::<T>(given.clone()) {
        Ok(_) => given_names().collect(),
        Err(Fault::Invalid { problems }) => {
            problems.into_iter().map(|one| one.field).chain(given_names()).collect()
        }
        Err(other) => panic!("{other}"),
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let required = required.map(|name| name.as_str().unwrap().to_owned());
    let completed = completed.iter().map(|name| (*name).to_owned());
    assert_eq!(needed, required.chain(completed).collect(), "{name}");
}

#[test]
fn bodies_take_what_their_schemas_say() {
    takes::<NewIncident>("NewIncident", &json!({}), &[]);
    takes::<api::EditBody>("Edit", &json!({}), &[]);
    takes::<api::TransitionBody>("Transition", &json!({}), &[]);
    takes::<api::SeverityBody>("SeverityChange", &json!({}), &[]);
    takes::<api::OwnerBody>("Owner", &json!({}), &[]);
    takes::<api::RootCauseBody>("RootCause", &json!({}), &[]);
    takes::<api::PersonBody>("Person", &json!({}), &[]);
    takes::<api::NoteBody>("Note", &json!({}), &[]);
    takes::<api::ReasonBody>("Reason", &json!({}), &[]);
    takes::<api::ShareBody>("Share", &json!({}), &[]);
    takes::<Spec>("EnvironmentSpec", &json!({}), &[]);
    takes::<api::NothingBody>("Nothing", &json!({}), &[]);
    takes::<api::StopBody>("Stop", &json!({}), &[]);
    takes::<api::CloseBody>("Close", &json!({}), &[]);
    takes::<api::ExtendBody>("Extend", &json!({}), &[]);
    takes::<api::WaiveBody>("Waive", &json!({}), &[]);
    takes::<api::RevokeBody>("Revoke", &json!({}), &[]);
    takes::<api::RevokeBody>("Override", &json!({}), &[]);
    takes::<api::ReviewBody>("OverrideReview", &json!({}), &[]);
    takes::<NewIntegration>("NewIntegration", &json!({}), &[]);
    takes::<api::DecideBody>("ApprovalAnswer", &json!({}), &[]);
    takes::<api::LinkBody>("RunbookLink", &json!({}), &[]);
    takes::<runs::StartBody>("StartRunbook", &json!({}), &[]);
    takes::<runs::ReportBody>("StepReport", &json!({}), &[]);
    takes::<runs::ChoiceBody>("StepChoice", &json!({}), &[]);
    takes::<api::ReasonBody>("StepReason", &json!({}), &[]);
    takes::<runs::RetryBody>("StepRetry", &json!({}), &[]);
    takes::<Approvers>("Approvers", &json!({}), &[]);
    takes::<approval::Level>("ApproverLevel", &json!({}), &[]);
    takes::<Plan>("Plan", &json!({}), &[]);
    takes::<Match>("Match", &json!({}), &[]);
    // Completed from the path: without `name` and `version`, which the document leaves out.
    let sev = json!(Profile::sev());
    takes::<Profile>("Profile", &json!({"levels": sev["levels"]}), &["name", "version"]);
    takes::<Level>("Level", &json!({}), &[]);
    takes::<Notice>("Notice", &json!({}), &[]);
    takes::<Calendar>("Calendar", &json!({}), &[]);
}

#[test]
fn words_are_those_of_their_types() {
    #[track_caller]
    fn are<T: DeserializeOwned>(words: &[&str]) {
        let text = wrong::<T>(json!("zz"));
        let known = quoted(text.split_once("`zz`").expect(&text).1);
        assert_eq!(known, words.iter().map(|word| (*word).to_owned()).collect());
    }
    are::<Kind>(terms::KINDS);
    are::<Role>(terms::ROLES);
    are::<State>(terms::ENVIRONMENT_STATES);
    are::<Launch>(terms::LAUNCHES);
    are::<Removal>(terms::REMOVALS);
    are::<Verdict>(terms::VERDICTS);
    are::<ApprovalState>(&STATES);
    are::<Risk>(terms::RISKS);
    are::<Reason>(terms::REASONS);
    are::<approval::Answer>(terms::ANSWERS);
    are::<approval::LeastRole>(terms::LEAST_ROLES);
    are::<alarm::Source>(terms::SOURCES);
    are::<IntegrationKind>(terms::SENDERS);
    are::<ActorKind>(terms::ACTORS);
    are::<Audience>(terms::AUDIENCES);
    are::<watchfire_domain::Audience>(terms::TOLD);
    are::<Workday>(terms::WORKDAYS);
    are::<execution::State>(terms::RUN_STATES);
    are::<execution::Standing>(terms::STANDINGS);
    are::<execution::Outcome>(terms::OUTCOMES);
}

#[test]
fn the_samples_and_the_built_in_profiles_fit() {
    for route in ROUTES {
        let Some((body, other)) = bodies(route) else { continue };
        let name = route.takes.unwrap().schema;
        fits(name, &body);
        fits(name, &other);
    }
    for name in Profile::BUILT_IN {
        fits("Profile", &json!(Profile::built_in(name)));
    }
    for target in [
        json!({"sns": "arn:a"}),
        json!({"email": "a@b.c"}),
        json!({"webhook": "https://a"}),
        json!({"email": "a@b.c", "audiences": ["customers"]}),
    ] {
        fits("Target", &target);
    }
    assert!(!broken(&DOCUMENT, schema("Target"), &json!({"fax": "1"})).is_empty());
}

/// Records with every field set: the schemas know all of them, and no others.
#[test]
fn records_have_the_fields_of_their_schemas() {
    let at = "2026-11-21T03:12:00.000Z";
    let id = "019a0000-0000-7000-8000-000000000000";
    let hash = "0".repeat(64);
    let incident = json!({
        "id": id, "display_id": "INC-20261121-0312", "number": "42", "title": "a", "description": "b",
        "severity": "high", "severity_history": [{"to": "high", "at": at, "by": "a", "rationale": "b"}],
        "profile": {"name": "sev", "version": 1}, "status": "closed", "kind": "service_outage",
        "tags": {"a": "b"}, "tenants": ["acme"], "clearance": 60, "owner": "a",
        "roles": {"security_lead": "b"},
        "sla_deadline": at, "started_at": at, "detected_at": at,
        "root_cause": {"text": "a", "category": "b"}, "affected_users_percent": 7.5,
        "service_impact": "c", "linked_alert_ids": ["a"], "linked_runbook_ids": ["b"],
        "runbook_reasons": {"b": "matrix"}, "plan": "c",
        "drill": true, "flapping": true, "confirm_severity": true, "by_hand": ["title"], "trace": "d",
        "created_at": at, "acknowledged_at": at, "mitigated_at": at, "resolved_at": at, "reopened_at": at,
        "closed_at": at, "version": 7,
    });
    let read: watchfire_domain::Incident = serde_json::from_value(incident.clone()).unwrap();
    assert_eq!(json!(read), incident);
    let mut shown = incident;
    let more = json!({
        "linked_alert_ids": ["a"], "linked_approval_ids": ["apr-1"], "public_status": "Resolved",
        "updated_at": at, "provenance_hash": hash, "rationale_required": false,
    });
    shown.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    is_whole("Incident", &shown);

    let environment = json!({
        "id": "env-019a0000000070008000000000000000-1", "cluster_id": "a", "number": "42",
        "oc_version": "4.20", "state": "failed", "attempt": 1, "launch": "now",
        "requested_by": "a", "requested_at": at, "family": "f", "deadline": at,
        "access_point": "fsap-1", "definition": "d", "target": "t", "ecs_cluster": "e", "broker_problem": "p",
        "task": {"arn": "a", "launched_at": at, "running_at": at, "seen": 3},
        "stop": {"by": "a", "reason": "b", "at": at},
        "outcome": {"exit_code": 0, "stop_code": "UserInitiated", "reason": "c", "stopped_at": at},
        "evidence": {"verdict": "waived", "prefix": "p", "files": 2, "manifest": hash, "problem": "q"},
        "approvers": ["bob@example.com"], "removal": "ask", "kept_because": "k",
        "failure": {"phase": "stop", "reason": "r", "at": at}, "closed_at": at, "version": 7,
    });
    let read: watchfire_domain::Environment = serde_json::from_value(environment.clone()).unwrap();
    assert_eq!(json!(read), environment);
    is_whole("Environment", &environment);

    let integration = json!({
        "id": "int_aaaaaaaaaaaaaaaa", "name": "metrics", "kind": "pagerduty", "plan": "storage",
        "generation": {"kid": "k1", "number": 2}, "former": {"kid": "k1", "number": 1, "until": at},
        "created_by": "a", "created_at": at, "rotated_at": at, "version": 2,
    });
    let read: watchfire_domain::Integration = serde_json::from_value(integration.clone()).unwrap();
    assert_eq!(json!(read), integration);
    let mut shown = integration;
    shown["path"] = json!("/v2/enqueue");
    is_whole("Integration", &shown);

    let hours = json!({
        "utc_offset_minutes": 60, "workdays": ["monday"], "opens": "09:00", "closes": "17:00",
        "holidays": ["2026-12-24"],
    });
    let excerpt =
        json!({"text": "runs: x", "sha256": hash, "bytes": 900, "cut": true, "redacted": true});
    let approval = json!({
        "id": "apr-019a0000000070008000000000000000-1",
        "subject": {"action": "a", "target": "t", "summary": "s", "risk": "high", "does": excerpt, "spec_hash": hash, "inputs_hash": hash},
        "state": "granted", "need": 1, "approvers": ["bob@example.com"], "excluded": ["alice@example.com"], "on_call": true,
        "hours": hours, "role": "commander", "clearance": 60,
        "then": [{
            "people": ["carol@example.com"], "need": 1, "on_call": true, "hours": hours,
            "role": "admin", "clearance": 0,
        }],
        "decisions": [{
            "approver": "bob@example.com", "answer": "grant", "at": at, "signed_in": true,
        }],
        "overridden": {
            "by": "k", "reason": "l", "at": at, "skipped": ["bob@example.com"], "reminded": 1,
            "review": {"by": "m", "at": at, "justified": true, "note": "n"},
        },
        "requested_by": "a", "requested_at": at, "expires_at": at, "link_gen": 1, "code": "012345", "version": 2,
    });
    let read: watchfire_domain::Approval = serde_json::from_value(approval.clone()).unwrap();
    assert_eq!(json!(read), approval);
    let mut shown = approval;
    shown["level"] = json!(2);
    is_whole("Approval", &shown);

    let execution = json!({
        "id": id, "incident": id, "runbook": "a", "runbook_version": 1, "spec_hash": hash,
        "edited_by": "a", "writers": ["l"], "state": "failed", "current_step": "b", "inputs": {"c": 1},
        "steps": {"b": {
            "state": "failed", "attempt": 2, "begun_before": 1, "operator": "d", "started_at": at, "inputs": excerpt, "completed_at": at,
            "outcome": "timed_out", "chosen": "e", "note": "f", "evidence": ["s3://g"],
            "approvals": ["apr-019a0000000070008000000000000000-1"],
            "overridden_by": "k", "exit_code": 1,
            "output": {"text": "h", "sha256": hash, "bytes": 1, "hashed": 1, "cut": true, "redacted": true},
        }},
        "involved": ["j"], "started_by": "a", "started_at": at, "completed_at": at, "reason": "i", "drive": 1,
        "version": 7,
    });
    let read: Execution = serde_json::from_value(execution.clone()).unwrap();
    assert_eq!(json!(read), execution);
    is_whole("Execution", &execution);
}
