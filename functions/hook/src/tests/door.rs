//! Paths, sizes, trouble, and `PagerDuty`'s own answers.

use super::{Hook, request, sample};
use expect_test::expect;
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_domain::integration::IntegrationKind;
use watchfire_fakes::{FakeLog, Fault, Faults};

#[tokio::test]
async fn what_is_no_door_is_not_there() {
    let hook = Hook::of(IntegrationKind::Generic).await;
    let at = async |method: &str, path: &str| {
        let mut event = hook.bearer(&sample("generic"));
        event["rawPath"] = path.into();
        event["requestContext"]["http"]["method"] = method.into();
        hook.send(event).await
    };
    let good = format!("/hooks/{}", hook.id);
    assert_eq!(at("POST", &good).await.status, 202);
    assert_eq!(hook.queued().len(), 1);
    for path in ["/", "/hooks", "/hook/x", "/hooks/a/b", "/v2/change/enqueue"] {
        assert_eq!(at("POST", path).await.short(), "404 WF-0006", "{path}");
    }
    for method in ["GET", "PUT", "HEAD"] {
        let refused = at(method, &good).await;
        assert_eq!(
            (refused.short().as_str(), &refused.headers["allow"]),
            ("405 WF-0010", &json!("POST"))
        );
        assert_eq!(at(method, "/v2/enqueue").await.status, 405);
    }
    assert_eq!(at("POST", "/x/v2/enqueue").await.status, 404);
    for event in [json!({}), json!([]), Value::Null] {
        assert!(hook.send(event).await.status < 500);
    }
    assert!(hook.queued().is_empty());
}

#[tokio::test]
async fn pagerduty_is_answered_as_it_answers() {
    let hook = Hook::of(IntegrationKind::Pagerduty).await;
    let other = Hook::of(IntegrationKind::Generic).await;
    let mut table = String::new();
    let trigger: Value = serde_json::from_str(&sample("pagerduty")).unwrap();
    let with = |fields: Value| {
        let mut event = trigger.clone();
        event["routing_key"] = json!(hook.secret);
        for (name, value) in fields.as_object().unwrap() {
            event[name] = value.clone();
        }
        event.to_string()
    };
    let key = &hook.secret;
    for (what, body) in [
        ("a trigger", with(json!({}))),
        ("a trigger without a key", with(json!({ "dedup_key": null }))),
        (
            "an acknowledgement",
            json!({ "routing_key": key, "dedup_key": "a\"b", "event_action": "acknowledge" })
                .to_string(),
        ),
        (
            "a resolution",
            json!({ "routing_key": key, "dedup_key": "a", "event_action": "resolve" }).to_string(),
        ),
        (
            "nothing but a summary",
            json!({ "routing_key": key, "event_action": "trigger", "payload": { "summary": "a" } })
                .to_string(),
        ),
        ("no summary", with(json!({ "payload": { "source": "a" }, "dedup_key": "" }))),
        ("no payload", json!({ "routing_key": key, "event_action": "trigger" }).to_string()),
        ("an end of what", json!({ "routing_key": key, "event_action": "resolve" }).to_string()),
        ("another action", with(json!({ "event_action": "snooze" }))),
        ("no action", with(json!({ "event_action": 7 }))),
        ("a long key", with(json!({ "dedup_key": "x".repeat(256) }))),
        ("no routing key", with(json!({ "routing_key": null }))),
        ("a short routing key", with(json!({ "routing_key": "a" }))),
        (
            "a wrong routing key",
            with(json!({ "routing_key": format!("{}{}", &key[..16], "a".repeat(16)) })),
        ),
        ("an unknown one", with(json!({ "routing_key": "a".repeat(32) }))),
        ("another kind's secret", with(json!({ "routing_key": other.secret }))),
        ("a list", "[]".to_owned()),
        ("no JSON", "{".to_owned()),
        ("too much", with(json!({ "x": "x".repeat(524_288) }))),
    ] {
        let answer = hook.send(request("/v2/enqueue", &[], &body)).await;
        writeln!(table, "{what}: {} {}", answer.status, answer.text).unwrap();
        assert_eq!(hook.queued().len(), usize::from(answer.status == 202), "{what}");
        assert!(!answer.text.contains(key.as_str()), "{what}");
    }
    expect![[r#"
        a trigger: 202 {"status":"success","message":"Event processed","dedup_key":"srv01/disk"}
        a trigger without a key: 202 {"status":"success","message":"Event processed","dedup_key":"fc9cd5454e4f42e665c7aca56177be6f"}
        an acknowledgement: 202 {"status":"success","message":"Event processed","dedup_key":"a\"b"}
        a resolution: 202 {"status":"success","message":"Event processed","dedup_key":"a"}
        nothing but a summary: 202 {"status":"success","message":"Event processed","dedup_key":"942b354c6b3569cc0603ca14421ec1fe"}
        no summary: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'payload.summary' is missing or blank"]}
        no payload: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'payload.summary' is missing or blank"]}
        an end of what: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'dedup_key' is missing or blank"]}
        another action: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"]}
        no action: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"]}
        a long key: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'dedup_key' is too long (255 characters at most)"]}
        no routing key: 400 {"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}
        a short routing key: 400 {"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}
        a wrong routing key: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is not one of an integration"]}
        an unknown one: 400 {"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is not one of an integration"]}
        another kind's secret: 400 {"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}
        a list: 400 {"status":"invalid event","message":"Event object is invalid","errors":["the event must be an object"]}
        no JSON: 400 {"status":"invalid event","message":"Event object is invalid","errors":["the body is not JSON: EOF while parsing an object at line 1 column 1"]}
        too much: 413 {"status":"invalid event","message":"Event object is too large","errors":["the body is larger than 524290 bytes"]}
    "#]].assert_eq(&table);
}

#[tokio::test]
async fn what_the_queue_does_not_take_is_asked_for_again() {
    for (kind, status) in [(IntegrationKind::Generic, 503), (IntegrationKind::Pagerduty, 500)] {
        let hook = Hook::of(kind).await;
        let event = if kind == IntegrationKind::Pagerduty {
            let body =
                sample("pagerduty").replace("0123456789abcdef0123456789abcdef", &hook.secret);
            request("/v2/enqueue", &[], &body)
        } else {
            hook.bearer(&sample("generic"))
        };
        let troubled = hook.world.process(Faults::new());
        troubled.faults.at_operation("sqs:SendMessage", 0, Fault::ServerError { applied: false });
        let troubled = Hook {
            desk: super::desk(&troubled),
            world: troubled,
            id: hook.id.clone(),
            secret: hook.secret.clone(),
        };
        let refused = troubled.send(event.clone()).await;
        assert_eq!(
            (refused.status, &refused.headers["retry-after"]),
            (status, &json!("5")),
            "{refused:?}"
        );
        assert!(hook.queued().is_empty());
        assert_eq!(troubled.send(event).await.status, 202);
        assert_eq!(hook.queued().len(), 1);
    }
}

#[tokio::test]
async fn a_large_webhook_is_many_messages_and_a_larger_one_is_refused() {
    let hook = Hook::of(IntegrationKind::Alertmanager).await;
    let alert = |n: usize| json!({ "fingerprint": n.to_string(), "labels": { "alertname": "x".repeat(900) } });
    let alerts: Vec<Value> = (0..1_000).map(alert).collect();
    let body = json!({ "alerts": alerts }).to_string();
    assert!(body.len() > 900_000 && body.len() < 1_048_576);
    let answer = hook.send(hook.bearer(&body)).await;
    assert_eq!(answer.text, r#"{"alerts":1000,"status":"accepted"}"#);
    let bodies = hook.world.hooks.take();
    assert_eq!(bodies.len(), 50, "twenty in each: a function has a minute for ten of them");
    assert!(bodies.iter().all(|body| body.len() <= 256 * 1024));
    let larger = hook.send(hook.bearer(&" ".repeat(1_048_577))).await;
    assert_eq!(larger.short(), "413 WF-0003");
    // One alert, as large as it can be, fits one message.
    let labels: serde_json::Map<String, Value> = (0..100)
        .map(|n| (format!("{n}{}", "\"".repeat(200)), json!("\"\u{1}é".repeat(500))))
        .collect();
    let text = "\"\\".repeat(2_000);
    let notes = json!({ "summary": text, "description": text });
    let body =
        json!({ "alerts": [{ "labels": labels, "annotations": notes, "fingerprint": text }] });
    assert_eq!(hook.send(hook.bearer(&body.to_string())).await.status, 202);
    let [message] = hook.world.hooks.take().try_into().unwrap();
    assert!(message.len() < 100_000, "{}", message.len());
    let deep = format!("{{\"alerts\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [deep.as_str(), "", "\u{0}", "7", "\"a\"", "null", "{\"alerts\":{}}"] {
        let answer = hook.send(hook.bearer(body)).await;
        assert!(matches!(answer.status, 400 | 422), "{body:.20}: {answer:?}");
    }
}

#[tokio::test]
async fn no_log_line_and_no_answer_holds_a_secret() {
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE);
    let _logging = tracing::subscriber::set_default(subscriber.finish());
    let hook = Hook::of(IntegrationKind::Generic).await;
    let mut answers = String::new();
    for headers in [
        vec![("authorization", format!("Bearer {}", hook.secret))],
        vec![("authorization", format!("Bearer {}x", hook.secret))],
        vec![("x-watchfire-secret", hook.secret.clone())],
        vec![("x-watchfire-signature", hook.secret.clone())],
    ] {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for body in [sample("generic"), "{".to_owned(), "{}".to_owned()] {
            answers += &hook.send(hook.request(&headers, &body)).await.text;
        }
    }
    let pages = Hook::of(IntegrationKind::Pagerduty).await;
    let body = sample("pagerduty").replace("0123456789abcdef0123456789abcdef", &pages.secret);
    for body in [body.clone(), body.replace("trigger", "snooze"), body.replacen('{', "", 1)] {
        answers += &pages.send(request("/v2/enqueue", &[], &body)).await.text;
    }
    hook.rotate().await;
    let seen = [log.text(), answers, hook.world.hooks.dump(), pages.world.hooks.dump()].concat();
    let seen = seen + &hook.world.metrics.lines().join("\n");
    assert!(seen.contains("A webhook was verified") && seen.contains("WF-0004"), "{seen}");
    for secret in [hook.secret.as_str(), &hook.secret[4..], &pages.secret, &pages.secret[16..]] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
}
