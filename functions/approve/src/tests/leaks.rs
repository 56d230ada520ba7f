//! What must not stand in a log.

use super::fixture::{APPROVER, Asked, COOKIE_TEXT, desk, post, send};
use crate::handle;
use serde_json::json;
use watchfire_fakes::{FakeLog, Fault, Faults};

#[tokio::test]
async fn no_log_line_holds_a_token_a_link_a_code_or_an_address() {
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false);
    let _logging = tracing::subscriber::set_default(subscriber.finish());
    let asked = Asked::bob(41).await;
    let form = asked.form("grant").await;
    let mut others = Vec::new();
    for (place, wrong) in [(0, "v1.k1.a.b"), (1, "AAAA"), (2, "000000"), (3, "maybe")] {
        let mut form = form.clone();
        form[place].1 = wrong.to_owned();
        others.push(post(&form));
    }
    let mut elsewhere = post(&form);
    elsewhere["headers"]["origin"] = "null".into();
    others.extend([elsewhere, json!({"requestContext": {}})]);
    for event in others {
        send(&asked.world, event).await;
    }
    let troubled = asked.world.process(Faults::new());
    for call in 0..9 {
        troubled.faults.at(call, Fault::ServerError { applied: false });
    }
    send(&troubled, post(&form)).await;
    send(&asked.world, post(&form)).await;
    send(&asked.world, post(&asked.form("deny").await)).await;
    let dead = asked.world.workflow.wait("dead");
    handle(&desk(&asked.world), asked.step(9, &dead)).await.unwrap();
    handle(&desk(&asked.world), asked.step(1, &asked.token)).await.unwrap();

    let text = log.text();
    let lines = text + &asked.world.metrics.lines().join("\n");
    assert!(lines.contains("An approver answered"), "{lines}");
    let code = asked.approval().await.code;
    let (_, mac) = asked.link.rsplit_once('.').unwrap();
    let cookie = COOKIE_TEXT.trim_start_matches("__Host-ap=");
    let secrets = [&asked.token, &dead, &asked.link, mac, &code, &form[1].1, cookie];
    let secrets = secrets.into_iter().chain([APPROVER, "@example.com", "v1.k1.", "__Host-"]);
    for secret in secrets {
        assert!(!lines.contains(secret), "`{secret}` is in a log line: {lines}");
    }
}
