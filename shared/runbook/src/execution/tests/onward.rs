//! What the engine goes on without, whatever its spec says: nobody may have linted it.

use super::*;
use crate::spec::{OnFailure, Verifies};

/// How the run stands once the step of this id has failed: by its end, or by its time.
fn failed(spec: &Spec, step: &str, late: bool) -> Execution {
    let spec = hashed(spec);
    let ask = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: Some(incident(7)),
        inputs: &json!({ "host": "web-1" }).as_object().unwrap().clone(),
    };
    let pin = Pin { spec: &spec, version: 3, editors: vec![DAVE] };
    let mut one = Execution::start(&ask, &pin, &person(ALICE), at(0)).unwrap().after;
    for other in ["look", "probe", "peek"] {
        let run = one.with(&spec, &TENANT).unwrap();
        let begun = run.begin(other, None, &machine(), at(1)).unwrap().unwrap().after;
        let run = begun.with(&spec, &TENANT).unwrap();
        let ended = match other {
            "look" => run.complete(other, &report(&begun, other), None, &person(ALICE), at(2)),
            _ if other == step && late => run.expire(&machine(), at(600)),
            _ => run.returned(other, &returned(1, other != step), &machine(), at(2)),
        };
        one = ended.unwrap().unwrap().after;
        if other == step {
            break;
        }
    }
    assert_eq!(one.steps[step].state, Standing::Failed);
    one
}

#[test]
fn a_spec_that_nobody_linted_goes_no_further() {
    let goes_on = |step: &str, change: &dyn Fn(&mut Spec)| {
        let mut spec = Spec::clone(&SPEC);
        change(&mut spec);
        [false, true].map(|late| {
            let one = failed(&spec, step, late);
            let on = one.current_step.as_deref() != Some(step);
            assert_eq!(one.steps[step].passed_over, on);
            on
        })
    };
    assert_eq!(goes_on("peek", &|_| ()), [true, true]);
    assert_eq!(goes_on("probe", &|_| ()), [false, false], "it says nothing");
    let says = |spec: &mut Spec| spec.steps[1].on_failure = OnFailure::Continue;
    assert_eq!(goes_on("probe", &says), [true, true]);
    let refused: [&dyn Fn(&mut Spec); 2] =
        [&|spec| spec.steps[2].risk = Some(crate::Risk::Medium), &|spec| {
            if let crate::Action::Http(http) = &mut spec.steps[2].action {
                http.method = crate::spec::Method::Delete;
            }
        }];
    for change in refused {
        assert_eq!(goes_on("peek", change), [false, false]);
    }
}

/// Each of its checks passes or fails for itself (S4-25), and what is more than a look is left out.
#[test]
fn a_proof_looks_at_all_and_fails_if_one_look_did() {
    for verifies in [Verifies::Recovery, Verifies::DataIntegrity] {
        let mut spec = Spec::clone(&SPEC);
        spec.verifies = Some(verifies);
        spec.steps[1].on_failure = OnFailure::Continue;
        let mut one = failed(&spec, "probe", false);
        assert_eq!(one.current_step.as_deref(), Some("peek"));
        let spec = hashed(&spec);
        while let Next::Begin(turn) = one.with(&spec, &TENANT).unwrap().next() {
            let (step, run) = (turn.step.id.clone(), one.with(&spec, &TENANT).unwrap());
            let begun = run.begin(&step, None, &machine(), at(3)).unwrap().unwrap().after;
            let run = begun.with(&spec, &TENANT).unwrap();
            one =
                run.returned(&step, &returned(1, true), &machine(), at(4)).unwrap().unwrap().after;
        }
        let run = one.with(&spec, &TENANT).unwrap();
        assert_eq!(run.next(), Next::Finish, "nobody is asked for what is more than a look");
        let of = |state| one.steps.values().filter(|step| step.state == state).count();
        assert_eq!((of(Standing::Failed), of(Standing::Pending)), (1, 0));
        assert!(of(Standing::Skipped) > 3, "{:?}", one.steps);
        let over = run.finish(&machine(), at(5)).unwrap().unwrap();
        assert_eq!(over.after.state, State::Failed);
        let reason = over.after.reason.as_deref();
        assert_eq!(reason, Some("what it verifies does not hold: `probe`"));
        let retried = over.after.with(&spec, &TENANT).unwrap().retry("probe", 1, &person(ALICE));
        assert!(matches!(retried, Err(Refusal::NoMoreAttempts { .. })), "{retried:?}");
    }
}

/// What comes behind a look that failed is asked for as ever, and ends the run if it is refused.
#[test]
fn what_follows_needs_its_own_approval() {
    let mut one = standing("peek", "restart", Standing::Running);
    one =
        run(&one).returned("peek", &returned(1, false), &machine(), at(4)).unwrap().unwrap().after;
    one = driven(one, "restart", |one| one.steps["reboot"].state == Standing::Blocked);
    let begun = run(&one).begin("reboot", None, &machine(), at(5));
    assert!(matches!(begun, Err(Refusal::ApprovalNeeded { .. })), "{begun:?}");
    let lapsed = run(&one).lapsed("reboot", &denied(&one, "reboot"), &machine(), at(5));
    one = lapsed.unwrap().unwrap().after;
    assert_eq!(run(&one).next(), Next::Finish);
    let over = run(&one).finish(&machine(), at(6)).unwrap().unwrap();
    assert_eq!(over.after.state, State::Failed);
}
