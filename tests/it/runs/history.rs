//! An execution of the machine never outgrows its history: counted, as Step Functions counts events.

use crate::repo;
use crate::world::World;
use crate::world::runs::{kim, spec, triage_plan};
use serde_json::{Value, json};
use watchfire_domain::{ExecutionId, SECOND};
use watchfire_fakes::{FakeRequests, Fault, Outcome};
use watchfire_runbook::execution::State;

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
