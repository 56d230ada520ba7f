use super::Script;
use super::secrets::Stopped;
use crate::{MessageSettings, Messages, SecretsManager, SqsProbes, Web};
use serde_json::json;
use std::sync::Arc;
use watchfire_domain::plan::Target;
use watchfire_ports::{Message, Notify, PortError, Probe, Probes};

pub(super) fn messages(script: &Script, settings: MessageSettings) -> Messages {
    let clock = Stopped::at(1_700_000_000);
    let secrets = Arc::new(SecretsManager::new(script.aws(), clock.clone()));
    Messages::new(script.aws(), Arc::new(Web::default()), secrets, clock, settings)
}

pub(super) fn message(to: Target) -> Message {
    Message {
        id: "m-1".to_owned(),
        to,
        subject: "Incident\r\nBcc: x".to_owned(),
        text: "It burns.".to_owned(),
        data: json!({"incident": "INC-1"}),
    }
}

#[tokio::test]
async fn a_mail_has_one_line_of_subject_and_an_id() {
    let script = Script::default().ok(r#"{"MessageId":"ses-1"}"#);
    let from =
        MessageSettings { mail_from: Some("wf@example.org".to_owned()), ..Default::default() };
    let mail = message(Target::Email("a@example.org".to_owned()));
    let sent = messages(&script, from).send(&mail).await.unwrap();
    assert_eq!(sent.receipt.as_deref(), Some("ses-1"));
    let body = script.json(0);
    assert_eq!(body["FromEmailAddress"], "wf@example.org");
    assert_eq!(body["Destination"], json!({"ToAddresses": ["a@example.org"]}));
    let simple = &body["Content"]["Simple"];
    assert_eq!(simple["Subject"]["Data"], "Incident  Bcc: x");
    assert_eq!(simple["Body"]["Text"]["Data"], "It burns.");
    assert_eq!(simple["Headers"], json!([{"Name": "X-Watchfire-Id", "Value": "m-1"}]));
    let error = messages(&script, MessageSettings::default()).send(&mail).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_topic_gets_the_id_as_an_attribute_and_a_fifo_one_as_its_deduplication() {
    let answer = "<PublishResponse><PublishResult><MessageId>sns-1</MessageId></PublishResult>\
        </PublishResponse>";
    let script = Script::default().ok(answer).ok(answer);
    let messages = messages(&script, MessageSettings::default());
    let topic = "arn:aws:sns:eu-central-1:1:t";
    let sent = messages.send(&message(Target::Sns(topic.to_owned()))).await.unwrap();
    assert_eq!(sent.receipt.as_deref(), Some("sns-1"));
    messages.send(&message(Target::Sns(format!("{topic}.fifo")))).await.unwrap();
    let asked = script.asked();
    assert!(asked[0].1.contains("watchfire_id") && asked[0].1.contains("m-1"), "{}", asked[0].1);
    assert!(!asked[0].1.contains("MessageGroupId"));
    assert!(asked[1].1.contains("MessageGroupId=watchfire"), "{}", asked[1].1);
}

#[tokio::test]
async fn a_probe_waits_fifteen_minutes_at_most() {
    let script = Script::default().ok(r#"{"MessageId":"1"}"#);
    let probe = Probe {
        tenant: "a".to_owned(),
        environment: "env-0199a2b4c0de7000800000000000abcd-1".parse().unwrap(),
        attempt: 1,
        looks: 0,
    };
    let probes = SqsProbes::new(script.aws(), "https://sqs/1/q".to_owned());
    probes.send(&probe, 100_000).await.unwrap();
    assert_eq!(script.json(0)["DelaySeconds"], 900);
    let body = script.json(0)["MessageBody"].as_str().unwrap().to_owned();
    assert_eq!(serde_json::from_str::<Probe>(&body).unwrap(), probe);
}
