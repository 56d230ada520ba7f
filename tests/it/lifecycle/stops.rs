//! Stopping: before anything exists, while it comes up, by time, or by itself.

use crate::world::{Doors, World, storage_plan};
use serde_json::{Value, json};
use watchfire_desk::Steer;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::{State, Verdict};
use watchfire_domain::{EnvironmentId, HOUR, Rejected};
use watchfire_edge::Fault;
use watchfire_fakes::{Fault as Broken, Left};

/// Closed at last, and nothing is left; an approver is asked if there is something to ask about.
async fn ends(world: &World, id: EnvironmentId) {
    for _ in 0..60 {
        if !world.links("ana@example.org").is_empty() {
            world.answer("ana@example.org", Answer::Grant).await.unwrap();
            break;
        }
        world.turn(Doors::Probes).await;
    }
    world.until(id, State::Closed, Doors::Probes).await;
    assert_eq!(world.left(), Left::default());
    world.sound(id.incident).await;
}

fn create(id: EnvironmentId) -> Value {
    json!({ "tenant": "acme", "incident": id.incident, "environment": id, "attempt": 1 })
}

#[tokio::test]
async fn a_stop_before_the_creation_leaves_nothing_and_asks_nobody() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.stop(id).await;
    ends(&world, id).await;
    assert_eq!(world.notify.inbox(), []);
    assert_eq!(world.tasks.arns(), Vec::<String>::new());
    let environment = world.environment(id).await;
    assert_eq!(environment.evidence.unwrap().verdict, Verdict::None);
    assert_eq!(environment.kept_because.as_deref(), Some("there never was an access point"));
}

#[tokio::test]
async fn a_stop_after_a_creation_that_was_never_recorded_clears_it_away() {
    for nth in 0..12 {
        let world = World::with_targets(1);
        let id = world.opened(&json!({})).await;
        let place = world.faults.calls() + nth;
        world.faults.at(place, Broken::Killed { applied: true });
        let killed = world.call("CreateFunction", create(id)).await.is_err();
        world.faults.none();
        world.stop(id).await;
        ends(&world, id).await;
        assert!(killed || nth > 8, "call {nth}");
    }
}

#[tokio::test]
async fn a_stop_before_the_launch_starts_no_task() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.call("CreateFunction", create(id)).await.unwrap();
    world.stop(id).await;
    ends(&world, id).await;
    assert_eq!(world.tasks.arns(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_of_what_waits_for_its_launch_route() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({ "launch": "later" })).await;
    world.drive().await;
    world.stop(id).await;
    ends(&world, id).await;
    assert_eq!(world.tasks.arns(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_while_it_comes_up_ends_the_task() {
    for steps in 0..4 {
        let world = World::with_targets(1);
        let id = world.opened(&json!({})).await;
        world.drive().await;
        for _ in 0..steps {
            world.tasks.advance_all();
        }
        world.stop(id).await;
        ends(&world, id).await;
        assert!(world.environment(id).await.outcome.is_some());
    }
}

/// The launch was lost after the task was started, and somebody stopped it meanwhile.
#[tokio::test]
async fn a_stop_after_a_launch_that_was_never_recorded_ends_its_task() {
    for nth in 0..14 {
        let world = World::with_targets(1);
        let id = world.opened(&json!({})).await;
        world.call("CreateFunction", create(id)).await.unwrap();
        let place = world.faults.calls() + nth;
        world.faults.at(place, Broken::Killed { applied: true });
        let mut run = create(id);
        run["step"] = json!("run");
        run["token"] = json!(world.workflow.wait(&format!("{id}-1")));
        // Whether it was killed or not.
        let _ = world.call("LaunchFunction", run).await;
        world.faults.none();
        world.stop(id).await;
        ends(&world, id).await;
        assert!(world.tasks.arns().len() <= 1, "call {nth}");
    }
}

#[tokio::test]
async fn what_is_stopped_is_not_launched_again() {
    let world = World::new(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.stop(id).await;
    for state in [State::Stopping, State::Stopped] {
        world.until(id, state, Doors::Probes).await;
        let refused = world.steer(id, &Steer::Launch).await.unwrap_err();
        assert!(matches!(refused, Fault::Rejected(Rejected::Environment { .. })), "{refused:?}");
    }
    assert_eq!(world.tasks.arns().len(), 1);
}

#[tokio::test]
async fn its_deadline_stops_it() {
    let world = World::new(1);
    let id = world.opened(&json!({ "hours": 1 })).await;
    world.until(id, State::Running, Doors::Both).await;
    world.play(50, Doors::Both).await;
    assert_eq!(world.environment(id).await.state, State::Running);
    world.play(14, Doors::Both).await;
    let environment = world.environment(id).await;
    assert_eq!(environment.state, State::Stopped);
    let stop = environment.stop.unwrap();
    assert_eq!((stop.by.as_str(), stop.reason.as_str()), ("sweep", "its time is over"));
    ends(&world, id).await;
}

#[tokio::test]
async fn a_deadline_that_was_moved_holds() {
    let world = World::new(1);
    let id = world.opened(&json!({ "hours": 1 })).await;
    world.until(id, State::Running, Doors::Both).await;
    world.steer(id, &Steer::Extend { hours: 3 }).await.unwrap();
    world.play(100, Doors::Both).await;
    assert_eq!(world.environment(id).await.state, State::Running);
    world.forward(HOUR);
    world.play(30, Doors::Both).await;
    assert_eq!(world.environment(id).await.state, State::Stopped);
}

#[tokio::test]
async fn a_task_that_ends_by_itself_is_seen_by_whatever_door() {
    for doors in [Doors::Both, Doors::Events, Doors::Neither] {
        let world = World::new(1);
        world.plan(&storage_plan(&json!({}))).await;
        let id = EnvironmentId { incident: world.raise().await, n: 1 };
        world.until(id, State::Running, doors).await;
        let arn = world.tasks.arns().remove(0);
        world.tasks.exit(&arn, 3);
        world.until(id, State::Stopped, doors).await;
        let environment = world.environment(id).await;
        assert_eq!(environment.outcome.unwrap().exit_code, Some(3), "{doors:?}");
        assert_eq!(environment.stop, None);
        assert_eq!(environment.evidence.unwrap().verdict, Verdict::Verified);
        ends(&world, id).await;
    }
}

#[tokio::test]
async fn a_stop_needs_no_reason() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    let stop = Steer::Stop { reason: String::new(), removal: None };
    world.steer(id, &stop).await.unwrap();
    assert_eq!(world.environment(id).await.stop.unwrap().reason, "asked to stop");
}
