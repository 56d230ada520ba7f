//! What a level asks of those who agree: a role, a clearance. To refuse takes neither.

use super::golden::{blocked, prepare};
use super::levels::grants;
use crate::world::runs::{ANA, BEN, triage_plan};
use crate::world::{Doors, TENANT, World, person};
use serde_json::{Value, json};
use watchfire_desk::Caller;
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::plan::Target;
use watchfire_domain::{Approval, ExecutionId, IncidentId};
use watchfire_edge::Fault;
use watchfire_policy::Role;
use watchfire_runbook::execution::Standing;

/// Ana as a commander with a clearance of 60, and then Ben as an administrator.
async fn asked(world: &World) -> (IncidentId, ExecutionId) {
    asked_of(world, 0).await
}

/// The same, of an incident that asks for this clearance.
async fn asked_of(world: &World, clearance: u8) -> (IncidentId, ExecutionId) {
    prepare(world).await;
    let then = json!([{ "people": [BEN], "role": "admin" }]);
    let approvers = json!({ "people": [ANA], "role": "commander", "clearance": 60, "then": then });
    let mut plan = triage_plan();
    (plan.version, plan.clearance) = (2, clearance);
    plan.approvers = serde_json::from_value(approvers).unwrap();
    assert_eq!(plan.check(), Vec::new());
    world.plan(&plan).await;
    blocked(world).await
}

async fn newest(world: &World, id: IncidentId) -> Approval {
    world.approvals(id).await.pop().unwrap()
}

fn cleared(who: &str, role: Role, clearance: i64) -> Caller {
    let mut caller = person(who, role, TENANT);
    caller.actor.clearance = clearance;
    caller
}

async fn answer(world: &World, caller: &Caller, answer: Answer) -> Result<(), Fault> {
    let link = world.links(&caller.actor.id).pop().unwrap();
    world.sign_by(caller, &link, answer).await.map(drop)
}

/// What is missing for a grant.
async fn missing(world: &World, caller: &Caller) -> Vec<&'static str> {
    match answer(world, caller, Answer::Grant).await {
        Err(Fault::Denied { missing }) => missing.into_iter().map(|(code, _)| code).collect(),
        said => panic!("{said:?}"),
    }
}

#[tokio::test]
async fn who_agrees_has_the_role_and_the_clearance_of_their_level() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    let told = "To agree takes the role of a commander or more and a clearance of 60 or more.\n";
    let text = world.notify.inbox_of(&Target::Email(ANA.to_owned())).pop().unwrap().text;
    assert!(text.contains(told), "{text}");
    let before = newest(&world, id).await;
    for (role, clearance, lacks) in [
        (Role::Responder, 60, vec!["role"]),
        (Role::Commander, 59, vec!["clearance"]),
        (Role::Viewer, 0, vec!["role", "clearance"]),
    ] {
        let ana = cleared(ANA, role, clearance);
        // A simulation says so before.
        assert_eq!(grants(&world, &ana, id).await, lacks);
        assert_eq!(missing(&world, &ana).await, lacks);
    }
    assert_eq!(newest(&world, id).await, before, "nothing was recorded");
    let mut duty = cleared(ANA, Role::Responder, 60);
    duty.actor.on_call = true;
    assert_eq!(missing(&world, &duty).await, ["role"], "on call is no higher role");
    answer(&world, &cleared(ANA, Role::Commander, 60), Answer::Grant).await.unwrap();
    world.drive().await;
    // The next level asks for another role, and for no clearance.
    assert_eq!(missing(&world, &cleared(BEN, Role::Commander, 100)).await, ["role"]);
    answer(&world, &cleared(BEN, Role::Admin, 0), Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    let granted = newest(&world, id).await;
    assert_eq!(granted.state, ApprovalState::Granted);
    let told: Value = serde_json::from_str(&granted.document().unwrap().text).unwrap();
    assert_eq!(told["format"], "watchfire-approval/4");
    assert_eq!((&told["role"], &told["clearance"]), (&json!("commander"), &json!(60)));
    assert_eq!(told["then"][0]["role"], "admin");
    world.sound(id).await;
}

#[tokio::test]
async fn to_refuse_takes_no_role_and_no_clearance() {
    for signed_in in [false, true] {
        let world = World::new(2);
        let (id, run) = asked(&world).await;
        if signed_in {
            answer(&world, &cleared(ANA, Role::Viewer, 0), Answer::Deny).await.unwrap();
        } else {
            world.answer(ANA, Answer::Deny).await.unwrap();
        }
        world.play(2, Doors::Both).await;
        assert_eq!(newest(&world, id).await.state, ApprovalState::Denied);
        assert_ne!(world.standing(run, "reroute").await, Standing::Done);
        world.sound(id).await;
    }
}

/// Clearance guards people: the machines of an incident that asks for it go on as ever.
#[tokio::test]
async fn what_asks_for_clearance_is_carried_out_like_anything_else() {
    let world = World::new(3);
    let (id, run) = asked_of(&world, 60).await;
    assert_eq!(world.incident(id).await.clearance, 60);
    answer(&world, &cleared(ANA, Role::Commander, 60), Answer::Grant).await.unwrap();
    world.drive().await;
    // His level asks for none, and the incident does.
    assert_eq!(missing(&world, &cleared(BEN, Role::Admin, 59)).await, ["clearance"]);
    answer(&world, &cleared(BEN, Role::Admin, 60), Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    world.sound(id).await;
}
