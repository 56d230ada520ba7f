//! The machine is a messenger: it may die, be told twice, or be told before it listens.

use crate::world::{Doors, World};
use serde_json::json;
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::environment::State;
use watchfire_domain::{EnvironmentId, Rejected};
use watchfire_edge::Fault;
use watchfire_fakes::{Fault as Broken, Left, Outcome};

const ANA: &str = "ana@example.org";

/// Grants the removal as soon as the question is there, and sees it closed.
async fn ends(world: &World, id: EnvironmentId) {
    world.until(id, State::Stopped, Doors::Probes).await;
    for _ in 0..120 {
        if !world.links(ANA).is_empty() {
            break;
        }
        world.turn(Doors::Probes).await;
    }
    world.answer(ANA, Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    assert_eq!(world.left(), Left::default());
    assert_eq!(world.most_at_once(id).await, 1);
    world.sound(id.incident).await;
}

#[tokio::test]
async fn an_execution_that_died_is_followed_by_another_from_where_the_record_stands() {
    for state in ["Launch", "WaitForStop", "Stop", "ApproveRemoval"] {
        let world = World::with_targets(1);
        let id = world.opened(&json!({})).await;
        let name = format!("{id}-1");
        world.drive().await;
        let mut stops = false;
        for _ in 0..60 {
            if world.machine.waits_in(&name).as_deref() == Some(state) {
                break;
            }
            world.turn(Doors::Probes).await;
            if !stops
                && world.environment(id).await.state == State::Running
                && state != "WaitForStop"
            {
                world.stop(id).await;
                stops = true;
            }
        }
        assert_eq!(world.machine.waits_in(&name).as_deref(), Some(state));
        world.workflow.end(&name, Outcome::Aborted);
        if !stops {
            world.until(id, State::Running, Doors::Probes).await;
            world.play(20, Doors::Probes).await;
            assert_eq!(world.left().executions, [format!("{id}-2")], "{state}");
            world.stop(id).await;
        }
        ends(&world, id).await;
        assert_eq!(world.environment(id).await.attempt, 2, "{state}");
        let story = world.story(id.incident).await;
        let count = |kind: &str| story.iter().filter(|one| *one == kind).count();
        assert_eq!(count("environment_restarted"), 1, "{state}");
        assert_eq!((count("task_launched"), count("approval_requested")), (1, 1), "{state}");
    }
}

#[tokio::test]
async fn an_execution_that_was_never_started_is_started_by_the_sweep() {
    let world = World::new(1);
    for nth in 0..3 {
        world.faults.at_operation("states:StartExecution", nth, Broken::NotSent);
    }
    let id = world.opened(&json!({})).await;
    assert_eq!(world.left().executions, Vec::<String>::new());
    world.until(id, State::Running, Doors::Probes).await;
    assert_eq!(world.environment(id).await.attempt, 1);
}

async fn asked(world: &World) -> EnvironmentId {
    let id = world.opened(&json!({ "approvers": [ANA, "bo@example.org"] })).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.stop(id).await;
    world.until(id, State::Stopped, Doors::Probes).await;
    world.drive().await;
    id
}

#[tokio::test]
async fn an_answer_counts_once_and_its_opposite_is_refused() {
    let world = World::with_targets(1);
    let id = asked(&world).await;
    let links = world.links(ANA);
    let view = world.desk.open_link(&links[0]).await.unwrap();
    let decide = |answer, code: String| {
        let (world, view) = (world.clone(), view.clone());
        async move { world.desk.decide_link(&view, answer, &code).await }
    };
    let code = view.approval.code.clone();
    let wrong = decide(Answer::Grant, "000".to_owned()).await.unwrap_err();
    assert!(matches!(wrong, Fault::Rejected(Rejected::WrongCode)), "{wrong:?}");
    let (one, two) =
        tokio::join!(decide(Answer::Grant, code.clone()), decide(Answer::Grant, code.clone()));
    let receipts = [one.unwrap().receipt, two.unwrap().receipt];
    assert_eq!(receipts.iter().flatten().count(), 1, "one of them wrote");
    let other = decide(Answer::Deny, code.clone()).await.unwrap_err();
    assert!(matches!(other, Fault::Rejected(Rejected::AnsweredOtherwise)), "{other:?}");
    // The other approver comes too late, whatever they say.
    let late = world.answer("bo@example.org", Answer::Deny).await.unwrap_err();
    assert!(matches!(late, Fault::Rejected(Rejected::Decided { .. })), "{late:?}");
    world.until(id, State::Closed, Doors::Probes).await;
    decide(Answer::Grant, code).await.unwrap();
    assert_eq!(world.left(), Left::default());
    let story = world.story(id.incident).await;
    assert_eq!(story.iter().filter(|kind| *kind == "approval_granted").count(), 1);
    world.sound(id.incident).await;
}

/// `approve` was lost behind its mail, and the approver is faster than the machine's next try.
#[tokio::test]
async fn an_answer_that_comes_before_the_token_is_not_lost() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.stop(id).await;
    let doors = Doors::Probes;
    for _ in 0..60 {
        if world.machine.waits_in(&format!("{id}-1")).as_deref() == Some("Stop") {
            break;
        }
        world.turn(doors).await;
    }
    let answered = std::cell::Cell::new(false);
    for _ in 0..60 {
        world.forward(10_000);
        world.tasks.advance_all();
        world.deliver_probes().await;
        let handler = async |name: String, event| {
            if name == "ApproveFunction" && !answered.get() {
                let operation = "ses:SendEmail";
                world.faults.at_operation(operation, 0, Broken::Killed { applied: true });
                let lost = world.call(&name, event).await;
                assert!(lost.is_err());
                world.answer(ANA, Answer::Grant).await.unwrap();
                answered.set(true);
                return lost;
            }
            world.call(&name, event).await
        };
        world.machine.drive(&handler).await;
        if answered.get() {
            break;
        }
    }
    assert!(answered.get());
    assert_eq!(world.environment(id).await.state, State::Closed, "without another turn");
    assert_eq!(world.left(), Left::default());
    assert_eq!(world.approvals(id.incident).await[0].state, ApprovalState::Granted);
    world.sound(id.incident).await;
}

/// `launch` was lost behind `RunTask`; the task runs before the machine's next try has a token.
#[tokio::test]
async fn a_task_that_runs_before_the_token_is_stored_is_not_waited_for() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    let ran = std::cell::Cell::new(false);
    let handler = async |name: String, event: serde_json::Value| {
        if name == "LaunchFunction" && !ran.get() {
            ran.set(true);
            let operation = "sqs:SendMessage";
            world.faults.at_operation(operation, 0, Broken::Killed { applied: true });
            let lost = world.call(&name, event).await;
            assert!(lost.is_err());
            world.tasks.come_to_rest();
            world.forward(5_000);
            world.deliver_probes().await;
            assert_eq!(world.environment(id).await.state, State::Running);
            return lost;
        }
        world.call(&name, event).await
    };
    world.machine.drive(&handler).await;
    assert_eq!(world.machine.waits_in(&format!("{id}-1")).as_deref(), Some("WaitForStop"));
    assert_eq!(world.tasks.arns().len(), 1);
    world.stop(id).await;
    ends(&world, id).await;
}

#[tokio::test]
async fn a_machine_that_dies_over_and_over_is_given_up_and_what_it_left_can_be_closed() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    for _ in 0..12 {
        for name in world.left().executions {
            world.workflow.end(&name, Outcome::Aborted);
        }
        world.forward(15 * watchfire_domain::MINUTE);
        world.sweep().await;
    }
    let environment = world.environment(id).await;
    assert_eq!(environment.state, State::Failed);
    assert!(environment.failure.unwrap().reason.contains("ended too often"));
    world.play(70, Doors::Probes).await;
    assert_eq!(world.left().tasks, Vec::<String>::new(), "nothing of it lives on");
    world.stop(id).await;
    ends(&world, id).await;
}
