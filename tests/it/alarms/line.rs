//! A storm on one incident: what comes together is one commit, and what meets others goes to the line
//! of its key, where nothing meets anything.

use super::marks::Marks;
use super::queue::{BATCH, Dice, Told, deliver, move_up, opened};
use super::{BY_CLUSTER, plan};
use crate::world::{TENANT, World};
use serde_json::json;
use tokio::task::JoinSet;
use watchfire_domain::SECOND;
use watchfire_domain::alarm::AlarmState;
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::Clock as _;

/// So many alarms of one cluster, each for itself.
fn alarms(world: &World, count: usize) -> Vec<String> {
    let now = world.clock.now();
    let one = |at: usize| {
        let name = format!("storage-{at}");
        let at = now.plus(SECOND.saturating_mul(i64::try_from(at).unwrap()));
        Told::new(&name, AlarmState::Alarm, at).event().to_string()
    };
    (0..count).map(one).collect()
}

async fn one_incident(world: &World) {
    world.plan(&plan(&json!({ "dedup_key": BY_CLUSTER }))).await;
    assert_eq!(deliver(world, alarms(world, 1)).await, Vec::<String>::new());
}

/// So many alarms are attached to the one incident, each once.
async fn all_attached(world: &World, count: usize) {
    let all = opened(world).await;
    let [incident] = all.as_slice() else { panic!("{} incidents", all.len()) };
    assert_eq!(incident.linked_alert_ids.len(), count.saturating_add(1).min(200));
    let marks = Marks::of(world, TENANT);
    assert_eq!(marks.tally().get("attached").copied().unwrap_or_default(), count);
    let timeline = world.timeline(incident.id).await;
    let attached = timeline.iter().filter(|event| event.stored.kind == "alarm_attached").count();
    assert_eq!(attached, count);
}

#[tokio::test]
async fn alarms_of_one_incident_that_come_together_are_one_commit() {
    let world = World::new(1);
    one_incident(&world).await;
    let rest = alarms(&world, BATCH + 1).split_off(1);
    world.dynamo.reset_counts();
    assert_eq!(deliver(&world, rest.clone()).await, Vec::<String>::new());
    let counts = world.dynamo.counts();
    assert_eq!(counts.by_operation.get("TransactWriteItems"), Some(&1), "{counts:?}");
    all_attached(&world, BATCH).await;
    // Again: nothing is written.
    world.dynamo.reset_counts();
    assert_eq!(deliver(&world, rest).await, Vec::<String>::new());
    assert_eq!(world.dynamo.counts().by_operation.get("TransactWriteItems"), None);
}

#[tokio::test]
async fn what_comes_twice_in_one_batch_is_written_once() {
    let world = World::new(1);
    one_incident(&world).await;
    let rest = alarms(&world, 6).split_off(1);
    world.dynamo.reset_counts();
    let twice = rest.iter().chain(&rest).cloned().collect();
    assert_eq!(deliver(&world, twice).await, Vec::<String>::new());
    assert_eq!(world.dynamo.counts().by_operation.get("TransactWriteItems"), Some(&1));
    all_attached(&world, 5).await;
}

#[tokio::test]
async fn whoever_meets_others_goes_to_the_line_and_nothing_is_lost() {
    let world = World::new(1);
    one_incident(&world).await;
    let all = alarms(&world, 201).split_off(1);
    world.dynamo.reset_counts();
    // Eight functions at once, each call of which lets the others go first.
    let mut at_once = JoinSet::new();
    for (lane, batch) in all.chunks(BATCH).enumerate() {
        let faults = Faults::new();
        faults.interleave(u64::try_from(lane).unwrap());
        let process = world.process(faults);
        let batch = batch.to_vec();
        at_once.spawn(async move { deliver(&process, batch).await });
    }
    for failed in at_once.join_all().await {
        assert_eq!(
            failed,
            Vec::<String>::new(),
            "what cannot be written now waits, and is not failed"
        );
    }
    let waiting = world.line.dump().lines().count();
    assert!(waiting > 0, "they met");
    while move_up(&world).await {}
    all_attached(&world, 200).await;
    let counts = world.dynamo.counts();
    let written = counts.by_operation.get("TransactWriteItems").copied().unwrap_or_default();
    assert!(written <= 100, "200 alarms took {written} transactions: {counts:?}");
}

#[tokio::test]
async fn a_storm_on_one_incident_loses_nothing_whatever_fails() {
    for seed in 0..6 {
        let world = World::new(1);
        one_incident(&world).await;
        let all = alarms(&world, 61).split_off(1);
        let dice = Dice::new(seed);
        // Each three times, in any order.
        let mut queue: Vec<String> = all.iter().chain(&all).chain(&all).cloned().collect();
        for at in (1..queue.len()).rev() {
            queue.swap(at, dice.below(at + 1));
        }
        let lanes: Vec<World> = (0..4)
            .map(|lane| {
                let faults = Faults::new();
                let own = seed * 10 + lane;
                faults.interleave(own).rate(own, 5, &Fault::ALL);
                world.process(faults)
            })
            .collect();
        while !queue.is_empty() {
            let mut at_once = JoinSet::new();
            for lane in &lanes {
                let batch = queue.split_off(queue.len().saturating_sub(BATCH));
                let lane = lane.clone();
                at_once.spawn(async move { deliver(&lane, batch).await });
            }
            let failed: Vec<String> = at_once.join_all().await.into_iter().flatten().collect();
            queue.splice(0..0, failed);
            for lane in &lanes {
                move_up(lane).await;
            }
        }
        while move_up(&lanes[0]).await {}
        world.settle();
        while move_up(&world).await {}
        all_attached(&world, 60).await;
    }
}
