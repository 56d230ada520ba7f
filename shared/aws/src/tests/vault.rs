use super::Script;
use crate::{S3Vault, SqsHooks, SqsLine, SqsSeals};
use serde_json::json;
use watchfire_domain::{IncidentId, Timestamp};
use watchfire_ports::{Delivery, Hooks, Line, PortError, SealAsk, Seals, Vault, Waiting};

fn vault(script: &Script) -> S3Vault {
    S3Vault::new(script.aws(), "sealed".to_owned())
}

#[tokio::test]
async fn what_is_put_anew_is_put_only_where_nothing_is() {
    let script = Script::default().ok("").s3_error(412, "PreconditionFailed");
    let vault = vault(&script);
    assert!(vault.put_new("a/b", b"x".to_vec()).await.unwrap());
    assert!(!vault.put_new("a/b", b"x".to_vec()).await.unwrap());
    assert_eq!(script.only_new(), [true, true]);
    let (asked, _) = &script.asked()[0];
    assert!(asked.starts_with("PUT https://sealed.s3.eu-central-1.amazonaws.com/a/b"), "{asked}");
}

#[tokio::test]
async fn what_is_replaced_is_put_whatever_is_there() {
    let script = Script::default().ok("");
    vault(&script).replace("checkpoint", b"x".to_vec()).await.unwrap();
    assert_eq!(script.only_new(), [false]);
}

#[tokio::test(start_paused = true)]
async fn two_that_put_at_once_may_try_again_and_what_is_forbidden_may_not() {
    let script =
        (0..3).fold(Script::default(), |all, _| all.s3_error(409, "ConditionalRequestConflict"));
    let error = vault(&script).put_new("a", Vec::new()).await.unwrap_err();
    assert!(error.retryable(), "{error}");
    let script = Script::default().s3_error(403, "AccessDenied");
    let error = vault(&script).put_new("a", Vec::new()).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test]
async fn what_is_missing_is_none_and_what_is_forbidden_is_not_missing() {
    let script = Script::default()
        .ok("bytes")
        .s3_error(404, "NoSuchKey")
        .s3_error(403, "AccessDenied")
        .s3_error(404, "NoSuchBucket");
    let vault = vault(&script);
    assert_eq!(vault.get("a").await.unwrap().as_deref(), Some(&b"bytes"[..]));
    assert_eq!(vault.get("a").await.unwrap(), None);
    assert!(matches!(vault.get("a").await.unwrap_err(), PortError::Refused { .. }));
    assert!(matches!(vault.get("a").await.unwrap_err(), PortError::NotFound { .. }));
}

/// AWS "Signature Version 4", by query: what a browser can follow names its host alone.
#[tokio::test]
async fn an_address_is_signed_for_its_time_and_asks_nobody() {
    let script = Script::default();
    let session = [("AWS_SESSION_TOKEN", "a session")];
    let aws = std::sync::Arc::new(script.aws_with(&session));
    let vault = S3Vault::new(aws, "sealed".to_owned());
    let from = Timestamp::parse("2026-11-21T03:12:00Z").unwrap();
    let url = vault.lend("approvals/acme/0001-ab.json", from, 900).await.unwrap();
    let (_, signature) = url.split_once("&X-Amz-Signature=").unwrap();
    let (signature, _) = signature.split_once('&').unwrap();
    assert_eq!(signature.len(), 64);
    let parts = [
        "https://sealed.s3.eu-central-1.amazonaws.com/approvals/acme/0001-ab.json?x-id=GetObject",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=test%2F20261121%2Feu-central-1%2Fs3%2Faws4_request",
        "X-Amz-Date=20261121T031200Z",
        "X-Amz-Expires=900",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature=…",
        "X-Amz-Security-Token=a%20session",
    ];
    assert_eq!(url.replace(signature, "…").split('&').collect::<Vec<_>>(), parts);
    assert_eq!(script.asked(), []);
    let later = vault.lend("approvals/acme/0001-ab.json", from.plus(1_000), 900).await.unwrap();
    assert_ne!(url, later);
    let error = vault.lend("a", from, 604_801).await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn names_are_what_follows_the_prefix_on_every_page() {
    let page = |more: &str, name: &str| {
        format!(
            "<ListBucketResult><EncodingType>url</EncodingType>{more}<Contents><Key>{name}</Key>\
             <Size>0</Size></Contents></ListBucketResult>"
        )
    };
    let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>";
    let script = Script::default().ok(&page(more, "s/1")).ok(&page("", "s/2"));
    assert_eq!(vault(&script).names("s/").await.unwrap(), ["1", "2"]);
    assert!(script.asked()[1].0.contains("continuation-token=t"));
    assert_eq!(vault(&script).location("x"), "s3://sealed/x");
}

#[tokio::test]
async fn what_shall_be_sealed_is_queued_without_delay() {
    let incident: IncidentId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
    let ask = SealAsk { tenant: "acme".to_owned(), incident, approval: None };
    let script = Script::default().ok(r#"{"MessageId":"1","MD5OfMessageBody":""}"#);
    let queue = SqsSeals::new(script.aws(), "https://sqs/1/seal".to_owned());
    queue.send(&ask).await.unwrap();
    let sent = script.json(0);
    assert_eq!(sent["QueueUrl"], json!("https://sqs/1/seal"));
    assert_eq!(sent["DelaySeconds"], json!(0));
    let body: SealAsk = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(body, ask);
    let script = Script::default().error(400, "AWS.SimpleQueueService.NonExistentQueue", "");
    let queue = SqsSeals::new(script.aws(), "https://sqs/1/seal".to_owned());
    assert!(matches!(queue.send(&ask).await.unwrap_err(), PortError::NotFound { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_a_webhook_said_is_queued_for_alarm() {
    let integration = "int_aaaaaaaaaaaaaaaa".parse().unwrap();
    let delivery = Delivery::new(integration, Vec::new());
    let script = Script::default().ok(r#"{"MessageId":"1","MD5OfMessageBody":""}"#);
    let queue = SqsHooks::new(script.aws(), "https://sqs/1/alarms".to_owned());
    queue.send(&delivery).await.unwrap();
    let sent = script.json(0);
    assert_eq!(sent["QueueUrl"], json!("https://sqs/1/alarms"));
    let body: Delivery = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(body, delivery);
    let script = (0..3).fold(Script::default(), |all, _| all.error(400, "RequestThrottled", ""));
    let queue = SqsHooks::new(script.aws(), "https://sqs/1/alarms".to_owned());
    assert!(queue.send(&delivery).await.unwrap_err().retryable());
}

#[tokio::test]
async fn what_waits_in_line_has_its_group_its_id_and_its_trace() {
    let waiting = Waiting {
        group: "group".to_owned(),
        id: "id".to_owned(),
        body: "body".to_owned(),
        trace: Some("Root=1-5759e988-bd862e3fe1be46a994272793".to_owned()),
    };
    let script = Script::default().ok(r#"{"MessageId":"1","MD5OfMessageBody":""}"#);
    let line = SqsLine::new(script.aws(), "https://sqs/1/line.fifo".to_owned());
    line.send(&waiting).await.unwrap();
    assert_eq!(
        script.json(0),
        json!({
            "QueueUrl": "https://sqs/1/line.fifo",
            "MessageBody": "body",
            "MessageGroupId": "group",
            "MessageDeduplicationId": "id",
            "MessageSystemAttributes": { "AWSTraceHeader": {
                "DataType": "String",
                "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793",
            }},
        })
    );
}
