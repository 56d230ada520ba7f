//! Two processes at once: what one of them alone would do is done, once.

use crate::world::{World, meets, storage_plan};
use serde_json::{Value, json};
use std::future::Future;
use watchfire_desk::Steer;
use watchfire_domain::EnvironmentId;
use watchfire_domain::environment::State;
use watchfire_fakes::Faults;

/// The event of a step of the machine.
fn step(world: &World, id: EnvironmentId) -> Value {
    let token = world.workflow.wait("by-hand");
    json!({ "tenant": "acme", "environment": id.to_string(), "attempt": 1, "token": token })
}

/// The same from two processes whose calls interleave as the seed decides.
async fn both<T, F: Future<Output = T>>(
    world: &World,
    seed: u64,
    work: impl Fn(World, usize) -> F,
) -> (T, T) {
    let other = world.process(Faults::new());
    world.faults.interleave(seed);
    other.faults.interleave(!seed);
    tokio::join!(work(world.clone(), 0), work(other, 1))
}

#[tokio::test]
async fn two_creations_at_once_make_one_access_point() {
    for seed in 0..8 {
        let world = World::new(seed);
        let id = world.opened(&json!({})).await;
        let step = step(&world, id);
        let create = |world: World, _| {
            let step = step.clone();
            async move { Box::pin(world.call("CreateFunction", step)).await }
        };
        let (one, two) = both(&world, seed, create).await;
        one.unwrap();
        two.unwrap();
        assert_eq!(world.points.existing().len(), 1, "seed {seed}");
        world.sound(id.incident).await;
    }
}

#[tokio::test]
async fn two_environments_that_are_asked_for_at_once_are_two() {
    for seed in 0..8 {
        let world = World::new(seed);
        world.plan(&storage_plan(&json!({}))).await;
        let incident = world.raise().await;
        let ask = |world: World, at: usize| async move {
            let spec = json!({ "cluster_id": format!("rosa-8{at}"), "launch": "later" });
            let spec = serde_json::from_value(spec).unwrap();
            let ask = crate::world::ask("POST /environments");
            let caller = World::admin();
            world.desk.create_environment(&caller, &ask, incident, &spec).await.map(drop)
        };
        let (one, two) = Box::pin(both(&world, seed, ask)).await;
        one.unwrap();
        two.unwrap();
        let rows = world.repo().environments(incident).await.unwrap();
        let mut clusters: Vec<_> = rows.into_iter().map(|row| row.record.cluster_id).collect();
        clusters.sort();
        assert_eq!(clusters, ["rosa-7", "rosa-80", "rosa-81"], "seed {seed}");
        world.sound(incident).await;
    }
}

#[tokio::test]
async fn two_orders_at_once_both_stand() {
    let mut both_done = 0;
    for seed in 0..16 {
        let world = World::new(seed);
        let id = world.opened(&json!({})).await;
        world.call("CreateFunction", step(&world, id)).await.unwrap();
        let before = world.environment(id).await.deadline;
        let order = |world: World, at: usize| async move {
            let stop = Steer::Stop { reason: "enough".to_owned(), removal: None };
            let steer = [Steer::Extend { hours: 9 }, stop][at].clone();
            Box::pin(world.steer(id, &steer)).await
        };
        let (extended, stopped) = both(&world, seed, order).await;
        stopped.unwrap();
        let environment = world.environment(id).await;
        assert_eq!(environment.state, State::Stopping, "seed {seed}");
        // What is being stopped cannot be extended: then that was said.
        assert_eq!(extended.is_ok(), environment.deadline != before, "seed {seed}");
        both_done += u32::from(extended.is_ok());
        world.sound(id.incident).await;
    }
    assert!(both_done > 0);
}

#[tokio::test]
async fn two_who_ask_for_an_approval_at_once_ask_for_one() {
    for seed in 0..16 {
        let world = World::new(seed);
        let id = world.opened(&json!({})).await;
        for function in ["CreateFunction", "LaunchFunction"] {
            world.call(function, step(&world, id)).await.unwrap();
        }
        world.tasks.come_to_rest();
        world.forward(5_000);
        world.deliver_probes().await;
        world.stop(id).await;
        world.call("StopFunction", step(&world, id)).await.unwrap();
        world.tasks.come_to_rest();
        world.forward(15_000);
        world.deliver_probes().await;
        assert_eq!(world.environment(id).await.state, State::Stopped);
        let steps = [step(&world, id), step(&world, id)];
        let ask = |world: World, at: usize| {
            let step = steps[at].clone();
            async move { Box::pin(world.call("ApproveFunction", step)).await }
        };
        let (one, two) = both(&world, seed, ask).await;
        one.unwrap();
        two.unwrap();
        let story = world.story(id.incident).await;
        let asked = story.iter().filter(|kind| *kind == "approval_requested").count();
        assert_eq!((asked, world.approvals(id.incident).await.len()), (1, 1), "seed {seed}");
        world.sound(id.incident).await;
    }
}

/// How many steps a launch has at most.
const STEPS: usize = 60;

/// Who waits stores its token before it reads the record, and who writes the record looks for a token
/// after that: one of them sees the other, without the sweep.
#[tokio::test]
async fn an_order_that_comes_while_the_machine_begins_to_wait_is_not_overlooked() {
    for steps in 0..STEPS {
        let world = World::new(1);
        let id = world.opened(&json!({ "launch": "later" })).await;
        world.call("CreateFunction", step(&world, id)).await.unwrap();
        let mut wait = step(&world, id);
        wait["step"] = json!("wait");
        let token = wait["token"].as_str().unwrap().to_owned();
        world.faults.interleave(1);
        let other = world.process(Faults::new());
        let order = async {
            other.steer(id, &Steer::Launch).await.unwrap();
            other.deliver_probes().await;
        };
        meets(world.call("LaunchFunction", wait), steps, order).await.unwrap();
        assert!(world.workflow.answer_to(&token).is_some(), "after {steps} steps");
    }
}

/// Somebody stops it while its task is being started: the task does not go on until the machine comes
/// to its stop.
#[tokio::test]
async fn a_task_that_was_started_while_somebody_stopped_it_is_stopped() {
    let mut met = 0;
    for steps in 0..STEPS {
        let world = World::new(1);
        let id = world.opened(&json!({})).await;
        world.call("CreateFunction", step(&world, id)).await.unwrap();
        let launch = step(&world, id);
        world.faults.interleave(1);
        let other = world.process(Faults::new());
        meets(world.call("LaunchFunction", launch), steps, other.stop(id)).await.unwrap();
        let story = world.story(id.incident).await;
        let place = |kind: &str| story.iter().position(|one| one == kind);
        if place("task_launched") > place("stop_requested") {
            met += 1;
            world.tasks.come_to_rest();
            assert_eq!(world.tasks.living_tasks(), Vec::<String>::new(), "after {steps} steps");
        }
    }
    assert!(met > 0, "the stop never came in between");
}
