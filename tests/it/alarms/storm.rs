//! Two hundred transitions over twenty keys, each delivered twenty times in whatever order, while
//! one call in twenty fails and the sweep comes by: every one of them counts once.

use super::marks::{Marks, incidents};
use super::queue::{BATCH, Dice, Told, deliver, read};
use crate::world::{TENANT, World};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;
use watchfire_domain::alarm::{Alarm, AlarmState};
use watchfire_domain::plan::render;
use watchfire_domain::{ActorKind, IncidentId, MINUTE, Plan, SECOND, Severity, Status};
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::Clock as _;
use watchfire_store::Event;

const KEYS: usize = 20;
const EACH: usize = 10;
/// How many functions take from the queue at once.
const LANES: u64 = 3;

/// How the alarms of a key behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// Ten alarms that share the key through the plan's template all fire; one of them is critical.
    AllFire,
    /// Five alarms that share the key fire and are well again.
    Pairs,
    /// One alarm that fires again and again, and fires in the end.
    FlapsOn,
    /// The same, but it is well in the end.
    FlapsOff,
}

/// The states of an alarm that flaps; the last is its habit's.
const FLAPS: [AlarmState; EACH - 1] = {
    use AlarmState::{Alarm, InsufficientData, Ok};
    [Alarm, Ok, Alarm, InsufficientData, Alarm, Ok, Alarm, Ok, Alarm]
};

impl Habit {
    fn of(key: usize) -> Self {
        [Self::AllFire, Self::Pairs, Self::FlapsOn, Self::FlapsOff][key % 4]
    }

    /// Whether it is all well in the end.
    fn ends_well(self) -> bool {
        matches!(self, Self::Pairs | Self::FlapsOff)
    }

    /// The name and the state of its `n`th transition.
    fn transition(self, key: usize, n: usize) -> (String, AlarmState) {
        let last = n == EACH - 1;
        let on = |fires: bool| if fires { AlarmState::Alarm } else { AlarmState::Ok };
        match self {
            Self::AllFire => (format!("fleet-{key}-{n}"), AlarmState::Alarm),
            Self::Pairs => (format!("fleet-{key}-{}", n / 2), on(n % 2 == 0)),
            Self::FlapsOn if last => (format!("flap-{key}"), AlarmState::Alarm),
            Self::FlapsOff if last => (format!("flap-{key}"), AlarmState::Ok),
            Self::FlapsOn | Self::FlapsOff => (format!("flap-{key}"), FLAPS[n]),
        }
    }
}

fn plan(name: &str, dedup_key: Option<&str>) -> Plan {
    serde_json::from_value(json!({
        "name": name,
        "version": 1,
        "matches": [{ "name_prefix": name }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "medium",
        "severity_tag": "severity",
        "dedup_key": dedup_key,
        "quiet_minutes": 2,
        "environment": { "cluster_id": "rosa-7", "approvers": ["ana@example.org"] },
        "notify": [
            { "email": "oncall@example.org" },
            { "webhook": "https://example.org/hook" },
        ],
    }))
    .unwrap()
}

const TEMPLATE: &str = "{alarm.dimension.Cluster}";

/// A transition of the storm.
struct One {
    body: String,
    alarm: Alarm,
    habit: Habit,
    key: String,
}

/// All transitions. They happened before the storm reached the queue, each key's in their order.
fn transitions(world: &World) -> Vec<One> {
    let start = world.clock.now().plus(-10 * MINUTE);
    let mut all = Vec::new();
    for key in 0..KEYS {
        let (habit, cluster) = (Habit::of(key), format!("cluster-{key}"));
        for n in 0..EACH {
            let (name, state) = habit.transition(key, n);
            let at = start.plus(30 * SECOND * i64::try_from(n).unwrap());
            let mut told = Told { cluster: &cluster, ..Told::new(&name, state, at) };
            if habit == Habit::AllFire && n == 6 {
                told.tags = json!({ "severity": "critical" });
            }
            let body = told.event().to_string();
            let alarm = read(&body);
            let shares = matches!(habit, Habit::AllFire | Habit::Pairs);
            let key = alarm.key(shares.then(|| render(TEMPLATE, &alarm)).as_deref());
            all.push(One { body, alarm, habit, key });
        }
    }
    all
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

/// Everything is delivered until all of it was handled; how many calls failed meanwhile.
async fn blow(world: &World, weather: Weather, transitions: &[One]) -> usize {
    let Weather { seed, percent, deliveries } = weather;
    let dice = Dice::new(seed);
    let mut queue: Vec<String> = transitions
        .iter()
        .flat_map(|one| std::iter::repeat_n(one.body.clone(), deliveries))
        .collect();
    dice.shuffle(&mut queue);
    let own = |lane: u64| seed.wrapping_mul(100).wrapping_add(lane);
    let lanes: Vec<World> = (1..=LANES).map(|lane| process(world, own(lane), percent)).collect();
    let sweeper = process(world, own(0), percent);
    // Ten minutes, so that incidents are resolved and reopened meanwhile.
    let pace = 10 * MINUTE * i64::try_from(BATCH).unwrap() * i64::try_from(LANES).unwrap()
        / i64::try_from(queue.len()).unwrap();
    let mut swept = world.clock.now();
    let mut rounds = 0;
    while !queue.is_empty() {
        rounds += 1;
        assert!(rounds < 1_000, "{} deliveries are never handled", queue.len());
        let mut at_once = JoinSet::new();
        for lane in &lanes {
            let batch = queue.split_off(queue.len().saturating_sub(BATCH));
            let lane = lane.clone();
            at_once.spawn(async move { deliver(&lane, batch).await });
        }
        for again in at_once.join_all().await.into_iter().flatten() {
            // It is hidden for a while, and then comes between the others.
            queue.insert(dice.below(queue.len() / 2 + 1), again);
        }
        world.forward(pace);
        if world.clock.now().since(swept) >= MINUTE {
            swept = world.clock.now();
            sweeper.sweep().await;
        }
    }
    let all = lanes.iter().chain([&sweeper]).flat_map(|lane| lane.faults.log());
    all.filter(|call| call.fault.is_some()).count()
}

/// The storm is over: what is late arrives, and the sweep ends what is left.
async fn calm(world: &World) {
    world.settle();
    for _ in 0..4 {
        world.forward(15 * MINUTE);
        world.sweep().await;
    }
}

/// Each transition has one outcome, each outcome one event, and each key counts what it took.
async fn each_counts_once(world: &World, transitions: &[One]) -> Marks {
    let marks = Marks::of(world, TENANT);
    let told: BTreeSet<String> = transitions.iter().map(|one| one.alarm.event_id()).collect();
    let handled: BTreeSet<String> = marks.events.keys().cloned().collect();
    assert_eq!(told.len(), KEYS * EACH);
    assert_eq!(handled, told, "every transition is handled, and nothing else");
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for one in transitions {
        let outcome = marks.events[&one.alarm.event_id()].outcome.as_str();
        let fires = ["opened", "attached", "reopened"].contains(&outcome);
        *counted.entry(&one.key).or_default() += u64::from(fires);
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
        let of = |event: &&Event| {
            event.stored.kind == kind && event.body.actor.kind == ActorKind::Alarm
        };
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

/// How often each message about `event` arrived, by its id; and about which incidents they are.
fn messages(world: &World, event: &str) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut copies, mut about) = (BTreeMap::new(), BTreeMap::new());
    for message in world.notify.inbox() {
        if message.data["event"] == event {
            let copy = copies.entry(message.id).or_insert(0);
            *copy += 1;
            if *copy == 1 {
                let incident = message.data["incident"].as_str().unwrap().to_owned();
                *about.entry(incident).or_insert(0) += 1;
            }
        }
    }
    (copies, about)
}

async fn storm(weather: Weather) {
    let Weather { seed, percent, .. } = weather;
    let _seed = Seed(seed);
    let world = World::new(seed);
    world.plan(&plan("fleet", Some(TEMPLATE))).await;
    world.plan(&plan("flap", None)).await;
    let transitions = transitions(&world);
    let failed = blow(&world, weather, &transitions).await;
    assert_eq!(failed > 0, percent > 0, "the storm blew");
    calm(&world).await;

    let marks = each_counts_once(&world, &transitions).await;
    let ids: BTreeSet<String> = incidents(&world).into_iter().collect();
    let opened = marks.tally()["opened"];
    assert_eq!((ids.len(), opened, marks.keys.len()), (KEYS, KEYS, KEYS));
    for one in transitions.iter().step_by(EACH) {
        let id = marks.keys[&one.key].incident.unwrap();
        assert!(ids.contains(&id.to_string()), "{id}");
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
    assert_eq!(about, ids.iter().map(|id| (id.clone(), 2)).collect(), "both targets, once each");
    let surplus = copies.values().sum::<usize>() - copies.len();
    assert!(surplus <= failed, "{surplus} copies too many, though only {failed} calls failed");
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
    storm(Weather { seed: 3, percent: 5, deliveries: 3 }).await;
    storm(Weather { seed: 4, percent: 20, deliveries: 1 }).await;
}
