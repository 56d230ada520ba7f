//! What servers answer to steps, and what documents return, is kept whole, and the record proves what is kept.

use super::kinds::{HEALTH, ended, get, started, step};
use crate::world::World;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfire_domain::hex;
use watchfire_fakes::{Ending, FakeRequests, Fault};
use watchfire_runbook::execution::{State, StepState};

/// The first answer's put: the provenance of the runbook was put before.
const FIRST: u64 = 1;

/// The object that the step's evidence names, whose digest and length the record has.
fn kept(world: &World, step: &StepState) -> Value {
    assert_eq!(step.evidence.len(), 1, "{step:?}");
    let key = step.evidence[0].strip_prefix("s3://watchfire-evidence/").unwrap();
    assert!(key.starts_with("answers/acme/"), "{key}");
    let object = world.evidence.get(key).unwrap();
    let output = step.output.as_ref().unwrap();
    assert_eq!(output.sha256, hex(&Sha256::digest(&object)));
    assert_eq!((output.bytes, output.hashed), (u64::try_from(object.len()).unwrap(), None));
    serde_json::from_slice(&object).unwrap()
}

fn answers(world: &World) -> usize {
    world.evidence.keys().iter().filter(|key| key.starts_with("answers/")).count()
}

fn put() -> Value {
    let more = json!({
        "risk": "medium", "irreversible": "It is put back by hand.",
        "evidence": { "shows": "The answer." },
    });
    let action = json!({ "method": "PUT", "url": HEALTH, "json": { "up": true } });
    step(&more, json!({ "http": action }))
}

fn look() -> Value {
    step(&json!({}), get(HEALTH, json!({})))
}

#[tokio::test]
async fn a_long_answer_is_found_whole_by_the_digest_of_the_record() {
    let world = World::new(1);
    let body = "one more line\n".repeat(1_000);
    world.requests.always(HEALTH, Ok(FakeRequests::answer(200, &body)));
    let step = ended(&world, look(), State::Completed).await;
    let request = json!({ "method": "GET", "url": HEALTH, "headers": [] });
    let object = json!({ "request": request, "status": 200, "latency_ms": 40, "body": body });
    assert_eq!(kept(&world, &step), object);
    let output = step.output.unwrap();
    assert!(output.cut && output.text.starts_with("HTTP 200 in 40 ms\none more line\n"));
}

#[tokio::test]
async fn a_short_answer_is_shown_whole_and_one_that_fails_is_kept_too() {
    let world = World::new(1);
    world.requests.always(HEALTH, Ok(FakeRequests::answer(503, "it is down")));
    let step = ended(&world, look(), State::Failed).await;
    let object = kept(&world, &step);
    assert_eq!((&object["status"], &object["body"]), (&json!(503), &json!("it is down")));
    let output = step.output.unwrap();
    assert_eq!((output.text.as_str(), output.cut), ("HTTP 503 in 40 ms\nit is down", false));
}

#[tokio::test]
async fn a_body_that_is_no_text_is_kept_byte_for_byte() {
    let world = World::new(1);
    let mut answer = FakeRequests::answer(200, "");
    answer.body = vec![0xff, 0x00];
    world.requests.always(HEALTH, Ok(answer));
    let step = ended(&world, look(), State::Completed).await;
    assert_eq!(kept(&world, &step)["body_hex"], "ff00");
}

#[tokio::test]
async fn a_secret_that_was_sent_is_not_in_what_is_kept() {
    let world = World::new(1);
    world.secrets.put("watchfire/steps/acme/probe", "plain-word");
    world.requests.always(HEALTH, Ok(FakeRequests::answer(200, "you sent plain-word")));
    let mut action = get(HEALTH, json!({}));
    action["http"]["headers"] = json!({ "X-Probe": { "secret": "probe" } });
    let step = ended(&world, step(&json!({}), action), State::Completed).await;
    let object = kept(&world, &step);
    assert_eq!(object["body"], "you sent [a secret]");
    // Which header was sent is kept, and what the step was begun with; its value stands in neither.
    assert_eq!(object["request"]["headers"], json!(["X-Probe"]));
    let inputs = step.inputs.unwrap().text;
    assert!(inputs.contains(r#""X-Probe":"(the secret `probe`)""#), "{inputs}");
    assert!(!inputs.contains("plain-word") && !object.to_string().contains("plain-word"));
}

/// What was asked of the server, beside what it answered.
#[tokio::test]
async fn what_was_sent_is_kept_with_its_answer() {
    let world = World::new(1);
    world.requests.always(HEALTH, Ok(FakeRequests::answer(200, "ok")));
    let step = ended(&world, put(), State::Completed).await;
    let sent = json!({ "method": "PUT", "url": HEALTH, "headers": [], "body": { "up": true } });
    assert_eq!(kept(&world, &step)["request"], sent);
    let inputs: Value = serde_json::from_str(&step.inputs.unwrap().text).unwrap();
    assert_eq!((&inputs["kind"], &inputs["url"]), (&json!("http"), &json!(HEALTH)));
    assert_eq!(inputs["json"], sent["body"]);
}

#[tokio::test]
async fn of_a_check_the_last_look_is_kept_and_no_other() {
    let world = World::new(1);
    world.requests.next(HEALTH, Ok(FakeRequests::answer(500, "at first")));
    world.requests.always(HEALTH, Ok(FakeRequests::answer(503, "to the end")));
    let check = json!({ "check": {
        "probe": get(HEALTH, json!({})), "every": "1m", "stable_for": "2m", "limit": "5m",
    } });
    let failed = ended(&world, step(&json!({ "timeout": "1h" }), check), State::Failed).await;
    assert_eq!(kept(&world, &failed)["body"], "to the end");
    assert_eq!(answers(&world), 1);
}

/// Between the answer and the record.
#[tokio::test]
async fn a_process_that_dies_while_it_keeps_an_answer_sends_only_what_may_be_sent_again() {
    for applied in [false, true] {
        let world = World::new(1);
        let (_, run) = started(&world, put()).await;
        world.faults.at_operation("s3:PutObject", FIRST, Fault::Killed { applied });
        world.until_run(run, State::Failed).await;
        let step = world.execution(run).await.steps["it"].clone();
        assert!(step.note.unwrap().contains("is not known"));
        assert_eq!((world.requests.sent().len(), answers(&world)), (1, usize::from(applied)));

        let world = World::new(1);
        world.requests.next(HEALTH, Ok(FakeRequests::answer(200, "before")));
        world.requests.next(HEALTH, Ok(FakeRequests::answer(200, "after")));
        let (_, run) = started(&world, look()).await;
        world.faults.at_operation("s3:PutObject", FIRST, Fault::Killed { applied });
        world.until_run(run, State::Completed).await;
        let step = world.execution(run).await.steps["it"].clone();
        assert_eq!(kept(&world, &step)["body"], "after");
        assert_eq!(world.requests.sent().len(), 2);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_fails_what_may_not_be_sent_again_and_says_what_it_was() {
    let world = World::new(1);
    world.requests.always(HEALTH, Ok(FakeRequests::answer(204, "")));
    let (_, run) = started(&world, put()).await;
    world.faults.at_operation("s3:PutObject", FIRST, Fault::NotSent);
    world.until_run(run, State::Failed).await;
    let step = world.execution(run).await.steps["it"].clone();
    let note = step.note.unwrap();
    assert!(note.contains("HTTP 204 in 40 ms, could not be kept"), "{note}");
    assert!(note.contains("look before you try it again"), "{note}");
    assert_eq!((step.evidence.len(), world.requests.sent().len()), (0, 1));

    let world = World::new(1);
    let (_, run) = started(&world, look()).await;
    world.faults.at_operation("s3:PutObject", FIRST, Fault::NotSent);
    world.until_run(run, State::Completed).await;
    kept(&world, &world.execution(run).await.steps["it"]);
    assert_eq!(world.requests.sent().len(), 2);
}

const DOCUMENT: &str = "Example-WarmCache";

fn document() -> Value {
    let more = json!({
        "risk": "medium", "irreversible": "A warm cache empties by itself.",
        "evidence": { "shows": "What was warmed." },
    });
    step(&more, json!({ "ssm": { "document": DOCUMENT } }))
}

#[tokio::test]
async fn what_a_document_returned_is_kept_whole_with_its_status() {
    let world = World::new(1);
    let outputs = json!({ "warm.Keys": vec!["one more key"; 1_000] });
    world.jobs.always(DOCUMENT, Ending::passes(&outputs.to_string()));
    let passed = ended(&world, document(), State::Completed).await;
    let object = json!({ "document": DOCUMENT, "status": "Success", "outputs": outputs });
    assert_eq!(kept(&world, &passed), object);
    let output = passed.output.unwrap();
    assert!(output.cut && output.text.starts_with(r#"{"warm.Keys":["one more key""#));

    let world = World::new(1);
    world.jobs.always(DOCUMENT, Ending::fails("Failed: no such cache"));
    let failed = ended(&world, document(), State::Failed).await;
    let object = kept(&world, &failed);
    assert_eq!(
        (&object["status"], &object["problem"]),
        (&json!("Failed"), &json!("Failed: no such cache"))
    );
    assert_eq!(failed.note.as_deref(), Some("Failed: no such cache"));
}

/// Between the end of the document and the record: it is looked at anew, and not started anew.
#[tokio::test]
async fn a_process_that_dies_while_it_keeps_what_a_document_returned_starts_nothing_again() {
    for applied in [false, true] {
        let world = World::new(1);
        world.jobs.always(DOCUMENT, Ending::passes(r#"{"a":["1"]}"#));
        let (_, run) = started(&world, document()).await;
        world.faults.at_operation("s3:PutObject", FIRST, Fault::Killed { applied });
        world.until_run(run, State::Completed).await;
        let step = world.execution(run).await.steps["it"].clone();
        assert_eq!(kept(&world, &step)["outputs"], json!({ "a": ["1"] }));
        assert_eq!((world.jobs.starts(), answers(&world)), (1, 1));
    }
}

#[tokio::test]
async fn a_document_whose_outputs_cannot_be_kept_has_failed_and_says_so() {
    let world = World::new(1);
    world.jobs.always(DOCUMENT, Ending::passes(r#"{"a":["1"]}"#));
    let (_, run) = started(&world, document()).await;
    world.faults.at_operation("s3:PutObject", FIRST, Fault::NotSent);
    world.until_run(run, State::Failed).await;
    let step = world.execution(run).await.steps["it"].clone();
    let note = step.note.unwrap();
    assert!(note.contains("SSM Success, could not be kept"), "{note}");
    assert!(note.contains("look before you try it again"), "{note}");
    assert_eq!((step.evidence.len(), world.jobs.starts()), (0, 1));
    assert_eq!(step.output.unwrap().text, r#"{"a":["1"]}"#);
}
