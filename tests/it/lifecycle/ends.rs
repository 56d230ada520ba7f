//! Closing: only behind its evidence; and what becomes of the access point.

use crate::world::{Doors, World, ask};
use serde_json::{Value, json};
use watchfire_desk::{ApprovalDeed, Ask, Steer};
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::environment::{Removal, State, Verdict};
use watchfire_domain::{EnvironmentId, HOUR, Rejected};
use watchfire_edge::Fault;
use watchfire_fakes::{Leaves, Left};

const ANA: &str = "ana@example.org";

/// An environment that ran and was stopped; its approvers were asked, if there are any.
async fn stopped(world: &World, more: &Value) -> EnvironmentId {
    let id = world.opened(more).await;
    world.until(id, State::Running, Doors::Probes).await;
    world.stop(id).await;
    world.until(id, State::Stopped, Doors::Probes).await;
    world.drive().await;
    id
}

async fn states(world: &World, id: EnvironmentId) -> Vec<ApprovalState> {
    world.approvals(id.incident).await.iter().map(|approval| approval.state).collect()
}

/// The access point alone is left, and the record says why.
async fn kept(world: &World, id: EnvironmentId, why: &str) {
    world.until(id, State::Closed, Doors::Probes).await;
    let environment = world.environment(id).await;
    assert_eq!(environment.kept_because.as_deref(), Some(why));
    let access_points = vec![environment.access_point.unwrap()];
    assert_eq!(world.left(), Left { access_points, ..Left::default() });
    world.sound(id.incident).await;
}

#[tokio::test]
async fn nothing_is_removed_before_the_evidence_is_there_or_waived() {
    for leaves in [Leaves::Nothing, Leaves::Truncated, Leaves::Unfinished] {
        let world = World::with_targets(1);
        world.tasks.leave(leaves);
        let id = stopped(&world, &json!({})).await;
        let evidence = world.environment(id).await.evidence.unwrap();
        assert!(matches!(evidence.verdict, Verdict::Missing | Verdict::Incomplete));
        let problem = evidence.problem.unwrap();
        world.answer(ANA, Answer::Grant).await.unwrap();
        world.play(60, Doors::Probes).await;
        let environment = world.environment(id).await;
        assert_eq!(environment.state, State::Stopped);
        assert!(environment.attempt <= 2, "no machine tries over and over");
        let left = world.left();
        let counts = (left.access_points.len(), left.definitions.len(), left.targets.len());
        assert_eq!(counts, (1, 1, 1), "{leaves:?}");

        let unsaid = world.steer(id, &Steer::Waive { rationale: " ".to_owned() }).await;
        assert!(unsaid.is_err());
        let rationale = "the disk of the node is gone".to_owned();
        world.steer(id, &Steer::Waive { rationale }).await.unwrap();
        world.until(id, State::Closed, Doors::Probes).await;
        assert_eq!(world.left(), Left::default());
        let evidence = world.environment(id).await.evidence.unwrap();
        assert_eq!((evidence.verdict, evidence.problem), (Verdict::Waived, Some(problem)));
        world.sound(id.incident).await;
    }
}

#[tokio::test]
async fn evidence_that_comes_late_lets_it_close() {
    let world = World::with_targets(1);
    world.tasks.leave(Leaves::Nothing);
    let id = stopped(&world, &json!({})).await;
    world.answer(ANA, Answer::Grant).await.unwrap();
    world.play(30, Doors::Probes).await;
    assert_eq!(world.environment(id).await.state, State::Stopped);
    let environment = world.environment(id).await;
    let task = environment.task.unwrap().arn.rsplit('/').next().unwrap().to_owned();
    let prefix = format!("{}/{}/20261121/{task}", environment.cluster_id, environment.number);
    world.evidence.put(&format!("{prefix}/notes.md"), b"late");
    let manifest =
        json!({ "version": 1, "files": [{ "path": "notes.md", "size": 4, "sha256": "" }] });
    world.evidence.put(&format!("{prefix}/manifest.json"), manifest.to_string().as_bytes());
    world.until(id, State::Closed, Doors::Probes).await;
    assert_eq!(world.left(), Left::default());
    world.sound(id.incident).await;
}

#[tokio::test]
async fn the_explicit_flag_removes_the_access_point_and_asks_nobody() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    let close = Steer::Close { reason: "done".to_owned(), remove: true };
    world.steer(id, &close).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    assert_eq!(world.left(), Left::default());
    assert_eq!(world.links(ANA), Vec::<String>::new());
    assert_eq!(world.environment(id).await.kept_because, None);
    world.sound(id.incident).await;
}

#[tokio::test]
async fn the_flag_settles_a_question_that_is_still_open() {
    let world = World::with_targets(1);
    let id = stopped(&world, &json!({})).await;
    assert_eq!(states(&world, id).await, [ApprovalState::Pending]);
    let close = Steer::Close { reason: "done".to_owned(), remove: true };
    world.steer(id, &close).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    assert_eq!(world.left(), Left::default());
    assert_eq!(states(&world, id).await, [ApprovalState::Revoked]);
    assert!(matches!(world.answer(ANA, Answer::Deny).await, Err(Fault::NotFound)));
    world.sound(id.incident).await;
}

#[tokio::test]
async fn a_refusal_keeps_the_access_point_and_says_why() {
    let world = World::with_targets(1);
    let id = stopped(&world, &json!({})).await;
    world.answer(ANA, Answer::Deny).await.unwrap();
    kept(&world, id, "the approver refused").await;
}

#[tokio::test]
async fn silence_keeps_the_access_point_and_says_why() {
    let world = World::with_targets(1);
    let id = stopped(&world, &json!({})).await;
    world.play(30, Doors::Probes).await;
    world.forward(23 * HOUR);
    world.play(10, Doors::Probes).await;
    assert_eq!(states(&world, id).await, [ApprovalState::Pending]);
    world.forward(HOUR);
    kept(&world, id, "nobody decided in time").await;
    assert_eq!(states(&world, id).await, [ApprovalState::Expired]);
    let late = world.answer(ANA, Answer::Grant).await.unwrap_err();
    assert!(matches!(late, Fault::NotFound | Fault::Rejected(_)), "{late:?}");
}

#[tokio::test]
async fn with_nobody_to_ask_the_access_point_stays() {
    // The second list holds only the one who asks for the stop, under another address of theirs.
    for approvers in [json!([]), json!(["sam+oncall@example.org"])] {
        let world = World::with_targets(1);
        let id = world.opened(&json!({ "approvers": approvers })).await;
        world.until(id, State::Running, Doors::Probes).await;
        world.stop(id).await;
        world.until(id, State::Closed, Doors::Probes).await;
        let why = world.environment(id).await.kept_because.unwrap();
        assert!(why.starts_with("nobody could be asked"), "{why}");
        assert_eq!(world.notify.inbox(), []);
        kept(&world, id, &why).await;
    }
}

#[tokio::test]
async fn a_wish_to_keep_it_asks_nobody() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({ "removal": "keep" })).await;
    world.until(id, State::Running, Doors::Probes).await;
    assert_eq!(world.environment(id).await.removal, Removal::Keep);
    world.stop(id).await;
    kept(&world, id, "as was asked").await;
    assert_eq!(world.notify.inbox(), []);
}

#[tokio::test]
async fn a_question_whose_time_is_over_is_not_asked_again() {
    let world = World::with_targets(1);
    let id = stopped(&world, &json!({})).await;
    assert_eq!(states(&world, id).await, [ApprovalState::Pending]);
    world.notify.take();
    world.forward(25 * HOUR);
    // The machine's step comes again before any sweep has seen it.
    let asks = world.steps.lock().unwrap().last().cloned().unwrap();
    world.call_once(&asks.0, asks.1).await.unwrap();
    assert_eq!(states(&world, id).await, [ApprovalState::Expired]);
    assert_eq!(world.notify.inbox(), []);
    kept(&world, id, "nobody decided in time").await;
}

#[tokio::test]
async fn close_refuses_while_a_task_lives_and_names_it() {
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Probes).await;
    let task = world.environment(id).await.task.unwrap().arn;
    let (left, before) = (world.left(), world.dynamo.dump());
    let launch = world.steps.lock().unwrap().last().cloned().unwrap();
    let mut step = launch.1;
    step.as_object_mut().unwrap().remove("token");
    let refused = watchfire_close::handle(&world.desk, step).await.unwrap_err();
    let Fault::Rejected(Rejected::Alive { tasks }) = &refused else { panic!("{refused:?}") };
    assert_eq!(*tasks, std::slice::from_ref(&task));
    assert!(refused.public().contains(&task), "{}", refused.public());
    assert_eq!((world.left(), world.dynamo.dump()), (left, before), "nothing was removed");
}

#[tokio::test]
async fn the_end_says_where_the_evidence_and_the_data_stay() {
    let world = World::with_targets(1);
    let id = stopped(&world, &json!({})).await;
    world.answer(ANA, Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    let closed = world.timeline(id.incident).await.pop().unwrap().body;
    let detail = &closed.payload["detail"];
    let number = world.environment(id).await.number;
    assert_eq!(detail["evidence_at"], format!("s3://watchfire-evidence/rosa-7/{number}/"));
    assert_eq!(detail["data_at"], format!("/rosa-7/{number}"));
}

#[tokio::test]
async fn what_is_closed_stays_closed() {
    let world = World::new(1);
    let id = stopped(&world, &json!({})).await;
    world.answer(ANA, Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Probes).await;
    let (events, dump) = (world.sound(id.incident).await, world.dump());
    for steer in [Steer::Launch, Steer::Stop { reason: String::new(), removal: None }] {
        let refused = world.steer(id, &steer).await.unwrap_err();
        assert!(matches!(refused, Fault::Rejected(Rejected::Environment { .. })), "{refused:?}");
    }
    let again = Steer::Close { reason: String::new(), remove: false };
    world.steer(id, &again).await.unwrap();
    world.play(30, Doors::Both).await;
    assert_eq!((world.sound(id.incident).await, world.fakes.dump()), (events, dump));
}

#[tokio::test]
async fn a_question_that_is_taken_back_keeps_the_access_point_and_voids_its_links() {
    let world = World::with_targets(1);
    let id = stopped(&world, &json!({})).await;
    let question = world.approvals(id.incident).await.pop().unwrap().id;
    let link = world.links(ANA).pop().unwrap();
    let (admin, keyed) =
        (World::admin(), Ask { key: Some("revoke".to_owned()), ..ask("POST /approvals/revoke") });
    let [mistake, other] =
        ["asked by mistake", "again"].map(|why| ApprovalDeed::Revoke(why.to_owned()));
    let revoke = || world.desk.change_approval(&admin, &keyed, question, &mistake);
    let first = world.acting("api", revoke()).await.unwrap();
    let again = world.acting("api", revoke()).await.unwrap();
    assert_eq!((&again.body, again.replayed), (&first.body, true));
    assert_eq!(states(&world, id).await, [ApprovalState::Revoked]);
    assert!(matches!(world.desk.open_link(&link).await, Err(Fault::NotFound)));
    kept(&world, id, "the request was taken back").await;
    let unkeyed = ask("POST /approvals/revoke");
    let other = world.desk.change_approval(&admin, &unkeyed, question, &other);
    let other = world.acting("api", Box::pin(other)).await;
    assert!(matches!(other, Err(Fault::Rejected(Rejected::Decided { .. }))), "{other:?}");
}
