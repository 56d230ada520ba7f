//! Alarms that go on and off: people are told once, and every change is kept.

use super::marks::Marks;
use super::plan;
use super::queue::{Told, deliver, hear, opened, pass, told};
use crate::world::{TENANT, World};
use serde_json::{Value, json};
use watchfire_domain::alarm::AlarmState::{Alarm, Ok};
use watchfire_domain::{Incident, Status};
use watchfire_fakes::Fault;
use watchfire_ports::Clock as _;

const NAME: &str = "storage-slow";

async fn world(more: &Value) -> World {
    let world = World::new(1);
    world.plan(&plan(more)).await;
    world
}

/// The alarm goes on and off, a change every minute.
async fn flaps(world: &World, changes: usize) {
    for state in [Alarm, Ok].into_iter().cycle().take(changes) {
        hear(world, &[Told::new(NAME, state, world.clock.now())]).await;
        pass(world, 1).await;
    }
}

async fn the_incident(world: &World) -> Incident {
    let [incident] = opened(world).await.try_into().unwrap();
    incident
}

#[tokio::test]
async fn who_was_told_that_an_alarm_flaps_is_not_told_of_each_change() {
    let world = world(&json!({ "quiet_minutes": 0 })).await;
    flaps(&world, 30).await;
    let to = |occasion: &str| format!("incident.{occasion} to {{email:oncall@example.org}}");
    assert_eq!(told(&world), ["opened", "resolved", "reopened", "flapping"].map(to));
    let incident = the_incident(&world).await;
    assert!(incident.flapping && incident.status < Status::Resolved);
    assert_eq!(Marks::of(&world, TENANT).events.len(), 30, "every change has its outcome");
    // It is over when it would flap no more.
    pass(&world, 7).await;
    assert!(the_incident(&world).await.flapping);
    pass(&world, 2).await;
    let incident = the_incident(&world).await;
    assert!(!incident.flapping && incident.status == Status::Resolved);
    assert_eq!(told(&world), [to("resolved")]);
    let story = world.story(incident.id).await;
    let flapping = story.iter().filter(|kind| *kind == "alarm_flapping").count();
    assert_eq!(flapping, 1, "{story:?}");
}

#[tokio::test]
async fn an_alarm_that_calmed_down_and_flaps_again_is_told_again() {
    let world = world(&json!({ "quiet_minutes": 0 })).await;
    flaps(&world, 6).await;
    pass(&world, 20).await;
    told(&world);
    flaps(&world, 6).await;
    let told = told(&world);
    assert_eq!(told.iter().filter(|one| one.starts_with("incident.flapping")).count(), 1);
}

#[tokio::test]
async fn many_alarms_of_one_key_that_fire_once_do_not_flap() {
    let world = world(&json!({ "dedup_key": super::BY_CLUSTER, "quiet_minutes": 0 })).await;
    for state in [Alarm, Ok] {
        for n in 0..20 {
            let name = format!("storage-{n}");
            hear(&world, &[Told::new(&name, state, world.clock.now())]).await;
        }
        pass(&world, 1).await;
    }
    assert!(!told(&world).iter().any(|one| one.starts_with("incident.flapping")));
    assert_eq!(the_incident(&world).await.status, Status::Resolved);
}

#[tokio::test]
async fn a_plan_may_never_call_it_flapping() {
    let world = world(&json!({ "quiet_minutes": 0, "flap_changes": 0 })).await;
    flaps(&world, 12).await;
    let told = told(&world);
    assert_eq!(told.len(), 12, "{told:?}");
}

#[tokio::test]
async fn wherever_it_fails_it_is_told_once_that_an_alarm_flaps() {
    let reference = world(&json!({ "quiet_minutes": 0 })).await;
    flaps(&reference, 3).await;
    let before = reference.faults.calls();
    flaps(&reference, 1).await;
    let calls = reference.faults.calls() - before;
    assert!(calls > 5, "{calls}");
    for place in before..before + calls {
        for fault in
            [Fault::AnswerLost, Fault::Killed { applied: false }, Fault::Killed { applied: true }]
        {
            let world = world(&json!({ "quiet_minutes": 0 })).await;
            flaps(&world, 3).await;
            told(&world);
            world.faults.at(place, fault);
            let mut left = vec![Told::new(NAME, Ok, world.clock.now()).event().to_string()];
            while !left.is_empty() {
                left = deliver(&world, left).await;
            }
            pass(&world, 1).await;
            hear(&world, &[Told::new(NAME, Alarm, world.clock.now())]).await;
            pass(&world, 5).await;
            let incident = the_incident(&world).await;
            let story = world.story(incident.id).await;
            let events = story.iter().filter(|kind| *kind == "alarm_flapping").count();
            assert_eq!(events, 1, "{fault:?} at {place}: {story:?}");
            let ids: std::collections::BTreeSet<_> = world
                .notify
                .take()
                .into_iter()
                .filter(|message| message.data["event"] == "incident.flapping")
                .map(|message| message.id)
                .collect();
            assert_eq!(ids.len(), 1, "{fault:?} at {place}");
        }
    }
}
