//! Launching: one task at most, and what becomes of one that does not come up.

use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::Steer;
use watchfire_domain::environment::State;
use watchfire_domain::{EnvironmentId, Rejected, SECOND};
use watchfire_edge::Fault;
use watchfire_fakes::{Faults, Left};

/// A step of the machine, waiting with a token of its own.
fn step(world: &World, id: EnvironmentId, name: &str) -> Value {
    let token = world.workflow.wait(&format!("{id}-1"));
    json!({ "step": name, "tenant": "acme", "incident": id.incident, "environment": id,
            "attempt": 1, "token": token })
}

pub(super) async fn launch(world: &World, id: EnvironmentId) -> Result<(), Fault> {
    world.steer(id, &Steer::Launch).await.map(drop)
}

/// Closes what failed, and sees that nothing is left; the access point goes by the flag.
pub(super) async fn closes(world: &World, id: EnvironmentId) {
    let close = Steer::Close { reason: "given up".to_owned(), remove: true };
    world.steer(id, &close).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    assert_eq!(world.left(), Left::default());
    assert_eq!(world.most_at_once(id).await.min(1), world.most_at_once(id).await);
    world.sound(id.incident).await;
}

#[tokio::test]
async fn two_launches_at_once_start_one_task() {
    for seed in 0..8 {
        let world = World::new(seed);
        let id = world.opened(&json!({})).await;
        world.call("CreateFunction", step(&world, id, "")).await.unwrap();
        let other = world.process(Faults::new());
        world.faults.interleave(seed);
        other.faults.interleave(seed + 100);
        let (one, two) = tokio::join!(
            world.call("LaunchFunction", step(&world, id, "run")),
            other.call("LaunchFunction", step(&world, id, "run")),
        );
        one.unwrap();
        two.unwrap();
        assert_eq!(world.tasks.arns().len(), 1, "seed {seed}");
        let environment = world.environment(id).await;
        assert_eq!(environment.state, State::Launching);
        assert_eq!(environment.task.unwrap().arn, world.tasks.arns()[0]);
        world.sound(id.incident).await;
    }
}

#[tokio::test]
async fn a_second_launch_is_refused_and_names_the_task() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.drive().await;
    let refused = || async { launch(&world, id).await.unwrap_err() };
    let running = |fault: Fault| {
        let Fault::Rejected(Rejected::Running { task }) = fault else { panic!("{fault:?}") };
        task
    };
    assert_eq!(running(refused().await), world.tasks.arns()[0]);
    world.until(id, State::Running, Doors::Probes).await;
    let fault = refused().await;
    assert_eq!((fault.status(), fault.name()), (409, "Environment.Running"));
    assert_eq!(running(fault), world.tasks.arns()[0]);
    assert_eq!(world.tasks.arns().len(), 1);
}

#[tokio::test]
async fn a_launch_later_waits_for_its_route() {
    let world = World::new(1);
    let id = world.opened(&json!({ "launch": "later" })).await;
    world.play(10, Doors::Both).await;
    assert_eq!(world.environment(id).await.state, State::Created);
    assert_eq!(world.tasks.arns(), Vec::<String>::new());
    launch(&world, id).await.unwrap();
    launch(&world, id).await.unwrap();
    world.until(id, State::Running, Doors::Both).await;
    assert_eq!(world.tasks.arns().len(), 1);
    assert_eq!(world.left().executions.len(), 1, "the same execution");
    world.sound(id.incident).await;
}

#[tokio::test]
async fn without_capacity_it_fails_with_its_reason_and_the_route_tries_again() {
    let world = World::with_targets(1);
    world.tasks.runs_fail(3, "RESOURCE:MEMORY");
    let id = world.opened(&json!({})).await;
    world.until(id, State::Failed, Doors::Probes).await;
    let failure = world.environment(id).await.failure.unwrap();
    assert_eq!(failure.phase, "launch");
    assert!(failure.reason.contains("no capacity"), "{}", failure.reason);
    assert_eq!((world.left().executions, world.left().tasks), (vec![], vec![]));
    launch(&world, id).await.unwrap();
    world.until(id, State::Running, Doors::Probes).await;
    assert_eq!(world.environment(id).await.attempt, 2);
    closes(&world, id).await;
}

#[tokio::test]
async fn what_ecs_refuses_fails_at_once() {
    let world = World::new(1);
    world.tasks.runs_fail(1, "AGENT: no such image");
    let id = world.opened(&json!({})).await;
    world.until(id, State::Failed, Doors::Probes).await;
    let failure = world.environment(id).await.failure.unwrap();
    assert!(failure.reason.contains("no such image"), "{}", failure.reason);
    assert_eq!(world.tasks.arns(), Vec::<String>::new());
    closes(&world, id).await;
}

/// A task that stopped before it was ready.
async fn not_started(world: &World) -> EnvironmentId {
    let id = world.opened(&json!({})).await;
    world.drive().await;
    let arn = world.tasks.arns().remove(0);
    world.tasks.fails_to_start(&arn, "CannotPullContainerError: not found");
    world.until(id, State::Failed, Doors::Both).await;
    let failure = world.environment(id).await.failure.unwrap();
    assert!(failure.reason.contains("CannotPullContainerError"), "{}", failure.reason);
    world.sound(id.incident).await;
    id
}

#[tokio::test]
async fn a_task_that_stops_before_it_is_ready_fails_the_launch_and_can_be_closed() {
    let world = World::with_targets(1);
    let id = not_started(&world).await;
    assert_eq!((world.left().executions, world.left().tasks), (vec![], vec![]));
    closes(&world, id).await;
}

#[tokio::test]
async fn a_task_that_stops_before_it_is_ready_is_followed_by_another_if_asked() {
    let world = World::with_targets(1);
    let id = not_started(&world).await;
    launch(&world, id).await.unwrap();
    world.until(id, State::Running, Doors::Probes).await;
    let environment = world.environment(id).await;
    assert_eq!(world.tasks.arns().len(), 2);
    assert!(world.left().tasks.contains(&environment.task.unwrap().arn));
    closes(&world, id).await;
}

/// So many minutes in which no task moves.
async fn stand_still(world: &World, minutes: i64) {
    for _ in 0..minutes.saturating_mul(6) {
        world.forward(10 * SECOND);
        world.deliver_probes().await;
        world.drive().await;
    }
}

#[tokio::test]
async fn a_task_whose_agent_is_never_ready_is_given_up_after_five_minutes() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.drive().await;
    // RUNNING alone is not enough for a shell.
    for _ in 0..3 {
        world.tasks.advance_all();
    }
    stand_still(&world, 4).await;
    assert_eq!(world.environment(id).await.state, State::Launching);
    stand_still(&world, 2).await;
    let environment = world.environment(id).await;
    assert_eq!(environment.failure.unwrap().reason, "the task was not ready within 300 seconds");
    assert_eq!(world.left().executions, Vec::<String>::new());
    // The task was told to end; as long as it does, no other starts.
    launch(&world, id).await.unwrap();
    world.drive().await;
    assert_eq!(world.tasks.arns().len(), 1);
    world.until(id, State::Running, Doors::Probes).await;
    assert_eq!((world.tasks.arns().len(), world.most_at_once(id).await), (2, 1));
    closes(&world, id).await;
}

/// The one who saw it died before the machine was told, and every later look is lost: the machine's
/// time passes, and whoever works in the task keeps it.
#[tokio::test]
async fn a_launch_that_was_seen_in_time_is_not_abandoned() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.drive().await;
    world.tasks.come_to_rest();
    world.forward(5 * SECOND);
    let dies = watchfire_fakes::Fault::Killed { applied: false };
    world.faults.at_operation("states:SendTaskSuccess", 0, dies);
    world.deliver_probes().await;
    assert_eq!(world.environment(id).await.state, State::Running);
    world.probes.due(world.forward(300 * SECOND));
    world.drive().await;
    let abandoned = world.machine.entered(&format!("{id}-1"));
    assert!(abandoned.contains(&"AbandonLaunch".to_owned()), "{abandoned:?}");
    world.tasks.come_to_rest();
    assert_eq!((world.environment(id).await.state, world.left().tasks.len()), (State::Running, 1));
    // Another machine waits for the stop.
    world.play(20, Doors::Neither).await;
    assert_eq!(world.environment(id).await.attempt, 2);
    closes(&world, id).await;
}

#[tokio::test]
async fn an_access_point_that_is_refused_fails_the_creation_and_leaves_nothing() {
    let world = World::with_targets(1);
    world.points.limit(0);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Failed, Doors::Probes).await;
    let failure = world.environment(id).await.failure.unwrap();
    assert_eq!(failure.phase, "create");
    assert!(failure.reason.contains("AccessPointLimitExceeded"), "{}", failure.reason);
    assert_eq!(world.left(), Left::default());
    world.points.limit(120);
    launch(&world, id).await.unwrap();
    world.until(id, State::Running, Doors::Probes).await;
    closes(&world, id).await;
}
