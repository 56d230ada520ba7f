//! How a run begins, what it is bound to, and what is skipped on the way.

use super::*;
use expect_test::expect;
use watchfire_domain::patch;

fn start(
    spec: &Spec,
    inputs: serde_json::Value,
    on: Option<IncidentId>,
) -> Result<Execution, Refusal> {
    let ask = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: on,
        inputs: inputs.as_object().unwrap(),
    };
    let pin = Pin { spec: &hashed(spec), version: 3, editors: vec![DAVE] };
    Execution::start(&ask, &pin, &person(ALICE), at(0)).map(|change| change.after)
}

#[test]
fn what_was_started_reads_back_and_holds_no_null() {
    let one = driven(started(1), "restart", |_| false);
    let value = serde_json::to_value(&one).unwrap();
    assert!(!value.to_string().contains("null"), "{value}");
    assert_eq!(serde_json::from_value::<Execution>(value).unwrap(), one);
}

/// What is stored: names never change their meaning.
#[test]
fn a_record_is_written_so() {
    let one = driven(started(1), "pause", |one| one.current_step.as_deref() == Some("tell"));
    let mut value = serde_json::to_value(&one).unwrap();
    let steps = value["steps"].as_object_mut().unwrap();
    steps.retain(|id, _| ["probe", "way", "failover", "thank", "tell"].contains(&id.as_str()));
    expect![[r#"
        {
          "current_step": "tell",
          "drive": 1,
          "edited_by": "dave@example.com",
          "id": "01a1fc16-e000-7101-8101-010101010101",
          "incident": "01a1fc16-e000-7707-8707-070707070707",
          "inputs": {
            "host": "web-1"
          },
          "runbook": "fixture",
          "runbook_version": 3,
          "spec_hash": "5e07237727290a3b82522d2285518d4391786b9f4dc3684b172626e9a02792c9",
          "started_at": "2026-11-21T03:12:00.000Z",
          "started_by": "alice@example.com",
          "state": "running",
          "steps": {
            "failover": {
              "approvals": [
                "apr-01a1fc16e00077078707070707070707-201"
              ],
              "attempt": 1,
              "completed_at": "2026-11-21T03:16:00.000Z",
              "evidence": [
                "s3://evidence/1"
              ],
              "inputs": {
                "bytes": 73,
                "sha256": "988dede9d05727bb772f385175eb8718a607a1a8adf7a4180ae3f7de3e6b822f",
                "text": "{\"changes\":true,\"instructions\":\"Fail over.\",\"kind\":\"manual\",\"tick\":false}"
              },
              "operator": "alice@example.com",
              "outcome": "passed",
              "started_at": "2026-11-21T03:15:00.000Z",
              "state": "done"
            },
            "probe": {
              "attempt": 1,
              "completed_at": "2026-11-21T03:16:00.000Z",
              "inputs": {
                "bytes": 96,
                "sha256": "ce21cb318fd09e016c4fe2246f2d1f1ebb00a80e4971fafc703312071a58badb",
                "text": "{\"expect\":{},\"headers\":{},\"kind\":\"http\",\"method\":\"GET\",\"url\":\"https://api.example.com/v1/web-1\"}"
              },
              "operator": "step",
              "outcome": "passed",
              "output": {
                "bytes": 2,
                "sha256": "2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df",
                "text": "ok"
              },
              "started_at": "2026-11-21T03:15:00.000Z",
              "state": "done"
            },
            "tell": {
              "attempt": 1,
              "state": "pending"
            },
            "thank": {
              "attempt": 1,
              "state": "skipped"
            },
            "way": {
              "attempt": 1,
              "chosen": "pause",
              "completed_at": "2026-11-21T03:16:00.000Z",
              "inputs": {
                "bytes": 78,
                "sha256": "efa22092fc891e3ea839c6c585265ff8ce187abbe552a407f3db0086eabf487d",
                "text": "{\"kind\":\"choose\",\"options\":[\"restart\",\"pause\",\"none\"],\"question\":\"Which way?\"}"
              },
              "operator": "alice@example.com",
              "outcome": "passed",
              "started_at": "2026-11-21T03:15:00.000Z",
              "state": "done"
            }
          },
          "version": 14
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn an_effect_has_a_name_of_its_own() {
    let name = |one: &Execution| {
        let Next::Act(turn) = run(one).next() else { panic!("it does nothing") };
        turn.effect
    };
    let one = standing("probe", "pause", Standing::Running);
    let failed = run(&one).returned("probe", &returned(1, false), &machine(), at(4));
    let again = run(&failed.unwrap().unwrap().after).retry("probe", 1, &person(ALICE));
    let again = driven(again.unwrap().unwrap().after, "pause", |one| {
        one.steps["probe"].state == Standing::Running
    });
    let rest = standing("rest", "pause", Standing::Running);
    let twin = driven(started(2), "pause", |one| one.steps["probe"].state == Standing::Running);
    let names: std::collections::BTreeSet<_> = [&one, &again, &rest, &twin].map(name).into();
    assert_eq!(names.len(), 4);
    assert!(names.iter().all(|name| name.len() == 32));
    // A machine that takes over does it under the same name.
    assert_eq!(name(&one.resume(1, &machine()).unwrap().unwrap().after), name(&one));
}

#[test]
fn a_start_tells_all_that_does_not_fit() {
    let refused = |inputs, on| start(&SPEC, inputs, on).unwrap_err().to_string();
    let on = Some(incident(7));
    expect![[r#"the input `host` is missing; the input `user` is not one of this runbook's"#]]
        .assert_eq(&refused(json!({ "user": "x" }), on));
    expect!["the step `reboot` needs an incident: start the runbook on one"]
        .assert_eq(&refused(json!({ "host": "web-1" }), None));
    expect!["`inputs` have what looks like a secret in `host`: name it, never tell it"]
        .assert_eq(&refused(json!({ "host": "xoxb-0123456789-secret" }), on));
    let mut twice = Spec::clone(&SPEC);
    twice.steps[1].id = "look".to_owned();
    expect!["the runbook has two steps `look`"]
        .assert_eq(&start(&twice, json!({ "host": "web-1" }), on).unwrap_err().to_string());
    let mut many = Spec::clone(&SPEC);
    many.steps = (0..101)
        .map(|n| crate::Step { id: format!("step-{n}"), ..SPEC.steps[0].clone() })
        .collect();
    expect!["the runbook has 101 steps, and may have 1 to 100"]
        .assert_eq(&start(&many, json!({ "host": "web-1" }), on).unwrap_err().to_string());
}

#[test]
fn a_runbook_without_high_risk_needs_no_incident() {
    let mut plain = Spec::clone(&SPEC);
    plain.steps.truncate(2);
    let one = start(&plain, json!({ "host": "web-1" }), None).unwrap();
    assert!(matches!(one.with(&hashed(&plain), &TENANT).unwrap().next(), Next::Begin(_)));
}

#[test]
fn another_spec_is_never_carried_out() {
    let one = started(1);
    let mut other = Spec::clone(&SPEC);
    other.steps[3].title.push('!');
    assert_eq!(one.with(&hashed(&other), &TENANT).unwrap_err(), Refusal::OtherSpec);
}

#[test]
fn two_runs_of_one_runbook_on_one_incident_are_two() {
    let (first, second) = (started(1), started(2));
    assert_eq!(first.incident, second.incident);
    assert_ne!(run(&first).subject("failover"), run(&second).subject("failover"));
    let first = driven(first, "pause", |_| false);
    assert_eq!((first.state, second.state), (State::Completed, State::Pending));
}

#[test]
fn what_no_way_leads_to_is_skipped() {
    let of = |option: &str| {
        let one = driven(started(1), option, |_| false);
        let skipped = one.steps.iter().filter(|(_, step)| step.state == Standing::Skipped);
        let names: Vec<&str> = skipped.map(|(id, _)| id.as_str()).collect();
        format!("{option}: {}\n", names.join(" "))
    };
    expect![[r#"
        restart: rest
        pause: drain reboot thank
        none: drain failover reboot rest tell thank
    "#]]
    .assert_eq(&["restart", "pause", "none"].map(of).concat());
}

#[test]
fn a_choice_asks_for_an_approval_only_where_no_alternative_does() {
    let needs = |spec: &Spec, id: &str| {
        spec.walk().into_iter().find(|within| within.step.id == id).unwrap().needs_approval()
    };
    assert!(!needs(&SPEC, "way") && needs(&SPEC, "reboot") && needs(&SPEC, "failover"));
    // Nobody has said how dangerous these are: they are taken for the worst.
    let mut unsaid = Spec::clone(&SPEC);
    unsaid.steps[1].risk = None;
    if let crate::Action::Choose(choose) = &mut unsaid.steps[3].action {
        choose.options[1].risk = Some(crate::Risk::High);
        choose.options[0].steps.truncate(1);
        choose.options[0].risk = Some(crate::Risk::Low);
    }
    assert!(needs(&unsaid, "probe") && needs(&unsaid, "rest") && !needs(&unsaid, "drain"));
    if let crate::Action::Choose(choose) = &mut unsaid.steps[3].action {
        choose.options[1].risk = Some(crate::Risk::Low);
    }
    assert!(needs(&unsaid, "way") && !needs(&unsaid, "rest"));
}

#[test]
fn what_was_begun_can_be_taken_back_the_newest_first() {
    let names = |one: &Execution| {
        run(one).ways_back().iter().map(|way| way.step.id.clone()).collect::<Vec<_>>()
    };
    let over = driven(started(1), "restart", |_| false);
    assert_eq!(names(&over), ["failover", "reboot"]);
    assert!(names(&standing("failover", "pause", Standing::Blocked)).is_empty());
}

/// The order of S3-66, as far as it is an execution's; and each event rebuilds the record.
#[test]
fn events_come_in_their_order_and_fold_to_the_record() {
    let value = |one: &Execution| serde_json::to_value(one).unwrap();
    let mut one = started(1);
    let (mut folded, mut kinds) = (value(&one), Vec::new());
    while let Some(change) = moved(&one, "restart") {
        let detail = &change.draft.detail;
        let step = detail.get("step").and_then(serde_json::Value::as_str).unwrap_or_default();
        kinds.push(format!("{} {step}\n", change.draft.kind));
        one = change.after;
        patch::apply(&mut folded, &patch::diff(&value(&change.before.unwrap()), &value(&one)));
        assert_eq!(folded, value(&one));
    }
    expect![[r#"
        step_started look
        step_completed look
        step_started probe
        step_completed probe
        step_started peek
        step_completed peek
        step_started way
        option_chosen way
        step_started drain
        step_completed drain
        step_blocked reboot
        step_started reboot
        step_completed reboot
        step_blocked failover
        step_started failover
        step_completed failover
        step_started thank
        step_completed thank
        step_started tell
        step_completed tell
        runbook_completed 
    "#]]
    .assert_eq(&kinds.concat());
}
