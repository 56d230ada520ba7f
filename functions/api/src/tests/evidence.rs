//! The evidence of an approval: lent for a while, and told to nobody else.

use super::api::{Api, alice, who};
use expect_test::expect;
use serde_json::json;
use watchfire_fakes::FakeLog;
use watchfire_ports::Clock as _;

#[tokio::test]
async fn the_evidence_of_an_approval_is_lent_and_stands_in_no_log() {
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false);
    let _logging = tracing::subscriber::set_default(subscriber.finish());
    let api = Api::new();
    let approval = api.fixture().await.approval;
    let path = format!("/v1/approvals/{approval}/evidence");
    let open = api.get(&alice(), &path).await;
    assert_eq!(open.short(), "409 WF-0041 Approval.NotKept");
    let revoke = format!("/v1/approvals/{approval}/revoke");
    api.post(&alice(), &revoke, &json!({ "reason": "by mistake" })).await.good();
    let unwritten = api.get(&alice(), &path).await;
    assert_eq!(unwritten.short(), "409 WF-0041 Approval.NotKept");
    assert_eq!(unwritten.body["error"]["retryable"], true);

    let other = api.fixture().await.approval;
    api.keep_evidence(&other).await;
    let path = format!("/v1/approvals/{other}/evidence");
    let stranger = api.get(&who("stranger@example.com", "admin", "initech"), &path).await;
    assert_eq!(stranger.status, 404);
    let lent = api.get(&who("vic@example.com", "viewer", "acme"), &path).await.good();
    assert_eq!(lent.headers["cache-control"], "no-store");
    let shown = lent.text("/key").replace(lent.text("/sha256"), "<sha256>");
    expect!["approvals/acme/01a1fc16-e000-76bb-8f76-f87c79fe504d/0001-<sha256>.json"]
        .assert_eq(&shown);
    let url = lent.text("/url");
    let document = api.world.vault.fetch(url, api.world.clock.now()).unwrap();
    assert!(String::from_utf8(document).unwrap().contains(r#""state":"revoked""#));
    let (_, signature) = url.rsplit_once('=').unwrap();
    let lines = log.text() + &api.world.metrics.lines().join("\n");
    assert!(!lines.is_empty(), "something is logged");
    assert!(!lines.contains("X-Amz-") && !lines.contains(signature), "{lines}");
}
