//! "May I?": the answer is what happens, and tells nothing of what the caller may not see.

use super::api::{Api, Who, alice, who};
use super::fixture::{Fixture, bodies, of_a_step, path, prepare, send};
use crate::{ROUTES, Route};
use serde_json::{Value, json};

async fn ask(api: &Api, who: &Who, question: &Value) -> super::api::Answer {
    api.post(who, "/v1/policy/simulate", question).await
}

/// The question that comes before the route's sample request.
fn question(route: &Route, fixture: &Fixture, body: &Value) -> Value {
    let mut question = json!({ "action": route.action.name() });
    if route.path.starts_with("/executions") {
        let id = fixture.execution.get().unwrap();
        question["resource"] = json!({ "execution_id": id });
        if route.path.contains("{step}") {
            question["resource"]["step"] = json!("look");
        }
        let said = |name: &str| body[name].clone();
        question["request"] = json!({ "rationale": said("reason"), "outcome": said("outcome") });
        return question;
    }
    let id = match route.path.split('/').nth(1).unwrap() {
        "incidents" if route.path.contains("{id}") => ("incident_id", &fixture.incident),
        "environments" => ("environment_id", &fixture.environment),
        "approvals" if of_a_step(route) => ("approval_id", &super::runs::ASKED.to_owned()),
        "approvals" if route.path.contains("{id}") => ("approval_id", &fixture.approval),
        "runbooks" if route.path.contains("{id}") => ("runbook_id", &"storage-latency".to_owned()),
        _ => return question,
    };
    question["resource"] = json!({ id.0: id.1 });
    let to = match route.operation {
        "change_severity" => json!("critical"),
        _ => body["status"].clone(),
    };
    let why = ["rationale", "reason", "note"].map(|name| body[name].clone());
    let why = why.into_iter().find(|why| !why.is_null());
    question["request"] = json!({ "to": to, "rationale": why });
    question
}

#[tokio::test]
async fn what_it_says_is_what_happens() {
    let roles = ["auditor", "viewer", "responder", "commander", "admin"];
    let (mut allowed, mut denied) = (0, 0);
    let asked = |route: &&Route| route.writes() && watchfire_desk::may_be_asked(route.action);
    for route in ROUTES.iter().filter(asked) {
        for role in roles {
            let api = Api::new();
            let fixture = api.fixture().await;
            prepare(&api, route, &fixture).await;
            let who = who("somebody@example.com", role, "acme");
            let (body, _) = bodies(route).unwrap();
            let dump = api.dump();
            let question = question(route, &fixture, &body);
            let said = ask(&api, &who, &question).await.good();
            assert_eq!(api.dump(), dump, "nothing is done");
            let path = path(route, &fixture);
            let status = send(&api, &who, route, &path, Some(&body), None).await.status;
            let may = said.body["allowed"] == true;
            assert_eq!(may, status != 403, "{} as {role}: {status} {question}", route.operation);
            if may {
                allowed += 1;
            } else {
                denied += 1;
            }
        }
    }
    assert!(allowed > 40 && denied > 40, "{allowed} {denied}");
}

#[tokio::test]
async fn it_tells_what_is_missing_and_what_would_do() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let question = json!({
        "action": "incident.severity",
        "resource": { "incident_id": fixture.incident },
        "request": { "to": "low" },
    });
    let viewer = who("kim@example.com", "viewer", "acme");
    let said = ask(&api, &viewer, &question).await.good().body;
    assert_eq!(said["allowed"], false);
    assert_eq!(said["changes"][0]["attribute"], "actor.role");
    assert_eq!(said["changes"][0]["to"], "commander");
    // The answer can be kept by itself: who asked for what, of what, as it was judged.
    assert_eq!(said["input"]["action"], "incident.severity");
    assert_eq!(said["input"]["actor"]["id"], "kim@example.com");
    assert_eq!(said["input"]["resource"]["home"], "acme");
    assert_eq!(said["input"]["request"]["to"], "low");
    for one in said["satisfied"].as_array().unwrap() {
        assert!(one["actual"].as_object().is_some_and(|all| !all.is_empty()), "{one}");
        assert!(one["required"].is_object(), "{one}");
    }
    // Another may: the same question for somebody who is what was suggested.
    let mut other = question;
    other["actor_attrs"] = json!({ "role": "commander" });
    other["request"]["rationale"] = json!("few users are left");
    assert_eq!(ask(&api, &viewer, &other).await.good().body["allowed"], true);
}

#[tokio::test]
async fn it_tells_nothing_of_what_the_caller_may_not_see() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let stranger = who("stranger@example.com", "admin", "initech");
    for (action, resource) in [
        ("incident.view", json!({ "incident_id": fixture.incident })),
        ("timeline.view", json!({ "incident_id": fixture.incident })),
        ("environment.stop", json!({ "environment_id": fixture.environment })),
        ("approval.decide", json!({ "approval_id": fixture.approval })),
    ] {
        let mut question = json!({ "action": action, "resource": resource });
        assert_eq!(ask(&api, &alice(), &question).await.status, 200, "{action}");
        assert_eq!(ask(&api, &stranger, &question).await.status, 404, "{action}");
        // Not even for somebody who would be of that tenant.
        question["actor_attrs"] = json!({ "tenants": ["acme", "initech"] });
        assert_eq!(ask(&api, &stranger, &question).await.status, 404, "{action}");
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let incident = json!({ "incident_id": fixture.incident });
    for question in [
        json!({}),
        json!({ "action": "incident.explode" }),
        json!({ "action": "phase.create" }),
        json!({ "action": "incident.view" }),
        json!({ "action": "environment.stop", "resource": incident }),
        json!({ "action": "approval.decide" }),
        json!({ "action": "plan.put", "resource": incident }),
        json!({ "action": "incident.create", "actor_attrs": { "role": "service" } }),
        json!({ "action": "incident.create", "actor_attrs": { "clearance": 101 } }),
        json!({ "action": "incident.view", "resource": {
            "incident_id": fixture.incident, "approval_id": fixture.approval,
        }}),
    ] {
        let answer = ask(&api, &alice(), &question).await;
        assert_eq!(answer.status, 422, "{question}: {answer}");
    }
}
