use super::*;
use expect_test::expect;
use std::path::Path;
use watchfire_edge::Config;
use watchfire_fakes::{FakeLog, Fault as Trouble, World};

fn desk(world: &World) -> Desk {
    let config = Config::read(&|name| (name == "WATCHFIRE_TABLE").then(|| "watchfire".to_owned()));
    // One try: a fault that is planned is a fault that is seen.
    world.desk_over(world.dynamo.client_with_attempts(1), config.unwrap())
}

fn fixture(name: &str) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/alarms"));
    std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap()
}

fn batch(bodies: &[(&str, String)]) -> Value {
    let record = |(id, body): &(&str, String)| {
        json!({"messageId": id, "body": body, "attributes": {
            "ApproximateReceiveCount": "1",
            "AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        }})
    };
    json!({ "Records": bodies.iter().map(record).collect::<Vec<_>>() })
}

fn failed(answer: &Value) -> Vec<&str> {
    let items = answer["batchItemFailures"].as_array().unwrap();
    items.iter().map(|item| item["itemIdentifier"].as_str().unwrap()).collect()
}

/// The outcomes of all transitions handled so far, as they are stored: the one that made a key's
/// item stands in there.
fn outcomes(world: &World) -> Vec<String> {
    let stored = |item: &Value| {
        let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
        if text("by").is_some() {
            return Some("opened".to_owned());
        }
        text("pk").filter(|pk| pk.contains("#EVT#"))?;
        Some(format!("{} {}", text("outcome")?, text("why").unwrap_or_default()).trim().to_owned())
    };
    let mut all: Vec<String> = world.dynamo.items().iter().filter_map(stored).collect();
    all.sort();
    all
}

/// What is logged as a warning or worse while the guard lives.
fn warnings() -> (FakeLog, tracing::subscriber::DefaultGuard) {
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_max_level(tracing::Level::WARN)
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_batch_is_judged_record_by_record() {
    let world = World::new(1);
    let (log, _guard) = warnings();
    let event = batch(&[
        ("m-1", fixture("event-metric")),
        ("m-2", "the disk is full".to_owned()),
        ("m-3", fixture("event-composite-suppressed")),
        ("m-4", fixture("event-metric").replace("\"ALARM\"", "\"BROKEN\"")),
        ("m-5", fixture("sns-contributor")),
    ]);
    let answer = handle(&desk(&world), event.clone(), None).await.unwrap();
    assert_eq!(failed(&answer), ["m-2", "m-4"]);
    expect![[r#"
        ERROR A delivery cannot be read: not JSON: expected ident at line 1 column 2 message.id="m-2" message.receives="1"
        ERROR A delivery cannot be read: `BROKEN` is not a state of an alarm message.id="m-4" message.receives="1"
    "#]].assert_eq(&log.text());
    expect![[r#"
        [
            "opened",
            "opened",
            "recorded its actions are suppressed",
        ]
    "#]]
    .assert_eq(&format!("{:#?}\n", outcomes(&world)));

    let before = world.dynamo.dump();
    let again = handle(&desk(&world), event, None).await.unwrap();
    assert_eq!(failed(&again), ["m-2", "m-4"]);
    assert_eq!(world.dynamo.dump(), before, "a second delivery changes nothing");
}

#[tokio::test]
async fn alarms_of_a_batch_are_taken_in_the_order_in_which_they_spoke() {
    let world = World::new(2);
    let event = batch(&[("ok", fixture("event-metric-ok")), ("alarm", fixture("sns-metric"))]);
    let answer = handle(&desk(&world), event, None).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(outcomes(&world), ["cleared", "opened"]);
}

#[tokio::test]
async fn what_follows_a_failure_of_the_same_alarm_waits_for_it() {
    let world = World::new(3);
    let event = batch(&[
        ("ok", fixture("event-metric-ok")),
        ("other", fixture("event-anomaly")),
        ("alarm", fixture("event-metric")),
    ]);
    let troubled = world.process(watchfire_fakes::Faults::new());
    let fault = Trouble::ServerError { applied: false };
    // The first transition asked for is the ALARM's.
    troubled.faults.at_operation("dynamodb:BatchGetItem", 0, fault);
    let answer = handle(&desk(&troubled), event.clone(), None).await.unwrap();
    assert_eq!(failed(&answer), ["ok", "alarm"]);
    assert_eq!(outcomes(&world), ["opened"]);
    let answer = handle(&desk(&world), event, None).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(outcomes(&world), ["cleared", "opened", "opened"]);
}

#[tokio::test]
async fn the_other_doors_are_told_the_fault() {
    let world = World::new(4);
    for door in ["sns-event", "event-composite", "action-blanks", "event-drill"] {
        let event = serde_json::from_str(&fixture(door)).unwrap();
        assert_eq!(handle(&desk(&world), event, None).await.unwrap(), json!({}), "{door}");
    }
    // Two are composites that the first one set off; a drill is another matter.
    assert_eq!(outcomes(&world), ["attached", "attached", "opened", "opened"]);
    let told = |event: Value| {
        let desk = desk(&world);
        async move { watchfire_edge::chain(&handle(&desk, event, None).await.unwrap_err()) }
    };
    let mut event: Value = serde_json::from_str(&fixture("event-metric")).unwrap();
    event["detail"]["state"]["value"] = "BROKEN".into();
    expect!["the request cannot be read: `BROKEN` is not a state of an alarm"]
        .assert_eq(&Box::pin(told(event)).await);
    expect!["the request cannot be read: it has none of the shapes of an alarm"]
        .assert_eq(&Box::pin(told(Value::Null)).await);
}

#[tokio::test]
async fn a_record_that_cannot_be_named_brings_back_the_whole_batch() {
    let world = World::new(5);
    let mut event = batch(&[("m-1", fixture("event-metric"))]);
    event["Records"].as_array_mut().unwrap().push(json!({"body": "?"}));
    let fault = handle(&desk(&world), event, None).await.unwrap_err();
    assert_eq!(fault.name(), "Request.Malformed");
    assert_eq!(outcomes(&world), ["opened"]);
    for event in [json!({"Records": [7]}), json!({"Records": [{}]})] {
        assert!(handle(&desk(&world), event, None).await.is_err());
    }
    let none = handle(&desk(&world), json!({"Records": []}), None).await.unwrap();
    assert_eq!(none, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn an_incident_keeps_the_trace_of_its_alarm() {
    let world = World::new(6);
    let event = batch(&[("m-1", fixture("event-metric"))]);
    let other = Some("Root=1-00000000-000000000000000000000001");
    handle(&desk(&world), event, other).await.unwrap();
    let event = serde_json::from_str(&fixture("event-anomaly")).unwrap();
    handle(&desk(&world), event, other).await.unwrap();
    let dump = world.dynamo.dump();
    for trace in ["5759e988bd862e3fe1be46a994272793", "00000000000000000000000000000001"] {
        assert!(dump.contains(trace), "{trace}");
    }
}
