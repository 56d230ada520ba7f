//! Whatever comes in: a typed refusal goes out, and nothing is changed.

use super::api::{Api, Who, alice, event, with};
use super::fixture::{bodies, path};
use crate::ROUTES;
use expect_test::expect;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A request to open an incident, with this body as it stands.
fn raw(api: &Api, body: &str) -> Value {
    let mut event = api.event(&alice(), "POST", "/v1/incidents", Some(&json!({})));
    event["body"] = json!(body);
    event
}

#[tokio::test]
async fn a_body_that_is_no_request() {
    let api = Api::new();
    let dump = api.dump();
    let good = r#"{"title":"a","severity":"low"}"#;
    let deep =
        |levels: usize| format!("{{\"title\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    let base64 = |text: &str| {
        let mut event = raw(&api, text);
        event["isBase64Encoded"] = json!(true);
        event
    };
    let cases = [
        ("no json", raw(&api, "title=a")),
        ("two values", raw(&api, &good.repeat(2))),
        ("a key twice", raw(&api, r#"{"title":"a","title":"b","severity":"low"}"#)),
        ("a key twice, escaped", raw(&api, r#"{"title":"a","titl\u0065":"b","severity":"low"}"#)),
        (
            "a reserved key",
            raw(
                &api,
                r#"{"title":"a","severity":"low","tags":{"$serde_json::private::Number":"1"}}"#,
            ),
        ),
        (
            "an inexact number",
            raw(
                &api,
                r#"{"title":"a","severity":"low","affected_users_percent":9007199254740993}"#,
            ),
        ),
        ("no number", raw(&api, r#"{"title":"a","severity":"low","affected_users_percent":NaN}"#)),
        ("half a surrogate", raw(&api, r#"{"title":"\ud800","severity":"low"}"#)),
        ("a thousand levels", raw(&api, &deep(1_000))),
        ("a hundred thousand levels", raw(&api, &deep(100_000))),
        ("300 KB", raw(&api, &format!(r#"{{"title":"{}"}}"#, "a".repeat(300_000)))),
        ("no base64", base64("{")),
        ("no UTF-8", base64("/////w==")),
        ("a list", raw(&api, r#"["a","","low"]"#)),
        ("a text", raw(&api, r#""a""#)),
        ("null", raw(&api, "null")),
        ("another type", with(raw(&api, good), "content-type", "text/plain")),
        ("no type", with(raw(&api, good), "content-type", "")),
        ("a form", with(raw(&api, "title=a"), "content-type", "application/x-www-form-urlencoded")),
        (
            "another charset",
            with(raw(&api, good), "content-type", "application/json; charset=utf-16"),
        ),
    ];
    let mut table = String::new();
    for (what, event) in cases {
        let answer = api.send(event).await;
        let message = answer.text("/error/message");
        writeln!(table, "{what}: {}: {message}", answer.short()).unwrap();
    }
    for at in 0..20 {
        let body = &good[..good.len() * at / 20];
        let answer = api.send(raw(&api, body)).await;
        assert!(matches!(answer.status, 400 | 422), "{body}: {answer}");
    }
    expect![[r#"
        no json: 400 WF-0001 Request.Malformed: the request cannot be read: not JSON: expected ident at line 1 column 2
        two values: 400 WF-0001 Request.Malformed: the request cannot be read: not JSON: trailing characters at line 1 column 31
        a key twice: 400 WF-0001 Request.Malformed: the request cannot be read: the key `/title` appears twice
        a key twice, escaped: 400 WF-0001 Request.Malformed: the request cannot be read: the key `/title` appears twice
        a reserved key: 400 WF-0001 Request.Malformed: the request cannot be read: the key `/tags/$serde_json::private::Number` is reserved
        an inexact number: 400 WF-0001 Request.Malformed: the request cannot be read: the number at `/affected_users_percent` is beyond 9007199254740991: write it as a string
        no number: 400 WF-0001 Request.Malformed: the request cannot be read: not JSON: expected value at line 1 column 56
        half a surrogate: 400 WF-0001 Request.Malformed: the request cannot be read: not JSON: unexpected end of hex escape at line 1 column 17
        a thousand levels: 400 WF-0001 Request.Malformed: the request cannot be read: nested deeper than 64 levels at `/title/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0…/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0`
        a hundred thousand levels: 400 WF-0001 Request.Malformed: the request cannot be read: nested deeper than 64 levels at `/title/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0…/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0`
        300 KB: 413 WF-0003 Request.TooLarge: the body is larger than 262144 bytes
        no base64: 400 WF-0001 Request.Malformed: the request cannot be read: the body is not the base64 that it says
        no UTF-8: 400 WF-0001 Request.Malformed: the request cannot be read: the body is not UTF-8
        a list: 422 WF-0002 Request.Invalid: some fields are not as they must be
        a text: 422 WF-0002 Request.Invalid: some fields are not as they must be
        null: 422 WF-0002 Request.Invalid: some fields are not as they must be
        another type: 400 WF-0001 Request.Malformed: the request cannot be read: the body must be sent as `application/json`
        no type: 400 WF-0001 Request.Malformed: the request cannot be read: the body must be sent as `application/json`
        a form: 400 WF-0001 Request.Malformed: the request cannot be read: the body must be sent as `application/json`
        another charset: 400 WF-0001 Request.Malformed: the request cannot be read: the body must be sent as `application/json`
    "#]].assert_eq(&table);
    assert_eq!(api.dump(), dump);
}

#[tokio::test]
async fn every_problem_is_told_at_once() {
    let api = Api::new();
    let dump = api.dump();
    let body = json!({
        "titel": "a", "description": 7, "severity": "sev9", "kind": "gremlins", "owner": "",
        "tags": {"a": 1}, "started_at": "yesterday", "affected_users_percent": 101,
        "impact": "huge", "number": "x".repeat(49),
    });
    let event = api.event(&alice(), "POST", "/v1/incidents?dry_run=1", Some(&body));
    let event = with(event, "idempotency-key", "two words");
    let answer = api.send(with(event, "if-match", "1")).await;
    assert_eq!(answer.short(), "422 WF-0002 Request.Invalid");
    expect![[r#"
        dry_run: is not known here
        description: is integer `7`, expected a string
        impact: is `huge`, expected one of `outage`, `major`, `minor`, `minimal`
        kind: is `gremlins`, expected one of `service_outage`, `performance_degradation`, `data_corruption`, `security_incident`, `integration_failure`, `resource_exhaustion`
        started_at: not an RFC 3339 time
        tags.a: is integer `1`, expected a string
        titel: is not known here
        title: is missing
        severity: is no severity of any profile
        owner: must be 1 to 128 characters
        number: must be 1 to 48 characters
        affected_users_percent: must be 0 to 100
        Idempotency-Key: must be 1 to 128 visible ASCII characters
        If-Match: has no meaning here: there is no version yet
    "#]].assert_eq(&answer.problems());
    let missing = api.post(&alice(), "/v1/incidents", &json!({"title": "a"})).await;
    expect![[r#"
        severity: must be given, or a plan, or both `affected_users_percent` and `impact`
    "#]]
    .assert_eq(&missing.problems());
    assert_eq!(api.dump(), dump);
}

#[tokio::test]
async fn every_body_that_is_wrong_in_every_way() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let dump = api.dump();
    let mut table = String::new();
    for route in ROUTES.iter().filter(|route| route.writes()) {
        let (good, _) = bodies(route).unwrap();
        let mut wrong: serde_json::Map<String, Value> =
            good.as_object().unwrap().keys().map(|name| (name.clone(), json!([[]]))).collect();
        wrong.insert("zz".to_owned(), json!(1));
        let mut event =
            api.event(&alice(), route.method.name(), &path(route, &fixture), Some(&json!(wrong)));
        if route.condition == crate::Condition::Required {
            event = with(event, "if-match", "W/1");
        }
        let answer = api.send(with(event, "idempotency-key", "")).await;
        assert_eq!(answer.short(), "422 WF-0002 Request.Invalid", "{}", route.operation);
        let problems = answer.problems();
        let fields: Vec<&str> =
            problems.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
        writeln!(table, "{}: {}", route.operation, fields.join(", ")).unwrap();
    }
    expect![[r#"
        create_incident: severity, title, zz, Idempotency-Key
        edit_incident: title, zz, body, Idempotency-Key, If-Match
        change_status: status, zz, Idempotency-Key
        change_severity: rationale, severity, zz, Idempotency-Key
        assign_owner: owner, zz, Idempotency-Key
        state_root_cause: text, zz, Idempotency-Key
        assign_role: person, zz, Idempotency-Key
        add_note: text, zz, Idempotency-Key
        escalate: reason, zz, Idempotency-Key
        share_incident: tenant, zz, Idempotency-Key
        link_runbook: runbook, zz, Idempotency-Key
        export_incident: zz, Idempotency-Key
        create_environment: cluster_id, zz, Idempotency-Key
        launch_environment: zz, Idempotency-Key
        stop_environment: reason, zz, Idempotency-Key
        close_environment: zz, Idempotency-Key
        extend_environment: hours, zz, Idempotency-Key
        waive_evidence: rationale, zz, Idempotency-Key
        decide_approval: answer, link, zz, Idempotency-Key
        revoke_approval: reason, zz, Idempotency-Key
        override_approval: reason, zz, Idempotency-Key
        review_override: justified, note, zz, Idempotency-Key
        put_plan: severity, title, zz, Idempotency-Key
        put_profile: calendar[0], calendar, levels[0], Idempotency-Key
        create_integration: kind, name, zz, Idempotency-Key
        delete_integration: zz, Idempotency-Key
        rotate_integration: zz, Idempotency-Key
        create_runbook: author, description, name, review_days, risk, steps[0], title, zz, Idempotency-Key
        draft_runbook: author, description, name, review_days, risk, steps[0], title, zz, Idempotency-Key
        delete_draft: zz, Idempotency-Key
        publish_runbook: zz, Idempotency-Key, If-Match
        review_runbook: zz, Idempotency-Key, If-Match
        execute_runbook: zz, Idempotency-Key
        complete_step: outcome, zz, Idempotency-Key
        choose_option: option, zz, Idempotency-Key
        skip_step: reason, zz, Idempotency-Key
        retry_step: attempt, zz, Idempotency-Key
        abort_execution: reason, zz, Idempotency-Key
        fail_execution: reason, zz, Idempotency-Key
    "#]]
    .assert_eq(&table);
    assert_eq!(api.dump(), dump);
}

#[tokio::test]
async fn texts_have_their_lengths() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let (incident, environment) = (&fixture.incident, &fixture.environment);
    let dump = api.dump();
    let long = |most: usize| "ä".repeat(most + 1);
    let mut told = String::new();
    for (path, body) in [
        (format!("incidents/{incident}/notes"), json!({"text": long(4_000)})),
        (format!("incidents/{incident}/notes"), json!({"text": " \n"})),
        (format!("incidents/{incident}/notes"), json!({"text": "a\u{0}b"})),
        (format!("incidents/{incident}/owner"), json!({"owner": long(128)})),
        (format!("incidents/{incident}/escalate"), json!({"reason": ""})),
        (
            format!("incidents/{incident}/transition"),
            json!({"status": "closed", "rationale": long(1_000)}),
        ),
        (format!("incidents/{incident}/share"), json!({"tenant": "a#b"})),
        (
            format!("incidents/{incident}/environments"),
            json!({"cluster_id": "../x", "number": "a/b", "hours": 0, "oc_version": "v4", "approvers": ["bob"]}),
        ),
        (format!("environments/{environment}/stop"), json!({"reason": "two\nlines"})),
        (format!("environments/{environment}/close"), json!({"reason": long(200)})),
        (format!("environments/{environment}/extend"), json!({"hours": 169})),
        (format!("environments/{environment}/extend"), json!({"hours": 70_000})),
        (format!("environments/{environment}/waive"), json!({"rationale": "  "})),
    ] {
        let answer = api.post(&alice(), &format!("/v1/{path}"), &body).await;
        assert_eq!(answer.status, 422, "{path}: {answer}");
        told += &answer.problems();
    }
    for (path, body) in [
        (
            "plans/Storage",
            json!({"title": "{alarm.nam}", "severity": "high", "matches": [{}], "notify": [{"webhook": "http://a"}]}),
        ),
        ("plans/a", json!({"name": "b", "title": "", "severity": "P0"})),
        ("profiles/own", json!({})),
    ] {
        let answer = api.put(&alice(), &format!("/v1/{path}"), &body).await;
        assert_eq!(answer.status, 422, "{path}: {answer}");
        told += &answer.problems();
    }
    expect![[r#"
        text: must be 1 to 4000 characters
        text: must be 1 to 4000 characters
        text: must be 1 to 4000 characters
        owner: must be 1 to 128 characters
        reason: must be 1 to 1000 characters
        rationale: must be 0 to 1000 characters
        tenant: is not a tenant's name
        cluster_id: must be 1 to 48 letters, digits, `.`, `-` or `_`, with a letter or digit at both ends
        number: must be 1 to 48 letters, digits, `.`, `-` or `_`, with a letter or digit at both ends
        oc_version: must be a version such as 4.20
        hours: must be 1 to 168
        approvers: must be at most 20 mail addresses
        reason: must be one line of 0 to 200 characters
        reason: must be one line of 0 to 200 characters
        hours: must be 1 to 168
        hours: is integer `70000`, expected a whole number from 0 to 65535
        rationale: must be one line of 1 to 200 characters
        name: must be 1 to 64 of a-z, 0-9, `-`, `_` or `.`
        title: has the unknown variable `alarm.nam`
        matches[0]: must say something
        notify[0].webhook: must be an https address
        name: must be the one of the path, or left out
        title: must be 1 to 200 characters
        levels: is missing
    "#]].assert_eq(&told);
    assert_eq!(api.dump(), dump);
}

#[tokio::test]
async fn a_query_is_read_strictly() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let dump = api.dump();
    let mut table = String::new();
    for query in [
        "incidents?sevrity=high",
        "incidents?severity=high&severity=low",
        "incidents?severity=",
        "incidents?severity=high,,low",
        "incidents?status=open",
        "incidents?status=new,Closed",
        "incidents?limit=0",
        "incidents?limit=101",
        "incidents?limit=-1",
        "incidents?limit=+5",
        "incidents?limit=ten",
        "incidents?q=",
        "incidents?q=+",
        "incidents?limit=0&status=x&severity=y&raw=1",
        "incidents?q=%ff",
        "incidents?q=%zz",
        "incidents/%2e%2e",
        "incidents/a%2fb",
        "timeline",
        "timeline?incident_id=x&after=-1&raw=yes&limit=101",
        "timeline?incident_id=x",
        "approvals?state=open&incident_id=x",
        "approvals?incident_id=x",
        "plans?q=1",
        "incidents/INC-20261121-0312?verbose",
    ] {
        let answer = api.get(&alice(), &format!("/v1/{query}")).await;
        assert!((400..500).contains(&answer.status), "{query}: {answer}");
        let problems = answer.problems().replace('\n', "; ");
        writeln!(table, "{query}: {} {}", answer.short(), problems.trim_end_matches("; ")).unwrap();
    }
    expect![[r#"
        incidents?sevrity=high: 422 WF-0002 Request.Invalid sevrity: is not known here
        incidents?severity=high&severity=low: 422 WF-0002 Request.Invalid severity: must be said once
        incidents?severity=: 422 WF-0002 Request.Invalid severity: must be a severity, under a label of any profile
        incidents?severity=high,,low: 422 WF-0002 Request.Invalid severity: must be a severity, under a label of any profile
        incidents?status=open: 422 WF-0002 Request.Invalid status: must be one of new, acknowledged, mitigating, monitoring, resolved, closed
        incidents?status=new,Closed: 422 WF-0002 Request.Invalid status: must be one of new, acknowledged, mitigating, monitoring, resolved, closed
        incidents?limit=0: 422 WF-0002 Request.Invalid limit: must be 1 to 100
        incidents?limit=101: 422 WF-0002 Request.Invalid limit: must be 1 to 100
        incidents?limit=-1: 422 WF-0002 Request.Invalid limit: must be 1 to 100
        incidents?limit=+5: 422 WF-0002 Request.Invalid limit: must be 1 to 100
        incidents?limit=ten: 422 WF-0002 Request.Invalid limit: must be 1 to 100
        incidents?q=: 422 WF-0002 Request.Invalid q: must be 1 to 100 characters
        incidents?q=+: 422 WF-0002 Request.Invalid q: must be 1 to 100 characters
        incidents?limit=0&status=x&severity=y&raw=1: 422 WF-0002 Request.Invalid raw: is not known here; severity: must be a severity, under a label of any profile; status: must be one of new, acknowledged, mitigating, monitoring, resolved, closed; limit: must be 1 to 100
        incidents?q=%ff: 400 WF-0001 Request.Malformed 
        incidents?q=%zz: 400 WF-0001 Request.Malformed 
        incidents/%2e%2e: 404 WF-0006 Record.NotFound 
        incidents/a%2fb: 404 WF-0006 Record.NotFound 
        timeline: 422 WF-0002 Request.Invalid incident_id: is missing
        timeline?incident_id=x&after=-1&raw=yes&limit=101: 422 WF-0002 Request.Invalid after: must be 0 to 999999999; limit: must be 1 to 100; raw: must be true or false
        timeline?incident_id=x: 404 WF-0006 Record.NotFound 
        approvals?state=open&incident_id=x: 422 WF-0002 Request.Invalid state: must be one of pending, granted, denied, expired, superseded, revoked, overridden
        approvals?incident_id=x: 404 WF-0006 Record.NotFound 
        plans?q=1: 422 WF-0002 Request.Invalid q: is not known here
        incidents/INC-20261121-0312?verbose: 422 WF-0002 Request.Invalid verbose: is not known here
    "#]].assert_eq(&table);
    let long = api.get(&alice(), &format!("/v1/incidents?q={}", "a".repeat(101))).await;
    assert_eq!(long.problems(), "q: must be 1 to 100 characters\n");
    let vast = api.get(&alice(), &format!("/v1/incidents?q={}", "a".repeat(9_000))).await;
    assert_eq!(vast.short(), "413 WF-0003 Request.TooLarge");
    let vast = api.get(&alice(), &format!("/v1/incidents/{}", "a".repeat(3_000))).await;
    assert_eq!(vast.short(), "413 WF-0003 Request.TooLarge");
    let role = format!("/v1/incidents/{incident}/roles/king");
    assert_eq!(api.put(&alice(), &role, &json!({"person": "bob"})).await.status, 404);
    assert_eq!(api.dump(), dump);
}

#[tokio::test]
async fn an_idempotency_key_is_visible_ascii() {
    let api = Api::new();
    let body = json!({"title": "a", "severity": "low"});
    for key in ["", " ", "a b", "ä", "a\tb", &"k".repeat(129)] {
        let event = api.event(&alice(), "POST", "/v1/incidents", Some(&body));
        let answer = api.send(with(event, "idempotency-key", key)).await;
        assert_eq!(
            answer.problems(),
            "Idempotency-Key: must be 1 to 128 visible ASCII characters\n"
        );
    }
    assert_eq!(api.world.dynamo.items().len(), 0);
    let event = api.event(&alice(), "POST", "/v1/incidents", Some(&body));
    api.send(with(event, "idempotency-key", &"k".repeat(128))).await.good();
}

#[tokio::test]
async fn an_event_that_is_none_is_answered_too() {
    let api = Api::new();
    let who: Who = alice();
    for strange in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({"rawPath": 7}),
        json!({"Records": []}),
    ] {
        let answer = api.send_strange(strange).await;
        assert_eq!(answer.short(), "400 WF-0001 Request.Malformed");
        assert_eq!(answer.headers["x-request-id"], "unknown");
    }
    let good = api.event(&who, "GET", "/v1/incidents", None).to_string();
    for at in 0..20 {
        let cut: Value = serde_json::from_str(&good[..good.len() * at / 20]).unwrap_or_default();
        assert_eq!(api.send_strange(cut).await.status, 400);
    }
    assert_eq!(api.send(event("GET", "/v1/incidents")).await.status, 401);
    assert_eq!(api.world.dynamo.items().len(), 0);
}
