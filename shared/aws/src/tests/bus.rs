use super::Script;
use crate::EventBus;
use serde_json::json;
use watchfire_domain::Timestamp;
use watchfire_ports::{Bus, DomainEvent, PortError};

fn bus(script: &Script) -> EventBus {
    EventBus::new(script.aws(), "watchfire".to_owned())
}

fn event(detail: &str) -> DomainEvent {
    let at = Timestamp::parse("2026-11-21T03:12:00.500Z").unwrap();
    DomainEvent { name: "incident.created".to_owned(), at, detail: detail.to_owned() }
}

fn taken(count: usize) -> String {
    let entries: Vec<_> = (0..count).map(|id| json!({ "EventId": id.to_string() })).collect();
    json!({ "FailedEntryCount": 0, "Entries": entries }).to_string()
}

#[tokio::test]
async fn an_event_is_put_with_its_name_time_and_source() {
    let script = Script::default().ok(&taken(1));
    let answers = bus(&script).publish(&[event("{}")]).await;
    assert!(matches!(answers[..], [Ok(())]));
    assert_eq!(
        script.json(0),
        json!({"Entries": [{
            "EventBusName": "watchfire", "Source": "watchfire", "DetailType": "incident.created",
            "Time": 1_795_230_720.5, "Detail": "{}",
        }]})
    );
}

#[tokio::test]
async fn ten_at_once_and_no_more_than_fit() {
    let script = Script::default().ok(&taken(10)).ok(&taken(2));
    let answers = bus(&script).publish(&vec![event("{}"); 12]).await;
    assert!(answers.len() == 12 && answers.iter().all(Result::is_ok));
    let script = (0..3).fold(Script::default(), |script, _| script.ok(&taken(1)));
    let bus = bus(&script);
    let large = event(&"x".repeat(bus.largest()));
    assert!(bus.publish(&vec![large; 3]).await.iter().all(Result::is_ok));
    assert_eq!(script.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn answers_are_told_apart_and_end_where_the_bus_is_away() {
    let mixed = json!({ "FailedEntryCount": 2, "Entries": [
        { "EventId": "1" },
        { "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed." },
        { "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" },
    ] });
    let script = Script::default().ok(&mixed.to_string());
    let answers = bus(&script).publish(&vec![event("{}"); 3]).await;
    let retryable: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map_err(PortError::retryable)).collect();
    assert_eq!(retryable, [Ok(&()), Err(false), Err(true)]);
    let script = Script::default().ok(&taken(10));
    let answers = bus(&script).publish(&vec![event("{}"); 30]).await;
    assert_eq!(answers.len(), 11, "nothing is sent after a fault");
    assert!(answers[10].as_ref().unwrap_err().retryable());
    let script = Script::default().ok(r#"{"FailedEntryCount":0,"Entries":[]}"#);
    assert!(bus(&script).publish(&[event("{}")]).await[0].as_ref().unwrap_err().retryable());
}
