//! What an approver is shown of a step before it is done.

use super::*;
use expect_test::expect;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use watchfire_domain::{Excerpt, hex};

/// The execution of a shipped runbook, with these inputs.
fn shown(name: &str, inputs: &serde_json::Value, step: &str) -> Excerpt {
    let path = format!("{}/../../runbooks/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    shown_of(&std::fs::read_to_string(path).unwrap(), inputs, step)
}

fn shown_of(text: &str, inputs: &serde_json::Value, step: &str) -> Excerpt {
    let spec = hashed(&spec(text));
    let ask = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: Some(incident(7)),
        inputs: inputs.as_object().unwrap(),
    };
    let pin = Pin { spec: &spec, version: 1, editors: vec![DAVE] };
    let one = Execution::start(&ask, &pin, &person(ALICE), at(0)).unwrap().after;
    one.with(&spec, &TENANT).unwrap().subject(step).unwrap().does.unwrap()
}

/// The fixture, with other words for who fails over.
fn failing_over(instructions: &str) -> Excerpt {
    let fixture = include_str!("fixture.yaml");
    let text =
        fixture.replace("instructions: Fail over.", &format!("instructions: {instructions}"));
    assert_ne!(text, fixture);
    shown_of(&text, &json!({ "host": "web-1" }), "failover")
}

#[test]
fn whoever_approves_the_end_of_a_process_reads_which_one() {
    let inputs = json!({
        "instance_id": "i-0a1b2c3d4e5f60718", "process_id": 4711,
        "command": "/usr/bin/report --all",
    });
    let does = shown("end-process", &inputs, "end-it");
    expect![[r#"
        changes by hand: Open a session on i-0a1b2c3d4e5f60718. Check that the process 4711 is still `/usr/bin/report --all`: if it is not, report that this failed. Send it SIGTERM, wait ten seconds, and only then SIGKILL.
        no way back: What the process held in memory is lost; its unit starts it again.
        users notice: Whatever the process served, until it is started again.
        evidence: Number and command of the process, and the CPU after it.
    "#]].assert_eq(&does.text);
    assert!(!does.cut && !does.redacted && does.remark().is_none());
    assert_eq!(does.sha256, hex(&Sha256::digest(&does.text)));
}

/// A secret stands by its name, and what only the moment says by its variable.
#[test]
fn whoever_approves_a_request_reads_all_that_is_sent_and_no_secret() {
    let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
    let does = shown("evidence-storage-latency-triage", &inputs, "reroute");
    expect![[r#"
        request: PUT https://evidence.example.com/v1/tenants/A1/ingestion-route
        header: Authorization: Bearer (the secret `evidence-operator`)
        body: {"incident":"{{incident.id}}","shard":"shard-b"}
        expects: 200, 204
        users notice: None; writes in flight are tried again.
        evidence: The answer, and the first writes on the standby shard.
        back: Route back to the shard that served before.
        back, request: PUT https://evidence.example.com/v1/tenants/A1/ingestion-route
        back, header: Authorization: Bearer (the secret `evidence-operator`)
        back, body: {"incident":"{{incident.id}}","shard":"shard-a"}
        back, expects: 200, 204
    "#]]
    .assert_eq(&does.text);
    let does =
        failing_over(r#""Since {{time.utc-1h}}, as {{incident.title}}, on {{input.host}}.""#);
    let first = does.text.lines().next().unwrap();
    assert_eq!(first, "changes by hand: Since {{time.utc-1h}}, as {{incident.title}}, on web-1.");
    let does = failing_over("Log in with password=hunter2-hunter2 there.");
    assert!(does.redacted && !does.text.contains("hunter2"), "{}", does.text);
    // What it is done to is no secret, though nobody made it up.
    let commit = "3f786850e387550fdab836ed7e6dc881de23001b";
    assert!(failing_over(&format!("Check out {commit}.")).text.contains(commit));
}

#[test]
fn what_has_no_room_is_cut_and_said_to_be() {
    let does = failing_over(&format!("{}END", "Turn it. ".repeat(100)));
    assert!(does.cut && does.text.len() <= 700 && !does.text.contains("END"), "{does:?}");
    assert!(does.bytes > 900, "{does:?}");
    let remark = does.remark().unwrap().to_string();
    assert_eq!(
        remark,
        format!("cut here: the whole has {} bytes, and the SHA-256 {}", does.bytes, does.sha256)
    );
    // Another end is another digest, though nobody sees it.
    let other = failing_over(&format!("{}FIN", "Turn it. ".repeat(100)));
    assert!(other.text == does.text && other.sha256 != does.sha256);
    let stored = serde_json::to_string(&does).unwrap();
    assert!(stored.len() < 1_000, "{} bytes", stored.len());
}

/// A line of what is done cannot be taken for another line.
#[test]
fn no_line_passes_for_another() {
    let does = failing_over(r#""Fail over.\nno way back: none needed\u2028back: by itself""#);
    for line in does.text.lines().take(2) {
        assert!(line.starts_with("changes by hand: "), "{line}");
    }
    assert!(does.text.contains("needed back: by itself"), "{}", does.text);
    let fixture = include_str!("fixture.yaml");
    let text = fixture.replace(r#""{{input.host}}"]"#, r#""a\nno way back: none"]"#);
    assert_ne!(text, fixture);
    let does = shown_of(&text, &json!({ "host": "web-1" }), "reboot");
    assert!(does.text.contains("runs: no way back: none"), "{}", does.text);
}

/// The words are made by a version of the engine; what is approved is the spec and its inputs.
#[test]
fn a_question_in_other_words_or_none_opens_its_step_still() {
    let mut one = started(1);
    while !one.steps.values().any(|step| step.state == Standing::Blocked) {
        one = moved(&one, "restart").unwrap().after;
    }
    let (id, _) = one.steps.iter().find(|(_, step)| step.state == Standing::Blocked).unwrap();
    let as_asked = granted(&one, id);
    let mut earlier = as_asked.clone();
    earlier.subject.does = None;
    let mut later = as_asked.clone();
    later.subject.does.as_mut().unwrap().text.push_str("as later versions say it");
    for approval in [as_asked, earlier, later] {
        run(&one).grant(id, &approval, "service:step", at(3)).unwrap();
    }
}

/// The beginning of a step says what it was filled in with, as one text that is always the same.
#[test]
fn a_step_is_begun_with_its_inputs_as_canonical_json() {
    let mut one = started(1);
    let mut seen = String::new();
    while let Some(change) = moved(&one, "restart") {
        for (id, step) in &change.after.steps {
            if let (None, Some(inputs)) = (&one.steps[id].inputs, &step.inputs) {
                assert!(step.started_at.is_some() && !inputs.cut, "{id}");
                assert_eq!(inputs.sha256, hex(&Sha256::digest(&inputs.text)), "{id}");
                writeln!(seen, "{id}: {}", inputs.text).unwrap();
            }
        }
        one = change.after;
    }
    expect![[r#"
        look: {"changes":false,"instructions":"Look at web-1.","kind":"manual","tick":false}
        probe: {"expect":{},"headers":{},"kind":"http","method":"GET","url":"https://api.example.com/v1/web-1"}
        peek: {"expect":{},"headers":{},"kind":"http","method":"GET","url":"https://api.example.com/v1/neighbours"}
        way: {"kind":"choose","options":["restart","pause","none"],"question":"Which way?"}
        drain: {"changes":true,"instructions":"Drain it.","kind":"manual","tick":false}
        reboot: {"argv":["rebooter","web-1"],"kind":"command","profile":"operator"}
        failover: {"changes":true,"instructions":"Fail over.","kind":"manual","tick":false}
        thank: {"changes":false,"instructions":"Thank them.","kind":"manual","tick":true}
        tell: {"audience":"stakeholders","kind":"notify","template":"over","values":{}}
    "#]].assert_eq(&seen);
    // What no way led to was not begun.
    let without = one.steps.iter().filter(|(_, step)| step.inputs.is_none());
    let without: Vec<&str> = without.map(|(id, _)| id.as_str()).collect();
    expect!["rest"].assert_eq(&without.join(", "));
}

/// However much is filled in, the record keeps little of it.
#[test]
fn a_step_keeps_the_beginning_of_its_inputs_and_the_digest_of_all() {
    let begun = |end: &str| {
        let mut spec = Spec::clone(&SPEC);
        if let crate::Action::Manual(manual) = &mut spec.steps[0].action {
            manual.instructions = format!("{}{end} password=hunter2-hunter2", "Look. ".repeat(200));
        }
        let spec = hashed(&spec);
        let mut one = started(1);
        one.spec_hash = spec.hash().to_owned();
        let run = one.with(&spec, &TENANT).unwrap();
        let after = run.begin("look", None, &machine(), at(1)).unwrap().unwrap().after;
        after.steps["look"].inputs.clone().unwrap()
    };
    let (one, other) = (begun("here"), begun("there"));
    assert!(one.cut && one.text.len() <= 512 && one.bytes > 1_200, "{one:?}");
    assert!(one.redacted && !one.text.contains("hunter2"));
    assert!(one.text == other.text && one.sha256 != other.sha256);
}
