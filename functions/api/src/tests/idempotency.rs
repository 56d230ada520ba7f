//! A write can be sent again.

use super::api::{Api, alice, who, with};
use super::fixture::{bodies, new_incident, path, prepare, send};
use crate::ROUTES;
use crate::routes::Route;
use serde_json::{Value, json};
use watchfire_fakes::Fault;

#[tokio::test]
async fn on_every_write_the_same_key_gets_the_same_answer_and_another_body_is_refused() {
    for route in ROUTES.iter().filter(|route| route.writes()) {
        let api = Api::new();
        let fixture = api.fixture().await;
        prepare(&api, route, &fixture).await;
        let path = path(route, &fixture);
        let (body, other) = bodies(route).unwrap();
        let first = send(&api, &alice(), route, &path, Some(&body), Some("key-1")).await.good();
        let dump = api.world.dynamo.dump();
        let again = send(&api, &alice(), route, &path, Some(&body), Some("key-1")).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{}", route.operation);
        assert_eq!(again.headers["idempotency-replayed"], "true", "{}", route.operation);
        assert!(first.headers.get("idempotency-replayed").is_none());
        assert_eq!(again.headers.get("etag"), first.headers.get("etag"));
        assert_eq!(again.headers.get("location"), first.headers.get("location"));
        if body != other {
            let other = send(&api, &alice(), route, &path, Some(&other), Some("key-1")).await;
            let code = "422 WF-0009 Idempotency.KeyReused";
            assert_eq!(other.short(), code, "{}", route.operation);
        }
        assert_eq!(api.world.dynamo.dump(), dump, "{}", route.operation);
    }
}

/// The body that has the route set something going, if another than its sample has.
async fn moving(api: &Api, route: &Route) -> Option<Value> {
    match route.operation {
        "create_incident" => {
            let environment =
                json!({ "cluster_id": "prod-west", "approvers": ["bob@example.com"] });
            let plan =
                json!({ "title": "{alarm.name}", "severity": "high", "environment": environment });
            api.put(&alice(), "/v1/plans/storage", &plan).await.good();
            Some(json!({ "title": "storage answers slowly", "plan": "storage" }))
        }
        "change_status" => Some(json!({ "status": "closed", "rationale": "it was nothing" })),
        _ => None,
    }
}

/// What a write sets going: how many executions, and whether a look and a seal are queued.
fn under_way(api: &Api) -> (usize, bool, bool) {
    let world = &api.world;
    let looks = !world.probes.waiting().is_empty();
    (world.workflow.started().len(), looks, !world.seals.dump().is_empty())
}

#[tokio::test]
async fn a_repeat_sets_going_what_its_first_left_undone() {
    let mut died = 0;
    for route in ROUTES.iter().filter(|route| route.writes()) {
        let mut expected = None;
        for at in std::iter::once(u64::MAX).chain(0..) {
            let api = Api::new();
            let fixture = api.fixture().await;
            prepare(&api, route, &fixture).await;
            let (path, (sample, _)) = (path(route, &fixture), bodies(route).unwrap());
            let (who, body) = (alice(), moving(&api, route).await.unwrap_or(sample));
            let ask = || send(&api, &who, route, &path, Some(&body), Some("key-1"));
            api.world.faults.restart().at(at, Fault::Killed { applied: true });
            let first = api.world.faults.survive(ask()).await;
            let is_killed = first.is_none();
            api.world.faults.none().revive();
            if is_killed {
                died += 1;
                ask().await.good();
            }
            let found = under_way(&api);
            let wanted = *expected.get_or_insert(found);
            assert_eq!(found, wanted, "{}, killed at call {at}", route.operation);
            if !is_killed && at < u64::MAX {
                break;
            }
        }
    }
    assert!(died > 60, "{died}");
}

#[tokio::test]
async fn a_key_that_changed_nothing_is_used_all_the_same() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let share = format!("/v1/incidents/{}/share", fixture.incident);
    let stop = format!("/v1/environments/{}/stop", fixture.environment);
    let plan = "/v1/plans/one";
    let cases = [
        ("POST", share.as_str(), json!({"tenant": "globex"}), json!({"tenant": "initech"})),
        ("POST", stop.as_str(), json!({"reason": "one"}), json!({"reason": "two"})),
        (
            "PUT",
            plan,
            json!({"title": "a", "severity": "low"}),
            json!({"title": "b", "severity": "low"}),
        ),
    ];
    for (method, path, body, other) in cases {
        api.ask(&alice(), method, path, Some(&body)).await.good();
        let ask =
            |body| with(api.event(&alice(), method, path, Some(body)), "idempotency-key", "k");
        let first = api.send(ask(&body)).await.good();
        assert_eq!(first.body["receipt"], json!(null), "{path}");
        let again = api.send(ask(&body)).await;
        assert_eq!(again.headers["idempotency-replayed"], "true", "{path}");
        assert_eq!(again.text, first.text, "{path}");
        assert_eq!(api.send(ask(&other)).await.short(), "422 WF-0009 Idempotency.KeyReused");
    }
}

#[tokio::test]
async fn a_key_is_its_callers_own_and_belongs_to_one_route() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let note = format!("/v1/incidents/{incident}/notes");
    let escalate = format!("/v1/incidents/{incident}/escalate");
    let bob = who("bob@example.com", "responder", "acme");
    let text = json!({"text": "one"});
    for (who, path, body) in [
        (alice(), &note, &text),
        (bob, &note, &text),
        (alice(), &escalate, &json!({"reason": "one"})),
    ] {
        let event = api.event(&who, "POST", path, Some(body));
        let answer = api.send(with(event, "idempotency-key", "k")).await.good();
        assert!(answer.headers.get("idempotency-replayed").is_none(), "{answer}");
    }
    let timeline = api.get(&alice(), &format!("/v1/timeline?incident_id={incident}")).await.good();
    assert_eq!(timeline.body["events"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_body_counts_as_json_not_as_text() {
    let api = Api::new();
    let mut event =
        with(api.event(&alice(), "POST", "/v1/incidents", None), "idempotency-key", "k");
    event["headers"]["content-type"] = json!("application/json; charset=utf-8");
    event["body"] = json!(r#"{"title":"a","severity":"low"}"#);
    let first = api.send(event.clone()).await.good();
    event["body"] = json!("{ \"severity\": \"low\",\n \"title\": \"\\u0061\" }");
    assert_eq!(api.send(event).await.text, first.text);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let path = format!("/v1/incidents/{incident}/transition");
    let ask = |body| with(api.event(&alice(), "POST", &path, Some(&body)), "idempotency-key", "k");
    assert_eq!(api.send(ask(json!({"status": "resolved"}))).await.status, 403);
    api.send(ask(json!({"status": "resolved", "rationale": "a false alarm"}))).await.good();
}

#[tokio::test]
async fn two_at_once_are_one() {
    let api = Api::new();
    let event = api.event(&alice(), "POST", "/v1/incidents", Some(&new_incident()));
    let event = with(event, "idempotency-key", "k");
    let (one, other) = tokio::join!(api.send(event.clone()), api.send(event));
    assert_eq!((one.status, one.text), (201, other.text));
    assert_eq!(incidents(&api).await, 1);
}

async fn incidents(api: &Api) -> usize {
    let list = api.get(&alice(), "/v1/incidents").await.good();
    list.body["incidents"].as_array().unwrap().len()
}

#[tokio::test]
async fn whatever_fails_a_repeat_comes_to_one_effect_and_one_answer() {
    let mut failed = 0;
    for fault in Fault::ALL {
        for at in 0..6 {
            let api = Api::new();
            let event = api.event(&alice(), "POST", "/v1/incidents", Some(&new_incident()));
            let event = with(event, "idempotency-key", "k");
            api.world.faults.at(at, fault);
            let first = api.send(event.clone()).await;
            api.world.faults.none().revive();
            let answer = api.send(event.clone()).await.good();
            api.world.settle();
            let again = api.send(event).await.good();
            assert_eq!(answer.text, again.text, "{fault:?} at {at}");
            if first.status == 201 {
                assert_eq!(first.text, answer.text, "{fault:?} at {at}");
            } else {
                failed += 1;
                assert!(first.status >= 500, "{fault:?} at {at}: {first}");
            }
            assert_eq!(incidents(&api).await, 1, "{fault:?} at {at}");
        }
    }
    assert!(failed > 10, "{failed}");
}

/// New, in progress, done, kept though nothing changed, replayed before, and past its time but
/// still there: on every path another body under the same key is told so, and nothing is written.
#[tokio::test]
async fn another_body_under_a_used_key_is_refused_on_every_path() {
    let reused = "422 WF-0009 Idempotency.KeyReused";
    let (body, other) =
        (json!({"title": "a", "severity": "low"}), json!({"title": "b", "severity": "low"}));
    let ask = |api: &Api, body| {
        with(api.event(&alice(), "POST", "/v1/incidents", Some(body)), "idempotency-key", "k")
    };
    // New: both find the key free, and one of them comes first.
    let api = Api::new();
    api.world.faults.interleave(3);
    let (one, two) = tokio::join!(api.send(ask(&api, &body)), api.send(ask(&api, &other)));
    let mut both = [one.short(), two.short()];
    both.sort();
    assert_eq!(both, ["201".to_owned(), reused.to_owned()]);
    assert_eq!(incidents(&api).await, 1);
    // In progress: the first one's process ends at any of its calls, and nobody got an answer.
    let mut committed = Vec::new();
    for at in 0..8 {
        let api = Api::new();
        let event = ask(&api, &body);
        api.world.faults.at(at, Fault::Killed { applied: true });
        if api.world.faults.survive(api.send(event)).await.is_some() {
            break;
        }
        api.world.faults.none().revive();
        if incidents(&api).await == 1 {
            committed.push(at);
            let dump = api.world.dynamo.dump();
            assert_eq!(api.send(ask(&api, &other)).await.short(), reused, "call {at}");
            assert_eq!(api.world.dynamo.dump(), dump);
        }
    }
    assert!(!committed.is_empty());
    // Done, replayed before, and past its time though not yet gone.
    let api = Api::new();
    api.send(ask(&api, &body)).await.good();
    assert_eq!(api.send(ask(&api, &other)).await.short(), reused);
    let again = api.send(ask(&api, &body)).await.good();
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(api.send(ask(&api, &other)).await.short(), reused);
    api.world.forward(8 * watchfire_domain::DAY);
    let dump = api.world.dynamo.dump();
    assert_eq!(api.send(ask(&api, &other)).await.short(), reused);
    assert_eq!(api.world.dynamo.dump(), dump);
}
