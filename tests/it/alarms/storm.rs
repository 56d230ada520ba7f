//! Transitions over a few keys, each delivered many times in whatever order, while one call in twenty
//! fails and the sweep comes by: every one of them counts once. `cargo xtask storm` blows at full size.

mod habits;

use super::BY_CLUSTER;
use super::marks::{Marks, incidents};
use super::queue::{BATCH, Dice, deliver, move_up};
use crate::proofs::asked::{Asked, tell};
use crate::world::{TENANT, World};
use habits::{Habit, One, Shape, transitions};
use serde::Serialize;
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
/// What the suite's storms are made of.
const SMALL: Shape = Shape { keys: 20, each: 10 };
/// Answers that are lost and processes that end, before their call left and after it arrived.
const F2_F9: [Fault; 3] =
    [Fault::AnswerLost, Fault::Killed { applied: false }, Fault::Killed { applied: true }];
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
    shape: Shape,
    /// How calls fail.
    faults: &'static [Fault],
    /// How many of a hundred calls fail.
    percent: u8,
    /// How often each transition is delivered, beside what fails and comes again.
    deliveries: usize,
}

impl Weather {
    /// What the suite's storms are: every fault there is, at one call in twenty.
    const fn small(seed: u64) -> Self {
        Self { seed, shape: SMALL, faults: &Fault::ALL, percent: 5, deliveries: 20 }
    }

    /// From the first transition to the last delivery: a minute each, and two more.
    fn span(self) -> i64 {
        MINUTE.saturating_mul(i64::try_from(self.shape.each).unwrap().saturating_add(2))
    }

    /// Another process, in which `percent` of the calls fail.
    fn process(self, world: &World, seed: u64) -> World {
        let faults = Faults::new();
        faults.interleave(seed).rate(seed, self.percent, self.faults);
        world.process(faults)
    }
}

/// What a storm came to: the answer of `cargo xtask storm --json`.
#[derive(Debug, Clone, Serialize)]
struct Tally {
    incidents: usize,
    /// The transitions that were told.
    distinct: usize,
    opened: usize,
    attached: usize,
    reopened: usize,
    /// What its incident's timeline or its mark has, though it neither opened, attached nor reopened:
    /// an alarm that is well again, or that came too late to matter.
    recorded: usize,
    /// Told, and not handled.
    lost: usize,
    /// Handled twice, counted twice at their key, or told twice in a timeline.
    duplicates: usize,
    chains_verified: bool,
    faults_injected: usize,
}

/// Everything is delivered until all of it was handled; the operations that failed meanwhile.
async fn blow(world: &World, weather: Weather, transitions: &[One]) -> Vec<String> {
    let Weather { seed, deliveries, .. } = weather;
    let (dice, end) = (Dice::new(seed), world.clock.now().plus(weather.span()));
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
    let lanes: Vec<World> = (1..=LANES).map(|lane| weather.process(world, own(lane))).collect();
    let sweeper = weather.process(world, own(0));
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
        for lane in &lanes {
            while move_up(lane).await {}
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

/// Counts what the storm came to.
async fn count(world: &World, transitions: &[One], faults_injected: usize) -> Tally {
    let marks = Marks::read(world, TENANT);
    let told: BTreeSet<String> = transitions.iter().map(|one| one.alarm.event_id()).collect();
    let tally = marks.tally();
    let of = |outcome: &str| tally.get(outcome).copied().unwrap_or_default();
    let ids = incidents(world, TENANT);
    let (mut surplus, mut verified) = (marks.twice.len(), true);
    for id in &ids {
        let stored = world.timeline(*id).await.into_iter().map(|event| event.stored);
        verified &= watchfire_domain::chain::verify(TENANT, *id, stored).is_ok();
    }
    let fired = fired(&marks, transitions);
    for (key, open) in &marks.keys {
        let counted = fired.get(key.as_str()).copied().unwrap_or_default();
        surplus = surplus.saturating_add(usize::try_from(open.count.abs_diff(counted)).unwrap());
    }
    Tally {
        incidents: ids.len(),
        distinct: told.len(),
        opened: of("opened"),
        attached: of("attached"),
        reopened: of("reopened"),
        recorded: of("recorded").saturating_add(of("cleared")),
        lost: told.iter().filter(|event| !marks.events.contains_key(*event)).count(),
        duplicates: surplus,
        chains_verified: verified,
        faults_injected,
    }
}

impl Tally {
    /// That exactly-once holds.
    fn sound(&self, shape: Shape) {
        let sum = [self.opened, self.attached, self.reopened, self.recorded];
        assert_eq!(self.distinct, shape.keys.saturating_mul(shape.each), "{self:?}");
        assert_eq!(sum.iter().sum::<usize>(), self.distinct, "all is accounted for: {self:?}");
        assert_eq!((self.incidents, self.opened), (shape.keys, shape.keys), "{self:?}");
        assert_eq!((self.lost, self.duplicates), (0, 0), "{self:?}");
        assert!(self.chains_verified, "{self:?}");
    }
}

/// How many transitions of each key opened, attached or reopened, by their marks.
fn fired<'a>(marks: &Marks, transitions: &'a [One]) -> BTreeMap<&'a str, u64> {
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for one in transitions {
        let outcome = marks.events.get(&one.alarm.event_id()).map(|mark| mark.outcome.as_str());
        let fires = outcome.is_some_and(|one| ["opened", "attached", "reopened"].contains(&one));
        let count = counted.entry(&one.key).or_default();
        *count = count.saturating_add(u64::from(fires));
    }
    counted
}

/// Each transition has one outcome, each outcome one event, and each key counts what it took.
fn each_counts_once(world: &World, transitions: &[One]) -> Marks {
    let marks = Marks::of(world, TENANT);
    let told: BTreeSet<String> = transitions.iter().map(|one| one.alarm.event_id()).collect();
    let handled: BTreeSet<String> = marks.events.keys().cloned().collect();
    assert_eq!(handled, told, "every transition is handled, and nothing else");
    let kept = marks.keys.iter().map(|(key, open)| (key.as_str(), open.count)).collect();
    assert_eq!(fired(&marks, transitions), kept, "the keys' counts");
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

async fn storm(weather: Weather, by: By) {
    let Weather { seed, shape, percent, .. } = weather;
    let _seed = Seed(seed);
    let world = World::new(seed);
    world.plan(&plan("fleet", Some(BY_CLUSTER))).await;
    world.plan(&plan("flap", None)).await;
    let transitions = transitions(&world, shape);
    let failed = blow(&world, weather, &transitions).await;
    assert_eq!(failed.is_empty(), percent == 0, "the storm blew");
    calm(&world).await;
    let came_to = count(&world, &transitions, failed.len()).await;
    if by == By::Command {
        tell(&came_to);
    }
    came_to.sound(shape);

    let marks = each_counts_once(&world, &transitions);
    let Shape { keys, each } = shape;
    let ids = incidents(&world, TENANT);
    let tally = marks.tally();
    assert_eq!(tally.len(), 5, "something of each sort happened: {tally:?}");
    assert_eq!(marks.keys.len(), keys);
    for one in transitions.iter().step_by(each) {
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
    assert_eq!(world.workflow.started().len(), keys);

    let (copies, about) = messages(&world, "incident.opened");
    assert_eq!(about.len(), keys);
    assert!(about.values().all(|targets| targets.len() == 2), "{about:?}");
    let messages: BTreeSet<&String> = copies.iter().collect();
    assert_eq!(messages.len(), keys.saturating_mul(2), "a message for each target of each");
    let surplus = copies.len().saturating_sub(messages.len());
    // Whoever cannot know that a message was taken, or cannot say so, sends it again.
    let unsaid = ["ses:SendEmail", "web:Post", "dynamodb:DeleteItem"];
    let doubts = failed.iter().filter(|operation| unsaid.contains(&operation.as_str())).count();
    assert!(surplus <= doubts, "{surplus} copies too many, for {doubts} doubts");
    assert!(!world.dynamo.dump().contains("#OUT#"), "every message was taken");
}

/// Who wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Suite,
    Command,
}

#[tokio::test]
async fn twenty_shuffled_deliveries_of_two_hundred_transitions_are_twenty_incidents() {
    storm(Weather::small(1), By::Suite).await;
}

#[tokio::test]
async fn without_a_fault_nobody_is_told_twice() {
    storm(Weather { percent: 0, deliveries: 2, ..Weather::small(2) }, By::Suite).await;
}

#[tokio::test]
async fn other_storms_end_alike() {
    storm(Weather { deliveries: 2, ..Weather::small(3) }, By::Suite).await;
    storm(Weather { percent: 20, deliveries: 1, ..Weather::small(4) }, By::Suite).await;
}

/// `cargo xtask storm`.
#[tokio::test]
async fn lost_answers_and_killed_processes_lose_nothing() {
    let asked = Asked::read();
    let size = |name, short| usize::try_from(asked.number(name, short)).unwrap();
    let (alarms, keys) = (size("alarms", 240), size("keys", 12));
    let shape = Shape { keys, each: alarms.div_euclid(keys) };
    let even = shape.each.is_multiple_of(2) && shape.each >= 8;
    assert!(even && shape.each.saturating_mul(keys) == alarms, "so many a key: {shape:?}");
    let weather = Weather {
        seed: asked.seed(),
        shape,
        faults: &F2_F9,
        percent: 5,
        deliveries: size("deliveries", 5),
    };
    storm(weather, By::Command).await;
}
