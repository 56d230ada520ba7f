//! Going ahead without the approvers: in plain sight, for good, and with a review that is owed.

use super::golden::asked;
use crate::world::runs::{ANA, BEN, kim, triage_plan};
use crate::world::{Doors, TENANT, World, ask, person};
use watchfire_desk::{ApprovalDeed, Caller, Written};
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::plan::Target;
use watchfire_domain::{Approval, DAY, ExecutionId, HOUR, IncidentId};
use watchfire_edge::Fault;
use watchfire_fakes::Fault as Broken;
use watchfire_policy::Role;
use watchfire_runbook::execution::{Standing, State};

const OPS: &str = "ops@example.org";

/// Whoever goes ahead: a responder who is on call, and started the runbook.
fn kim_on_call() -> Caller {
    let mut kim = kim();
    kim.actor.on_call = true;
    kim
}

fn cora() -> Caller {
    person("cora@example.org", Role::Commander, TENANT)
}

async fn deed(
    world: &World,
    caller: &Caller,
    id: IncidentId,
    deed: ApprovalDeed,
) -> Result<Written, Fault> {
    let approval = newest(world, id).await.id;
    let ask = ask("POST /approvals");
    let done = world.desk.change_approval(caller, &ask, approval, &deed);
    world.acting("api", done).await
}

fn go_ahead() -> ApprovalDeed {
    ApprovalDeed::Override("nobody answers, and the shard is full in an hour".to_owned())
}

fn review(note: &str) -> ApprovalDeed {
    ApprovalDeed::Review { justified: true, note: note.to_owned() }
}

async fn newest(world: &World, id: IncidentId) -> Approval {
    world.approvals(id).await.pop().unwrap()
}

fn puts(world: &World) -> usize {
    world.requests.sent().iter().filter(|ask| ask.method == "PUT").count()
}

/// Subjects of what this address got about an override, each once.
fn told(world: &World, who: &str) -> Vec<String> {
    let inbox = world.notify.inbox_of(&Target::Email(who.to_owned()));
    let about = inbox.into_iter().filter(|one| one.data["event"] != "approval.requested");
    let about = about.filter(|one| one.data["event"].as_str().unwrap().starts_with("approval"));
    about.map(|one| one.subject).collect()
}

/// What was measured of approvals.
fn approval_rates(world: &World) -> Vec<f64> {
    let lines = world.metrics.take();
    let lines = lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.filter_map(|line| line["high_risk_step_approval_rate"].as_f64()).collect()
}

async fn told_plan(world: &World) -> (IncidentId, ExecutionId) {
    let (id, run) = asked(world).await;
    let mut plan = triage_plan();
    plan.version = 2;
    plan.notify = vec![Target::Email(OPS.to_owned()).into()];
    world.plan(&plan).await;
    (id, run)
}

#[tokio::test]
async fn the_step_goes_ahead_and_everybody_who_was_skipped_is_told() {
    let world = World::new(1);
    let (id, run) = told_plan(&world).await;
    world.sign(ANA, Answer::Grant).await.unwrap();
    assert_eq!(puts(&world), 0, "one of two is no quorum");
    deed(&world, &kim_on_call(), id, go_ahead()).await.unwrap();
    world.play(6, Doors::Both).await;
    assert_eq!(puts(&world), 1);
    let approval = newest(&world, id).await;
    let over = approval.overridden.unwrap();
    assert_eq!((approval.state, over.skipped), (ApprovalState::Overridden, vec![BEN.to_owned()]));
    let step = world.execution(run).await.steps["reroute"].clone();
    assert_eq!(step.overridden_by.as_deref(), Some("kim@example.org"));
    assert_eq!(
        (told(&world, ANA).len(), told(&world, BEN).len(), told(&world, OPS).len()),
        (0, 1, 1)
    );
    let story = world.story(id).await;
    assert_eq!(story.iter().filter(|kind| *kind == "approval_overridden").count(), 1);
    assert_eq!(approval_rates(&world), [0.0], "nobody approved it");
    // Said again it is done once.
    deed(&world, &kim_on_call(), id, go_ahead()).await.unwrap();
    world.play(2, Doors::Both).await;
    assert_eq!((puts(&world), told(&world, BEN).len()), (1, 1));
    world.sound(id).await;
}

#[tokio::test]
async fn only_whoever_may_goes_ahead_and_only_while_the_question_is_open() {
    let world = World::new(1);
    let (id, run) = told_plan(&world).await;
    let before = world.fakes.dump();
    for caller in [kim(), person("vic@example.org", Role::Viewer, TENANT)] {
        let tried = deed(&world, &caller, id, go_ahead()).await;
        assert!(matches!(tried, Err(Fault::Denied { .. })), "{tried:?}");
    }
    let eve = person("eve@example.org", Role::Admin, "globex");
    let tried = deed(&world, &eve, id, go_ahead()).await;
    assert!(matches!(tried, Err(Fault::NotFound)), "{tried:?}");
    let unsaid = deed(&world, &cora(), id, ApprovalDeed::Override(" ".to_owned())).await;
    assert!(matches!(unsaid, Err(Fault::Denied { .. })), "{unsaid:?}");
    assert_eq!(world.fakes.dump(), before);
    // What an approver refused stays refused.
    world.sign(BEN, Answer::Deny).await.unwrap();
    let late = deed(&world, &cora(), id, go_ahead()).await;
    assert!(matches!(late, Err(Fault::Denied { .. })), "{late:?}");
    world.until_run(run, State::Failed).await;
    assert_eq!(puts(&world), 0);
    world.sound(id).await;
}

#[tokio::test]
async fn what_was_overridden_too_long_ago_opens_nothing() {
    let world = World::new(1);
    let (id, run) = told_plan(&world).await;
    let fault = Broken::ServerError { applied: false };
    world.faults.restart().at_operation("states:StartExecution", 0, fault);
    deed(&world, &cora(), id, go_ahead()).await.unwrap();
    world.clock.advance(HOUR);
    world.until_run(run, State::Failed).await;
    assert_eq!((world.standing(run, "reroute").await, puts(&world)), (Standing::Failed, 0));
}

#[tokio::test]
async fn a_review_is_asked_for_until_somebody_without_a_part_in_it_gives_it() {
    let world = World::new(1);
    let (id, _) = told_plan(&world).await;
    let early = deed(&world, &cora(), id, review("it was right")).await;
    assert!(matches!(early, Err(Fault::Denied { .. })), "{early:?}");
    deed(&world, &cora(), id, go_ahead()).await.unwrap();
    world.play(6, Doors::Both).await;
    for day in 1..3 {
        world.clock.advance(DAY);
        world.play(2, Doors::Both).await;
        let owed = told(&world, OPS).iter().filter(|one| one.contains("Review owed")).count();
        assert_eq!(owed, day);
    }
    // Neither who went ahead, nor who wrote or started the runbook.
    let started = person("kim@example.org", Role::Commander, TENANT);
    let wrote = person("wil@example.org", Role::Commander, TENANT);
    let alias = person("Cora+review@Example.org", Role::Commander, TENANT);
    for caller in [cora(), started, wrote, alias] {
        let own = deed(&world, &caller, id, review("it was right")).await;
        assert!(matches!(own, Err(Fault::Denied { .. })), "{own:?}");
    }
    let dan = person("dan@example.org", Role::Commander, TENANT);
    for _ in 0..2 {
        deed(&world, &dan, id, review("nobody else was awake")).await.unwrap();
    }
    let other = deed(&world, &dan, id, review("or was it not?")).await.unwrap_err();
    assert_eq!(other.name(), "Approval.Decided");
    world.clock.advance(2 * DAY);
    world.play(2, Doors::Both).await;
    assert_eq!(told(&world, OPS).iter().filter(|one| one.contains("Review owed")).count(), 2);
    let approval = newest(&world, id).await;
    assert_eq!(approval.state, ApprovalState::Overridden, "for ever");
    assert_eq!(approval.overridden.unwrap().review.unwrap().by, "dan@example.org");
    let story = world.story(id).await;
    let count = |kind: &str| story.iter().filter(|one| *one == kind).count();
    assert_eq!((count("override_unreviewed"), count("override_reviewed")), (2, 1));
    world.sound(id).await;
}
