//! A record stays small whatever is put into it, and a run always finds room to end.

use super::*;

fn wide() -> Hashed {
    let mut wide = Spec::clone(&SPEC);
    // What it is begun with has quotes too, which are escaped twice: as its JSON, and within the record.
    let mut probe = serde_json::to_value(&SPEC.steps[1]).unwrap();
    probe["do"]["http"]["json"] = json!({ "said": "\"".repeat(1_000) });
    let probe: crate::Step = serde_json::from_value(probe).unwrap();
    wide.steps =
        (0..MOST_STEPS).map(|n| crate::Step { id: format!("{n:0>64}"), ..probe.clone() }).collect();
    hashed(&wide)
}

#[test]
fn the_largest_record_fits_an_item() {
    let spec = wide();
    let inputs = json!({ "host": "web-1" });
    let ask = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: Some(incident(7)),
        inputs: inputs.as_object().unwrap(),
    };
    let pin = Pin { spec: &spec, version: 3, editors: vec![DAVE] };
    let mut one = Execution::start(&ask, &pin, &person(ALICE), at(0)).unwrap().after;
    // Quotes are written as two bytes each; letters beyond ASCII have up to four.
    let (output, problem) = ("\" ".repeat(500_000), "\"\u{1f525}".repeat(400));
    let evidence = ["x".repeat(256), "y".repeat(256)];
    let mut largest = 0;
    while let Next::Begin(turn) = one.with(&spec, &TENANT).unwrap().next() {
        let id = turn.step.id.clone();
        one = one
            .with(&spec, &TENANT)
            .unwrap()
            .begin(&id, None, &machine(), at(1))
            .unwrap()
            .unwrap()
            .after;
        let answer = Returned {
            attempt: 1,
            passed: true,
            exit_code: Some(i32::MIN),
            output: output.as_bytes(),
            whole: None,
            evidence: &evidence,
            problem: Some(&problem),
        };
        let change = one
            .with(&spec, &TENANT)
            .unwrap()
            .returned(&id, &answer, &machine(), at(2))
            .unwrap()
            .unwrap();
        let size = |one: &Execution| serde_json::to_vec(one).unwrap().len();
        let value = |one: &Execution| serde_json::to_value(one).unwrap();
        let patch = watchfire_domain::patch::diff(&value(&one), &value(&change.after));
        assert!(patch.to_string().len() < 16_000, "an event tells of one step");
        one = change.after;
        largest = largest.max(size(&one));
    }
    assert_eq!(one.steps.values().filter(|step| step.state == Standing::Done).count(), MOST_STEPS);
    assert!(one.steps.values().all(|step| step.inputs.as_ref().unwrap().cut), "as long as may be");
    // Its inputs may take 32,000 more.
    assert!(largest + MOST_INPUTS < 400_000, "{largest}");
}

#[test]
fn what_people_write_is_bounded() {
    let one = standing("look", "pause", Standing::Waiting);
    let says = |report: Report| {
        run(&one).complete("look", &report, None, &person(ALICE), at(4)).unwrap_err().to_string()
    };
    let with = |evidence: &[&str]| Report {
        evidence: evidence.iter().map(|one| (*one).to_owned()).collect(),
        ..Report::default()
    };
    let long = "x".repeat(257);
    let told = [
        says(with(&[])),
        says(with(&["a", "b", "c", "d", "e"])),
        says(with(&[&long])),
        says(with(&[" a"])),
        says(with(&["https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef"])),
        says(Report { note: Some(" ".to_owned()), ..Report::done("a") }),
        says(Report { note: Some("x".repeat(501)), ..Report::done("a") }),
        says(Report { note: Some("a\u{7}".to_owned()), ..Report::done("a") }),
    ];
    expect_test::expect![[r#"
        the step `look` needs a reference to its evidence: What was seen.
        `evidence_ref` may be given 4 times, and is given 5
        `evidence_ref` must have 1 to 256 characters, and has 257
        `evidence_ref` may have visible ASCII only, as a URL has
        `evidence_ref` has a secret in it: name the object, not the way to it
        `note` must have 1 to 500 characters, and has 0
        `note` must have 1 to 500 characters, and has 501
        `note` has characters that are not seen
    "#]]
    .assert_eq(&(told.join("\n") + "\n"));
    // A digest in a place is no secret.
    let place = format!("s3://evidence/sha256/{}", "0a".repeat(32));
    assert!(run(&one).complete("look", &Report::done(&place), None, &person(ALICE), at(4)).is_ok());
    let told =
        Report { note: Some("with password=hunter2hunter2".to_owned()), ..Report::done("a") };
    let done =
        run(&one).complete("look", &told, None, &person(ALICE), at(4)).unwrap().unwrap().after;
    assert_eq!(done.steps["look"].note.as_deref(), Some("with password=[redacted]"));
}

#[test]
fn a_full_record_takes_no_more_words_and_ends_all_the_same() {
    let mut one = standing("look", "pause", Standing::Waiting);
    one.reason = Some("x".repeat(MOST_RECORD));
    let refused = run(&one).complete("look", &Report::done("a"), None, &person(ALICE), at(4));
    assert_eq!(refused, Err(Refusal::Full));
    assert!(one.fail("it is full", &person(ALICE), at(4)).unwrap().is_some());
    assert!(one.abort("it is full", &person(ALICE), at(4)).unwrap().is_some());
}
