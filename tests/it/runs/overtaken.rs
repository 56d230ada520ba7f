//! Questions that are overtaken: each ends with what overtakes it, says so, and opens nothing.

use super::golden::asked;
use crate::world::runs::{ANA, BEN, kim};
use crate::world::{Doors, TENANT, World, ask, meets, person};
use watchfire_desk::{ApprovalDeed, Ask, RunDeed};
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::{Approval, ExecutionId, IncidentId};
use watchfire_edge::Fault;
use watchfire_fakes::{Fault as Broken, Faults};
use watchfire_policy::Role;
use watchfire_runbook::execution::Standing;

const STEP: &str = "reroute";

fn retry(attempt: u32) -> RunDeed {
    RunDeed::Retry(STEP.to_owned(), attempt)
}

/// Somebody says that it failed, before any machine has heard of it.
async fn fail(world: &World, run: ExecutionId) {
    let fail = RunDeed::Fail("the wrong shard".to_owned());
    world.run_deed(&kim(), run, fail).await.unwrap();
}

async fn first(world: &World, id: IncidentId) -> Approval {
    world.approvals(id).await.remove(0)
}

async fn states(world: &World, id: IncidentId) -> Vec<ApprovalState> {
    world.approvals(id).await.into_iter().map(|one| one.state).collect()
}

async fn told(world: &World, id: IncidentId) -> Vec<String> {
    let story = world.story(id).await.into_iter();
    story.filter(|kind| kind.starts_with("approval_")).collect()
}

fn puts(world: &World) -> usize {
    world.requests.sent().iter().filter(|ask| ask.method == "PUT").count()
}

/// Both agree to the newest question.
async fn agree(world: &World) {
    for who in [ANA, BEN] {
        world.sign(who, Answer::Grant).await.unwrap();
    }
}

/// Nobody can start the machine that would begin the step.
async fn agree_unheard(world: &World) {
    let broken = [Broken::ServerError { applied: false }];
    world.faults.rate_of("states:StartExecution", 8, 100, &broken);
    agree(world).await;
    world.faults.none();
}

/// The attempt after it is asked about, granted and done; once.
async fn goes_on(world: &World, id: IncidentId, run: ExecutionId) {
    world.drive().await;
    assert_eq!(world.standing(run, STEP).await, Standing::Blocked);
    assert_eq!(puts(world), 0, "what was overtaken opened nothing");
    agree(world).await;
    world.drive().await;
    assert_eq!((world.standing(run, STEP).await, puts(world)), (Standing::Done, 1));
    assert_eq!(states(world, id).await[1..], [ApprovalState::Granted]);
    world.sound(id).await;
}

#[tokio::test]
async fn an_open_question_is_superseded_when_its_step_is_tried_again() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    let link = world.links(ANA).pop().unwrap();
    fail(&world, run).await;
    assert_eq!(states(&world, id).await, [ApprovalState::Pending], "no machine took it back yet");
    world.run_deed(&kim(), run, retry(1)).await.unwrap();
    assert_eq!(states(&world, id).await, [ApprovalState::Superseded]);
    assert_eq!(told(&world, id).await, ["approval_requested", "approval_superseded"]);
    // Its link leads to it, to say so, and answers nothing.
    let view = world.desk.open_link(&link).await.unwrap();
    assert_eq!(view.approval.state, ApprovalState::Superseded);
    for answer in [Answer::Grant, Answer::Deny] {
        let late = world.sign_by(&person(ANA, Role::Viewer, TENANT), &link, answer).await;
        let late = late.unwrap_err();
        assert_eq!(late.name(), "Approval.Decided");
        assert!(late.to_string().contains("a newer question took its place"), "{late}");
    }
    let deed = ApprovalDeed::Override("nobody answers".to_owned());
    let over = ask("POST /approvals");
    let over = world.desk.change_approval(&World::admin(), &over, view.approval.id, &deed).await;
    assert!(over.is_err(), "nobody goes ahead with it either");
    goes_on(&world, id, run).await;
}

#[tokio::test]
async fn a_grant_that_opened_nothing_is_superseded_too() {
    let world = World::new(2);
    let (id, run) = asked(&world).await;
    let link = world.links(ANA).pop().unwrap();
    agree_unheard(&world).await;
    fail(&world, run).await;
    world.run_deed(&kim(), run, retry(1)).await.unwrap();
    assert_eq!(states(&world, id).await, [ApprovalState::Superseded]);
    // Also who said so before is told that it counts no more.
    let again = world.sign_by(&person(ANA, Role::Viewer, TENANT), &link, Answer::Grant).await;
    assert!(again.unwrap_err().to_string().contains("a newer question"));
    goes_on(&world, id, run).await;
}

/// Under which an attempt began: what was done then was granted, and stays so.
#[tokio::test]
async fn a_grant_that_was_used_stays() {
    let world = World::new(3);
    let (id, run) = asked(&world).await;
    let route = "https://evidence.example.com/v1/tenants/acme/ingestion-route";
    world.requests.next(route, Ok(watchfire_fakes::FakeRequests::answer(500, "")));
    agree(&world).await;
    world.drive().await;
    assert_eq!(world.standing(run, STEP).await, Standing::Failed);
    world.run_deed(&kim(), run, retry(1)).await.unwrap();
    world.drive().await;
    assert_eq!(states(&world, id).await, [ApprovalState::Granted, ApprovalState::Pending]);
    world.sound(id).await;
}

/// The lost answer to the retry is asked for again, by its key and without.
#[tokio::test]
async fn a_retry_that_comes_twice_supersedes_once() {
    let world = World::new(4);
    let (id, run) = asked(&world).await;
    fail(&world, run).await;
    let ask = Ask { key: Some("again".to_owned()), ..ask("POST /executions") };
    let (caller, again) = (kim(), retry(1));
    for _ in 0..2 {
        let done = world.desk.change_execution(&caller, &ask, run, &again);
        world.acting("api", done).await.unwrap();
    }
    world.run_deed(&kim(), run, retry(1)).await.unwrap();
    world.drive().await;
    world.run_deed(&kim(), run, retry(1)).await.unwrap();
    let wanted = ["approval_requested", "approval_superseded", "approval_requested"];
    assert_eq!(told(&world, id).await, wanted);
    assert_eq!(states(&world, id).await, [ApprovalState::Superseded, ApprovalState::Pending]);
    world.sound(id).await;
}

/// Whichever is first: an answer never stands behind a newer question, and the retry is never lost
/// to one, though its caller named the version of the execution that it read.
#[tokio::test]
async fn an_answer_that_meets_the_retry_counts_for_nothing() {
    let mut taken = [0_usize; 2];
    for steps in 0..40 {
        let world = World::new(5);
        let (id, run) = asked(&world).await;
        world.sign(BEN, Answer::Grant).await.unwrap();
        fail(&world, run).await;
        let version = world.execution(run).await.version;
        let ask = Ask { expect: Some(version), ..ask("POST /executions") };
        world.faults.interleave(1);
        let other = world.process(Faults::new());
        let again = retry(1);
        let caller = kim();
        let done = world.desk.change_execution(&caller, &ask, run, &again);
        let done = world.acting("api", Box::pin(done));
        let heard = std::cell::Cell::new(None);
        let answers = async {
            let answered: Result<_, Fault> = other.sign(ANA, Answer::Grant).await;
            heard.set(Some(answered.is_ok()));
        };
        meets(done, steps, answers).await.unwrap();
        world.faults.none();
        let one = first(&world, id).await;
        assert_eq!(one.state, ApprovalState::Superseded, "after {steps} steps");
        let was_heard = heard.take().unwrap();
        assert_eq!(was_heard, one.decisions.len() == 2, "after {steps} steps");
        taken[usize::from(was_heard)] += 1;
        goes_on(&world, id, run).await;
    }
    assert!(taken.iter().all(|times| *times > 0), "each was first once: {taken:?}");
}

/// Every other way in which a question loses its step: it is taken back, and nothing stays open.
#[tokio::test]
async fn a_question_whose_step_is_gone_is_taken_back() {
    for way in ["let be", "failed", "given up", "closed"] {
        let world = World::new(6);
        let (id, run) = asked(&world).await;
        match way {
            "let be" => {
                let full = RunDeed::Skip(STEP.to_owned(), "the standby shard is full".to_owned());
                world.run_deed(&kim(), run, full).await.unwrap();
                assert_eq!(states(&world, id).await, [ApprovalState::Revoked], "at once");
            }
            "failed" => fail(&world, run).await,
            "given up" => {
                let abort = RunDeed::Abort("we found the cause".to_owned());
                world.run_deed(&kim(), run, abort).await.unwrap();
            }
            _ => {
                world.transition(id, watchfire_domain::Status::Closed).await;
            }
        }
        world.play(1, Doors::Both).await;
        assert_eq!(states(&world, id).await, [ApprovalState::Revoked], "{way}");
        assert_eq!(puts(&world), 0, "{way}");
        // What ended can be tried again where it failed, and what was taken back stays so.
        if way == "failed" {
            world.run_deed(&kim(), run, retry(1)).await.unwrap();
            goes_on(&world, id, run).await;
            assert_eq!(first(&world, id).await.state, ApprovalState::Revoked);
        }
    }
}
