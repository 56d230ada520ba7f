//! Composite alarms and their children: one incident, whichever comes first.

use super::plan;
use super::queue::{Told, deliver, hear, opened, pass};
use crate::world::World;
use serde_json::{Value, json};
use tokio::task::LocalSet;
use watchfire_domain::alarm::AlarmState::{self, Alarm, Ok};
use watchfire_domain::{Incident, Status};
use watchfire_fakes::Faults;
use watchfire_ports::Clock as _;

const PARENT: &str = "storage-overall";
const CHILDREN: [&str; 2] = ["storage-slow", "storage-errors"];

fn arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}")
}

/// What a composite says: its `reasonData` names the children that set it off.
fn parent(world: &World, state: AlarmState) -> String {
    let mut event = Told::new(PARENT, state, world.clock.now()).event();
    let children = CHILDREN.map(|name| json!({ "arn": arn(name), "state": { "value": "ALARM" } }));
    let reason = json!({ "triggeringAlarms": children }).to_string();
    event["detail"]["state"]["reasonData"] = json!(reason);
    event["detail"]["configuration"] = json!({ "alarmRule": "ALARM(a) OR ALARM(b)" });
    event.to_string()
}

async fn parent_says(world: &World, state: AlarmState) {
    assert_eq!(deliver(world, vec![parent(world, state)]).await, Vec::<String>::new());
}

async fn child_says(world: &World, name: &str, state: AlarmState) {
    hear(world, &[Told::new(name, state, world.clock.now())]).await;
}

async fn world(more: &Value) -> World {
    let world = World::new(1);
    world.plan(&plan(more)).await;
    world
}

async fn the_incident(world: &World) -> Incident {
    let all = opened(world).await;
    let [incident] = all.try_into().unwrap();
    incident
}

fn alerts(incident: &Incident) -> Vec<&str> {
    incident.linked_alert_ids.iter().filter_map(|arn| arn.rsplit(':').next()).collect()
}

#[tokio::test]
async fn children_that_come_after_their_parent_belong_to_its_incident() {
    let world = world(&json!({})).await;
    parent_says(&world, Alarm).await;
    for child in CHILDREN {
        child_says(&world, child, Alarm).await;
    }
    let incident = the_incident(&world).await;
    assert_eq!(incident.title, "storage-overall in us-east-1");
    assert_eq!(alerts(&incident), ["storage-errors", "storage-overall", "storage-slow"]);
}

#[tokio::test]
async fn a_parent_belongs_to_the_incident_that_a_child_opened() {
    let world = world(&json!({})).await;
    child_says(&world, CHILDREN[1], Alarm).await;
    parent_says(&world, Alarm).await;
    let incident = the_incident(&world).await;
    assert_eq!(incident.title, "storage-errors in us-east-1");
    assert_eq!(alerts(&incident), ["storage-errors", "storage-overall"]);
}

#[tokio::test]
async fn it_is_over_when_the_last_of_them_is_well() {
    let world = world(&json!({ "quiet_minutes": 1 })).await;
    parent_says(&world, Alarm).await;
    child_says(&world, CHILDREN[0], Alarm).await;
    parent_says(&world, Ok).await;
    pass(&world, 5).await;
    assert_eq!(the_incident(&world).await.status, Status::New);
    child_says(&world, CHILDREN[0], Ok).await;
    pass(&world, 2).await;
    assert_eq!(the_incident(&world).await.status, Status::Resolved);
    // And within the window each of them reopens it.
    child_says(&world, CHILDREN[0], Alarm).await;
    assert_eq!(the_incident(&world).await.status, Status::Mitigating);
}

#[tokio::test]
async fn what_was_joined_to_an_incident_that_is_long_over_opens_its_own() {
    let world = world(&json!({ "quiet_minutes": 1, "reopen_minutes": 5 })).await;
    parent_says(&world, Alarm).await;
    child_says(&world, CHILDREN[0], Alarm).await;
    parent_says(&world, Ok).await;
    child_says(&world, CHILDREN[0], Ok).await;
    pass(&world, 2).await;
    pass(&world, 10).await;
    child_says(&world, CHILDREN[0], Alarm).await;
    let titles: Vec<_> = opened(&world).await.into_iter().map(|one| one.title).collect();
    assert_eq!(titles, ["storage-overall in us-east-1", "storage-slow in us-east-1"]);
}

#[tokio::test]
async fn a_plan_may_keep_them_apart() {
    let world = world(&json!({ "join_children": false })).await;
    parent_says(&world, Alarm).await;
    child_says(&world, CHILDREN[0], Alarm).await;
    assert_eq!(opened(&world).await.len(), 2);
}

#[tokio::test]
async fn a_child_whose_key_its_arn_does_not_tell_is_apart() {
    let world = world(&json!({ "dedup_key": "{alarm.name} {alarm.tag.service}" })).await;
    parent_says(&world, Alarm).await;
    child_says(&world, CHILDREN[0], Alarm).await;
    assert_eq!(opened(&world).await.len(), 2);
}

/// Two functions at once, in forty interleavings: one incident.
#[tokio::test]
async fn a_parent_and_a_child_that_come_at_once_are_one_incident() {
    for seed in 0..40 {
        let run = async move {
            let world = world(&json!({})).await;
            let other = world.process(Faults::new());
            world.faults.interleave(seed);
            other.faults.interleave(seed + 1_000);
            let child = Told::new(CHILDREN[0], Alarm, world.clock.now()).event().to_string();
            let up = vec![parent(&world, Alarm)];
            let (one, two) = tokio::join!(deliver(&world, up), deliver(&other, vec![child]));
            for left in [one, two] {
                assert_eq!(deliver(&world, left).await, Vec::<String>::new());
            }
            let incident = the_incident(&world).await;
            assert_eq!(alerts(&incident), ["storage-overall", "storage-slow"], "{seed}");
        };
        Box::pin(LocalSet::new().run_until(run)).await;
    }
}

#[tokio::test]
async fn every_transition_that_comes_again_changes_nothing() {
    let world = world(&json!({})).await;
    let up = parent(&world, Alarm);
    let child = Told::new(CHILDREN[0], Alarm, world.clock.now()).event().to_string();
    for body in [&up, &child, &up, &child, &child, &up] {
        assert_eq!(deliver(&world, vec![body.clone()]).await, Vec::<String>::new());
    }
    let incident = the_incident(&world).await;
    assert_eq!(world.story(incident.id).await, ["incident_created", "alarm_attached"]);
}
