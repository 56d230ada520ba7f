//! Domain events: what a timeline says is told to the bus, at least once and in order, and no one
//! event keeps the others waiting.

use crate::world::{Doors, World, storage_plan};
use aws_sdk_dynamodb::types::AttributeValue;
use base64ct::{Base64, Encoding as _};
use serde_json::{Map, Value, json};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::{Actor, Draft, EventType, IncidentId};
use watchfire_fakes::dynamo::TABLE;
use watchfire_fakes::{Fault, Faults};
use watchfire_store::Commit;

/// An attribute as streams and the low-level API write it.
fn written(value: &AttributeValue) -> Value {
    let text = |value: &AttributeValue| value.as_s().map(|text| json!({ "S": text })).ok();
    let number = |value: &AttributeValue| value.as_n().map(|number| json!({ "N": number })).ok();
    let bytes = |value: &AttributeValue| {
        value.as_b().map(|bytes| json!({ "B": Base64::encode_string(bytes.as_ref()) })).ok()
    };
    text(value).or_else(|| number(value)).or_else(|| bytes(value)).unwrap()
}

/// The incident's timeline as the table's stream hands it to the function.
pub(crate) async fn stream(world: &World, id: IncidentId) -> Vec<Value> {
    let client = world.dynamo.client();
    let call = client.query().table_name(TABLE).consistent_read(true);
    let call = call.key_condition_expression("pk = :p AND begins_with(sk, :s)");
    let call =
        call.expression_attribute_values(":p", AttributeValue::S(format!("T#acme#INC#{id}")));
    let call = call.expression_attribute_values(":s", AttributeValue::S("EV#".to_owned()));
    let items = call.send().await.unwrap().items.unwrap();
    let record = |(place, item): (usize, &std::collections::HashMap<String, AttributeValue>)| {
        let image: Map<String, Value> =
            item.iter().map(|(name, value)| (name.clone(), written(value))).collect();
        json!({
            "eventID": format!("{place:032}"),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-2",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_230_720,
                "Keys": { "pk": image["pk"], "sk": image["sk"] },
                "NewImage": image,
                "SequenceNumber": format!("1{place:03}"),
                "SizeBytes": 700,
                "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": "arn:aws:dynamodb:us-east-2:1:table/watchfire/stream/2026",
        })
    };
    items.iter().enumerate().map(record).collect()
}

/// Hands over a batch; from which record on it wants it again.
async fn hand_over(world: &World, records: &[Value]) -> Option<String> {
    let batch = json!({ "Records": records });
    let run = Box::pin(watchfire_publish::handle(&world.desk, batch));
    let Some(answer) = world.acting("publish", world.faults.survive(run)).await else {
        world.faults.revive();
        return records.first().map(number);
    };
    let answer = answer.unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    assert!(failures.len() <= 1);
    failures.first().map(|one| one["itemIdentifier"].as_str().unwrap().to_owned())
}

fn number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()
}

/// As Lambda does it: again from the first record that failed.
pub(crate) async fn until_told(world: &World, records: &[Value]) {
    let mut from = 0;
    for _ in 0..20 {
        let Some(again) = hand_over(world, &records[from..]).await else { return };
        from = records.iter().position(|record| number(record) == again).unwrap();
    }
    panic!("twenty deliveries were not enough");
}

fn told(world: &World) -> Vec<(String, Value)> {
    let events = world.bus.events().into_iter();
    events.map(|event| (event.name, serde_json::from_str(&event.detail).unwrap())).collect()
}

/// A whole life, with an environment and an approval.
async fn lived() -> (World, IncidentId) {
    let world = World::new(1);
    let id = world.questioned().await;
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Both).await;
    (world, id.incident)
}

#[tokio::test]
async fn a_whole_life_is_told_in_order_under_names_of_its_own() {
    let (world, id) = lived().await;
    let records = stream(&world, id).await;
    until_told(&world, &records).await;
    let names: Vec<String> = told(&world).into_iter().map(|(name, _)| name).collect();
    let story = world.story(id).await;
    let expected: Vec<String> = story
        .iter()
        .map(|kind| format!("incident.{}", kind.strip_prefix("incident_").unwrap_or(kind)))
        .collect();
    assert_eq!(names, expected);
    assert!(names.contains(&"incident.created".to_owned()), "{names:?}");
    assert!(names.contains(&"incident.approval_granted".to_owned()), "{names:?}");
    for ((_, detail), event) in told(&world).iter().zip(world.timeline(id).await) {
        assert_eq!(detail["schema"], 1);
        assert_eq!(detail["tenant"], "acme");
        assert_eq!(detail["seq"], event.body.seq);
        assert_eq!(detail["event_hash"], event.stored.hash.to_string());
        assert_eq!(detail.get("idem"), None);
    }
}

#[tokio::test]
async fn what_is_told_holds_no_typed_code() {
    let (world, id) = lived().await;
    let code = world.approvals(id).await[0].code.clone();
    until_told(&world, &stream(&world, id).await).await;
    let asked = told(&world).into_iter().find(|(name, _)| name == "incident.approval_requested");
    let (_, detail) = asked.unwrap();
    let set = &detail["payload"]["set"];
    assert!(set["approval/1"]["need"].is_number(), "{set}");
    assert!(!set.to_string().contains(&code), "{set}");
}

#[tokio::test]
async fn whatever_fails_nothing_is_left_out_and_order_holds() {
    let (world, id) = lived().await;
    let records = stream(&world, id).await;
    let seqs = |world: &World| -> Vec<u64> {
        told(world).iter().map(|(_, detail)| detail["seq"].as_u64().unwrap()).collect()
    };
    // Late duplicates come out of order; nobody can help that, and the sequence tells.
    let fit = |fault: &Fault| !matches!(fault, Fault::Duplicate { .. });
    for fault in Fault::ALL.into_iter().filter(fit) {
        for place in 0..records.len() {
            let world = world.process(Faults::new());
            let before = seqs(&world).len();
            world.faults.at(u64::try_from(place).unwrap(), fault);
            until_told(&world, &records).await;
            let seen = seqs(&world).split_off(before);
            let mut first = Vec::new();
            for seq in &seen {
                if !first.contains(seq) {
                    first.push(*seq);
                }
            }
            assert!(first.is_sorted(), "{fault:?} at {place}: {seen:?}");
            assert_eq!(first.len(), records.len(), "{fault:?} at {place}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_told_keeps_nobody_waiting() {
    let (world, id) = lived().await;
    let mut records = stream(&world, id).await;
    world.bus.refuse("incident.created");
    records[1]["dynamodb"]["NewImage"]["body"] = json!({ "S": "{" });
    assert_eq!(hand_over(&world, &records).await, None);
    assert_eq!(told(&world).len(), records.len() - 2);
}

#[tokio::test]
async fn what_is_too_large_for_the_bus_is_told_without_its_words() {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    let actor = Actor::service("test");
    let draft = Draft::new(EventType::NoteAdded, &actor).with("text", "x".repeat(300_000));
    world.repo().commit(Commit::on(id).event(draft)).await.unwrap();
    until_told(&world, &stream(&world, id).await).await;
    let (name, detail) = told(&world).pop().unwrap();
    assert_eq!((name.as_str(), &detail["cut"]), ("incident.note_added", &json!(true)));
    assert_eq!(detail["payload"], json!({}));
    let newest = world.timeline(id).await.pop().unwrap();
    assert_eq!(detail["event_hash"], newest.stored.hash.to_string());
}

/// Subscribers choose by these names: the page has every one of them.
#[test]
fn every_name_is_documented() {
    let page = crate::repo::read("docs/events.md");
    for kind in EventType::ALL {
        let name = kind.name();
        let name = format!("`incident.{}`", name.strip_prefix("incident_").unwrap_or(name));
        assert!(page.contains(&name), "docs/events.md does not know {name}");
    }
}
