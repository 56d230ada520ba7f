//! Levels of approval: the next is asked once the one before has agreed, whatever fails on the way.

use super::golden::{blocked, prepare};
use crate::world::runs::{ANA, BEN, kim, shipped, triage_plan};
use crate::world::{Doors, TENANT, World, ask, meets, person, tenant};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfire_desk::{ApprovalDeed, Caller, Instead, On, Question, RunDeed};
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::link::{Link, LinkKeys, approver_key};
use watchfire_domain::plan::Target;
use watchfire_domain::{Approval, ExecutionId, HOUR, IncidentId, MINUTE, Plan};
use watchfire_edge::Fault;
use watchfire_fakes::{Fault as Broken, Faults};
use watchfire_policy::{self as policy, Action, Context, Role};
use watchfire_runbook::execution::Standing;

const CLEO: &str = "cleo@example.org";
const TRIAGE: &str = "evidence-storage-latency-triage";

/// Ana, then one of Ben and Cleo, who must be on call.
fn plan() -> Plan {
    let mut plan = triage_plan();
    plan.version = 2;
    let then = json!([{ "people": [BEN, CLEO], "on_call": true }]);
    plan.approvers = serde_json::from_value(json!({ "people": [ANA], "then": then })).unwrap();
    assert_eq!(plan.check(), Vec::new());
    plan
}

async fn asked(world: &World) -> (IncidentId, ExecutionId) {
    prepare(world).await;
    world.plan(&plan()).await;
    blocked(world).await
}

async fn newest(world: &World, id: IncidentId) -> Approval {
    world.approvals(id).await.pop().unwrap()
}

fn on_call(who: &str) -> Caller {
    let mut caller = person(who, Role::Viewer, TENANT);
    caller.actor.on_call = true;
    caller
}

fn puts(world: &World) -> usize {
    world.requests.sent().iter().filter(|ask| ask.method == "PUT").count()
}

fn mails(world: &World) -> [usize; 3] {
    [ANA, BEN, CLEO].map(|who| {
        let inbox = world.notify.inbox_of(&Target::Email(who.to_owned()));
        inbox.iter().filter(|one| one.data["event"] == "approval.requested").count()
    })
}

/// The deployment's own key of links.
async fn link_keys(world: &World) -> (LinkKeys, [u8; 32]) {
    let secret = world.desk.config.link_secret.as_ref().unwrap();
    let text = world.desk.secrets.secret(secret.as_str(), false).await.unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let current = value["current"].as_str().unwrap();
    let keys = value.get("keys").unwrap_or(&value);
    let pepper = Sha256::digest(keys[current].as_str().unwrap()).into();
    let keys = LinkKeys::new(current.to_owned(), [(current.to_owned(), pepper)].into());
    (keys.unwrap(), pepper)
}

/// Ana agrees, and the process that heard her is gone before it could start a machine.
async fn agreed_unheard(world: &World) {
    let broken = Broken::ServerError { applied: false };
    world.faults.restart().at_operation("states:StartExecution", 0, broken);
    world.sign(ANA, Answer::Grant).await.unwrap();
    world.faults.none();
}

#[tokio::test]
async fn the_second_level_is_asked_once_the_first_has_agreed() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    assert_eq!(mails(&world), [1, 0, 0]);
    world.sign(ANA, Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!((mails(&world), puts(&world)), ([1, 1, 1], 0));
    assert_eq!(world.standing(run, "reroute").await, Standing::Blocked);
    // Whoever answers is of the level that is asked, and on call as that one wants it.
    let link = world.links(BEN).pop().unwrap();
    let off = world.sign_by(&person(BEN, Role::Viewer, TENANT), &link, Answer::Grant).await;
    assert!(matches!(off, Err(Fault::Denied { .. })), "{off:?}");
    let shown = world.desk.approval_shown(&kim(), newest(&world, id).await.id).await.unwrap();
    assert_eq!((&shown["level"], &shown["decisions"][0]["approver"]), (&json!(2), &json!(ANA)));
    let text = world.notify.inbox_of(&Target::Email(BEN.to_owned())).pop().unwrap().text;
    assert!(text.contains("needed:   1 of 2\nlevel:    2 of 2\n"), "{text}");
    world.sign_by(&on_call(BEN), &link, Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!((world.standing(run, "reroute").await, puts(&world)), (Standing::Done, 1));
    world.play(12, Doors::Both).await;
    assert_eq!((mails(&world), puts(&world)), ([1, 1, 1], 1), "each was asked once");
    let story = world.story(id).await;
    let about = story.iter().filter(|kind| kind.starts_with("approval_"));
    assert_eq!(
        about.collect::<Vec<_>>(),
        ["approval_requested", "approval_answered", "approval_granted"]
    );
    world.sound(id).await;
}

/// The link is well made, by the deployment's own key: its approver's turn has not come.
#[tokio::test]
async fn a_link_of_a_later_level_opens_nothing_before_its_turn() {
    let world = World::new(1);
    let (id, _) = asked(&world).await;
    let approval = newest(&world, id).await;
    let (keys, pepper) = link_keys(&world).await;
    let link = keys.sign(&Link {
        tenant: tenant(TENANT),
        approval: approval.id,
        approver: approver_key(&pepper, BEN),
        subject: approval.subject_hash(&tenant(TENANT)),
        expires_at: approval.expires_at,
        nonce: [7; 16],
    });
    for answer in [Answer::Grant, Answer::Deny] {
        let early = world.sign_as(&on_call(BEN), approval.id, &link, answer).await;
        assert!(matches!(early, Err(Fault::NotFound)), "{early:?}");
    }
    assert_eq!(newest(&world, id).await, approval);
    world.sign(ANA, Answer::Grant).await.unwrap();
    world.sign_as(&on_call(BEN), approval.id, &link, Answer::Grant).await.unwrap();
    assert_eq!(newest(&world, id).await.state, ApprovalState::Granted);
}

#[tokio::test]
async fn a_level_that_nobody_asked_is_asked_by_the_sweep() {
    for again in [false, true] {
        let world = World::new(2);
        let (id, run) = asked(&world).await;
        agreed_unheard(&world).await;
        world.drive().await;
        assert_eq!(mails(&world), [1, 0, 0]);
        if again {
            // Said once more it is the same answer, and asks whom the first should have.
            world.sign(ANA, Answer::Grant).await.unwrap();
            world.drive().await;
            assert_eq!(mails(&world), [1, 1, 1]);
        }
        world.play(7, Doors::Both).await;
        let [_, ben, cleo] = mails(&world);
        assert!((1..=2).contains(&ben) && ben == cleo, "{ben} and {cleo}");
        let link = world.links(CLEO).pop().unwrap();
        world.sign_by(&on_call(CLEO), &link, Answer::Grant).await.unwrap();
        world.drive().await;
        assert_eq!((world.standing(run, "reroute").await, puts(&world)), (Standing::Done, 1));
        world.sound(id).await;
    }
}

/// The first level is mailed once more while it agrees: the sweep must not take that for the second's mail.
#[tokio::test]
async fn the_mail_of_one_level_is_not_the_next_ones() {
    for steps in 0..60 {
        let world = World::new(3);
        let (id, run) = asked(&world).await;
        let execution = world.execution(run).await;
        let step = json!({ "tenant": TENANT, "timeline": id, "execution": execution.id });
        let step = serde_json::from_value(step).unwrap();
        world.faults.interleave(1);
        let other = world.process(Faults::new());
        let asks = world.acting("approve", Box::pin(world.desk.ask_step(&step)));
        meets(asks, steps, agreed_unheard(&other)).await.unwrap();
        world.faults.none();
        world.play(7, Doors::Both).await;
        let [_, ben, cleo] = mails(&world);
        assert!(ben > 0 && cleo > 0, "after {steps} steps");
    }
}

#[tokio::test]
async fn every_way_of_its_end_holds_between_levels() {
    for way in ["denied", "late", "revoked", "aborted", "overridden"] {
        let world = World::new(4);
        let (id, run) = asked(&world).await;
        world.sign(ANA, Answer::Grant).await.unwrap();
        world.drive().await;
        let approval = newest(&world, id).await.id;
        let deed = |deed: ApprovalDeed| {
            let (caller, desk) = (World::admin(), world.desk.clone());
            async move {
                Box::pin(desk.change_approval(&caller, &ask("POST"), approval, &deed))
                    .await
                    .unwrap();
            }
        };
        let wanted = match way {
            "denied" => {
                world.answer(CLEO, Answer::Deny).await.unwrap();
                ApprovalState::Denied
            }
            "late" => {
                world.clock.advance(HOUR - MINUTE);
                world.play(2, Doors::Both).await;
                ApprovalState::Expired
            }
            "revoked" => {
                world.acting("api", deed(ApprovalDeed::Revoke("not now".to_owned()))).await;
                ApprovalState::Revoked
            }
            "aborted" => {
                let abort = RunDeed::Abort("we found the cause".to_owned());
                world.run_deed(&kim(), run, abort).await.unwrap();
                world.play(1, Doors::Both).await;
                ApprovalState::Revoked
            }
            _ => {
                world.acting("api", deed(ApprovalDeed::Override("it burns".to_owned()))).await;
                ApprovalState::Overridden
            }
        };
        world.play(2, Doors::Both).await;
        let after = newest(&world, id).await;
        assert_eq!(after.state, wanted, "{way}");
        let over = wanted == ApprovalState::Overridden;
        assert_eq!(puts(&world), usize::from(over), "{way}");
        let skipped = after.overridden.map(|over| over.skipped).unwrap_or_default();
        let told = |who: &str| {
            let inbox = world.notify.inbox_of(&Target::Email(who.to_owned()));
            inbox.iter().any(|one| one.data["event"] == "approval.overridden")
        };
        assert_eq!([ANA, BEN, CLEO].map(told), [false, over, over], "{way}");
        assert_eq!(skipped.len(), if over { 2 } else { 0 }, "{way}");
        // What was mailed to the second level opens nothing any more.
        let link = world.links(BEN).pop().unwrap();
        let late = world.sign_as(&on_call(BEN), approval, &link, Answer::Grant).await;
        assert!(late.is_err(), "{way}: {late:?}");
        world.sound(id).await;
    }
}

/// Before the question is asked, everybody of every level is told who goes ahead without them.
#[tokio::test]
async fn an_override_tells_the_levels_that_were_not_asked_yet() {
    let world = World::new(5);
    let (id, run) = asked(&world).await;
    let approval = newest(&world, id).await.id;
    let over = ApprovalDeed::Override("nobody answers".to_owned());
    let (admin, asked) = (World::admin(), ask("POST"));
    let done = world.desk.change_approval(&admin, &asked, approval, &over);
    world.acting("api", Box::pin(done)).await.unwrap();
    world.play(2, Doors::Both).await;
    assert_eq!((world.standing(run, "reroute").await, puts(&world)), (Standing::Done, 1));
    let skipped = newest(&world, id).await.overridden.unwrap().skipped;
    assert_eq!(skipped, [ANA, BEN, CLEO].map(str::to_owned));
    assert_eq!(mails(&world), [1, 0, 0], "no link, only word of it");
    for who in [ANA, BEN, CLEO] {
        let inbox = world.notify.inbox_of(&Target::Email(who.to_owned()));
        assert!(inbox.iter().any(|one| one.data["event"] == "approval.overridden"), "{who}");
    }
}

#[tokio::test]
async fn what_any_level_could_not_approve_is_not_started() {
    let world = World::new(6);
    world.publish(&shipped(TRIAGE)).await;
    let then = [json!(["kim+ops@example.org"]), json!(["wil@example.org", "kim@example.org"])];
    for (version, people) in (2..).zip(then) {
        let mut plan = plan();
        plan.version = version;
        let level = json!([{ "people": people }]);
        plan.approvers.as_mut().unwrap().then = serde_json::from_value(level).unwrap();
        world.plan(&plan).await;
        let id = world.raise().await;
        let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
        let refused = world.start(&kim(), TRIAGE, Some(id), inputs).await.unwrap_err();
        assert_eq!(refused.name(), "Approval.NoApprovers", "{people}");
    }
}

/// What `caller` hears of granting the approval.
pub(super) async fn grants(world: &World, caller: &Caller, id: IncidentId) -> Vec<&'static str> {
    let question = Question {
        action: Action::ApprovalDecide,
        on: On::Approval(newest(world, id).await.id),
        instead: Instead::default(),
        context: Context {
            answer: Some(policy::Answer::Grant),
            confirmed: true,
            ..Context::none()
        },
    };
    let told = world.desk.simulate(caller, question).await.unwrap();
    told.missing.into_iter().map(|one| one.obligation.code).collect()
}

/// Ana and Ben are of a level that wants who is on call; Cleo is of the next one, which does not.
#[tokio::test]
async fn a_simulation_judges_by_the_callers_own_level() {
    let world = World::new(9);
    prepare(&world).await;
    let mut plan = plan();
    let then = json!([{ "people": [CLEO] }]);
    let approvers = json!({ "people": [ANA, BEN], "on_call": true, "then": then });
    plan.approvers = serde_json::from_value(approvers).unwrap();
    world.plan(&plan).await;
    let (id, _) = blocked(&world).await;
    let [mut ana, ben, cleo] = [ANA, BEN, CLEO].map(|who| person(who, Role::Viewer, TENANT));
    ana.actor.on_call = true;
    assert_eq!(grants(&world, &ben, id).await, ["on_call"]);
    assert_eq!(grants(&world, &cleo, id).await, ["approver", "independent", "on_call"]);
    let link = world.links(ANA).pop().unwrap();
    world.sign_by(&ana, &link, Answer::Grant).await.unwrap();
    world.drive().await;
    // It is Cleo's turn, and Ben may still answer: as his level has it.
    assert_eq!(grants(&world, &ben, id).await, ["on_call"]);
    assert_eq!(grants(&world, &cleo, id).await, [""; 0]);
}
