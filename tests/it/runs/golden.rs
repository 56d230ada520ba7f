//! The story of S3-63..72: storage is slow, and a runbook is carried out under an approval.

use crate::sealing;
use crate::world::runs::{ANA, BEN, kim, shipped, triage_plan};
use crate::world::{Doors, TENANT, World, alarm, ask, person, tenant};
use serde_json::json;
use watchfire_domain::approval::Answer;
use watchfire_domain::{ExecutionId, IncidentId, Severity, Status};
use watchfire_edge::Fault;
use watchfire_fakes::{Ending, FakeRequests};
use watchfire_policy::Role;
use watchfire_runbook::execution::{Standing, State};

/// The tenant of the story.
const A1: &str = "A1";
const TRIAGE: &str = "evidence-storage-latency-triage";
const ROUTE: &str = "https://evidence.example.com/v1/tenants/acme/ingestion-route";

/// Makes a world in which the story can happen.
pub(crate) async fn prepare(world: &World) {
    world.secrets.put("watchfire/steps/acme/evidence-operator", "operator-token");
    world.jobs.always("aws", Ending::passes("{\"Datapoints\": []}"));
    world.requests.always(ROUTE, Ok(FakeRequests::answer(204, "")));
    world.plan(&triage_plan()).await;
    world.publish(&shipped(TRIAGE)).await;
}

/// Starts the runbook on the incident.
pub(crate) async fn start(world: &World, id: IncidentId) -> ExecutionId {
    let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
    world.start(&kim(), TRIAGE, Some(id), inputs).await.unwrap()
}

/// Plays until the run stands at the step, or at none; bundles are exported as they are asked for.
pub(crate) async fn until_step(world: &World, run: ExecutionId, step: Option<&str>) {
    world.drive().await;
    for _ in 0..400 {
        if world.execution(run).await.current_step.as_deref() == step {
            return;
        }
        world.turn(Doors::Both).await;
        sealing::deliver(world).await;
    }
    panic!("it never came to {step:?}");
}

/// Up to the question: the step of high risk waits, and nothing of it was done.
pub(crate) async fn asked(world: &World) -> (IncidentId, ExecutionId) {
    prepare(world).await;
    blocked(world).await
}

/// The same in a world that is prepared.
pub(super) async fn blocked(world: &World) -> (IncidentId, ExecutionId) {
    let id = world.raise().await;
    let run = start(world, id).await;
    for _ in 0..30 {
        world.turn(Doors::Both).await;
        if world.standing(run, "radius").await == Standing::Waiting {
            break;
        }
    }
    world.complete(run, "radius").await.unwrap();
    world.until_run(run, State::Blocked).await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Blocked);
    assert_eq!(world.requests.sent(), [], "nothing of it was done");
    (id, run)
}

/// S3-63 and S3-64, word for word: the alarm and the tenant are those of the story, and nothing but
/// the alarm's name leads to the runbook.
#[tokio::test]
async fn the_alarm_of_tenant_a1_opens_its_incident_with_the_runbook_linked() {
    let world = World::new(4);
    let lead = |name: &str| person(name, Role::Commander, A1);
    let (wil, pat) = (lead("wil@example.org"), lead("pat@example.org"));
    let ask = ask("POST /runbooks");
    let draft = world.desk.create_runbook(&wil, &ask, shipped(TRIAGE));
    world.acting("api", draft).await.unwrap();
    let published = world.desk.publish_runbook(&pat, &ask, TRIAGE);
    world.acting("api", published).await.unwrap();
    let mut plan = triage_plan();
    plan.runbooks.clear();
    let repo = world.desk.table.of(&tenant(A1));
    repo.put_version(&plan, None).await.unwrap();

    let fired = alarm(&world, "storage_latency_high");
    let taken_in = world.acting("alarm", world.desk.intake(&fired, None)).await.unwrap();
    let id = taken_in.incident.unwrap();
    let incident = repo.incident(id).await.unwrap().unwrap().record;
    assert_eq!((incident.severity, incident.status), (Severity::High, Status::New));
    assert_eq!(incident.linked_runbook_ids, [TRIAGE.to_owned()].into());

    world.jobs.always("aws", Ending::passes("{\"Datapoints\": []}"));
    let kim = person("kim@example.org", Role::Responder, A1);
    let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
    let run = world.start(&kim, TRIAGE, Some(id), inputs).await.unwrap();
    for _ in 0..30 {
        world.turn(Doors::Both).await;
    }
    let execution = repo.execution(run).await.unwrap().unwrap().record;
    assert_eq!(execution.current_step.as_deref(), Some("radius"));
}

#[tokio::test]
async fn the_golden_path() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    let incident = world.incident(id).await;
    assert_eq!((incident.severity, incident.status), (Severity::High, Status::New));
    assert!(incident.linked_runbook_ids.contains(TRIAGE));
    // Whoever started it does not approve it, nor does another tenant's person, nor a link alone.
    let link = world.links(ANA).pop().unwrap();
    let own = world.sign_by(&kim(), &link, Answer::Grant).await;
    assert_eq!(own.unwrap_err().name(), "Approval.NotApprover");
    let foreign = world.sign_by(&person(ANA, Role::Admin, "globex"), &link, Answer::Grant).await;
    assert!(matches!(foreign, Err(Fault::NotFound)), "{foreign:?}");
    let by_link = world.answer(ANA, Answer::Grant).await;
    assert_eq!(by_link.unwrap_err().name(), "Approval.SignInNeeded");
    // One of two is not enough.
    world.sign(ANA, Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Blocked);
    assert_eq!(world.requests.sent(), []);
    world.sign(BEN, Answer::Grant).await.unwrap();
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    let sent = world.requests.take();
    assert_eq!((sent[0].method, sent[0].url.as_str()), ("PUT", ROUTE));
    let token = ("Authorization".to_owned(), "Bearer operator-token".to_owned());
    assert!(sent[0].headers.contains(&token));
    // The caches are warmed, the route is watched for half an hour, and the bundle is exported.
    for _ in 0..400 {
        world.turn(Doors::Both).await;
        sealing::deliver(&world).await;
        if world.execution(run).await.state == State::Completed {
            break;
        }
    }
    let execution = world.execution(run).await;
    assert_eq!(execution.state, State::Completed, "{execution:?}");
    let looks = world.requests.sent().iter().filter(|ask| ask.method == "GET").count();
    assert_eq!(looks, 30, "one a minute for half an hour, after the first");
    let collected = &execution.steps["collect"].evidence;
    assert!(!collected.is_empty(), "{:?}", execution.steps["collect"]);
    let exported = &execution.steps["bundle"].evidence;
    assert!(exported[0].starts_with("s3://"), "{exported:?}");
    world.transition(id, Status::Acknowledged).await;
    world.transition(id, Status::Mitigating).await;
    world.transition(id, Status::Resolved).await;
    world.transition(id, Status::Closed).await;
    sealing::deliver(&world).await;
    sealing::verified(&world, id).await.unwrap();
    let kept = world.vault.below(&format!("bundles/{TENANT}/{id}/"));
    let spec = format!("runbooks/{}.json", execution.spec_hash);
    assert!(kept.keys().any(|name| name.ends_with(&spec)), "the spec that was carried out");

    let story = world.story(id).await;
    let wanted = [
        "incident_created",
        "runbook_started",
        "step_started",
        "step_completed",
        "step_started",
        "step_completed",
        "step_started",
        "step_completed",
        "approval_requested",
        "step_blocked",
        "approval_answered",
        "approval_granted",
        "step_started",
        "step_completed",
        "step_started",
        "step_completed",
        "step_started",
        "step_completed",
        "step_started",
        "step_completed",
        "runbook_completed",
        "status_changed",
        "status_changed",
        "status_changed",
        "incident_closed",
    ];
    assert_eq!(story, wanted);
    world.sound(id).await;
    let metrics = world.metrics.take().join("\n");
    for name in [
        "runbook_executions_total",
        "runbook_step_failure_rate",
        "high_risk_step_approval_rate",
        "runbook_execution_duration_seconds",
    ] {
        assert!(metrics.contains(name), "{name}");
    }
    let approved = "\"high_risk_step_approval_rate\":1";
    assert_eq!(metrics.matches(approved).count(), 1, "{metrics}");
    // No secret stands in what is kept, said or logged.
    let kept = format!("{:?}{}", world.timeline(id).await, world.fakes.dump());
    assert!(!kept.contains("operator-token"));
}

#[tokio::test]
async fn a_refusal_is_final_and_nothing_is_done() {
    let world = World::new(2);
    let (id, run) = asked(&world).await;
    // To refuse, the link is enough.
    world.answer(BEN, Answer::Deny).await.unwrap();
    world.until_run(run, State::Failed).await;
    assert_eq!(world.requests.sent(), []);
    let retried =
        world.run_deed(&kim(), run, watchfire_desk::RunDeed::Retry("reroute".to_owned(), 1)).await;
    assert_eq!(retried.unwrap_err().name(), "Execution.State");
    let story = world.story(id).await;
    let end = &story[story.len() - 3..];
    assert_eq!(end, ["approval_denied", "step_failed", "runbook_failed"]);
    world.sound(id).await;
}

#[tokio::test]
async fn a_question_that_nobody_answers_expires_and_is_asked_again() {
    let world = World::new(3);
    let (id, run) = asked(&world).await;
    world.play(64, Doors::Both).await;
    assert_eq!(world.links(ANA).len(), 1, "asked once");
    assert_eq!(world.execution(run).await.state, State::Failed);
    let deed = watchfire_desk::RunDeed::Retry("reroute".to_owned(), 1);
    world.run_deed(&kim(), run, deed).await.unwrap();
    world.until_run(run, State::Blocked).await;
    // The links of the first question open nothing any more.
    let links = world.links(ANA);
    let old = world.sign_by(&person(ANA, Role::Viewer, TENANT), &links[0], Answer::Grant).await;
    assert!(old.is_err(), "{old:?}");
    for approver in [ANA, BEN] {
        world.sign(approver, Answer::Grant).await.unwrap();
    }
    world.drive().await;
    assert_eq!(world.standing(run, "reroute").await, Standing::Done);
    let puts = world.requests.sent().iter().filter(|ask| ask.method == "PUT").count();
    assert_eq!(puts, 1);
    world.sound(id).await;
}
