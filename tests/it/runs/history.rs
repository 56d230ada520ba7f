//! An execution of the machine never outgrows its history: counted, as Step Functions counts events.

use crate::repo;
use crate::world::runs::{kim, spec, triage_plan};
use crate::world::{Doors, World, meets};
use serde_json::{Value, json};
use watchfire_desk::RunDeed;
use watchfire_domain::{ExecutionId, SECOND};
use watchfire_fakes::{Ending, FakeRequests, Fault, Faults, Outcome};
use watchfire_runbook::execution::{Standing, State};

const HEALTH: &str = "https://status.example.com/health";

/// How many events an execution may have.
const MOST: u64 = 25_000;

/// The most events that a state of this name makes: it is entered and left, and each try of a task is
/// scheduled, started and ended.
fn events(definition: &Value, state: &str) -> u64 {
    let state = &definition["States"][state];
    let retries = |one: &Value| one["MaxAttempts"].as_u64().unwrap();
    let retries: u64 = state["Retry"].as_array().into_iter().flatten().map(retries).sum();
    let tries = if state["Type"] == "Task" { retries.saturating_add(1) } else { 0 };
    tries.saturating_mul(3).saturating_add(2)
}

/// As seldom and as often as may be: every five seconds, for hours.
fn check(id: &str, stable_for: &str) -> Value {
    json!({
        "id": id, "title": "It", "risk": "low", "timeout": "4h",
        "do": { "check": {
            "probe": { "http": { "method": "GET", "url": HEALTH } },
            "every": "5s", "stable_for": stable_for, "limit": "4h",
        } },
    })
}

async fn started(world: &World, steps: &Value) -> ExecutionId {
    world.requests.always(HEALTH, Ok(FakeRequests::answer(200, "")));
    world.plan(&triage_plan()).await;
    world.publish(&spec(steps)).await;
    let id = world.raise().await;
    world.start(&kim(), "look", Some(id), json!({})).await.unwrap()
}

/// Five seconds after five seconds, with nobody but the machines; how many times.
async fn until_over(world: &World, run: ExecutionId) -> usize {
    world.drive().await;
    for times in 0..5_000 {
        if world.execution(run).await.state != State::Running {
            return times;
        }
        world.clock.advance(5 * SECOND);
        world.drive().await;
    }
    panic!("it does not end")
}

#[tokio::test]
async fn no_machines_history_is_full_however_long_its_checks_look() {
    let world = World::new(1);
    let run = started(&world, &json!([check("first", "50m"), check("second", "45m")])).await;
    let times = until_over(&world, run).await;
    let execution = world.execution(run).await;
    assert_eq!(execution.state, State::Completed);
    assert_eq!(execution.drive, 1, "none of them died");
    // What a machine has seen is not looked at anew by the next one.
    assert_eq!(times, 95 * 12, "it took what it had to");
    let definition: Value =
        serde_json::from_str(&repo::read("statemachines/runbook.asl.json")).unwrap();
    let machines = world.runs.started();
    assert_eq!(machines.len(), 2);
    for (name, _) in machines {
        let entered = world.runner.entered(&name);
        let all: u64 = entered.iter().map(|state| events(&definition, state)).sum();
        // A tenth is left for asking approvers.
        assert!(all <= MOST - MOST / 10, "{name}: {all}");
    }
    assert_eq!(world.runs.running_names(), Vec::<String>::new());
    assert_eq!(world.requests.calls().len(), 95 * 12 + 2);
}

/// The next machine was started, and nobody heard of it: asked again, it is there. Two of them at the end of
/// their looks start one.
#[tokio::test]
async fn a_machine_hands_over_once() {
    for broken in [Fault::AnswerLost, Fault::NotSent, Fault::Killed { applied: true }] {
        let world = World::new(2);
        let run = started(&world, &json!([check("first", "5m")])).await;
        world.drive().await;
        let [first] = &world.runs.running_names()[..] else { panic!("one machine") };
        let mut input = world.runs.started()[0].1.clone();
        input["carry"] = json!({ "looks": 995 });
        for name in ["late", "later"] {
            world.desk.runs.start(name, &input).await.unwrap();
        }
        world.runs.end(first, Outcome::Aborted);
        world.faults.restart().at_operation("states:StartExecution", 0, broken);
        for _ in 0..20 {
            world.clock.advance(5 * SECOND);
            world.drive().await;
        }
        let running = world.runs.running_names();
        assert!(
            matches!(&running[..], [one] if one.ends_with("-next-1")),
            "{broken:?}: {running:?}"
        );
        until_over(&world, run).await;
        let execution = world.execution(run).await;
        assert_eq!((execution.state, execution.drive), (State::Completed, 1), "{broken:?}");
    }
}

/// Each hand-over counts on: a name that was used before would start nobody.
#[tokio::test]
async fn each_hand_over_has_a_name_of_its_own() {
    let world = World::new(3);
    started(&world, &json!([check("first", "5m")])).await;
    world.drive().await;
    let [first] = &world.runs.running_names()[..] else { panic!("one machine") };
    let mut input = world.runs.started()[0].1.clone();
    input["carry"] = json!({ "looks": 995, "machines": 1 });
    world.desk.runs.start("late", &input).await.unwrap();
    world.runs.end(first, Outcome::Aborted);
    for _ in 0..20 {
        world.clock.advance(5 * SECOND);
        world.drive().await;
    }
    let running = world.runs.running_names();
    assert!(matches!(&running[..], [one] if one.ends_with("-next-2")), "{running:?}");
}

/// The names of machines that go on from where it stands, as they hand over.
async fn next_names(world: &World, run: ExecutionId) -> Vec<String> {
    let version = world.execution(run).await.version;
    (1..=6).map(|n| format!("run-{}-{version}-next-{n}", run.0.simple())).collect()
}

/// A check that one machine looks at, whose history is full after five more looks.
async fn almost_full(world: &World) -> ExecutionId {
    let run = started(world, &json!([check("first", "5m")])).await;
    world.drive().await;
    let [first] = &world.runs.running_names()[..] else { panic!("one machine") };
    let mut input = world.runs.started()[0].1.clone();
    input["carry"] = json!({ "looks": 995 });
    world.desk.runs.start("late", &input).await.unwrap();
    world.runs.end(first, Outcome::Aborted);
    run
}

async fn ten_looks(world: &World) {
    for _ in 0..10 {
        world.drive().await;
        world.clock.advance(5 * SECOND);
    }
}

/// So many of those that it would hand over to have died: what it carries is not lost with them, unless
/// all have. Then the sweep finds that nobody looks.
#[tokio::test]
async fn a_machine_hands_over_past_those_that_died() {
    for dead in [1, 5, 6] {
        let world = World::new(4);
        let run = almost_full(&world).await;
        let names = next_names(&world, run).await;
        for name in &names[..dead] {
            world.desk.runs.start(name, &Value::Null).await.unwrap();
            world.runs.end(name, Outcome::Aborted);
        }
        ten_looks(&world).await;
        let heir: Vec<String> = names.into_iter().skip(dead).take(1).collect();
        assert_eq!(world.runs.running_names(), heir, "{dead} died");
        if dead < 6 {
            let times = until_over(&world, run).await;
            assert!(times <= 50, "{dead}: it began anew: {times}");
        }
        world.until_run(run, State::Completed).await;
    }
}

/// The one of its name runs, and carries something else: there is no other beside it.
#[tokio::test]
async fn a_machine_hands_over_to_nobody_beside_one_that_runs() {
    let world = World::new(5);
    let run = almost_full(&world).await;
    let names = next_names(&world, run).await;
    let mut input = world.runs.started()[0].1.clone();
    input["carry"] = json!({ "looks": 1 });
    world.desk.runs.start(&names[0], &input).await.unwrap();
    ten_looks(&world).await;
    assert_eq!(world.runs.running_names(), names[..1]);
    assert_eq!(until_over(&world, run).await, 50);
}

/// The one that it would hand over to has died, and the step is tried again while it finds that out: what
/// it carries is of no use any more, and the newer version has machines of its own.
#[tokio::test]
async fn a_machine_hands_nothing_over_of_a_record_that_moved_on() {
    let mut taken = [0_usize; 3];
    for steps in 0..60 {
        let world = World::new(8);
        let run = started(&world, &json!([check("first", "5m")])).await;
        world.drive().await;
        let names = next_names(&world, run).await;
        world.desk.runs.start(&names[0], &Value::Null).await.unwrap();
        world.runs.end(&names[0], Outcome::Aborted);
        let mut event = world.runs.started()[0].1.clone();
        event["carry"] = json!({ "looks": 1_000 });
        world.faults.interleave(1);
        let other = world.process(Faults::new());
        let tried_again = async {
            let fail = RunDeed::Fail("it hangs".to_owned());
            other.run_deed(&kim(), run, fail).await.unwrap();
            other.run_deed(&kim(), run, RunDeed::Retry("first".to_owned(), 1)).await.unwrap();
        };
        meets(world.call("StepFunction", event), steps, tried_again).await.unwrap();
        world.faults.none();
        let started = world.runs.started();
        let handed = started.iter().map(|(name, _)| name).filter(|name| name.contains("-next-"));
        let handed: Vec<_> = handed.skip(1).collect();
        taken[match handed[..] {
            // Nobody had looked yet: what is handed over is of the newer version.
            [name] if !names.contains(name) => 0,
            [] => 1,
            // It was all over before.
            [name] if *name == names[1] => 2,
            _ => panic!("after {steps} steps: {handed:?}"),
        }] += 1;
        if taken[2] > 0 {
            break;
        }
    }
    assert!(taken.iter().all(|times| *times > 0), "each came once: {taken:?}");
}

/// The next one has come to the end of its work, and people have their turn: asked once more, the one
/// that handed over to it starts nobody.
#[tokio::test]
async fn a_machine_hands_nothing_over_that_waits_for_people() {
    let world = World::new(6);
    let tick = json!({
        "id": "tick", "title": "Tick", "risk": "low", "timeout": "1d",
        "do": { "manual": { "instructions": "Look at the graph.", "tick": true } },
    });
    let run = started(&world, &json!([tick])).await;
    world.drive().await;
    assert_eq!(world.standing(run, "tick").await, Standing::Waiting);
    let mut event = world.runs.started()[0].1.clone();
    event["carry"] = json!({ "looks": 1_000 });
    for _ in 0..2 {
        world.call("StepFunction", event.clone()).await.unwrap();
        world.drive().await;
    }
    let names: Vec<String> = world.runs.started().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[1..], next_names(&world, run).await[..1]);
}

/// It waits for longer than the sweep does, for what an attempt before left running: the sweep sees that
/// it looks, though it has another name than the record's.
#[tokio::test]
async fn a_machine_that_was_handed_over_to_is_not_taken_for_dead() {
    let world = World::new(7);
    world.jobs.always("df", Ending::deaf());
    let program = json!({ "command": { "argv": ["df"], "profile": "observer" } });
    let step = json!({ "id": "it", "title": "It", "risk": "low", "timeout": "1h", "do": program });
    let run = started(&world, &json!([step])).await;
    world.play(1, Doors::Both).await;
    world.run_deed(&kim(), run, RunDeed::Fail("it hangs".to_owned())).await.unwrap();
    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
    for name in world.runs.running_names() {
        world.runs.end(&name, Outcome::Aborted);
    }
    let mut input = world.runs.started()[0].1.clone();
    input["carry"] = json!({ "looks": 995 });
    world.desk.runs.start("late", &input).await.unwrap();
    world.play(20, Doors::Both).await;
    assert_eq!(world.runs.running_names(), next_names(&world, run).await[..1]);
    assert_eq!(world.execution(run).await.drive, 1);
}
