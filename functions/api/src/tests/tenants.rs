//! Whose records they are.

use super::api::{Api, Who, alice, who, with};
use super::fixture::{Fixture, bodies, path};
use crate::ROUTES;
use serde_json::json;

fn bob() -> Who {
    who("bob@example.com", "admin", "globex")
}

fn carol() -> Who {
    who("carol@example.com", "admin", "initech")
}

#[tokio::test]
async fn anothers_record_is_not_there_to_the_letter() {
    let api = Api::new();
    let real = api.fixture().await;
    let absent = Fixture::absent();
    let run = super::runs::started(&api, &real.incident, "get_execution").await;
    real.execution.get_or_init(|| run);
    super::runs::ask(&api, &real.incident).await;
    let named = Fixture { incident: "INC-20261121-0312".to_owned(), ..Fixture::absent() };
    let dump = api.dump();
    let mut asked = 0;
    for route in ROUTES
        .iter()
        .filter(|route| route.path.contains("{id}") || route.operation == "read_timeline")
    {
        let body = bodies(route).map(|(body, _)| body);
        let mut answers = Vec::new();
        for fixture in [&real, &absent, &named] {
            let event =
                api.event(&carol(), route.method.name(), &path(route, fixture), body.as_ref());
            answers.push(api.send(with(event, "idempotency-key", "k")).await);
            asked += 1;
        }
        // What needs a condition asks for it first, of everybody.
        let conditional = route.condition == crate::Condition::Required;
        let wanted = if conditional { 428 } else { 404 };
        assert!(answers.iter().all(|one| one.status == wanted), "{}", route.operation);
        assert!(answers.iter().all(|one| one == &answers[0]), "{}", route.operation);
    }
    assert!(asked > 50);
    assert_eq!(api.dump(), dump);
    let listed = api.get(&carol(), "/v1/incidents").await.good();
    assert_eq!(listed.text, r#"{"incidents":[],"next_cursor":null}"#);
}

#[tokio::test]
async fn an_incident_is_shared_with_one_and_not_with_another() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let path = format!("/v1/incidents/{}", fixture.incident);
    assert_eq!(api.get(&bob(), &path).await.status, 404);
    api.post(&alice(), &format!("{path}/share"), &json!({"tenant": "globex"})).await.good();
    let mine = api.get(&alice(), &path).await.good();
    let theirs = api.get(&bob(), &path).await.good();
    assert_eq!(mine, theirs);
    assert_eq!(api.get(&carol(), &path).await.status, 404);
    // Sight of it, and a voice in it.
    api.post(&bob(), &format!("{path}/notes"), &json!({"text": "we see it too"})).await.good();
    let timeline = format!("/v1/timeline?incident_id={}", fixture.incident);
    let events = api.get(&bob(), &timeline).await.good();
    assert_eq!(events.body["tenant"], "acme");
    assert_eq!(events.body["events"].as_array().unwrap().last().unwrap()["type"], "note_added");
    for path in [
        format!("/v1/environments/{}", fixture.environment),
        format!("/v1/approvals/{}", fixture.approval),
    ] {
        api.get(&bob(), &path).await.good();
        assert_eq!(api.get(&carol(), &path).await.status, 404);
    }
    let listed = api.get(&bob(), "/v1/incidents").await.good();
    assert_eq!(listed.body["incidents"][0]["id"], fixture.incident.as_str());
    let taken = api.post(&bob(), &format!("{path}/owner"), &json!({"owner": "bob"})).await;
    assert_eq!(taken.body["error"]["missing"][0]["code"], "home");
}

#[tokio::test]
async fn a_caller_of_several_tenants_says_which() {
    let api = Api::new();
    let both = Who { tenants: vec!["acme", "globex"], ..alice() };
    let incident = api.incident(&alice()).await;
    let path = format!("/v1/incidents/{incident}");
    let event = |path: &str| api.event(&both, "GET", path, None);
    let open = api.send(event(&path)).await;
    assert_eq!(open.short(), "422 WF-0002 Request.Invalid");
    assert!(open.problems().starts_with("tenant: must be said"), "{open}");
    api.send(with(event(&path), "watchfire-tenant", "acme")).await.good();
    api.send(event(&format!("{path}?tenant=acme"))).await.good();
    let elsewhere = api.send(with(event(&path), "watchfire-tenant", "globex")).await;
    assert_eq!(elsewhere.status, 404, "an incident of the caller's, in another tenant of theirs");
    let foreign = api.send(with(event(&path), "watchfire-tenant", "initech")).await;
    assert_eq!(foreign.text, elsewhere.text);
    let odd = api.send(with(event(&path), "watchfire-tenant", "acme#INC")).await;
    assert_eq!(odd.text, elsewhere.text);
    let torn = with(event(&format!("{path}?tenant=globex")), "watchfire-tenant", "acme");
    assert_eq!(
        api.send(torn).await.problems(),
        "tenant: is another than the `Watchfire-Tenant` header's\n"
    );
    // The only tenant of a caller need not be said, and another one cannot be.
    let one = with(api.event(&alice(), "GET", &path, None), "watchfire-tenant", "globex");
    assert_eq!(api.send(one).await.status, 404);
}
