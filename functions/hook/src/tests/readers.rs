//! What each sender's webhook says, in our words.

use super::{Hook, sample};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_domain::integration::IntegrationKind;

/// What the integration's door makes of the body.
async fn read(kind: IntegrationKind, body: &str) -> Vec<Value> {
    let hook = Hook::of(kind).await;
    let event = if kind == IntegrationKind::Pagerduty {
        let mut event: Value = serde_json::from_str(body).unwrap();
        event["routing_key"] = json!(hook.secret);
        super::request("/v2/enqueue", &[], &event.to_string())
    } else {
        hook.bearer(body)
    };
    let answer = hook.send(event).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    hook.queued()
}

async fn check(kind: IntegrationKind, expected: Expect) {
    let notices = read(kind, &sample(kind.name())).await;
    expected.assert_eq(&format!("{:#}\n", Value::from(notices)));
}

#[tokio::test]
async fn alertmanager() {
    check(
        IntegrationKind::Alertmanager,
        expect![[r#"
        [
          {
            "at": "2026-11-21T03:10:00.123Z",
            "description": "p99 is 840 ms on a:9100",
            "identity": "2026-11-21T03:10:00.123Z",
            "key": "c6eadffa33fcdf37",
            "labels": {
              "alertname": "StorageLatency",
              "instance": "a:9100",
              "region": "eu-central-1",
              "severity": "warning",
              "team": "storage"
            },
            "name": "StorageLatency",
            "reason": "Reads of the storage layer are slow",
            "said": "firing"
          },
          {
            "at": "2026-11-21T03:11:30.000Z",
            "identity": "2026-11-21T03:11:30.000Z",
            "key": "bc97ff14869b13e3",
            "labels": {
              "alertname": "StorageLatency",
              "instance": "b:9100",
              "severity": "critical",
              "team": "storage"
            },
            "name": "StorageLatency",
            "reason": "Reads of the storage layer are slow",
            "said": "firing"
          }
        ]
    "#]],
    )
    .await;
}

#[tokio::test]
async fn grafana() {
    check(
        IntegrationKind::Grafana,
        expect![[r#"
        [
          {
            "at": "2026-11-21T03:09:51.157Z",
            "description": "The system has high memory usage",
            "identity": "2026-11-21T03:09:51.157Z",
            "key": "1d3a1b8f9a6e2c40",
            "labels": {
              "alertname": "High memory usage",
              "team": "blue",
              "zone": "us-1"
            },
            "name": "High memory usage",
            "reason": "Memory is nearly full in us-1",
            "said": "firing"
          }
        ]
    "#]],
    )
    .await;
}

#[tokio::test]
async fn datadog() {
    check(IntegrationKind::Datadog, expect![[r#"
        [
          {
            "at": "2026-11-21T03:11:00.000Z",
            "description": "checkout.errors over host:web-1 was > 5.0 at least once during the last 5m",
            "identity": "2026-11-21T03:11:00.000Z",
            "key": "6bbda25a88223af7554aef54c06d72a5",
            "labels": {
              "env": "prod",
              "host": "web-1",
              "monitor": "1234567",
              "priority": "P2",
              "service": "checkout",
              "severity": "high",
              "url": "https://app.datadoghq.com/monitors/1234567"
            },
            "name": "Errors of checkout are high",
            "reason": "%%% Errors of checkout are above 5 %. %%%",
            "said": "firing"
          }
        ]
    "#]]).await;
}

#[tokio::test]
async fn generic() {
    check(
        IntegrationKind::Generic,
        expect![[r#"
        [
          {
            "at": "2026-11-21T03:11:00.000Z",
            "description": "restic of the billing database",
            "identity": "2026-11-21T03:11:00.000Z",
            "key": "backup/nightly",
            "labels": {
              "attempt": "3",
              "dry_run": "false",
              "severity": "high",
              "team": "billing"
            },
            "name": "The nightly backup failed",
            "reason": "exit code 2",
            "said": "firing"
          }
        ]
    "#]],
    )
    .await;
}

#[tokio::test]
async fn pagerduty() {
    let mut notices = read(IntegrationKind::Pagerduty, &sample("pagerduty")).await;
    // The body's digest: the routing key in it is another each time.
    assert_eq!(notices[0]["identity"].take().as_str().unwrap().len(), 64);
    expect![[r#"
        [
          {
            "at": "2026-11-21T03:12:00.000Z",
            "description": "Sample Monitoring Service",
            "identity": null,
            "key": "srv01/disk",
            "labels": {
              "class": "disk",
              "component": "postgres",
              "free space": "1%",
              "group": "prod-datapipe",
              "load avg": "0.75",
              "severity": "error",
              "source": "srv01.example.org",
              "url": "https://example.org/runbook"
            },
            "name": "The disk of srv01 is nearly full",
            "reason": "The disk of srv01 is nearly full",
            "said": "firing"
          }
        ]
    "#]]
    .assert_eq(&format!("{:#}\n", Value::from(notices)));
}

/// `said` and `at` of a Datadog transition.
#[tokio::test]
async fn datadogs_transitions_fire_unless_they_say_that_it_is_over() {
    let mut event: Value = serde_json::from_str(&sample("datadog")).unwrap();
    let mut table = String::new();
    for word in [
        "Triggered",
        "Re-Triggered",
        "Warn",
        "No Data",
        "Renotify",
        "Recovered",
        "?",
        "$ALERT_TRANSITION",
    ] {
        event["alert_transition"] = word.into();
        let said = read(IntegrationKind::Datadog, &event.to_string()).await[0]["said"].clone();
        writeln!(table, "{word}: {said}").unwrap();
    }
    expect![[r#"
        Triggered: "firing"
        Re-Triggered: "firing"
        Warn: "firing"
        No Data: "firing"
        Renotify: "firing"
        Recovered: "resolved"
        ?: "firing"
        $ALERT_TRANSITION: "firing"
    "#]]
    .assert_eq(&table);
    // Its own default template tells no transition, and may be sent unfilled.
    let bare = json!({ "title": "[Recovered] a", "aggreg_key": "k", "body": "b", "id": "$ID", "alert_type": "success" });
    let notice = read(IntegrationKind::Datadog, &bare.to_string()).await.remove(0);
    assert_eq!((&notice["said"], &notice["key"]), (&json!("resolved"), &json!("k")));
}

#[tokio::test]
async fn an_alert_without_an_identity_is_known_by_its_labels() {
    let alerts = |labels: Value| {
        let alert = json!({ "labels": labels, "startsAt": "2026-11-21T03:00:00Z" });
        json!({ "status": "resolved", "alerts": [alert] }).to_string()
    };
    let of =
        async |labels: Value| read(IntegrationKind::Alertmanager, &alerts(labels)).await.remove(0);
    let one = of(json!({ "alertname": "a", "job": "b" })).await;
    assert_eq!(one["said"], "resolved", "early versions say it of the group only");
    assert_eq!(one["at"], "2026-11-21T03:12:00.000Z", "the time of its end is not known");
    assert_eq!(one["key"], of(json!({ "job": "b", "alertname": "a" })).await["key"]);
    assert_ne!(one["key"], of(json!({ "job": "c", "alertname": "a" })).await["key"]);
}

#[tokio::test]
async fn a_fast_clock_makes_no_alarm_newer_than_its_end() {
    let body = json!({ "key": "a", "at": "2026-11-21T09:00:00Z" });
    let notice = read(IntegrationKind::Generic, &body.to_string()).await.remove(0);
    assert_eq!(notice["at"], "2026-11-21T03:12:00.000Z");
    // What tells it from others is what the sender said.
    assert_eq!(notice["identity"], "2026-11-21T09:00:00.000Z");
    for (at, read_as) in [
        (json!(1_795_230_660), json!("2026-11-21T03:11:00.000Z")),
        (json!("1795230660000"), json!("2026-11-21T03:11:00.000Z")),
        (json!("yesterday"), json!("2026-11-21T03:12:00.000Z")),
        (json!(-1), json!("2026-11-21T03:12:00.000Z")),
        (json!(null), json!("2026-11-21T03:12:00.000Z")),
    ] {
        let body = json!({ "key": "a", "at": at });
        let notice = read(IntegrationKind::Generic, &body.to_string()).await.remove(0);
        assert_eq!(notice["at"], read_as, "{at}");
    }
}

#[tokio::test]
async fn a_list_loses_no_alert_for_another_that_is_none() {
    let hook = Hook::of(IntegrationKind::Generic).await;
    let body = json!({ "alerts": [7, { "title": "a" }, {}, { "key": "b", "state": "OK" }] });
    let answer = hook.send(hook.bearer(&body.to_string())).await;
    assert_eq!(answer.text, r#"{"alerts":2,"status":"accepted","unreadable":2}"#);
    let said: Vec<_> = hook.queued().into_iter().map(|one| one["said"].clone()).collect();
    assert_eq!(said, ["firing", "resolved"]);
    let none = hook.send(hook.bearer(r#"{"alerts":[7]}"#)).await;
    assert_eq!(none.short(), "422 WF-0002");
    let empty = hook.send(hook.bearer(r#"{"alerts":[]}"#)).await;
    assert_eq!(empty.text, r#"{"alerts":0,"status":"accepted"}"#);
    assert!(hook.queued().is_empty());
}
