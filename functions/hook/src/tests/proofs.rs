//! Who is let in, and by what.

use super::{Answer, Hook, sample};
use crate::tests::request;
use base64ct::{Base64, Encoding as _};
use ring::hmac;
use std::fmt::Write as _;
use watchfire_domain::integration::{IntegrationKind, OVERLAP};
use watchfire_domain::{MINUTE, SECOND, hex};
use watchfire_ports::Clock as _;

fn sign(secret: &str, message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex(hmac::sign(&key, message.as_bytes()).as_ref())
}

fn basic(pair: &str) -> String {
    format!("Basic {}", Base64::encode_string(pair.as_bytes()))
}

/// What each kind of sender may prove itself by.
#[tokio::test]
async fn each_sender_proves_itself_as_it_can() {
    use IntegrationKind::{Alertmanager, Datadog, Generic, Grafana, Pagerduty};
    let mut table = String::new();
    for kind in [Alertmanager, Grafana, Datadog, Generic, Pagerduty] {
        let hook = Hook::of(kind).await;
        let body = sample(kind.name());
        let secret = hook.secret.as_str();
        let now = hook.world.clock.now().seconds().to_string();
        let bearer = format!("Bearer {secret}");
        let basic = basic(&format!("anybody:{secret}"));
        let (grafana, timed) = (sign(secret, &body), sign(secret, &format!("{now}:{body}")));
        let ours = format!("sha256={}", sign(secret, &format!("{now}.{body}")));
        let ways: [(&str, Vec<(&str, &str)>); 7] = [
            ("bearer", vec![("authorization", &bearer)]),
            ("basic", vec![("authorization", &basic)]),
            ("x-watchfire-secret", vec![("x-watchfire-secret", secret)]),
            (
                "x-watchfire-signature",
                vec![("x-watchfire-signature", &ours), ("x-watchfire-timestamp", &now)],
            ),
            ("x-grafana-alerting-signature", vec![("x-grafana-alerting-signature", &grafana)]),
            (
                "the same with its time",
                vec![
                    ("x-grafana-alerting-signature", &timed),
                    ("x-grafana-alerting-timestamp", &now),
                ],
            ),
            ("nothing", vec![]),
        ];
        for (way, headers) in ways {
            let answer = hook.send(hook.request(&headers, &body)).await;
            writeln!(table, "{:<13} {way:<29} {}", kind.name(), answer.status).unwrap();
            assert_eq!(hook.queued().is_empty(), answer.status != 202, "{table}");
        }
    }
    expect_test::expect![[r#"
        alertmanager  bearer                        202
        alertmanager  basic                         202
        alertmanager  x-watchfire-secret            401
        alertmanager  x-watchfire-signature         401
        alertmanager  x-grafana-alerting-signature  401
        alertmanager  the same with its time        401
        alertmanager  nothing                       401
        grafana       bearer                        202
        grafana       basic                         202
        grafana       x-watchfire-secret            401
        grafana       x-watchfire-signature         401
        grafana       x-grafana-alerting-signature  202
        grafana       the same with its time        202
        grafana       nothing                       401
        datadog       bearer                        202
        datadog       basic                         202
        datadog       x-watchfire-secret            202
        datadog       x-watchfire-signature         401
        datadog       x-grafana-alerting-signature  401
        datadog       the same with its time        401
        datadog       nothing                       401
        generic       bearer                        202
        generic       basic                         202
        generic       x-watchfire-secret            202
        generic       x-watchfire-signature         202
        generic       x-grafana-alerting-signature  401
        generic       the same with its time        401
        generic       nothing                       401
        pagerduty     bearer                        401
        pagerduty     basic                         401
        pagerduty     x-watchfire-secret            401
        pagerduty     x-watchfire-signature         401
        pagerduty     x-grafana-alerting-signature  401
        pagerduty     the same with its time        401
        pagerduty     nothing                       401
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn whoever_proves_nothing_hears_the_same_and_nothing_is_queued() {
    let hook = Hook::of(IntegrationKind::Generic).await;
    let body = sample("generic");
    let other = Hook::of(IntegrationKind::Alertmanager).await;
    let mut answers: Vec<Answer> = Vec::new();
    for secret in ["", " ", "whs_", "é", other.secret.as_str(), &hook.secret[..55]] {
        let bearer = format!("Bearer {secret}");
        answers.push(hook.send(hook.request(&[("authorization", &bearer)], &body)).await);
    }
    for header in ["Bearer", "Basic", "Basic !!", "Digest a", &basic("no colon"), &hook.secret] {
        answers.push(hook.send(hook.request(&[("authorization", header)], &body)).await);
    }
    let bearer = format!("Bearer {}", hook.secret);
    for path in ["/hooks/int_aaaaaaaaaaaaaaaa", "/hooks/int_A", "/hooks/x", "/hooks/%00"] {
        answers.push(hook.send(request(path, &[("authorization", &bearer)], &body)).await);
    }
    answers.push(hook.send(hook.request(&[], &body)).await);
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:#?}");
    assert_eq!(answers[0].short(), "401 WF-0004");
    assert!(hook.queued().is_empty());
}

#[tokio::test]
async fn a_signature_covers_time_and_body_and_is_good_for_five_minutes() {
    let hook = Hook::of(IntegrationKind::Generic).await;
    let body = sample("generic");
    let now = hook.world.clock.now();
    let bearer = format!("Bearer {}", hook.secret);
    let send = async |at: &str, signed: &str, header: Option<&str>| {
        let mac = sign(&hook.secret, signed);
        let mac = header.map_or(mac, str::to_owned);
        // A secret beside it mends no signature.
        let mut headers = vec![("x-watchfire-signature", mac.as_str()), ("authorization", &bearer)];
        if !at.is_empty() {
            headers.push(("x-watchfire-timestamp", at));
        }
        hook.send(hook.request(&headers, &body)).await.status
    };
    for (late, status) in [(0, 202), (300, 202), (-300, 202), (301, 401), (-301, 401)] {
        let at = now.plus(late * SECOND).seconds().to_string();
        assert_eq!(send(&at, &format!("{at}.{body}"), None).await, status, "{late}");
    }
    let at = now.seconds().to_string();
    let good = format!("{at}.{body}");
    for (at, signed, header) in [
        ("", good.as_str(), None),
        ("", body.as_str(), None),
        ("x", good.as_str(), None),
        ("99999999999999999999", good.as_str(), None),
        (at.as_str(), body.as_str(), None),
        (at.as_str(), "", None),
        (at.as_str(), good.as_str(), Some("sha256=")),
        (at.as_str(), good.as_str(), Some("sha256=zz")),
        (at.as_str(), good.as_str(), Some("sha256=0")),
        (at.as_str(), good.as_str(), Some("é")),
    ] {
        assert_eq!(send(at, signed, header).await, 401, "{at} {header:?}");
    }
}

#[tokio::test]
async fn a_rotated_secret_is_taken_for_a_day_and_a_deleted_integration_for_nothing() {
    let hook = Hook::of(IntegrationKind::Alertmanager).await;
    let body = sample("alertmanager");
    let status = async |secret: &str| {
        let bearer = format!("Bearer {secret}");
        hook.send(hook.request(&[("authorization", &bearer)], &body)).await.status
    };
    let (first, second) = (hook.secret.clone(), hook.rotate().await);
    assert_eq!((status(&first).await, status(&second).await), (202, 202));
    hook.world.forward(OVERLAP - 1);
    assert_eq!(status(&first).await, 202);
    hook.world.forward(1);
    assert_eq!((status(&first).await, status(&second).await), (401, 202));
    let third = hook.rotate().await;
    let fourth = hook.rotate().await;
    assert_eq!(
        (status(&second).await, status(&third).await, status(&fourth).await),
        (401, 202, 202)
    );
    let deleted = hook.desk.delete_integration(&super::admin(), &super::ask(), &hook.id).await;
    deleted.unwrap();
    assert_eq!(status(&fourth).await, 401);
}

#[tokio::test]
async fn the_deployments_key_can_be_rotated_too() {
    let hook = Hook::of(IntegrationKind::Alertmanager).await;
    let body = sample("alertmanager");
    let first = hook.bearer(&body);
    assert_eq!(hook.send(first.clone()).await.status, 202);
    let keys = r#"{"current":"k2","keys":{"k1":"integration-secret of 11","k2":"another"}}"#;
    hook.world.secrets.put("integration-secret", keys);
    hook.world.forward(5 * MINUTE);
    assert_eq!(hook.send(first.clone()).await.status, 202);
    let second = hook.rotate().await;
    let bearer = format!("Bearer {second}");
    // A function that knows the old key only looks once more.
    let stale = Hook { desk: super::desk(&hook.world), ..hook };
    let request = stale.request(&[("authorization", &bearer)], &body);
    assert_eq!(stale.send(request).await.status, 202);
    assert_eq!(stale.send(first).await.status, 202);
}
