//! Who is who.

use super::api::{Answer, Api, alice, event, with};
use super::fixture::{bodies, path};
use super::issuer::Issuer;
use crate::ROUTES;
use expect_test::expect;
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_domain::MINUTE;
use watchfire_fakes::Fault;

const PATH: &str = "/v1/incidents";

fn bearing(token: &str) -> Value {
    let event = with(event("POST", PATH), "authorization", &format!("Bearer {token}"));
    let mut event = with(event, "content-type", "application/json");
    event["body"] = json!(r#"{"title":"a","severity":"low"}"#);
    event
}

#[tokio::test]
async fn a_token_that_is_not_whole_and_valid_opens_nothing() {
    let api = Api::new();
    let claims = api.claims(&alice());
    let good = api.token(&alice());
    let part = |at: usize| good.split('.').nth(at).unwrap().to_owned();
    let (head, body, tail) = (part(0), part(1), part(2));
    let twist = |one| if one == 'A' { 'B' } else { 'A' };
    let twisted: String = tail.chars().take(20).map(twist).chain(tail.chars().skip(20)).collect();
    let own = |more: &Value| api.issuer.token(&claims, more);
    let other = own(&json!({"wf_role": "viewer"}));
    let other = other.split('.').nth(1).unwrap();
    let none = api.issuer.signed(&json!({"alg": "none", "kid": "k1"}), &claims, &json!({}));
    let now = claims["exp"].as_i64().unwrap() - 3600;
    let stranger = Issuer::new("k1");
    let cases = [
        ("none", String::new()),
        ("not a token", "abc".to_owned()),
        ("another payload", format!("{head}.{other}.{tail}")),
        ("another signature", format!("{head}.{body}.{twisted}")),
        ("no signature", format!("{head}.{body}.")),
        ("no algorithm", none),
        (
            "another algorithm",
            api.issuer.signed(&json!({"alg": "HS256", "kid": "k1"}), &claims, &json!({})),
        ),
        ("no key id", api.issuer.signed(&json!({"alg": "ES256"}), &claims, &json!({}))),
        ("another's key", stranger.token(&claims, &json!({}))),
        ("expired", own(&json!({"exp": now}))),
        ("without an end", own(&json!({"exp": null}))),
        ("of tomorrow", own(&json!({"nbf": now + 60}))),
        ("of another issuer", own(&json!({"iss": "https://evil.example.org"}))),
        ("for another audience", own(&json!({"aud": "watchfire-admin"}))),
        ("of nobody", own(&json!({"sub": null}))),
        ("without tenants", own(&json!({"wf_tenants": []}))),
        ("of a tenant that is none", own(&json!({"wf_tenants": ["acme#"]}))),
        ("without a role", own(&json!({"wf_role": null}))),
        ("with an odd clearance", own(&json!({"wf_clearance": "critical"}))),
        ("good for a deployment that is none", own(&json!({"wf_stage": ["test"]}))),
    ];
    let dump = api.dump();
    let mut table = String::new();
    for (what, token) in cases {
        let answer = api.send(bearing(&token)).await;
        writeln!(table, "{what}: {}", answer.short()).unwrap();
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert_eq!(
            answer.body["error"]["message"],
            "sign in first: there is no valid token or signature"
        );
    }
    expect![[r#"
        none: 401 WF-0004 Request.Unauthenticated
        not a token: 401 WF-0004 Request.Unauthenticated
        another payload: 401 WF-0004 Request.Unauthenticated
        another signature: 401 WF-0004 Request.Unauthenticated
        no signature: 401 WF-0004 Request.Unauthenticated
        no algorithm: 401 WF-0004 Request.Unauthenticated
        another algorithm: 401 WF-0004 Request.Unauthenticated
        no key id: 401 WF-0004 Request.Unauthenticated
        another's key: 401 WF-0004 Request.Unauthenticated
        expired: 401 WF-0004 Request.Unauthenticated
        without an end: 401 WF-0004 Request.Unauthenticated
        of tomorrow: 401 WF-0004 Request.Unauthenticated
        of another issuer: 401 WF-0004 Request.Unauthenticated
        for another audience: 401 WF-0004 Request.Unauthenticated
        of nobody: 401 WF-0004 Request.Unauthenticated
        without tenants: 401 WF-0004 Request.Unauthenticated
        of a tenant that is none: 401 WF-0004 Request.Unauthenticated
        without a role: 401 WF-0004 Request.Unauthenticated
        with an odd clearance: 401 WF-0004 Request.Unauthenticated
        good for a deployment that is none: 401 WF-0004 Request.Unauthenticated
    "#]]
    .assert_eq(&table);
    let unknown = api.send(bearing(&own(&json!({"wf_role": "root"})))).await;
    assert_eq!(
        (unknown.short().as_str(), unknown.text("/error/missing/0/code")),
        ("403 WF-0005 Policy.Denied", "role")
    );
    assert_eq!(api.dump(), dump);
    api.send(bearing(&good)).await.good();
    let lower = with(bearing(&good), "authorization", &format!("bearer {good}"));
    api.send(lower).await.good();
}

#[tokio::test]
async fn a_new_key_is_looked_for_once() {
    let api = Api::new();
    api.send(bearing(&api.token(&alice()))).await.good();
    assert_eq!(api.world.jwks.calls().len(), 1, "cached");
    api.world.forward(MINUTE);
    let next = Issuer::new("k2");
    api.world.jwks.put(&json!({"keys": [api.issuer.key(), next.key()]}).to_string());
    api.send(bearing(&next.token(&api.claims(&alice()), &json!({})))).await.good();
    assert_eq!(api.world.jwks.calls().len(), 2);
    let never = Issuer::new("k3").token(&api.claims(&alice()), &json!({}));
    for _ in 0..3 {
        assert_eq!(api.send(bearing(&never)).await.status, 401);
    }
    assert_eq!(api.world.jwks.calls().len(), 2, "one a minute");
    api.world.forward(MINUTE);
    assert_eq!(api.send(bearing(&never)).await.status, 401);
    assert_eq!(api.world.jwks.calls().len(), 3);
}

#[tokio::test]
async fn without_the_issuers_keys_it_is_not_the_callers_fault() {
    let api = Api::new();
    api.world.faults.at(0, Fault::ServerError { applied: false });
    let answer = api.send(bearing(&api.token(&alice()))).await;
    assert_eq!(answer.short(), "503 WF-0031 Dependency.Unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
    let api = Api::new();
    api.world.jwks.put("<html>");
    let answer = api.send(bearing(&api.token(&alice()))).await;
    assert_eq!(answer.short(), "500 WF-0035 Dependency.Corrupt");
}

fn signed(path: &str, arn: Option<&str>) -> Value {
    let mut event = event("GET", path);
    if let Some(arn) = arn {
        event["requestContext"]["authorizer"] = json!({"iam": {"userArn": arn, "accountId": "1"}});
    }
    event
}

#[tokio::test]
async fn a_program_that_signs_is_what_the_administrator_says() {
    let api = Api::new();
    let ci = "arn:aws:sts::111122223333:assumed-role/ci/build-7";
    api.send(signed("/iam/v1/incidents", Some(ci))).await.good();
    for (path, arn) in [
        ("/iam/v1/incidents", Some("arn:aws:sts::111122223333:assumed-role/ci-admin/x")),
        ("/iam/v1/incidents", Some("arn:aws:sts::999922223333:assumed-role/ci/x")),
        ("/iam/v1/incidents", None),
        // A signature is good for its own door only, and so is a token.
        ("/v1/incidents", Some(ci)),
    ] {
        assert_eq!(
            api.send(signed(path, arn)).await.short(),
            "401 WF-0004 Request.Unauthenticated"
        );
    }
    let token = format!("Bearer {}", api.token(&alice()));
    let event = with(signed("/iam/v1/incidents", None), "authorization", &token);
    assert_eq!(api.send(event).await.status, 401);
    let mut event = signed("/iam/v1/incidents", Some(ci));
    event["requestContext"]["http"]["method"] = json!("POST");
    event["headers"]["content-type"] = json!("application/json");
    event["body"] = json!(r#"{"title":"a","severity":"low"}"#);
    let opened = api.send(event).await.good();
    let place = opened.headers["location"].as_str().unwrap();
    assert!(place.starts_with("/iam/v1/incidents/"), "{place}");
    let shown = api.send(signed(place, Some(ci))).await.good();
    let actor = json!({"kind": "tooling", "id": ci});
    assert_eq!(shown.body["timeline"][0]["actor"], actor);
}

#[tokio::test]
async fn a_caller_with_an_address_is_known_by_it() {
    let api = Api::new();
    let claims = api.claims(&alice());
    for (more, id) in [
        (json!({"sub": "auth0|7", "email": "Alice@Example.COM"}), "alice@example.com"),
        (json!({"sub": "auth0|7", "email": "a@example.com", "email_verified": false}), "auth0|7"),
        (json!({"sub": "Bob@example.com"}), "bob@example.com"),
        (json!({"sub": "auth0|8", "email": "not an address"}), "auth0|8"),
    ] {
        let opened = api.send(bearing(&api.issuer.token(&claims, &more))).await.good();
        let path = format!("/v1/incidents/{}", opened.text("/incident/id"));
        let shown = api.get(&alice(), &path).await.good();
        assert_eq!(shown.body["timeline"][0]["actor"], json!({"kind": "user", "id": id}));
    }
}

/// S3-73: a credential that is good for another deployment alone does nothing in this one, and one
/// that is good for this one does what any does.
#[tokio::test]
async fn a_credential_of_another_deployment_does_nothing_here() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let dump = api.dump();
    let of = |stage: &str| api.issuer.token(&api.claims(&alice()), &json!({ "wf_stage": stage }));
    let mut denied = 0;
    for route in ROUTES {
        let body = bodies(route).map(|(body, _)| body);
        let path = path(route, &fixture);
        let sent = |token: String| {
            let event = api.event(&alice(), route.method.name(), &path, body.as_ref());
            let event = with(event, "authorization", &format!("Bearer {token}"));
            if route.condition == crate::Condition::Required {
                with(event, "if-match", "9")
            } else {
                event
            }
        };
        let answer = api.send(sent(of("prod"))).await;
        assert_eq!(api.dump(), dump, "{}", route.operation);
        if route.asks {
            assert_eq!(answer.body["allowed"], false, "{answer}");
            continue;
        }
        if answer.status == 403 {
            assert_eq!(answer.text("/error/missing/0/code"), "stage", "{}", route.operation);
            denied += 1;
        } else if route.operation == "list_approvals" {
            // Its rows are asked about, each for itself.
            let rows = |answer: &Answer| answer.body["approvals"].as_array().unwrap().len();
            let own = api.send(sent(of("test"))).await;
            assert_eq!((rows(&answer), rows(&own)), (0, 1));
        } else {
            // There is nothing of it, for anybody.
            assert_eq!(answer.status, 404, "{}: {answer}", route.operation);
            assert_eq!(api.send(sent(of("test"))).await.status, 404, "{}", route.operation);
        }
        if !route.writes() {
            let own = api.send(sent(of("test"))).await;
            assert_eq!(own.status, api.send(sent(api.token(&alice()))).await.status);
        }
    }
    assert!(denied > 30, "{denied}");
    let arn = |name: &str| format!("arn:aws:sts::111122223333:assumed-role/{name}/x");
    for (name, status) in [("ci", 200), ("ci-prod", 403)] {
        let event = signed("/iam/v1/incidents", Some(&arn(name)));
        assert_eq!(api.send(event).await.status, status, "{name}");
    }
}

/// What it would take is said to whoever asks, and that another deployment's credential lacks it.
#[tokio::test]
async fn simulate_tells_for_which_deployment_a_credential_is_good() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let mut question = json!({ "action": "incident.note", "actor_attrs": { "stage": "prod" },
        "resource": { "incident_id": fixture.incident } });
    let said = api.post(&alice(), "/v1/policy/simulate", &question).await.good();
    assert_eq!((&said.body["allowed"], said.text("/missing/0/code")), (&json!(false), "stage"));
    assert_eq!(said.body["missing"][0]["actual"]["actor.stage"], "prod");
    assert_eq!(said.body["missing"][0]["required"]["actor.stage"], json!(["test"]));
    assert_eq!(said.text("/changes/0/attribute"), "actor.stage");
    question["actor_attrs"]["stage"] = json!("test");
    let said = api.post(&alice(), "/v1/policy/simulate", &question).await.good();
    assert_eq!(said.body["allowed"], true, "{said}");
    question["actor_attrs"]["stage"] = json!("*");
    assert_eq!(api.post(&alice(), "/v1/policy/simulate", &question).await.status, 422);
}
