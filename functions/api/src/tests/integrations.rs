//! Integrations, as an administrator sees them: above all when a secret is told.

use super::api::{Api, alice, who, with};
use super::happy::check;
use expect_test::expect;
use serde_json::json;
use watchfire_domain::{HOUR, SECOND};

#[tokio::test]
async fn a_secret_is_told_when_it_is_made_and_never_again() {
    let api = Api::new();
    let new = json!({ "name": "metrics", "kind": "alertmanager" });
    let made = api.post(&alice(), "/v1/integrations", &new).await.good();
    let (id, first) = (made.text("/integration/id").to_owned(), made.text("/secret").to_owned());
    assert_eq!((first.len(), first.starts_with("whs_")), (56, true));
    let path = format!("/v1/integrations/{id}");
    assert_eq!(made.headers["location"], path.as_str());
    api.world.forward(HOUR);
    let rotated = api.post(&alice(), &format!("{path}/rotate"), &json!({})).await.good();
    let second = rotated.text("/secret").to_owned();
    assert_ne!(first, second);
    let shown = api.get(&alice(), &path).await.good();
    let record = shown.to_string().replace(&id, "<id>");
    expect![[r#"
        200
        etag: "2"
        {
          "integration": {
            "created_at": "2026-11-21T03:12:00.000Z",
            "created_by": "alice@example.com",
            "former": {
              "kid": "k1",
              "number": 1,
              "until": "2026-11-22T04:12:00.000Z"
            },
            "generation": {
              "kid": "k1",
              "number": 2
            },
            "id": "<id>",
            "kind": "alertmanager",
            "name": "metrics",
            "path": "/hooks/<id>",
            "rotated_at": "2026-11-21T04:12:00.000Z",
            "version": 2
          }
        }"#]]
    .assert_eq(&record);
    let listed = api.get(&alice(), "/v1/integrations").await.good();
    let deleted = api.ask(&alice(), "DELETE", &path, None).await.good();
    let everything = [shown.text, listed.text, deleted.text, api.dump()].concat();
    for secret in [&first, &second] {
        assert!(!everything.contains(secret.as_str()), "{secret}");
    }
    assert_eq!(api.get(&alice(), &path).await.status, 404);
    assert_eq!(api.ask(&alice(), "DELETE", &path, None).await.status, 404);
}

#[tokio::test]
async fn a_repeat_hears_the_secret_of_its_own_request() {
    let api = Api::new();
    let new = json!({ "name": "pages", "kind": "pagerduty" });
    let create =
        with(api.event(&alice(), "POST", "/v1/integrations", Some(&new)), "idempotency-key", "k");
    let made = api.send(create.clone()).await.good();
    assert_eq!(made.text("/secret").len(), 32);
    assert_eq!(made.text("/integration/path"), "/v2/enqueue");
    let id = made.text("/integration/id");
    let rotate = format!("/v1/integrations/{id}/rotate");
    let rotated = api.post(&alice(), &rotate, &json!({})).await.good();
    let again = api.send(create).await.good();
    assert_eq!(again.text, made.text);
    assert_ne!(again.text("/secret"), rotated.text("/secret"));
    assert!(!api.dump().contains(made.text("/secret")));
}

#[tokio::test]
async fn what_is_wrong_with_an_integration_is_told() {
    let api = Api::new();
    let new = |plan: &str| json!({ "name": " ", "kind": "fax", "plan": plan });
    let refused = api.post(&alice(), "/v1/integrations", &new("Storage")).await;
    check(
        &refused,
        expect![[r#"
        422
        {
          "error": {
            "code": "WF-0002",
            "help": "https://github.com/watchfire-desk/watchfire/blob/main/docs/errors/WF-0002.md",
            "message": "some fields are not as they must be",
            "name": "Request.Invalid",
            "problems": [
              {
                "field": "kind",
                "problem": "is `fax`, expected one of `alertmanager`, `grafana`, `pagerduty`, `datadog`, `generic`"
              },
              {
                "field": "name",
                "problem": "must be 1 to 64 characters on one line"
              },
              {
                "field": "plan",
                "problem": "must be 1 to 64 of a-z, 0-9, `-`, `_` or `.`"
              }
            ],
            "request_id": "req-1",
            "retryable": false
          }
        }"#]],
    );
    let new = json!({ "name": "a", "kind": "generic", "plan": "storage" });
    let refused = api.post(&alice(), "/v1/integrations", &new).await;
    assert_eq!(refused.problems(), "plan: is not a plan of this tenant\n");
    let plan = json!({ "title": "{alarm.name}", "severity": "high" });
    api.put(&alice(), "/v1/plans/storage", &plan).await.good();
    let made = api.post(&alice(), "/v1/integrations", &new).await.good();
    assert_eq!(made.text("/integration/plan"), "storage");
    // Another tenant's plan is none.
    let bob = who("bob@example.com", "admin", "globex");
    let refused = api.post(&bob, "/v1/integrations", &new).await;
    assert_eq!(refused.problems(), "plan: is not a plan of this tenant\n");
    let path = format!("/v1/integrations/{}", made.text("/integration/id"));
    for wrong in ["int_A", "a", "int_aaaaaaaaaaaaaaaaa"] {
        let path = format!("/v1/integrations/{wrong}");
        assert_eq!(api.get(&alice(), &path).await.short(), "404 WF-0006 Record.NotFound");
    }
    let stale = with(
        api.event(&alice(), "POST", &format!("{path}/rotate"), Some(&json!({}))),
        "if-match",
        "7",
    );
    assert_eq!(api.send(stale).await.status, 412);
}

#[tokio::test]
async fn two_who_rotate_at_once_get_two_secrets() {
    let api = Api::new();
    let new = json!({ "name": "a", "kind": "generic" });
    let made = api.post(&alice(), "/v1/integrations", &new).await.good();
    let path = format!("/v1/integrations/{}/rotate", made.text("/integration/id"));
    api.world.forward(SECOND);
    let (body, alice) = (json!({}), alice());
    let (one, other) = tokio::join!(api.post(&alice, &path, &body), api.post(&alice, &path, &body));
    let (one, other) = (one.good(), other.good());
    assert_ne!(one.text("/secret"), other.text("/secret"));
    let mut numbers: Vec<_> = [&one, &other]
        .map(|answer| answer.body["integration"]["generation"]["number"].as_u64().unwrap())
        .into();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3]);
}

#[tokio::test]
async fn a_tenant_has_a_hundred_at_most() {
    let api = Api::new();
    let new = json!({ "name": "a", "kind": "generic" });
    for _ in 0..100 {
        api.post(&alice(), "/v1/integrations", &new).await.good();
    }
    let refused = api.post(&alice(), "/v1/integrations", &new).await;
    assert_eq!(refused.problems(), ".: there are 100 integrations already\n");
    let listed = api.get(&alice(), "/v1/integrations").await.good();
    assert_eq!(listed.body["integrations"].as_array().unwrap().len(), 100);
}
