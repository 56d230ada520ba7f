//! Approvers' hours: an agreement counts within them, a refusal at any time.

use super::golden::{blocked, prepare, start};
use super::levels::grants;
use crate::world::runs::{ANA, BEN, kim, shipped, triage_plan};
use crate::world::{Doors, TENANT, World, ask, person};
use serde_json::{Value, json};
use watchfire_desk::ApprovalDeed;
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::plan::Target;
use watchfire_domain::{Approval, ExecutionId, IncidentId, MINUTE, Plan, Rejected, Timestamp};
use watchfire_edge::Fault;
use watchfire_policy::Role;
use watchfire_ports::Clock as _;
use watchfire_runbook::execution::{Standing, State};

const CLEO: &str = "cleo@example.org";
const TRIAGE: &str = "evidence-storage-latency-triage";

/// From five to six o'clock in UTC, on a Saturday, as it is when tests begin.
fn saturday() -> Value {
    json!({ "utc_offset_minutes": -60, "workdays": ["saturday"], "opens": "04:00", "closes": "05:00" })
}

fn opens() -> Timestamp {
    Timestamp::parse("2026-11-21T05:00:00Z").unwrap()
}

fn plan(approvers: &Value) -> Plan {
    let mut plan = triage_plan();
    plan.version = 2;
    plan.approvers = serde_json::from_value(approvers.clone()).unwrap();
    assert_eq!(plan.check(), Vec::new());
    plan
}

/// One of Ana and Ben on a Saturday morning: they are asked before it.
async fn early(world: &World) -> (IncidentId, ExecutionId) {
    prepare(world).await;
    let people = json!({ "people": [ANA, BEN], "minutes": 180, "hours": saturday() });
    world.plan(&plan(&people)).await;
    let (id, run) = blocked(world).await;
    assert!(world.clock.now() < opens(), "{}", world.clock.now());
    (id, run)
}

async fn newest(world: &World, id: IncidentId) -> Approval {
    world.approvals(id).await.pop().unwrap()
}

fn until(world: &World, moment: Timestamp) {
    world.clock.advance(moment.since(world.clock.now()));
}

fn too_early<T: std::fmt::Debug>(said: Result<T, Fault>) {
    let Err(Fault::Rejected(Rejected::OutsideHours { opens: at })) = said else {
        panic!("{said:?}");
    };
    assert_eq!(at, opens());
}

#[tokio::test]
async fn an_agreement_waits_for_its_hours_by_whichever_way_it_comes() {
    let world = World::new(1);
    let (id, run) = early(&world).await;
    let asked = newest(&world, id).await;
    // By the link with its code, and signed in.
    too_early(world.answer(ANA, Answer::Grant).await);
    too_early(world.sign(ANA, Answer::Grant).await);
    until(&world, opens().plus(-1));
    too_early(world.sign(ANA, Answer::Grant).await);
    assert_eq!(newest(&world, id).await, asked, "nothing was recorded");
    until(&world, opens());
    world.sign(ANA, Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    assert_eq!(newest(&world, id).await.state, ApprovalState::Granted);
    world.sound(id).await;
}

#[tokio::test]
async fn when_its_hours_are_over_nobody_agrees() {
    let world = World::new(2);
    let (id, _) = early(&world).await;
    until(&world, opens().plus(60 * MINUTE));
    let late = world.sign(BEN, Answer::Grant).await.unwrap_err();
    assert_eq!(late.body("r")["error"]["opens_at"], "2026-11-28T05:00:00.000Z");
    assert_eq!((late.name(), late.status()), ("Approval.OutsideHours", 403));
    assert_eq!(newest(&world, id).await.state, ApprovalState::Pending);
}

#[tokio::test]
async fn to_refuse_and_to_go_ahead_need_no_hours() {
    for way in ["by link", "signed in", "ahead"] {
        let world = World::new(3);
        let (id, run) = early(&world).await;
        let wanted = match way {
            "by link" => {
                world.answer(ANA, Answer::Deny).await.unwrap();
                ApprovalState::Denied
            }
            "signed in" => {
                world.sign(BEN, Answer::Deny).await.unwrap();
                ApprovalState::Denied
            }
            _ => {
                let over = ApprovalDeed::Override("it burns".to_owned());
                let (admin, asked, approval) =
                    (World::admin(), ask("POST"), newest(&world, id).await.id);
                let done = world.desk.change_approval(&admin, &asked, approval, &over);
                world.acting("api", Box::pin(done)).await.unwrap();
                ApprovalState::Overridden
            }
        };
        world.play(2, Doors::Both).await;
        assert_eq!(newest(&world, id).await.state, wanted, "{way}");
        let done = world.standing(run, "reroute").await == Standing::Done;
        assert_eq!(done, wanted == ApprovalState::Overridden, "{way}");
        world.sound(id).await;
    }
}

/// Ana at any time, then Cleo on a Saturday morning: whose hours they are is for their own level to say.
#[tokio::test]
async fn the_second_level_has_hours_of_its_own() {
    let world = World::new(4);
    prepare(&world).await;
    let then = json!([{ "people": [CLEO], "hours": saturday() }]);
    world.plan(&plan(&json!({ "people": [ANA], "minutes": 180, "then": then }))).await;
    let (id, run) = blocked(&world).await;
    world.sign(ANA, Answer::Grant).await.unwrap();
    world.drive().await;
    too_early(world.sign(CLEO, Answer::Grant).await);
    let text = world.notify.inbox_of(&Target::Email(CLEO.to_owned())).pop().unwrap().text;
    let told = "To agree counts only within these hours: Saturday, 04:00 to 05:00 (UTC-01:00).\n";
    assert!(text.ends_with(told), "{text}");
    let first = world.notify.inbox_of(&Target::Email(ANA.to_owned())).pop().unwrap().text;
    assert!(!first.contains("these hours"), "{first}");
    let shown = world.desk.approval_shown(&kim(), newest(&world, id).await.id).await.unwrap();
    assert_eq!((&shown["hours"], &shown["then"][0]["hours"]), (&Value::Null, &saturday()));
    until(&world, opens());
    world.sign(CLEO, Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    world.sound(id).await;
}

#[tokio::test]
async fn what_no_hours_could_agree_to_in_time_is_not_started() {
    let world = World::new(5);
    world.publish(&shipped(TRIAGE)).await;
    let [first, second] = [
        json!({ "people": [ANA], "minutes": 60, "hours": saturday() }),
        json!({ "people": [ANA], "minutes": 60, "then": [{ "people": [BEN], "hours": saturday() }] }),
    ];
    for (version, people) in (2..).zip([first, second]) {
        let mut plan = plan(&people);
        plan.version = version;
        world.plan(&plan).await;
        let id = world.raise().await;
        let before = world.story(id).await;
        let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
        let refused = world.start(&kim(), TRIAGE, Some(id), inputs).await.unwrap_err();
        assert_eq!((refused.name(), refused.status()), ("Approval.NoHours", 422), "{people}");
        assert_eq!(refused.body("r")["error"]["opens_at"], "2026-11-21T05:00:00.000Z");
        assert_eq!(world.story(id).await, before);
        world.clock.advance(MINUTE);
    }
}

/// There was time when it was started, and there is none when the step comes.
#[tokio::test]
async fn what_no_hours_could_agree_to_any_more_fails_as_it_is_asked() {
    let world = World::new(6);
    prepare(&world).await;
    let people = json!({ "people": [ANA], "minutes": 180, "hours": saturday() });
    world.plan(&plan(&people)).await;
    let id = world.raise().await;
    let run = start(&world, id).await;
    for _ in 0..30 {
        world.turn(Doors::Both).await;
        if world.standing(run, "radius").await == Standing::Waiting {
            break;
        }
    }
    until(&world, opens().plus(60 * MINUTE));
    world.complete(run, "radius").await.unwrap();
    world.until_run(run, State::Failed).await;
    let reason = world.execution(run).await.reason.unwrap();
    assert!(
        reason.contains("`reroute` cannot be approved: the question ends at")
            && reason.contains("begin at 2026-11-28T05:00:00.000Z"),
        "{reason}"
    );
    assert_eq!((world.approvals(id).await, world.requests.sent()), (Vec::new(), Vec::new()));
    world.sound(id).await;
}

/// What it was asked with, it is judged by: a plan that was changed since holds for the next question.
#[tokio::test]
async fn the_hours_are_those_of_the_question() {
    let world = World::new(7);
    let (id, _) = early(&world).await;
    let mut without = plan(&json!({ "people": [ANA, BEN], "minutes": 180 }));
    without.version = 3;
    world.plan(&without).await;
    too_early(world.sign(ANA, Answer::Grant).await);
    assert_eq!(json!(newest(&world, id).await.hours), saturday());
}

#[tokio::test]
async fn a_simulation_knows_the_hours() {
    let world = World::new(8);
    let (id, _) = early(&world).await;
    let ana = person(ANA, Role::Viewer, TENANT);
    assert_eq!(grants(&world, &ana, id).await, ["hours"]);
    until(&world, opens());
    assert_eq!(grants(&world, &ana, id).await, [""; 0]);
}
