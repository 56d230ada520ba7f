//! Two hundred transitions over twenty keys, each delivered twenty times in whatever order, while
//! one call in twenty fails and the sweep comes by: every one of them counts once.

mod habits;

use super::BY_CLUSTER;
use super::marks::{Marks, incidents};
use super::queue::{BATCH, Dice, deliver};
use crate::world::{TENANT, World};
use habits::{EACH, Habit, KEYS, One, transitions};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;
use watchfire_domain::{
    ActorKind, HOUR, IncidentId, MINUTE, Plan, SECOND, Severity, Status, Timestamp,
};
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::Clock as _;
use watchfire_store::Event;

/// How many functions take from the queue at once.
const LANES: u64 = 3;
/// From the first transition to the last delivery.
const SPAN: i64 = 12 * MINUTE;
/// How long a delivery that failed is hidden.
const HIDDEN: i64 = 30 * SECOND;

fn plan(name: &str, dedup_key: Option<&str>) -> Plan {
    serde_json::from_value(json!({
        "name": name,
        "version": 1,
        "matches": [{ "name_prefix": name }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "medium",
        "severity_tag": "severity",
        "dedup_key": dedup_key,
        "quiet_minutes": 0,
        "environment": { "cluster_id": "rosa-7", "approvers": ["ana@example.org"] },
        "notify": [
            { "email": "oncall@example.org" },
            { "webhook": "https://example.org/hook" },
        ],
    }))
    .unwrap()
}

/// Says which storm it was, should it fail.
struct Seed(u64);

impl Drop for Seed {
    #[expect(clippy::print_stderr, reason = "a storm that failed must be found again")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the storm had the seed {}", self.0);
        }
    }
}

/// How bad a storm is.
#[derive(Debug, Clone, Copy)]
struct Weather {
    seed: u64,
    /// How many of a hundred calls fail.
    percent: u8,
    /// How often each transition is delivered, beside what fails and comes again.
    deliveries: usize,
}

/// Another process, in which `percent` of the calls fail.
fn process(world: &World, seed: u64, percent: u8) -> World {
    let faults = Faults::new();
    faults.interleave(seed).rate(seed, percent, &Fault::ALL);
    world.process(faults)
}

/// Everything is delivered until all of it was handled; the operations that failed meanwhile.
async fn blow(world: &World, weather: Weather, transitions: &[One]) -> Vec<String> {
    let Weather { seed, percent, deliveries } = weather;
    let (dice, end) = (Dice::new(seed), world.clock.now().plus(SPAN));
    // By when it comes: any time after its transition. The number tells copies apart.
    let mut queue: BTreeSet<(Timestamp, usize, String)> = BTreeSet::new();
    for one in transitions {
        let left = usize::try_from(end.since(one.alarm.at)).unwrap();
        for _ in 0..deliveries {
            let at = one.alarm.at.plus(i64::try_from(dice.below(left)).unwrap());
            queue.insert((at, queue.len(), one.body.clone()));
        }
    }
    let mut count = queue.len();
    let own = |lane: u64| seed.wrapping_mul(100).wrapping_add(lane);
    let lanes: Vec<World> = (1..=LANES).map(|lane| process(world, own(lane), percent)).collect();
    let sweeper = process(world, own(0), percent);
    // Ten minutes, so that incidents are resolved and reopened meanwhile.
    let mut swept = world.clock.now();
    while !queue.is_empty() {
        let waits = world.clock.now().since(end);
        assert!(waits < HOUR, "{} deliveries are never handled", queue.len());
        let mut at_once = JoinSet::new();
        for lane in &lanes {
            let first = std::iter::from_fn(|| queue.pop_first()).take(BATCH);
            let batch: Vec<_> = first.collect();
            if let Some((at, ..)) = batch.last() {
                world.clock.set(world.clock.now().max(*at));
            }
            let (lane, bodies) = (lane.clone(), batch.into_iter().map(|(.., body)| body).collect());
            at_once.spawn(async move { deliver(&lane, bodies).await });
        }
        for again in at_once.join_all().await.into_iter().flatten() {
            // Until then it is hidden, as it would be from other functions.
            queue.insert((world.clock.now().plus(HIDDEN), count, again));
            count = count.saturating_add(1);
        }
        if world.clock.now().since(swept) >= MINUTE {
            swept = world.clock.now();
            sweeper.sweep().await;
        }
    }
    let all = lanes.iter().chain([&sweeper]).flat_map(|lane| lane.faults.log());
    all.filter(|call| call.fault.is_some()).map(|call| call.operation).collect()
}

/// The storm is over: what is late arrives, and the sweep ends what is left.
async fn calm(world: &World) {
    world.settle();
    for _ in 0..4 {
        world.forward(MINUTE.saturating_mul(15));
        world.sweep().await;
    }
}

/// Each transition has one outcome, each outcome one event, and each key counts what it took.
fn each_counts_once(world: &World, transitions: &[One]) -> Marks {
    let marks = Marks::of(world, TENANT);
    let told: BTreeSet<String> = transitions.iter().map(|one| one.alarm.event_id()).collect();
    let handled: BTreeSet<String> = marks.events.keys().cloned().collect();
    assert_eq!(told.len(), KEYS.saturating_mul(EACH));
    assert_eq!(handled, told, "every transition is handled, and nothing else");
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for one in transitions {
        let outcome = marks.events[&one.alarm.event_id()].outcome.as_str();
        let fires = ["opened", "attached", "reopened"].contains(&outcome);
        let count = counted.entry(&one.key).or_default();
        *count = count.saturating_add(u64::from(fires));
    }
    let kept = marks.keys.iter().map(|(key, open)| (key.as_str(), open.count)).collect();
    assert_eq!(counted, kept, "the keys' counts");
    marks
}

/// Its timeline has an event for each outcome that its transitions had.
async fn told_once(world: &World, id: IncidentId, marks: &Marks) {
    world.sound(id).await;
    let timeline = world.timeline(id).await;
    let by_alarm = |kind: &str| {
        let of =
            |event: &&Event| event.stored.kind == kind && event.body.actor.kind == ActorKind::Alarm;
        timeline.iter().filter(of).count()
    };
    for (outcome, kind) in [
        ("attached", "alarm_attached"),
        ("reopened", "status_changed"),
        ("cleared", "alarm_cleared"),
        ("recorded", "alarm_recorded"),
    ] {
        let of = marks.events.values().filter(|mark| {
            mark.outcome == outcome && mark.incident.as_deref() == Some(&id.to_string())
        });
        assert_eq!(by_alarm(kind), of.count(), "{kind} of {id}");
    }
    assert_eq!(by_alarm("incident_created"), 1);
}

/// The messages about `event` that arrived: their ids, with copies; and for each incident whom it
/// was told to.
fn messages(world: &World, event: &str) -> (Vec<String>, BTreeMap<String, BTreeSet<String>>) {
    let (mut ids, mut about) = (Vec::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for message in world.notify.inbox() {
        if message.data["event"] == event {
            let incident = message.data["incident"].as_str().unwrap().to_owned();
            about.entry(incident).or_default().insert(format!("{:?}", message.to));
            ids.push(message.id);
        }
    }
    (ids, about)
}

async fn storm(weather: Weather) {
    let Weather { seed, percent, .. } = weather;
    let _seed = Seed(seed);
    let world = World::new(seed);
    world.plan(&plan("fleet", Some(BY_CLUSTER))).await;
    world.plan(&plan("flap", None)).await;
    let transitions = transitions(&world);
    let failed = blow(&world, weather, &transitions).await;
    assert_eq!(failed.is_empty(), percent == 0, "the storm blew");
    calm(&world).await;

    let marks = each_counts_once(&world, &transitions);
    let ids = incidents(&world, TENANT);
    let tally = marks.tally();
    assert_eq!(tally.len(), 5, "something of each sort happened: {tally:?}");
    let opened = tally["opened"];
    assert_eq!((ids.len(), opened, marks.keys.len()), (KEYS, KEYS, KEYS));
    for one in transitions.iter().step_by(EACH) {
        let id = marks.keys[&one.key].incident.unwrap();
        assert!(ids.contains(&id), "{id}");
        told_once(&world, id, &marks).await;
        let incident = world.incident(id).await;
        let resolved = incident.status == Status::Resolved;
        assert_eq!(resolved, one.habit.ends_well(), "{:?}: {incident:?}", one.habit);
        let critical = incident.severity == Severity::Critical;
        assert_eq!(critical, one.habit == Habit::AllFire, "{:?}", incident.severity);
        let environments = world.repo().environments(id).await.unwrap();
        assert_eq!(environments.len(), 1, "environments of {id}");
    }
    // An execution for each environment, and no second one.
    assert_eq!(world.workflow.started().len(), KEYS);

    let (copies, about) = messages(&world, "incident.opened");
    assert_eq!(about.len(), KEYS);
    assert!(about.values().all(|targets| targets.len() == 2), "{about:?}");
    let messages: BTreeSet<&String> = copies.iter().collect();
    assert_eq!(messages.len(), KEYS.saturating_mul(2), "a message for each target of each");
    let surplus = copies.len().saturating_sub(messages.len());
    // Whoever cannot know that a message was taken, or cannot say so, sends it again.
    let unsaid = ["ses:SendEmail", "web:Post", "dynamodb:DeleteItem"];
    let doubts = failed.iter().filter(|operation| unsaid.contains(&operation.as_str())).count();
    assert!(surplus <= doubts, "{surplus} copies too many, for {doubts} doubts");
    assert!(!world.dynamo.dump().contains("#OUT#"), "every message was taken");
}

#[tokio::test]
async fn twenty_shuffled_deliveries_of_two_hundred_transitions_are_twenty_incidents() {
    storm(Weather { seed: 1, percent: 5, deliveries: 20 }).await;
}

#[tokio::test]
async fn without_a_fault_nobody_is_told_twice() {
    storm(Weather { seed: 2, percent: 0, deliveries: 2 }).await;
}

#[tokio::test]
async fn other_storms_end_alike() {
    storm(Weather { seed: 3, percent: 5, deliveries: 2 }).await;
    storm(Weather { seed: 4, percent: 20, deliveries: 1 }).await;
}
