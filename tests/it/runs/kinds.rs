//! What each kind of step does, and how it fails.

use crate::world::runs::{kim, spec, triage_plan};
use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::RunDeed;
use watchfire_domain::plan::Target;
use watchfire_domain::{ExecutionId, HOUR, IncidentId, MINUTE, Status, Whole};
use watchfire_fakes::{Ending, FakeRequests, Fault, Trouble};
use watchfire_runbook::execution::{Outcome, Standing, State, StepState};

pub(super) const HEALTH: &str = "https://status.example.com/health";

pub(super) fn step(more: &Value, action: Value) -> Value {
    let mut step = json!({ "id": "it", "title": "It", "risk": "low", "timeout": "10m" });
    for (name, value) in more.as_object().unwrap() {
        step[name] = value.clone();
    }
    step["do"] = action;
    step
}

pub(super) async fn started(world: &World, step: Value) -> (IncidentId, ExecutionId) {
    world.plan(&triage_plan()).await;
    world.publish(&spec(&json!([step]))).await;
    let id = world.raise().await;
    (id, world.start(&kim(), "look", Some(id), json!({})).await.unwrap())
}

/// A runbook of this one step, carried to its end; how the step ended.
pub(super) async fn ended(world: &World, step: Value, state: State) -> StepState {
    let (id, run) = started(world, step).await;
    world.until_run(run, state).await;
    world.sound(id).await;
    world.execution(run).await.steps["it"].clone()
}

pub(super) fn get(url: &str, expect: Value) -> Value {
    json!({ "http": { "method": "GET", "url": url, "expect": expect } })
}

#[tokio::test]
async fn a_request_passes_by_what_is_expected_of_its_answer() {
    for (told, expect, problem) in [
        (FakeRequests::answer(200, "all is ok"), json!({ "body_contains": "ok" }), None),
        (FakeRequests::answer(503, "no"), json!({}), Some("status is 503")),
        (FakeRequests::answer(200, "no"), json!({ "body_contains": "ok" }), Some("body")),
        (FakeRequests::answer(200, "ok"), json!({ "latency_ms": 39 }), Some("40 ms")),
    ] {
        let world = World::new(1);
        world.requests.always(HEALTH, Ok(told));
        let state = if problem.is_none() { State::Completed } else { State::Failed };
        let step = ended(&world, step(&json!({}), get(HEALTH, expect)), state).await;
        let note = step.note.unwrap_or_default();
        assert!(note.contains(problem.unwrap_or_default()), "{note}");
        assert!(step.output.is_some());
    }
}

#[tokio::test]
async fn an_address_that_the_deployment_does_not_list_is_not_called() {
    let world = World::new(1);
    let mut spec = spec(&json!([step(&json!({}), get("https://other.example.com/", json!({})))]));
    spec.hosts = ["other.example.com".to_owned()].into();
    world.plan(&triage_plan()).await;
    world.publish(&spec).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.until_run(run, State::Failed).await;
    assert_eq!(world.requests.calls(), Vec::<String>::new());
    let note = world.execution(run).await.steps["it"].note.clone().unwrap();
    assert!(note.contains("other.example.com"), "{note}");
}

#[tokio::test]
async fn a_web_that_fails_fails_the_step_and_is_tried_again_by_a_person() {
    let world = World::new(1);
    world.requests.next(HEALTH, Err(Trouble::Down));
    let (_, run) = started(&world, step(&json!({}), get(HEALTH, json!({})))).await;
    world.until_run(run, State::Failed).await;
    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
    world.until_run(run, State::Completed).await;
    assert_eq!(world.execution(run).await.steps["it"].attempt, 2);
}

/// It left, and its process with it: nobody knows, and nobody sends it again.
#[tokio::test]
async fn a_request_whose_sender_died_is_not_sent_again() {
    for applied in [false, true] {
        let world = World::new(1);
        let put = json!({ "http": { "method": "PUT", "url": HEALTH, "json": { "up": true } } });
        let more = json!({
            "risk": "medium", "irreversible": "It is put back by hand.",
            "evidence": { "shows": "The answer." },
        });
        let (id, run) = started(&world, step(&more, put)).await;
        world.faults.at_operation("web:Request", 0, Fault::Killed { applied });
        world.until_run(run, State::Failed).await;
        assert_eq!(world.requests.sent().len(), usize::from(applied));
        let note = world.execution(run).await.steps["it"].note.clone().unwrap();
        assert!(note.contains("is not known"), "{note}");
        world.sound(id).await;
    }
}

fn program(more: &Value) -> Value {
    let mut command = json!({ "argv": ["df", "--human-readable"], "profile": "observer" });
    for (name, value) in more.as_object().unwrap() {
        command[name] = value.clone();
    }
    json!({ "command": command })
}

#[tokio::test]
async fn a_program_passes_by_its_end_and_its_output() {
    for (ending, more, problem) in [
        (Ending::passes("in sync\n"), json!({ "output_is": "in sync" }), None),
        (
            Ending::passes("behind"),
            json!({ "output_is": "in sync" }),
            Some("not what it should be"),
        ),
        (Ending::fails("exit code 2"), json!({}), Some("exit code 2")),
    ] {
        let world = World::new(1);
        world.jobs.always("df", ending);
        let state = if problem.is_none() { State::Completed } else { State::Failed };
        let step = ended(&world, step(&json!({}), program(&more)), state).await;
        assert!(step.note.unwrap_or_default().contains(problem.unwrap_or_default()));
        assert_eq!(world.jobs.starts(), 1);
    }
}

/// In the record, in what the API answers, and in the event that ends the step.
#[tokio::test]
async fn the_exit_code_of_a_program_is_kept() {
    for (ending, state, code) in [
        (Ending::passes("in sync"), State::Completed, Some(0)),
        (Ending::fails("it ended with exit code 74").exits(Some(74)), State::Failed, Some(74)),
        (Ending::fails("it never ran").exits(None), State::Failed, None),
    ] {
        let world = World::new(1);
        world.jobs.always("df", ending);
        let (id, run) = started(&world, step(&json!({}), program(&json!({})))).await;
        world.until_run(run, state).await;
        assert_eq!(world.execution(run).await.steps["it"].exit_code, code);
        let shown = world.desk.execution(&kim(), run).await.unwrap();
        let told = shown["execution"]["steps"]["it"].get("exit_code").cloned();
        assert_eq!(told, code.map(|code| json!(code)));
        let events = world.timeline(id).await;
        let ends = ["step_completed", "step_failed"];
        let end = events.iter().find(|event| ends.contains(&event.stored.kind.as_str())).unwrap();
        let detail = &end.body.payload["detail"];
        assert_eq!(detail.get("exit_code").cloned(), code.map(|code| json!(code)));
    }
}

/// A check's is that of its last round; what has no program has none.
#[tokio::test]
async fn a_check_by_a_program_has_the_exit_code_of_its_last_round() {
    let world = World::new(1);
    world.jobs.always("df", Ending::fails("it ended with exit code 3").exits(Some(3)));
    let check = json!({ "check": {
        "probe": program(&json!({})), "every": "1m", "stable_for": "2m", "limit": "5m",
    } });
    let failed = ended(&world, step(&json!({ "timeout": "1h" }), check), State::Failed).await;
    assert_eq!(failed.exit_code, Some(3));
    let world = World::new(1);
    let asked = ended(&world, step(&json!({}), get(HEALTH, json!({}))), State::Completed).await;
    assert_eq!(asked.exit_code, None);
}

#[tokio::test]
async fn a_long_output_is_recorded_with_the_digest_of_the_whole() {
    let world = World::new(1);
    let whole = Whole { bytes: 9_000_000, sha256: Some("ab".repeat(32)), read: false };
    world.jobs.always("df", Ending::passes("in sync\nand more").beginning_of(whole));
    let step = ended(&world, step(&json!({}), program(&json!({}))), State::Completed).await;
    let output = step.output.unwrap();
    assert_eq!((output.sha256, output.bytes, output.cut), ("ab".repeat(32), 9_000_000, true));
}

#[tokio::test]
async fn what_is_refused_is_not_tried_for_ever() {
    let world = World::new(1);
    world.jobs.refuse("observer");
    let step = ended(&world, step(&json!({}), program(&json!({}))), State::Failed).await;
    assert_eq!(step.outcome, Some(Outcome::Failed));
    assert!(!step.note.unwrap().is_empty());
}

#[tokio::test]
async fn what_runs_is_stopped_when_it_takes_too_long_or_is_given_up() {
    let world = World::new(1);
    world.jobs.always("df", Ending::never());
    let (_, run) = started(&world, step(&json!({}), program(&json!({})))).await;
    world.until_run(run, State::Failed).await;
    let ended = world.execution(run).await.steps["it"].clone();
    assert_eq!(ended.outcome, Some(Outcome::TimedOut));
    world.play(1, Doors::Both).await;
    let names: Vec<String> = world.jobs.jobs().into_iter().map(|job| job.name).collect();
    assert!(world.jobs.stopped(&names[0]).is_some());

    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
    world.play(1, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Running);
    let abort = RunDeed::Abort("we found the cause".to_owned());
    world.run_deed(&kim(), run, abort).await.unwrap();
    world.play(1, Doors::Both).await;
    let jobs = world.jobs.jobs();
    assert!(jobs.iter().all(|job| world.jobs.stopped(&job.name).is_some()), "{jobs:?}");
    assert_eq!(world.execution(run).await.state, State::Aborted);
}

#[tokio::test]
async fn a_wait_waits() {
    let world = World::new(1);
    let wait = json!({ "wait": { "duration": "30m" } });
    let (_, run) = started(&world, step(&json!({ "timeout": "1h" }), wait)).await;
    world.play(29, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Running);
    world.play(2, Doors::Both).await;
    assert_eq!(world.execution(run).await.state, State::Completed);
    let started = world.runs.started().len();
    assert!(started <= 2, "one machine, and perhaps the sweep's: {started}");
}

fn check() -> Value {
    let probe = get(HEALTH, json!({}));
    json!({ "check": { "probe": probe, "every": "1m", "stable_for": "10m", "limit": "30m" } })
}

#[tokio::test]
async fn a_check_begins_anew_whenever_it_fails() {
    let world = World::new(1);
    let (_, run) = started(&world, step(&json!({ "timeout": "1h" }), check())).await;
    world.play(8, Doors::Both).await;
    world.requests.next(HEALTH, Ok(FakeRequests::answer(500, "")));
    world.play(8, Doors::Both).await;
    assert_eq!(
        world.standing(run, "it").await,
        Standing::Running,
        "ten minutes from the failure on"
    );
    world.play(5, Doors::Both).await;
    assert_eq!(world.execution(run).await.state, State::Completed);
}

#[tokio::test]
async fn a_check_that_never_holds_fails_at_its_limit() {
    let world = World::new(1);
    world.requests.always(HEALTH, Ok(FakeRequests::answer(500, "")));
    let it = step(&json!({ "timeout": "1h" }), check());
    let ended = ended(&world, it, State::Failed).await;
    assert!(ended.note.unwrap().contains("not stable in time"));
    let took = ended.completed_at.unwrap().since(ended.started_at.unwrap());
    assert!((30 * MINUTE..32 * MINUTE).contains(&took), "{took}");
}

#[tokio::test]
async fn a_transition_moves_the_incident_once_and_says_why_it_cannot() {
    let world = World::new(1);
    let to = |to: &str| json!({ "transition": { "to": to } });
    let (id, run) = started(&world, step(&json!({}), to("acknowledged"))).await;
    world.until_run(run, State::Completed).await;
    assert_eq!(world.incident(id).await.status, Status::Acknowledged);
    let again = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.until_run(again, State::Completed).await;
    world.sound(id).await;

    world.transition(id, Status::Mitigating).await;
    let back = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.until_run(back, State::Failed).await;
    let note = world.execution(back).await.steps["it"].note.clone().unwrap();
    assert!(note.contains("cannot go from `mitigating` to `acknowledged`"), "{note}");
}

/// The kinds of the messages that each of these addresses got, sorted: the outbox keeps no order.
fn told(world: &World, who: &[&str]) -> Vec<Vec<String>> {
    let kinds = |who: &&str| {
        let inbox = world.notify.inbox_of(&Target::Email((*who).to_owned()));
        let kind = |one: watchfire_ports::Message| one.data["event"].as_str().unwrap().to_owned();
        let mut kinds: Vec<String> = inbox.into_iter().map(kind).collect();
        kinds.sort();
        kinds
    };
    who.iter().map(kinds).collect()
}

/// What Watchfire says of an incident by itself is for responders.
#[tokio::test]
async fn a_notice_goes_to_the_targets_of_its_audience_and_to_nobody_else() {
    let notice = |audience: &str| json!({ "notify": { "audience": audience, "template": "news" } });
    let people = ["all@example.org", "site@example.org", "on-call@example.org"];
    let [all, site, on_call] = people;
    for (audience, heard) in [
        ("customers", [true, true, false]),
        ("responders", [true, false, true]),
        ("executives", [true, false, false]),
    ] {
        let world = World::new(1);
        let (id, run) = started(&world, step(&json!({}), notice(audience))).await;
        let mut plan = triage_plan();
        plan.version = 2;
        plan.notify = serde_json::from_value(json!([
            { "email": all },
            { "email": site, "audiences": ["customers"] },
            { "email": on_call, "audiences": ["responders", "commander"] },
        ]))
        .unwrap();
        world.plan(&plan).await;
        world.until_run(run, State::Completed).await;
        for to in [Status::Acknowledged, Status::Mitigating, Status::Resolved] {
            world.transition(id, to).await;
        }
        world.play(2, Doors::Both).await;
        let inside = [true, false, true];
        let wanted = heard.into_iter().zip(inside).map(|(notice, inside)| {
            let inside = inside.then(|| "incident.resolved".to_owned());
            inside.into_iter().chain(notice.then(|| "runbook.notice".to_owned())).collect()
        });
        assert_eq!(told(&world, &people), wanted.collect::<Vec<Vec<_>>>(), "{audience}");
    }
}

#[tokio::test]
async fn a_notice_for_whom_nobody_is_named_fails_its_step() {
    for notify in [json!([]), json!([{ "email": "site@example.org", "audiences": ["customers"] }])]
    {
        let world = World::new(1);
        let action = json!({ "notify": { "audience": "executives", "template": "news" } });
        let (_, run) = started(&world, step(&json!({}), action)).await;
        let mut plan = triage_plan();
        plan.version = 2;
        plan.notify = serde_json::from_value(notify).unwrap();
        world.plan(&plan).await;
        world.until_run(run, State::Failed).await;
        let note = world.execution(run).await.steps["it"].note.clone().unwrap();
        assert!(note.contains("names nobody for `executives`"), "{note}");
        assert_eq!(told(&world, &["site@example.org"]), [Vec::<String>::new()]);
    }
}

/// The page reaches those who work on it, and the run goes on; nobody else is told in another's place.
#[tokio::test]
async fn a_page_for_a_lead_whom_nobody_names_goes_to_the_responders() {
    let people = ["on-call@example.org", "lead@example.org", "site@example.org"];
    let [on_call, lead, site] = people;
    let responders = Some([true, false, false]);
    for (audience, leads, heard) in [
        ("commander", json!(["security_lead"]), responders),
        ("engineering_lead", json!(["commander"]), responders),
        ("engineering_lead", json!(["engineering_lead"]), Some([false, true, false])),
        ("security_lead", json!(["commander"]), None),
        ("stakeholders", json!(["commander"]), None),
    ] {
        let world = World::new(1);
        let page = json!({ "notify": { "audience": audience, "template": "page" } });
        let (_, run) = started(&world, step(&json!({}), page)).await;
        let mut plan = triage_plan();
        plan.version = 2;
        plan.notify = serde_json::from_value(json!([
            { "email": on_call, "audiences": ["responders"] },
            { "email": lead, "audiences": leads },
            { "email": site, "audiences": ["customers"] },
        ]))
        .unwrap();
        world.plan(&plan).await;
        let wanted = if heard.is_some() { State::Completed } else { State::Failed };
        world.until_run(run, wanted).await;
        world.play(2, Doors::Both).await;
        let heard = heard.unwrap_or_default();
        let wanted = heard.map(|one| Vec::from_iter(one.then(|| "runbook.notice".to_owned())));
        assert_eq!(told(&world, &people), wanted, "{audience}");
        let output = world.execution(run).await.steps["it"].output.clone();
        let says = output.is_some_and(|one| one.text.contains(r#""instead":"responders""#));
        assert_eq!(says, heard[0], "{audience}");
    }
}

#[tokio::test]
async fn a_runbook_without_an_incident_has_a_timeline_of_its_own() {
    let world = World::new(1);
    world.publish(&spec(&json!([step(&json!({}), get(HEALTH, json!({})))]))).await;
    let run = world.start(&kim(), "look", None, json!({})).await.unwrap();
    world.until_run(run, State::Completed).await;
    let timeline = world.execution(run).await.timeline();
    let story = world.story(timeline).await;
    assert_eq!(story, ["runbook_started", "step_started", "step_completed", "runbook_completed"]);
    world.chain(timeline).await;
    let shown = world.desk.execution(&kim(), run).await.unwrap();
    assert_eq!(shown["next"]["kind"], "over");
}

#[tokio::test]
async fn a_runbook_that_closes_its_incident_is_completed() {
    let world = World::new(1);
    let close = json!({ "transition": { "to": "closed", "rationale": "it was nothing" } });
    let (id, run) = started(&world, step(&json!({}), close)).await;
    world.until_run(run, State::Completed).await;
    assert_eq!(world.incident(id).await.status, Status::Closed);
    assert!(world.seals.take().iter().any(|ask| ask.incident == id), "it is sealed at once");
    world.sound(id).await;
}

#[tokio::test]
async fn a_secret_that_an_answer_repeats_is_not_kept() {
    let world = World::new(1);
    world.secrets.put("watchfire/steps/acme/probe", "plain-word");
    world.requests.always(HEALTH, Ok(FakeRequests::answer(200, "you sent plain-word, thanks")));
    let mut action = get(HEALTH, json!({}));
    action["http"]["headers"] = json!({ "X-Probe": { "secret": "probe" } });
    let (id, run) = started(&world, step(&json!({}), action)).await;
    world.until_run(run, State::Completed).await;
    let sent = world.requests.sent();
    assert!(sent[0].headers.iter().any(|(_, value)| value == "plain-word"));
    let kept = format!("{:?}{:?}", world.execution(run).await, world.timeline(id).await);
    assert!(!kept.contains("plain-word") && kept.contains("[a secret]"), "{kept}");
}

#[tokio::test]
async fn an_attempt_waits_until_what_the_last_one_began_is_over() {
    let world = World::new(1);
    world.jobs.next("df", Ending::never());
    let (_, run) = started(&world, step(&json!({}), program(&json!({})))).await;
    world.play(1, Doors::Both).await;
    let fail = RunDeed::Fail("it hangs".to_owned());
    world.run_deed(&kim(), run, fail).await.unwrap();
    world.run_deed(&kim(), run, RunDeed::Retry("it".to_owned(), 1)).await.unwrap();
    let first = world.jobs.jobs()[0].name.clone();
    world.until_run(run, State::Completed).await;
    assert!(world.jobs.stopped(&first).is_some());
    assert_eq!(world.jobs.starts(), 2);
}

/// What is owed within a month (S2-29) is waited for that long, and not for ever.
#[tokio::test]
async fn a_person_has_as_long_as_the_step_says_and_no_longer() {
    let world = World::new(1);
    let by_hand = json!({ "manual": { "instructions": "Change the process." } });
    let owed = step(&json!({ "timeout": "30d" }), by_hand);
    let (_, run) = started(&world, owed).await;
    world.play(2, Doors::Both).await;
    world.clock.advance(29 * 24 * HOUR);
    world.play(2, Doors::Both).await;
    assert_eq!(world.standing(run, "it").await, Standing::Waiting);
    world.clock.advance(24 * HOUR);
    world.until_run(run, State::Failed).await;
    assert_eq!(world.execution(run).await.steps["it"].outcome, Some(Outcome::TimedOut));
}
