//! S4-25: what is not verified is not resolved, by nobody.

use crate::world::runs::{kim, spec, triage_plan};
use crate::world::{Doors, World, alarm, ask};
use serde_json::{Value, json};
use watchfire_desk::{Deed, RunDeed};
use watchfire_domain::alarm::{Alarm, AlarmState};
use watchfire_domain::incident::Transition;
use watchfire_domain::{ExecutionId, IncidentId, MINUTE, Status};
use watchfire_fakes::FakeRequests;
use watchfire_ports::Clock as _;
use watchfire_runbook::execution::{Standing, State};
use watchfire_runbook::spec::{Spec, Verifies};

const PAGE: &str = "https://status.example.com/page";
const HEALTH: &str = "https://status.example.com/health";

/// The runbook `look` of one request and what follows it.
fn look(verifies: Option<Verifies>, more: Option<Value>) -> Spec {
    let get = json!({ "http": { "method": "GET", "url": HEALTH, "expect": {} } });
    let mut steps = vec![json!({
        "id": "it", "title": "It", "risk": "low", "timeout": "10m", "do": get,
    })];
    steps.extend(more.map(|action| {
        json!({ "id": "then", "title": "Then", "risk": "low", "timeout": "10m", "do": action })
    }));
    Spec { verifies, ..spec(&json!(steps)) }
}

/// A world in which `look` verifies the recovery, and an incident that waits for it.
async fn waiting(look: &Spec) -> (World, IncidentId) {
    let world = World::new(1);
    let mut plan = triage_plan();
    plan.recovery = Some("look".to_owned());
    world.plan(&plan).await;
    world.publish(look).await;
    let id = world.raise().await;
    (world, id)
}

async fn completed(world: &World, id: IncidentId) -> ExecutionId {
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.until_run(run, State::Completed).await;
    world.forward(MINUTE);
    run
}

/// Tries to resolve it: why it is not.
async fn resolved(world: &World, id: IncidentId) -> Result<(), String> {
    let rationale = Some("it looks well".to_owned());
    let deed = Deed::Transition(Transition { to: Status::Resolved, rationale });
    let Err(refused) = world.deed(id, deed).await else { return Ok(()) };
    assert_eq!(refused.name(), "Request.Invalid");
    Err(format!("{refused:?}"))
}

#[tokio::test]
async fn an_incident_is_resolved_once_its_recovery_is_verified() {
    let (world, id) = waiting(&look(Some(Verifies::Recovery), None)).await;
    assert!(resolved(&world, id).await.is_err());
    // Nor does the quiet alarm resolve it.
    let quiet = Alarm { state: AlarmState::Ok, ..alarm(&world, "storage-latency-high") };
    world.forward(MINUTE);
    let quiet = Alarm { at: world.clock.now(), ..quiet };
    world.acting("alarm", world.desk.intake(&quiet, None)).await.unwrap();
    world.play(20, Doors::Both).await;
    assert_eq!(world.incident(id).await.status, Status::New);
    // A verification that failed verifies nothing.
    world.requests.next(HEALTH, Ok(FakeRequests::answer(500, "")));
    let failed = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.until_run(failed, State::Failed).await;
    assert!(resolved(&world, id).await.is_err());
    completed(&world, id).await;
    resolved(&world, id).await.unwrap();
    // What comes again is verified again.
    world.transition(id, Status::Mitigating).await;
    assert!(resolved(&world, id).await.is_err());
}

#[tokio::test]
async fn what_was_verified_before_the_last_mitigation_verifies_nothing_after_it() {
    let (world, id) = waiting(&look(Some(Verifies::Recovery), None)).await;
    for to in [Status::Mitigating, Status::Monitoring, Status::Mitigating] {
        completed(&world, id).await;
        world.transition(id, to).await;
        world.forward(MINUTE);
        if to == Status::Mitigating {
            let why = resolved(&world, id).await.unwrap_err();
            assert!(why.contains("had looked at before the incident was last taken"), "{why}");
        }
    }
    completed(&world, id).await;
    resolved(&world, id).await.unwrap();
}

/// It breaks again while the run stands at a person's step.
#[tokio::test]
async fn what_was_looked_at_before_the_last_mitigation_verifies_nothing_once_the_run_ends() {
    for resolves in [false, true] {
        let watch = json!({ "manual": { "instructions": "Watch it." } });
        let mut look = look(Some(Verifies::Recovery), Some(watch));
        if resolves {
            let to = json!({ "to": "resolved", "rationale": "it answers" });
            let end = json!([{
                "id": "end", "title": "End", "risk": "low", "timeout": "10m",
                "do": { "transition": to },
            }]);
            look.steps.extend(spec(&end).steps);
        }
        let (world, id) = waiting(&look).await;
        world.transition(id, Status::Mitigating).await;
        world.forward(MINUTE);
        let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
        world.play(1, Doors::Both).await;
        for to in [Status::Monitoring, Status::Mitigating] {
            world.forward(MINUTE);
            world.transition(id, to).await;
        }
        world.forward(MINUTE);
        world.complete(run, "then").await.unwrap();
        world.until_run(run, if resolves { State::Failed } else { State::Completed }).await;
        assert!(resolved(&world, id).await.is_err());
        assert_eq!(world.incident(id).await.status, Status::Mitigating);
    }
}

#[tokio::test]
async fn a_runbook_that_verifies_something_else_verifies_no_recovery() {
    for verifies in [None, Some(Verifies::DataIntegrity)] {
        let (world, id) = waiting(&look(verifies, None)).await;
        completed(&world, id).await;
        let why = resolved(&world, id).await.unwrap_err();
        assert!(why.contains("whose version 1 was completed, but does not say"), "{why}");
    }
}

#[tokio::test]
async fn a_runbook_resolves_with_its_last_step_only_what_it_verifies() {
    let resolve = json!({ "transition": { "to": "resolved", "rationale": "it answers" } });
    for (verifies, state, status) in [
        (Some(Verifies::Recovery), State::Completed, Status::Resolved),
        (None, State::Failed, Status::New),
    ] {
        let (world, id) = waiting(&look(verifies, Some(resolve.clone()))).await;
        let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
        world.until_run(run, state).await;
        assert_eq!(world.incident(id).await.status, status);
        world.sound(id).await;
    }
}

/// The runbook `look` with these steps behind its first look, each an id and what it does.
fn followed(more: &[(&str, Value)]) -> Spec {
    let mut look = look(Some(Verifies::Recovery), None);
    let steps = more.iter().map(|(id, action)| {
        let changes = action.get("http").is_some() || action.pointer("/manual/changes").is_some();
        let risk = if changes { "medium" } else { "low" };
        json!({ "id": id, "title": "It", "risk": risk, "timeout": "10m", "do": action,
            "evidence": { "shows": "It." }, "rollback": { "note": "Take it back." } })
    });
    look.steps.extend(spec(&json!(steps.collect::<Vec<_>>())).steps);
    look
}

/// What the run tells when it is verified does not arrive: the recovery is verified all the same.
#[tokio::test]
async fn a_message_that_fails_takes_nothing_from_what_was_verified() {
    let said = ("said", json!({ "transition": { "to": "monitoring", "rationale": "it answers" } }));
    let page = ("page", json!({ "http": { "method": "PATCH", "url": PAGE, "expect": {} } }));
    let values = json!({ "status": "It works again." });
    let tell = json!({ "audience": "customers", "template": "incident-update", "values": values });
    let tell = ("tell", json!({ "notify": tell }));
    for (more, told, verified) in [
        (vec![said.clone(), page.clone()], "page", true),
        (vec![said.clone(), tell.clone()], "tell", true),
        (vec![tell], "tell", true),
        // Nobody has said that it is verified: the request may be the test.
        (vec![page], "page", false),
    ] {
        let (world, id) = waiting(&followed(&more)).await;
        world.transition(id, Status::Mitigating).await;
        world.requests.next(PAGE, Ok(FakeRequests::answer(500, "")));
        let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
        world.until_run(run, State::Failed).await;
        assert_eq!(world.execution(run).await.current_step.as_deref(), Some(told));
        assert_eq!(resolved(&world, id).await.is_ok(), verified, "{told}");
        world.sound(id).await;
    }
}

/// Somebody saw what the checks did not see.
#[tokio::test]
async fn who_says_that_the_run_failed_takes_its_proof_back() {
    let told = json!({ "manual": { "instructions": "Tell them.", "changes": true } });
    let said = json!({ "transition": { "to": "monitoring", "rationale": "it answers" } });
    for ends in [RunDeed::Fail("it is down".to_owned()), RunDeed::Abort("no use".to_owned())] {
        let look = followed(&[("said", said.clone()), ("tell", told.clone())]);
        let (world, id) = waiting(&look).await;
        world.transition(id, Status::Mitigating).await;
        let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
        while world.standing(run, "tell").await != Standing::Waiting {
            world.play(1, Doors::Both).await;
        }
        world.run_deed(&kim(), run, ends).await.unwrap();
        assert!(resolved(&world, id).await.is_err());
    }
}

/// A look behind its own resolution is not done yet: the engine does not rely on the lint, which
/// reads no conditions.
#[tokio::test]
async fn a_runbook_does_not_resolve_before_it_has_looked_at_all() {
    let way = |name: &str| json!({ "name": name, "title": name, "risk": "low" });
    let options = [way("short"), way("long")];
    let choose = json!({ "choose": { "question": "Which?", "options": options } });
    let end = json!({ "transition": { "to": "resolved", "rationale": "it answers" } });
    let again = json!({ "manual": { "instructions": "Look again." } });
    let mut look = followed(&[("way", choose), ("end", end), ("again", again)]);
    let when = json!({ "step": "way", "chosen": "long" });
    look.steps.last_mut().unwrap().when = Some(serde_json::from_value(when).unwrap());
    for (way, state) in [("short", State::Completed), ("long", State::Failed)] {
        let (world, id) = waiting(&look).await;
        world.transition(id, Status::Mitigating).await;
        let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
        while world.standing(run, "way").await != Standing::Waiting {
            world.play(1, Doors::Both).await;
        }
        let choose = RunDeed::Choose("way".to_owned(), way.to_owned());
        world.run_deed(&kim(), run, choose).await.unwrap();
        world.until_run(run, state).await;
        let resolved = world.incident(id).await.status == Status::Resolved;
        assert_eq!(resolved, state == State::Completed, "{way}");
        let told = world.execution(run).await.steps["end"].note.clone().unwrap_or_default();
        assert_eq!(told.contains("`again` comes first"), !resolved, "{told}");
    }
}

#[tokio::test]
async fn a_plan_names_only_a_published_runbook_that_verifies_recoveries() {
    for (verifies, name, problem) in [
        (Some(Verifies::Recovery), "look", None),
        (Some(Verifies::Recovery), "else", Some("is no published runbook")),
        (Some(Verifies::Recovery), "", Some("must be 1 to 128 characters")),
        (None, "look", Some("does not say `verifies: recovery`")),
    ] {
        let world = World::new(1);
        world.publish(&look(verifies, None)).await;
        let mut plan = triage_plan();
        plan.recovery = Some(name.to_owned());
        let ask = ask("PUT /plans");
        let put = world.desk.put_document(&World::admin(), &ask, plan).await;
        let told = match put {
            Ok(_) => None,
            Err(watchfire_edge::Fault::Invalid { problems }) => Some(format!("{problems:?}")),
            Err(other) => panic!("{other:?}"),
        };
        match (told, problem) {
            (None, None) => {}
            (Some(told), Some(problem)) => assert!(told.contains(problem), "{told}"),
            (told, problem) => panic!("{told:?}, not {problem:?}"),
        }
    }
}
