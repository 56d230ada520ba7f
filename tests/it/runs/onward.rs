//! Steps that only look, and that a run goes on without (`on_failure: continue`).

use crate::world::runs::{kim, spec, triage_plan};
use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::{Deed, RunDeed};
use watchfire_domain::incident::Transition;
use watchfire_domain::{ExecutionId, IncidentId, Status};
use watchfire_fakes::{Ending, FakeRequests};
use watchfire_ports::{Job, JobKind};
use watchfire_runbook::execution::{Outcome, Standing, State};

const HEALTH: &str = "https://status.example.com/health";

fn look(id: &str, action: Value) -> Value {
    json!({
        "id": id, "title": "It", "risk": "low", "timeout": "10m", "do": action,
        "on_failure": "continue",
    })
}

fn get() -> Value {
    json!({ "http": { "method": "GET", "url": HEALTH } })
}

fn program(name: &str) -> Value {
    json!({ "command": { "argv": [name], "profile": "observer" } })
}

async fn started(world: &World, steps: &Value) -> (IncidentId, ExecutionId) {
    let mut plan = triage_plan();
    plan.recovery = Some("look".to_owned());
    world.plan(&plan).await;
    world.publish(&spec(steps)).await;
    let id = world.raise().await;
    (id, world.start(&kim(), "look", Some(id), json!({})).await.unwrap())
}

async fn resolved(world: &World, id: IncidentId) -> bool {
    let rationale = Some("it looks well".to_owned());
    let resolve = Deed::Transition(Transition { to: Status::Resolved, rationale });
    world.deed(id, resolve).await.is_ok()
}

/// What is down keeps nothing else from being looked at, and proves no recovery.
#[tokio::test]
async fn a_run_goes_on_without_a_look_that_failed() {
    let world = World::new(1);
    world.requests.next(HEALTH, Ok(FakeRequests::answer(503, "down")));
    world.jobs.always("df", Ending::fails("exit code 2"));
    world.jobs.always("uptime", Ending::passes("all is well"));
    let steps = json!([
        look("health", get()),
        look("disk", program("df")),
        look("pods", program("uptime")),
    ]);
    let (id, run) = started(&world, &steps).await;
    world.until_run(run, State::Completed).await;
    let one = world.execution(run).await;
    for (step, state, note) in [
        ("health", Standing::Failed, "status is 503"),
        ("disk", Standing::Failed, "exit code 2"),
        ("pods", Standing::Done, ""),
    ] {
        let step = &one.steps[step];
        assert_eq!((step.state, step.passed_over), (state, state == Standing::Failed));
        assert!(step.note.clone().unwrap_or_default().contains(note), "{step:?}");
    }
    let events = world.timeline(id).await;
    let detail = |kind: &str| -> Vec<Value> {
        let of = events.iter().filter(|event| event.stored.kind == kind);
        of.map(|event| event.body.payload["detail"].clone()).collect()
    };
    let failed = detail("step_failed");
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|detail| detail["goes_on"] == true), "{failed:?}");
    assert_eq!(detail("runbook_completed")[0]["failed_steps"], json!(["health", "disk"]));
    assert_eq!(detail("runbook_failed"), Vec::<Value>::new());
    // It is over; whoever wants to look again starts it again.
    assert!(world.run_deed(&kim(), run, RunDeed::Retry("health".to_owned(), 1)).await.is_err());
    assert!(!resolved(&world, id).await, "what goes on without a look proves no recovery");
    world.sound(id).await;
}

#[tokio::test]
async fn what_a_look_began_is_stopped_when_the_run_goes_on_without_it() {
    let world = World::new(1);
    world.jobs.always("df", Ending::never());
    world.jobs.always("uptime", Ending::never());
    let steps = json!([look("disk", program("df")), look("pods", program("uptime"))]);
    let (id, run) = started(&world, &steps).await;
    for minutes in 0..15 {
        if world.standing(run, "pods").await == Standing::Running {
            break;
        }
        assert!(minutes < 14, "it does not go on");
        world.play(1, Doors::Both).await;
    }
    let disk = world.execution(run).await.steps["disk"].clone();
    assert_eq!((disk.outcome, disk.passed_over), (Some(Outcome::TimedOut), true));
    let stopped = |program: &str| {
        let runs =
            |job: &Job| matches!(&job.kind, JobKind::Program { argv, .. } if argv[0] == program);
        let job = world.jobs.jobs().into_iter().find(runs).unwrap();
        world.jobs.stopped(&job.name).is_some()
    };
    assert_eq!((stopped("df"), stopped("uptime")), (true, false));
    // Nor is it tried again while a later one runs.
    assert!(world.run_deed(&kim(), run, RunDeed::Retry("disk".to_owned(), 1)).await.is_err());
    // What a person fails is not gone on without.
    let fail = RunDeed::Fail("enough was seen".to_owned());
    world.run_deed(&kim(), run, fail).await.unwrap();
    assert_eq!(world.execution(run).await.state, State::Failed);
    world.sound(id).await;
}

/// What cannot be looked at keeps no run from going on: it would be tried again for nothing.
#[tokio::test]
async fn a_look_whose_job_cannot_be_seen_is_gone_on_without() {
    let world = World::new(1);
    world.jobs.always("df", Ending::never());
    let steps = json!([look("disk", program("df")), look("health", get())]);
    let (_, run) = started(&world, &steps).await;
    world.play(1, Doors::Both).await;
    assert_eq!(world.standing(run, "disk").await, Standing::Running);
    world.jobs.hide();
    world.until_run(run, State::Completed).await;
    assert!(world.execution(run).await.steps["disk"].passed_over);
}
