//! From the alarm to the closed incident, and what is left then.

use crate::world::{Doors, World};
use serde_json::json;
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::environment::{State, Verdict};
use watchfire_domain::{EnvironmentId, Status};
use watchfire_fakes::Left;

async fn life(world: &World, doors: Doors) -> EnvironmentId {
    let id = world.opened(&json!({ "oc_version": "4.20" })).await;
    world.until(id, State::Running, doors).await;
    world.sound(id.incident).await;
    world.stop(id).await;
    world.until(id, State::Stopped, doors).await;
    let evidence = world.environment(id).await.evidence.unwrap();
    assert_eq!(evidence.verdict, Verdict::Verified, "{evidence:?}");
    assert_eq!(world.links("ana@example.org").len(), 1);
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    world.until(id, State::Closed, doors).await;
    world.transition(id.incident, Status::Closed).await;
    world.sound(id.incident).await;
    id
}

async fn ends_well(world: &World, id: EnvironmentId) {
    assert_eq!(world.left(), Left::default(), "the slate is clean");
    let incident = world.incident(id.incident).await;
    assert_eq!(incident.status, Status::Closed);
    let approvals = world.approvals(id.incident).await;
    let states: Vec<_> = approvals.iter().map(|approval| approval.state).collect();
    assert_eq!(states, [ApprovalState::Granted]);
    // The evidence and the data stay.
    assert_eq!(world.evidence.keys().len(), 4, "{:?}", world.evidence.keys());
    assert_eq!(world.most_at_once(id).await, 1);
    assert_eq!(
        world.story(id.incident).await,
        [
            "incident_created",
            "environment_requested",
            "environment_created",
            "task_launched",
            "task_running",
            "stop_requested",
            "task_stopped",
            "approval_requested",
            "approval_granted",
            "environment_closed",
            "incident_closed",
        ]
    );
    let entered = world.machine.entered(&format!("{id}-1"));
    assert!(entered.len() <= 7, "{entered:?}");
}

#[tokio::test]
async fn the_whole_life_by_probes() {
    let world = World::with_targets(1);
    let id = life(&world, Doors::Probes).await;
    ends_well(&world, id).await;
}

#[tokio::test]
async fn the_whole_life_by_ecs_events() {
    let world = World::with_targets(2);
    let id = life(&world, Doors::Events).await;
    ends_well(&world, id).await;
}

#[tokio::test]
async fn the_whole_life_by_the_sweep_alone() {
    let world = World::with_targets(3);
    let id = life(&world, Doors::Neither).await;
    ends_well(&world, id).await;
}
