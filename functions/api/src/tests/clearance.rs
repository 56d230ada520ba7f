//! Who sees an incident that asks for clearance, and who may ask for how much.

use super::api::{Answer, Api, Who, alice, who, with};
use super::fixture::{Fixture, bodies, new_incident, path, send};
use super::runbooks::fire;
use crate::ROUTES;
use serde_json::{Value, json};

/// Alice, who sees it.
fn cleared() -> Who {
    Who { clearance: 3, ..alice() }
}

/// Somebody who may do everything else.
fn kim() -> Who {
    Who { clearance: 2, ..who("kim@example.com", "admin", "acme") }
}

async fn edit(api: &Api, who: &Who, incident: &str, body: &Value) -> Answer {
    let path = format!("/v1/incidents/{incident}");
    let mine = api.get(&cleared(), &path).await.good();
    let version = mine.body["incident"]["version"].to_string();
    api.send(with(api.event(who, "PATCH", &path, Some(body)), "if-match", &version)).await
}

/// What is missing, of a refusal.
fn missing(answer: &Answer) -> Value {
    assert_eq!(answer.short(), "403 WF-0005 Policy.Denied");
    answer.body["error"]["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .cloned()
        .collect()
}

/// A plan whose incidents ask for a clearance of 3.
async fn plan(api: &Api) {
    let plan = json!({ "title": "{alarm.name}", "severity": "high", "clearance": 3,
        "matches": [{ "account": "111122223333" }] });
    let answer = api.put(&cleared(), "/v1/plans/intrusion", &plan).await.good();
    assert_eq!(answer.body["plan"]["clearance"], 3);
}

#[tokio::test]
async fn a_plan_is_changed_by_who_sees_its_incidents() {
    let api = Api::new();
    let path = "/v1/plans/intrusion";
    let of = |clearance: u8| json!({ "title": "{alarm.name}", "severity": "high", "clearance": clearance });
    let dump = api.dump();
    assert_eq!(missing(&api.put(&kim(), path, &of(3)).await), json!(["clearance"]));
    assert_eq!(api.dump(), dump);
    plan(&api).await;
    let dump = api.dump();
    // To name oneself in it, or to open what it makes to everybody.
    for clearance in [0, 2] {
        assert_eq!(missing(&api.put(&kim(), path, &of(clearance)).await), json!(["clearance"]));
    }
    assert_eq!(api.dump(), dump);
    api.put(&cleared(), path, &of(0)).await.good();
    api.put(&kim(), path, &of(2)).await.good();
}

/// A fixture whose incident asks for a clearance of 3, with something behind each of its doors.
async fn guarded(api: &Api) -> Fixture {
    let fixture = api.fixture().await;
    let run = super::runs::started(api, &fixture.incident, "get_execution").await;
    fixture.execution.get_or_init(|| run);
    super::runs::ask(api, &fixture.incident).await;
    api.keep_evidence(&fixture.approval).await;
    api.run(&fixture.environment).await;
    edit(api, &cleared(), &fixture.incident, &json!({ "clearance": 3 })).await.good();
    fixture
}

#[tokio::test]
async fn what_asks_for_more_is_not_there_to_the_letter() {
    let api = Api::new();
    let real = guarded(&api).await;
    let absent = Fixture::absent();
    let auditor = who("rob@example.com", "auditor", "acme");
    let dump = api.dump();
    let (mut hidden, mut shown) = (0, 0);
    for route in ROUTES {
        let kinds = [
            "/incidents/{id}",
            "/environments/",
            "/approvals/",
            "/executions/",
            "/timeline",
            "/targets/",
        ];
        if !kinds.iter().any(|kind| route.path.starts_with(kind)) {
            continue;
        }
        let body = bodies(route).map(|(body, _)| body);
        let mut answers = Vec::new();
        for fixture in [&real, &absent] {
            let path = path(route, fixture);
            answers.push(send(&api, &kim(), route, &path, body.as_ref(), None).await);
        }
        assert_eq!(answers[0].status, 404, "{}: {}", route.operation, answers[0]);
        assert_eq!(answers[0], answers[1], "{}", route.operation);
        hidden += 1;
        if !route.writes() {
            // Where there is no broker, nobody is connected.
            if route.path.starts_with("/targets/") {
                continue;
            }
            let path = path(route, &real);
            api.get(&cleared(), &path).await.good();
            // Auditors see everything; to connect is no reading.
            if route.operation != "connect" {
                api.get(&auditor, &path).await.good();
            }
            shown += 1;
        }
    }
    assert!(hidden > 30 && shown >= 9, "{hidden} {shown}");
    // Where it is named in a body.
    let start = |incident: &str| json!({ "incident_id": incident });
    let path = "/v1/runbooks/storage-latency/execute";
    let there = api.post(&kim(), path, &start(&real.incident)).await;
    assert_eq!(there, api.post(&kim(), path, &start(&absent.incident)).await);
    assert_eq!(there.problems(), "incident_id: is no incident\n");
    assert_eq!(api.dump(), dump, "nothing of it was written");
}

/// Whoever opened it, and says so again once it asks for more than they have, finds it no more.
#[tokio::test]
async fn a_repeat_shows_nothing_that_asks_for_more_by_now() {
    let api = Api::new();
    let opening = || {
        with(
            api.event(&kim(), "POST", "/v1/incidents", Some(&new_incident())),
            "idempotency-key",
            "k",
        )
    };
    let opened = api.send(opening()).await.good();
    let again = api.send(opening()).await.good();
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let incident = opened.text("/incident/id").to_owned();
    edit(&api, &cleared(), &incident, &json!({ "clearance": 3 })).await.good();
    assert_eq!(api.send(opening()).await.status, 404);
}

#[tokio::test]
async fn lists_leave_out_what_asks_for_more() {
    let api = Api::new();
    guarded(&api).await;
    plan(&api).await;
    fire(&api, "intruder").await;
    let open = api.post(&kim(), "/v1/incidents", &new_incident()).await.good();
    for (path, rows, all, some) in [
        ("/v1/incidents", "incidents", 3, 1),
        ("/v1/approvals", "approvals", 2, 0),
        ("/v1/alarms/unlinked", "alarms", 1, 0),
    ] {
        let count = |answer: Answer| answer.body[rows].as_array().unwrap().len();
        assert_eq!(count(api.get(&cleared(), path).await.good()), all, "{path}");
        assert_eq!(count(api.get(&kim(), path).await.good()), some, "{path}");
    }
    let mine = api.get(&kim(), "/v1/incidents").await.good();
    assert_eq!(mine.body["incidents"][0]["id"], open.body["incident"]["id"]);
    assert_eq!(mine.body["incidents"][0].get("clearance"), None, "none is not said");
}

#[tokio::test]
async fn an_incident_is_opened_with_a_clearance_that_its_opener_has() {
    let api = Api::new();
    let new = |clearance: i64| {
        let mut new = new_incident();
        new["clearance"] = json!(clearance);
        new
    };
    let before = api.dump();
    let refused = api.post(&kim(), "/v1/incidents", &new(3)).await;
    assert_eq!(missing(&refused), json!(["clearance"]));
    let wrong = api.post(&kim(), "/v1/incidents", &new(101)).await;
    assert_eq!(wrong.problems(), "clearance: must be 0 to 100\n");
    assert_eq!(api.dump(), before);
    let opened = api.post(&kim(), "/v1/incidents", &new(2)).await.good();
    assert_eq!(opened.body["incident"]["clearance"], 2);
    let path = format!("/v1/incidents/{}", opened.text("/incident/id"));
    api.get(&kim(), &path).await.good();
    assert_eq!(api.get(&alice(), &path).await.status, 404);
}

#[tokio::test]
async fn a_plans_incidents_have_its_clearance() {
    let api = Api::new();
    plan(&api).await;
    fire(&api, "intruder").await;
    let by_alarm = api.get(&cleared(), "/v1/incidents").await.good();
    assert_eq!(by_alarm.body["incidents"][0]["clearance"], 3);
    let new = json!({ "title": "an intruder", "plan": "intrusion" });
    let before = api.dump();
    assert_eq!(missing(&api.post(&kim(), "/v1/incidents", &new).await), json!(["clearance"]));
    let less = json!({ "title": "an intruder", "plan": "intrusion", "clearance": 2 });
    let less = api.post(&cleared(), "/v1/incidents", &less).await;
    assert_eq!(less.problems(), "clearance: must be at least its plan's, which is 3\n");
    assert_eq!(api.dump(), before);
    let opened = api.post(&cleared(), "/v1/incidents", &new).await.good();
    assert_eq!(opened.body["incident"]["clearance"], 3);
    let plan = json!({ "title": "{alarm.name}", "severity": "high", "clearance": 101 });
    let wrong = api.put(&alice(), "/v1/plans/intrusion", &plan).await;
    assert_eq!(wrong.problems(), "clearance: must be 0 to 100\n");
}

#[tokio::test]
async fn it_is_changed_by_who_sees_it_before_and_after() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let path = format!("/v1/incidents/{incident}");
    let before = api.dump();
    let beyond = edit(&api, &kim(), &incident, &json!({ "clearance": 3 })).await;
    assert_eq!(missing(&beyond), json!(["clearance"]), "nobody locks themselves out");
    let odd = edit(&api, &cleared(), &incident, &json!({ "clearance": 101 })).await;
    assert_eq!(odd.problems(), "clearance: must be 0 to 100\n");
    let why = json!({ "title": "one", "rationale": "a rumour" });
    let lost = edit(&api, &cleared(), &incident, &why).await;
    assert_eq!(lost.problems(), "rationale: goes with a `clearance` only\n");
    assert_eq!(api.dump(), before);
    edit(&api, &cleared(), &incident, &json!({ "clearance": 3 })).await.good();
    assert_eq!(api.get(&kim(), &path).await.status, 404);
    let before = api.dump();
    let lower = json!({ "clearance": 0, "rationale": "the press has it" });
    assert_eq!(edit(&api, &kim(), &incident, &lower).await.status, 404);
    let unsaid = edit(&api, &cleared(), &incident, &json!({ "clearance": 2 })).await;
    assert_eq!(unsaid.problems(), "rationale: is needed for this change\n");
    assert_eq!(api.dump(), before);
    let lowered = edit(&api, &cleared(), &incident, &lower).await.good();
    assert_eq!(lowered.body["incident"].get("clearance"), None);
    let timeline = format!("/v1/timeline?incident_id={incident}");
    let events = api.get(&kim(), &timeline).await.good();
    let event = events.body["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(event["type"], "incident_updated");
    let detail = &event["payload"]["detail"];
    assert_eq!((&detail["clearance_from"], &detail["clearance"]), (&json!(3), &json!(0)));
    assert_eq!(detail["rationale"], "the press has it");
}

#[tokio::test]
async fn may_i_says_how_much_it_asks_for_to_who_sees_it() {
    let api = Api::new();
    let fixture = guarded(&api).await;
    let ask = |resource: Value| json!({ "action": "incident.note", "resource": resource, "actor_attrs": { "clearance": 2 } });
    let asked = ask(json!({ "incident_id": fixture.incident }));
    let said = api.post(&cleared(), "/v1/policy/simulate", &asked).await.good().body;
    assert_eq!(said["allowed"], false);
    assert_eq!(said["input"]["resource"]["required_clearance"], 3);
    let lacks = &said["missing"][0];
    assert_eq!(lacks["code"], "clearance");
    assert_eq!(lacks["actual"]["actor.clearance"], 2, "{lacks}");
    assert_eq!(said["changes"][0]["attribute"], "actor.clearance", "{said}");
    assert_eq!(said["changes"][0]["to"], 3);
    for resource in [
        json!({ "incident_id": fixture.incident }),
        json!({ "environment_id": fixture.environment }),
        json!({ "approval_id": fixture.approval }),
        json!({ "execution_id": fixture.execution.get() }),
    ] {
        let mut asked = ask(resource);
        asked["actor_attrs"] = json!({ "clearance": 100 });
        let action = match asked["resource"].as_object().unwrap().keys().next().unwrap().as_str() {
            "incident_id" => "incident.view",
            "environment_id" => "environment.view",
            "approval_id" => "approval.view",
            _ => "execution.view",
        };
        asked["action"] = json!(action);
        assert_eq!(api.post(&kim(), "/v1/policy/simulate", &asked).await.status, 404, "{action}");
        api.post(&cleared(), "/v1/policy/simulate", &asked).await.good();
    }
}

#[tokio::test]
async fn who_answers_signed_in_has_its_clearance() {
    let api = Api::new();
    let fixture = guarded(&api).await;
    let path = format!("/v1/approvals/{}/decide", super::runs::ASKED);
    let answer = json!({ "link": *super::runs::LINK, "answer": "grant" });
    assert_eq!(
        fixture.incident,
        api.get(&cleared(), "/v1/incidents").await.text("/incidents/0/id")
    );
    let before = api.dump();
    let refused = api.post(&alice(), &path, &answer).await;
    assert_eq!(missing(&refused), json!(["clearance"]), "the link showed it to her");
    assert_eq!(api.dump(), before);
    api.post(&cleared(), &path, &answer).await.good();
}
