//! Who may do what to an execution, and by which doors nobody gets in.

use super::golden::asked;
use crate::world::runs::{ANA, BEN, kim, shipped, spec, triage_plan};
use crate::world::{Doors, TENANT, World, ask, person};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;
use watchfire_desk::{ApprovalDeed, RunDeed};
use watchfire_domain::Status;
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_edge::{Config, Fault};
use watchfire_policy::Role;
use watchfire_runbook::Spec;
use watchfire_runbook::execution::{Report, Standing, State};

/// A step of high risk that a person does.
fn by_hand() -> Value {
    json!([{
        "id": "cut", "title": "Cut", "risk": "high", "timeout": "1h",
        "guard": { "operation": "cut", "only_if": ["Nobody writes."] },
        "do": { "manual": { "instructions": "Cut the line.", "changes": true } },
        "evidence": { "shows": "The line, cut." },
        "rollback": { "note": "Join it." },
    }])
}

fn deeds() -> [RunDeed; 6] {
    let step = || "reroute".to_owned();
    [
        RunDeed::Complete(step(), Report::done("s3://evidence/one.json")),
        RunDeed::Choose(step(), "this".to_owned()),
        RunDeed::Skip(step(), "the standby shard is full".to_owned()),
        RunDeed::Retry(step(), 1),
        RunDeed::Abort("we found the cause".to_owned()),
        RunDeed::Fail("it does not help".to_owned()),
    ]
}

#[tokio::test]
async fn another_tenants_execution_does_not_exist() {
    let world = World::new(1);
    let (_, run) = asked(&world).await;
    let before = world.fakes.dump();
    let eve = person("eve@example.org", Role::Admin, "globex");
    for deed in deeds() {
        let tried = world.run_deed(&eve, run, deed.clone()).await;
        assert!(matches!(tried, Err(Fault::NotFound)), "{deed:?}: {tried:?}");
    }
    let seen = world.desk.execution(&eve, run).await;
    assert!(matches!(seen, Err(Fault::NotFound)), "{seen:?}");
    assert_eq!(world.fakes.dump(), before);
}

#[tokio::test]
async fn who_only_reads_does_nothing() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    for role in [Role::Viewer, Role::Auditor] {
        let caller = person("vic@example.org", role, TENANT);
        for deed in deeds() {
            let tried = world.run_deed(&caller, run, deed.clone()).await;
            assert!(matches!(tried, Err(Fault::Denied { .. })), "{role:?} {deed:?}: {tried:?}");
        }
        let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
        let name = "evidence-storage-latency-triage";
        let started = world.start(&caller, name, Some(id), inputs).await;
        assert!(matches!(started, Err(Fault::Denied { .. })), "{started:?}");
        world.desk.execution(&caller, run).await.unwrap();
        assert_eq!(world.desk.executions(&caller, id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_dangerous_step_by_hand_needs_its_own_approval_and_another_pair_of_hands() {
    let world = World::new(1);
    world.plan(&triage_plan()).await;
    world.publish(&spec(&by_hand())).await;
    let id = world.raise().await;
    let (first, second) = (
        world.start(&kim(), "look", Some(id), json!({})).await.unwrap(),
        world.start(&kim(), "look", Some(id), json!({})).await.unwrap(),
    );
    world.until_run(second, State::Blocked).await;
    world.until_run(first, State::Blocked).await;
    let done = |ids: Vec<_>| {
        let report = Report { approval_ids: ids, ..Report::done("s3://evidence/cut.json") };
        RunDeed::Complete("cut".to_owned(), report)
    };
    let early = world.run_deed(&kim(), first, done(Vec::new())).await;
    assert!(matches!(early, Err(Fault::Denied { .. })), "{early:?}");
    // The question of the second is granted: it opens the second alone.
    let approvals = world.approvals(id).await;
    let of = |run: &watchfire_domain::ExecutionId| {
        let target = format!("execution/{run}/");
        approvals.iter().find(|one| one.subject.target.starts_with(&target)).unwrap().id
    };
    for approver in [ANA, BEN] {
        for link in world.links(approver) {
            let view = world.desk.open_link(&link).await.unwrap();
            if view.approval.id == of(&second) {
                let caller = person(approver, Role::Responder, TENANT);
                world.sign_as(&caller, of(&second), &link, Answer::Grant).await.unwrap();
            }
        }
    }
    world.drive().await;
    assert_eq!(world.standing(second, "cut").await, Standing::Waiting);
    assert_eq!(world.standing(first, "cut").await, Standing::Blocked);
    let borrowed = world.run_deed(&kim(), first, done(vec![of(&second)])).await;
    assert!(matches!(borrowed, Err(Fault::Denied { .. })), "{borrowed:?}");
    // Who approved it does not do it, and whoever does it names what it was done under.
    let ana = person(ANA, Role::Responder, TENANT);
    let own = world.run_deed(&ana, second, done(vec![of(&second)])).await;
    assert!(matches!(own, Err(Fault::Denied { .. })), "{own:?}");
    let unnamed = world.run_deed(&kim(), second, done(Vec::new())).await;
    assert_eq!(unnamed.unwrap_err().name(), "Execution.Unapproved");
    world.run_deed(&kim(), second, done(vec![of(&second)])).await.unwrap();
    world.until_run(second, State::Completed).await;
    world.sound(id).await;
}

/// Ana wrote all of it, and Wil mends a word afterwards: she approves it no more than before.
#[tokio::test]
async fn who_wrote_the_whole_is_not_freed_by_who_mends_a_word() {
    let world = World::new(1);
    let writer = |id: &str| person(id, Role::Commander, TENANT);
    let (ana, wil, pat) = (writer(ANA), writer("wil@example.org"), writer("pat@example.org"));
    let mut whole = spec(&by_hand());
    whole.review_days = Some(90);
    let mended = Spec { title: "Look at it".to_owned(), ..whole.clone() };
    let ask = ask("POST /runbooks");
    world.desk.create_runbook(&ana, &ask, whole).await.unwrap();
    world.desk.draft_runbook(&wil, &ask, "look", mended).await.unwrap();
    world.desk.publish_runbook(&pat, &ask, "look").await.unwrap();
    let mut plan = triage_plan();
    world.plan(&plan).await;
    let id = world.raise().await;
    let refused = world.start(&kim(), "look", Some(id), json!({})).await.unwrap_err();
    assert_eq!(refused.name(), "Approval.NoApprovers", "Ben alone may");
    plan.version = 2;
    plan.approvers.as_mut().unwrap().need = 1;
    world.plan(&plan).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.until_run(run, State::Blocked).await;
    let one = world.execution(run).await;
    assert_eq!((one.edited_by.as_str(), one.writers), ("wil@example.org", [ANA.to_owned()].into()));
    assert_eq!(world.links(ANA), Vec::<String>::new(), "she is not asked");
    let [approval] = &world.repo().approvals(id).await.unwrap()[..] else { panic!() };
    assert!(approval.record.excluded.contains(&ANA.to_owned()), "{:?}", approval.record.excluded);
}

#[tokio::test]
async fn what_nobody_could_approve_is_not_started() {
    let world = World::new(1);
    world.publish(&shipped("evidence-storage-latency-triage")).await;
    let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
    let name = "evidence-storage-latency-triage";
    let few = [json!(null), json!(["kim@example.org", ANA]), json!([ANA, "wil@example.org"])];
    for (version, people) in (1..).zip(few) {
        let mut plan = triage_plan();
        plan.version = version;
        plan.approvers.as_mut().unwrap().people =
            serde_json::from_value(people.clone()).unwrap_or_default();
        if people.is_null() {
            plan.approvers = None;
        }
        world.plan(&plan).await;
        let id = world.raise().await;
        let refused = world.start(&kim(), name, Some(id), inputs.clone()).await.unwrap_err();
        assert_eq!(refused.name(), "Approval.NoApprovers", "{people}");
    }
    // Nobody gets a link where no mail is sent.
    let mut mute = World::new(1);
    mute.publish(&shipped(name)).await;
    mute.plan(&triage_plan()).await;
    let id = mute.raise().await;
    mute.desk.config = Arc::new(Config { mail_from: None, ..(*mute.desk.config).clone() });
    let refused = mute.start(&kim(), name, Some(id), inputs.clone()).await.unwrap_err();
    assert_eq!(refused.name(), "Approval.NoApprovers");
    // Nor is it started on nothing: an approval is an incident's.
    let refused = world.start(&kim(), name, None, inputs).await.unwrap_err();
    assert!(matches!(refused, Fault::Invalid { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_question_that_is_taken_back_opens_nothing() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    let links = [world.links(ANA).pop().unwrap(), world.links(BEN).pop().unwrap()];
    world.sign(ANA, Answer::Grant).await.unwrap();
    let approval = world.approvals(id).await.pop().unwrap().id;
    let caller = World::admin();
    let ask = crate::world::ask("POST /approvals/revoke");
    let deed = ApprovalDeed::Revoke("it was the wrong shard".to_owned());
    let revoked = world.desk.change_approval(&caller, &ask, approval, &deed);
    world.acting("api", revoked).await.unwrap();
    world.until_run(run, State::Failed).await;
    for (approver, link) in [ANA, BEN].into_iter().zip(links) {
        let caller = person(approver, Role::Viewer, TENANT);
        let late = world.sign_as(&caller, approval, &link, Answer::Grant).await;
        assert!(late.is_err(), "{late:?}");
    }
    assert_eq!(world.requests.sent(), []);
}

#[tokio::test]
async fn what_is_done_to_a_closed_incident_stops() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    for to in [Status::Acknowledged, Status::Mitigating, Status::Resolved, Status::Closed] {
        world.transition(id, to).await;
    }
    for approver in [ANA, BEN] {
        world.sign(approver, Answer::Grant).await.unwrap();
    }
    world.play(10, Doors::Both).await;
    assert_eq!(world.execution(run).await.state, State::Aborted);
    assert_eq!(world.requests.sent(), [], "a grant opens nothing on a closed incident");
    let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
    let name = "evidence-storage-latency-triage";
    let refused = world.start(&kim(), name, Some(id), inputs).await.unwrap_err();
    assert_eq!(refused.name(), "Incident.Closed");
    world.sound(id).await;
}

/// Two hundred answers of two people at once, grants and refusals: one outcome, and at most one action.
#[tokio::test]
async fn two_hundred_answers_at_once_have_one_outcome() {
    for seed in 0..4 {
        let world = World::new(seed);
        let (id, run) = asked(&world).await;
        let links = [world.links(ANA).pop().unwrap(), world.links(BEN).pop().unwrap()];
        let approval = world.approvals(id).await.pop().unwrap().id;
        world.faults.interleave(seed);
        let mut at_once = JoinSet::new();
        for n in 0..200_usize {
            let (desk, link) = (world.desk.clone(), links[n % 2].clone());
            let who = person([ANA, BEN][n % 2], Role::Viewer, TENANT);
            let answer = if seed > 1 && n % 7 == 3 { Answer::Deny } else { Answer::Grant };
            at_once.spawn(async move {
                let ask = crate::world::ask("POST /approvals/decide");
                // Most come too late, and hear so.
                let _ = desk.decide_signed_in(&who, &ask, approval, &link, answer).await;
            });
        }
        at_once.join_all().await;
        world.faults.none();
        let state = world.approvals(id).await.pop().unwrap().state;
        world.play(2, Doors::Both).await;
        let puts = world.requests.sent().iter().filter(|ask| ask.method == "PUT").count();
        assert!(matches!(state, ApprovalState::Granted | ApprovalState::Denied), "{state:?}");
        assert_eq!(puts, usize::from(state == ApprovalState::Granted), "{state:?}");
        assert!(!world.execution(run).await.steps["reroute"].approvals.is_empty());
        world.sound(id).await;
    }
}

#[tokio::test]
async fn whoever_has_a_step_tried_again_does_not_approve_it() {
    let world = World::new(1);
    let (_, run) = asked(&world).await;
    world.play(64, Doors::Both).await;
    assert_eq!(world.execution(run).await.state, State::Failed);
    let ana = person(ANA, Role::Responder, TENANT);
    world.run_deed(&ana, run, RunDeed::Retry("reroute".to_owned(), 1)).await.unwrap();
    world.play(1, Doors::Both).await;
    // Two must agree, and only one is left.
    let execution = world.execution(run).await;
    assert_eq!(execution.state, State::Failed);
    assert!(execution.reason.unwrap().contains("cannot be approved"));
    assert_eq!(world.requests.sent(), []);
}

/// Looked at when they agree, not when they were asked.
#[tokio::test]
async fn a_rotas_approver_agrees_on_call_and_refuses_at_any_time() {
    for answer in [Answer::Grant, Answer::Deny] {
        let world = World::new(1);
        super::golden::prepare(&world).await;
        let mut plan = triage_plan();
        plan.version = 2;
        plan.approvers.as_mut().unwrap().on_call = true;
        world.plan(&plan).await;
        let (id, run) = super::golden::blocked(&world).await;
        let link = world.links(ANA).pop().unwrap();
        let mut ana = person(ANA, Role::Viewer, TENANT);
        let off = world.sign_by(&ana, &link, answer).await;
        if answer == Answer::Deny {
            off.unwrap();
            world.until_run(run, State::Failed).await;
            continue;
        }
        assert!(matches!(off, Err(Fault::Denied { .. })), "{off:?}");
        ana.actor.on_call = true;
        world.sign_by(&ana, &link, answer).await.unwrap();
        let approval = world.approvals(id).await.pop().unwrap();
        assert_eq!((approval.on_call, approval.decisions.len()), (true, 1));
        world.sound(id).await;
    }
}

#[tokio::test]
async fn a_question_ends_with_its_execution() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    let abort = RunDeed::Abort("we found the cause".to_owned());
    world.run_deed(&kim(), run, abort).await.unwrap();
    world.play(1, Doors::Both).await;
    let approval = world.approvals(id).await.pop().unwrap();
    assert_eq!(approval.state, ApprovalState::Revoked);
    world.sound(id).await;
}
