//! Deliveries that come late, in the wrong order, twice, or at once.

use super::marks::{Marks, incidents};
use super::queue::{Told, deliver, hear, move_up, opened, pass, told};
use super::{BY_CLUSTER, plan};
use crate::world::{TENANT, World, meets};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watchfire_domain::alarm::AlarmState::{Alarm, InsufficientData, Ok};
use watchfire_domain::{MINUTE, Plan, Status};
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::Clock as _;

const NAME: &str = "storage-slow";

async fn world(seed: u64, more: &Value) -> World {
    let world = World::new(seed);
    world.plan(&plan(more)).await;
    world
}

#[tokio::test]
async fn what_is_older_than_the_newest_of_its_alarm_changes_nothing() {
    let world = world(1, &json!({})).await;
    let now = world.clock.now();
    hear(&world, &[Told::new(NAME, Alarm, now)]).await;
    let [before] = opened(&world).await.try_into().unwrap();
    told(&world);
    let late = [
        Told::new(NAME, Ok, now.plus(-3)),
        Told::new(NAME, Alarm, now.plus(-2)),
        Told::new(NAME, InsufficientData, now.plus(-1)),
    ];
    for one in &late {
        hear(&world, std::slice::from_ref(one)).await;
    }
    pass(&world, 10).await;
    assert_eq!(opened(&world).await[0], before);
    assert_eq!(incidents(&world, TENANT).len(), 1);
    assert_eq!(told(&world), Vec::<String>::new());
    let marks = Marks::of(&world, TENANT);
    assert_eq!(marks.tally(), [("opened", 1), ("recorded", 3)].into());
    let story = world.story(before.id).await;
    assert_eq!(story[1..], ["alarm_recorded", "alarm_recorded", "alarm_recorded"]);
}

#[tokio::test]
async fn a_late_ok_does_not_bring_the_end_nearer() {
    let world = world(1, &json!({ "quiet_minutes": 5 })).await;
    let now = world.clock.now();
    let (fires, well) = (Told::new(NAME, Alarm, now.plus(1)), Told::new(NAME, Ok, now.plus(3)));
    hear(&world, &[fires, well]).await;
    pass(&world, 3).await;
    hear(&world, &[Told::new(NAME, Alarm, now.plus(2))]).await;
    pass(&world, 2).await;
    let [incident] = opened(&world).await.try_into().unwrap();
    assert_eq!(incident.status, Status::Resolved, "nor keep it away");
}

#[tokio::test]
async fn an_ok_before_its_alarm_lets_it_open_and_end() {
    let world = world(1, &json!({ "quiet_minutes": 5 })).await;
    let now = world.clock.now();
    world.forward(MINUTE);
    hear(&world, &[Told::new(NAME, Ok, now.plus(1))]).await;
    assert_eq!(incidents(&world, TENANT), []);
    hear(&world, &[Told::new(NAME, Alarm, now)]).await;
    let [incident] = opened(&world).await.try_into().unwrap();
    assert_eq!(incident.status, Status::New);
    pass(&world, 4).await;
    assert_eq!(opened(&world).await[0].status, Status::New);
    pass(&world, 1).await;
    assert_eq!(opened(&world).await[0].status, Status::Resolved);
    let whole = ["opened", "resolved"]
        .map(|occasion| format!("incident.{occasion} to {{email:oncall@example.org}}"));
    assert_eq!(told(&world), whole);
}

#[tokio::test]
async fn a_duplicate_changes_nothing_however_late_it_comes() {
    let world = world(1, &json!({ "quiet_minutes": 5 })).await;
    let now = world.clock.now();
    let all = [
        Told::new(NAME, Alarm, now),
        Told::new(NAME, Ok, now.plus(MINUTE)),
        Told::new(NAME, Alarm, now.plus(MINUTE.saturating_mul(40))),
    ];
    let mut repeat = Vec::new();
    for one in &all {
        hear(&world, std::slice::from_ref(one)).await;
        repeat.push(one.clone());
        for again in repeat.iter().rev() {
            let before = world.dynamo.dump();
            hear(&world, std::slice::from_ref(again)).await;
            assert_eq!(world.dynamo.dump(), before, "{again:?}");
            // Now this process knows that there is nothing left to do.
            world.dynamo.reset_counts();
            hear(&world, std::slice::from_ref(again)).await;
            assert_eq!(world.dynamo.counts().by_operation, BTreeMap::new(), "{again:?}");
        }
        pass(&world, 20).await;
    }
}

#[tokio::test]
async fn a_duplicate_opens_no_second_incident_when_the_plan_has_got_another_key() {
    let world = world(1, &json!({})).await;
    let told = [Told::new(NAME, Alarm, world.clock.now())];
    hear(&world, &told).await;
    let changed = Plan { version: 2, ..plan(&json!({ "dedup_key": BY_CLUSTER })) };
    world.plan(&changed).await;
    pass(&world, 1).await;
    let before = world.dynamo.dump();
    hear(&world, &told).await;
    assert_eq!(world.dynamo.dump(), before);
    // What comes next belongs to the new key: it opens an incident of its own.
    hear(&world, &[Told::new(NAME, Alarm, world.clock.now())]).await;
    assert_eq!(opened(&world).await.len(), 2);
}

#[tokio::test]
async fn one_transition_by_two_doors_is_one() {
    let world = world(1, &json!({})).await;
    let told = Told::new(NAME, Alarm, world.clock.now());
    let event = told.event();
    let message = json!({
        "AlarmName": NAME,
        "AlarmArn": event["resources"][0],
        "AWSAccountId": "111122223333",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed",
        "StateChangeTime": told.at.to_string(),
        "Region": "US East (N. Virginia)",
    });
    let envelope = json!({
        "Type": "Notification",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:alarms",
        "Message": message.to_string(),
    });
    let bodies = vec![event.to_string(), envelope.to_string(), event["detail"].to_string()];
    let [unreadable] = deliver(&world, bodies).await.try_into().unwrap();
    assert_eq!(unreadable, event["detail"].to_string());
    assert_eq!(opened(&world).await.len(), 1);
    assert_eq!(Marks::of(&world, TENANT).tally(), [("opened", 1)].into());
}

/// Two functions, each told its own at the same moment.
async fn at_once(world: &World, seed: u64, told: [&Told<'_>; 2]) {
    let function = |own: u64, told: &Told<'_>| {
        let faults = Faults::new();
        faults.interleave(seed.wrapping_mul(17).wrapping_add(own));
        let (process, body) = (world.process(faults), told.event().to_string());
        async move { deliver(&process, vec![body]).await }
    };
    let (one, other) = (Box::pin(function(1, told[0])), Box::pin(function(2, told[1])));
    let failed = tokio::join!(one, other);
    assert_eq!(failed, (Vec::new(), Vec::new()), "{seed}");
}

#[tokio::test]
async fn a_transition_that_two_processes_take_at_once_counts_once() {
    let environment = json!({ "cluster_id": "rosa-7", "approvers": ["ana@example.org"] });
    for seed in 0..8 {
        let world = world(seed, &json!({ "environment": environment })).await;
        let fires = Told::new(NAME, Alarm, world.clock.now());
        at_once(&world, seed, [&fires, &fires]).await;
        let [incident] = opened(&world).await.try_into().unwrap();
        let environments = world.repo().environments(incident.id).await.unwrap();
        assert_eq!((environments.len(), world.workflow.started().len()), (1, 1), "{seed}");
        assert_eq!(told(&world).len(), 1, "{seed}");
        let marks = Marks::of(&world, TENANT);
        assert_eq!(marks.tally(), [("opened", 1)].into());
        assert_eq!(marks.keys.values().map(|key| key.count).sum::<u64>(), 1);

        let well = Told::new(NAME, Ok, fires.at.plus(1));
        at_once(&world, seed, [&well, &well]).await;
        let story = world.story(incident.id).await;
        let cleared = story.iter().filter(|kind| *kind == "alarm_cleared").count();
        assert_eq!(cleared, 1, "{seed}: {story:?}");
    }
}

#[tokio::test]
async fn two_alarms_of_one_key_at_once_are_one_incident() {
    for seed in 0..8 {
        let world = world(seed, &json!({ "dedup_key": BY_CLUSTER })).await;
        let now = world.clock.now();
        let (one, other) = (Told::new("storage-a", Alarm, now), Told::new("storage-b", Alarm, now));
        at_once(&world, seed, [&one, &other]).await;
        let [incident] = opened(&world).await.try_into().unwrap();
        assert_eq!(incident.linked_alert_ids.len(), 2, "{seed}");
        let marks = Marks::of(&world, TENANT);
        assert_eq!(marks.tally(), [("opened", 1), ("attached", 1)].into(), "{seed}");
        assert_eq!(told(&world).len(), 1, "{seed}");
    }
}

#[tokio::test]
async fn an_alarm_that_fires_while_the_sweep_ends_its_incident_is_not_hidden_in_it() {
    for seed in 0..8 {
        let world = world(seed, &json!({ "quiet_minutes": 5 })).await;
        let now = world.clock.now();
        hear(&world, &[Told::new(NAME, Alarm, now), Told::new(NAME, Ok, now.plus(1))]).await;
        world.forward(MINUTE.saturating_mul(5));
        let faults = [1, 2].map(|own| {
            let faults = Faults::new();
            faults.interleave(seed.wrapping_mul(19).wrapping_add(own));
            faults
        });
        let [alarm, sweep] = faults.map(|faults| world.process(faults));
        let again = Told::new(NAME, Alarm, world.clock.now()).event().to_string();
        let (failed, ()) =
            tokio::join!(Box::pin(deliver(&alarm, vec![again])), Box::pin(sweep.sweep()));
        assert_eq!(failed, Vec::<String>::new(), "{seed}");
        pass(&world, 10).await;
        let [incident] = opened(&world).await.try_into().unwrap();
        assert!(incident.status < Status::Resolved, "{seed}: {:?}", incident.status);
    }
}

/// Whoever resolves it has seen every alarm that it then has.
#[tokio::test]
async fn an_alarm_that_fires_while_somebody_resolves_its_incident_is_not_hidden_in_it() {
    let mut resolved_first = 0;
    for steps in 0..60 {
        let world = world(1, &json!({})).await;
        let fires = Told::new(NAME, Alarm, world.clock.now());
        hear(&world, std::slice::from_ref(&fires)).await;
        let [incident] = opened(&world).await.try_into().unwrap();
        for to in [Status::Acknowledged, Status::Mitigating] {
            world.transition(incident.id, to).await;
        }
        world.forward(MINUTE);
        let again = Told::new(NAME, Alarm, world.clock.now()).event().to_string();
        world.faults.interleave(1);
        let other = world.process(Faults::new());
        let resolve = other.transition(incident.id, Status::Resolved);
        let failed = meets(deliver(&world, vec![again]), steps, resolve).await;
        assert_eq!(failed, Vec::<String>::new(), "after {steps} steps");
        while move_up(&world).await {}
        let story = world.story(incident.id).await;
        let last = story.last().map(String::as_str);
        // Attached before it was resolved, or reopened after.
        assert_eq!(last, Some("status_changed"), "after {steps} steps: {story:?}");
        let status = world.incident(incident.id).await.status;
        resolved_first += u32::from(status == Status::Mitigating);
    }
    assert!((1..60).contains(&resolved_first), "{resolved_first}");
}

/// The process ended behind its commit: whoever gets the delivery again does what was left, without
/// the sweep.
#[tokio::test]
async fn a_duplicate_does_what_its_first_delivery_left_undone() {
    let environment = json!({ "cluster_id": "rosa-7", "approvers": ["ana@example.org"] });
    let world = world(1, &json!({ "environment": environment })).await;
    let fires = Told::new(NAME, Alarm, world.clock.now()).event().to_string();
    let killed = Fault::Killed { applied: false };
    world.faults.at_operation("states:StartExecution", 0, killed);
    let again = deliver(&world, vec![fires]).await;
    assert_eq!((again.len(), world.workflow.started().len()), (1, 0));
    assert_eq!(deliver(&world, again).await, Vec::<String>::new());
    assert_eq!(world.workflow.started().len(), 1);
}
