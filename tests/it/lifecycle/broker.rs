//! The access broker: it leads to the task, and when it is down nothing waits for it.

use super::launch::{closes, launch};
use crate::world::{Doors, World, ask};
use serde_json::json;
use watchfire_desk::Steer;
use watchfire_domain::environment::{Spec, State};
use watchfire_domain::{DAY, EnvironmentId, MINUTE};

/// Long enough for the looks that are due now and then.
const LOOKS: usize = 17;

async fn events(world: &World, id: EnvironmentId, kind: &str) -> usize {
    world.story(id.incident).await.iter().filter(|event| *event == kind).count()
}

/// Closes it, whatever remains of it.
async fn close(world: &World, id: EnvironmentId) {
    let close = Steer::Close { reason: "given up".to_owned(), remove: true };
    world.steer(id, &close).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
}

fn led_to(world: &World) -> Vec<Option<String>> {
    world.broker.existing().into_iter().map(|(_, _, task)| task).collect()
}

#[tokio::test]
async fn a_target_leads_to_the_task_as_soon_as_it_is_ready() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({ "launch": "later" })).await;
    world.drive().await;
    let created = world.environment(id).await;
    assert_eq!(created.ecs_cluster.as_deref(), Some("watchfire"));
    assert!(created.target.is_some());
    assert_eq!(led_to(&world), [None]);
    launch(&world, id).await.unwrap();
    world.until(id, State::Running, Doors::Probes).await;
    assert_eq!(led_to(&world), [Some(world.environment(id).await.task.unwrap().arn)]);
    assert_eq!(world.environment(id).await.target, created.target);
    closes(&world, id).await;
    assert_eq!(led_to(&world), []);
}

#[tokio::test]
async fn a_broker_that_is_down_degrades_access_and_blocks_nothing() {
    let world = World::with_targets(1);
    world.broker.down(true);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    let problem = world.environment(id).await.broker_problem.unwrap();
    assert!(problem.contains("unavailable"), "{problem}");
    world.forward(MINUTE);
    closes(&world, id).await;
}

#[tokio::test]
async fn access_that_was_degraded_is_restored_by_a_later_look() {
    for fails_from in [State::Requested, State::Created] {
        let world = World::with_targets(1);
        world.broker.down(fails_from == State::Requested);
        let id = world.opened(&json!({ "launch": "later" })).await;
        world.drive().await;
        world.broker.down(true);
        launch(&world, id).await.unwrap();
        world.until(id, State::Running, Doors::Probes).await;
        assert!(world.environment(id).await.broker_problem.is_some());
        world.broker.down(false);
        world.play(LOOKS, Doors::Probes).await;
        let environment = world.environment(id).await;
        assert_eq!(environment.broker_problem, None);
        assert_eq!(led_to(&world), [Some(environment.task.unwrap().arn)]);
        assert_eq!(events(&world, id, "access_restored").await, 1);
        closes(&world, id).await;
    }
}

#[tokio::test]
async fn what_remains_at_the_broker_is_deleted_when_it_is_back() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.broker.down(true);
    close(&world, id).await;
    let problem = world.environment(id).await.broker_problem.unwrap();
    assert!(problem.starts_with("target `rosa-7-incident-"), "{problem}");
    assert_eq!(led_to(&world).len(), 1);
    world.broker.down(false);
    world.play(LOOKS, Doors::Probes).await;
    assert_eq!(led_to(&world), []);
    assert_eq!(world.environment(id).await.broker_problem, None);
    assert_eq!(events(&world, id, "access_removed").await, 1);
}

#[tokio::test]
async fn a_broker_that_never_comes_back_is_given_up_after_a_week() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.broker.down(true);
    close(&world, id).await;
    world.forward(8 * DAY);
    world.play(LOOKS, Doors::Probes).await;
    let asked = world.broker.calls().len();
    world.play(LOOKS, Doors::Probes).await;
    assert_eq!(world.broker.calls().len(), asked);
    assert!(world.environment(id).await.broker_problem.is_some());
}

#[tokio::test]
async fn the_target_of_the_next_environment_is_not_deleted_as_a_leftover() {
    let world = World::with_targets(1);
    let pair = json!({ "cluster_id": "c-1", "number": "7" });
    let id = world.opened(&pair).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.broker.down(true);
    close(&world, id).await;
    world.broker.down(false);
    let spec: Spec = serde_json::from_value(pair).unwrap();
    let (caller, ask) = (World::admin(), ask("POST /environments"));
    let asked = world.desk.create_environment(&caller, &ask, id.incident, &spec);
    world.acting("api", Box::pin(asked)).await.unwrap();
    let next = EnvironmentId { n: 2, ..id };
    world.until(next, State::Running, Doors::Probes).await;
    world.play(LOOKS, Doors::Probes).await;
    assert_eq!(world.environment(id).await.broker_problem, None);
    assert_eq!(led_to(&world), [Some(world.environment(next).await.task.unwrap().arn)]);
    closes(&world, next).await;
}
