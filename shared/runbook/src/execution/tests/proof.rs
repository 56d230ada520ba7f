//! What a run proves, by what became of its looks (S4-25).

use super::*;
use crate::lint::{Code, lint};

const PROOF: &str = "
name: proof
title: Proof
description: Looks, says so, and tells of it.
author: tests
risk: medium
verifies: recovery
review_days: 90
tags: {a: b}
hosts: [api.example.com]
steps:
  - id: first
    title: First
    risk: low
    timeout: 5m
    do: {http: {method: GET, url: 'https://api.example.com/a'}}
  - id: login
    title: Log in
    risk: medium
    timeout: 5m
    do: {http: {method: POST, url: 'https://api.example.com/login'}}
    evidence: {shows: x}
    rollback: {note: x}
  - id: said
    title: Say it
    risk: low
    timeout: 5m
    do: {transition: {to: monitoring, rationale: x}}
  - id: page
    title: Write it on the page
    risk: medium
    timeout: 5m
    do: {http: {method: PATCH, url: 'https://api.example.com/page'}}
    evidence: {shows: x}
    rollback: {note: x}
";

/// Every step of `spec` passed, one a minute, but for these.
fn passed(spec: &Hashed, but: &[(&str, Standing, Option<Outcome>)]) -> Execution {
    let ask = Start {
        id: ExecutionId::at(at(0), [1; 10]),
        incident: Some(incident(7)),
        inputs: &serde_json::Map::new(),
    };
    let pin = Pin { spec, version: 1, editors: vec![DAVE] };
    let mut one = Execution::start(&ask, &pin, &person(ALICE), at(0)).unwrap().after;
    for (minute, within) in (1..).zip(spec.walk()) {
        let id = within.step.id.as_str();
        let (state, outcome) = but
            .iter()
            .find(|(other, ..)| *other == id)
            .map_or((Standing::Done, Some(Outcome::Passed)), |(_, state, outcome)| {
                (*state, *outcome)
            });
        let step =
            StepState { state, outcome, started_at: Some(at(minute)), ..StepState::fresh(1) };
        one.steps.insert(id.to_owned(), step);
    }
    one.current_step = but.first().map(|(id, ..)| (*id).to_owned());
    one.state = State::Completed;
    one
}

fn failed(spec: &Hashed, step: &str, outcome: Outcome) -> Execution {
    let one = passed(spec, &[(step, Standing::Failed, Some(outcome))]);
    Execution { state: State::Failed, ..one }
}

#[test]
fn what_passed_is_proven_since_its_first_look() {
    let spec = hashed(&spec(PROOF));
    let whole = passed(&spec, &[]);
    assert_eq!(whole.proven_since(&spec), Some(at(1)));
    let open = passed(&spec, &[("login", Standing::Running, None)]);
    assert_eq!(open.unproven(&spec), ["login"]);
    assert_eq!(Execution { state: State::Running, ..open }.proven_since(&spec), None);
    // It need not have told of it yet.
    let open = passed(&spec, &[("page", Standing::Pending, None)]);
    assert_eq!(Execution { state: State::Running, ..open }.proven_since(&spec), Some(at(1)));
    // What is left out by the way that was taken is not owed; but something was looked at.
    let short = passed(&spec, &[("first", Standing::Skipped, None)]);
    assert_eq!(short.proven_since(&spec), Some(at(2)));
    let left = ["first", "login"].map(|id| (id, Standing::Skipped, None));
    assert_eq!(passed(&spec, &left).proven_since(&spec), None);
}

#[test]
fn a_message_that_failed_takes_nothing_from_it_and_a_look_that_failed_does() {
    let spec = hashed(&spec(PROOF));
    for outcome in [Outcome::Failed, Outcome::TimedOut, Outcome::Denied] {
        for told in ["said", "page"] {
            let one = failed(&spec, told, outcome);
            assert_eq!(one.proven_since(&spec), Some(at(1)), "{told} {}", outcome.name());
        }
        for look in ["first", "login"] {
            let one = failed(&spec, look, outcome);
            assert_eq!(one.proven_since(&spec), None, "{look} {}", outcome.name());
        }
    }
}

/// Without a word that it is verified, what changes something may be the test itself.
#[test]
fn what_changes_something_is_a_message_only_behind_the_word_of_every_run() {
    for change in ["acknowledged", "mitigating", "monitoring", "resolved"] {
        let text = PROOF.replace("to: monitoring", &format!("to: {change}"));
        let spec = hashed(&spec(&text));
        let proven = failed(&spec, "page", Outcome::Failed).proven_since(&spec).is_some();
        assert_eq!(proven, ["monitoring", "resolved"].contains(&change), "{change}");
    }
    let text = PROOF
        .replace("    title: Say it\n", "    title: Say it\n    when: {step: way, chosen: a}\n");
    let sometimes = hashed(&spec(&text));
    assert_eq!(failed(&sometimes, "page", Outcome::Failed).proven_since(&sometimes), None);
    let text = PROOF.replace("method: PATCH", "method: GET");
    let looks = hashed(&spec(&text));
    assert_eq!(failed(&looks, "page", Outcome::Failed).proven_since(&looks), None);
}

#[test]
fn who_gives_it_up_or_says_that_it_failed_takes_its_proof_back() {
    let spec = hashed(&spec(PROOF));
    assert_eq!(failed(&spec, "page", Outcome::Stopped).proven_since(&spec), None);
    let whole = passed(&spec, &[]);
    for state in [State::Aborted, State::Failed] {
        let ended = Execution { state, ..whole.clone() };
        assert_eq!(ended.proven_since(&spec), None, "{}", state.name());
    }
}

#[test]
fn the_lint_finds_a_resolution_before_the_last_look() {
    let codes = |spec: &Spec| -> Vec<Code> { lint(spec).iter().map(|one| one.code).collect() };
    let sound = spec(PROOF);
    assert_eq!(codes(&sound), []);
    let early = PROOF.replace("to: monitoring", "to: resolved").replace("PATCH", "GET");
    let early = spec(&early);
    let found = lint(&early);
    let found: Vec<_> = found.iter().filter(|one| one.code == Code::ResolvedEarly).collect();
    let [only] = found[..] else { panic!("{found:?}") };
    assert_eq!((only.path.as_str(), only.severity), ("steps[2]", crate::lint::Severity::Error));
    assert_eq!(only.problem, "`said` stands before the look `page`");
    // Of what proves something else, no resolution waits.
    let other = Spec { verifies: Some(crate::spec::Verifies::DataIntegrity), ..early };
    assert!(!codes(&other).contains(&Code::ResolvedEarly));
    // A message may follow.
    let told = spec(&PROOF.replace("to: monitoring", "to: resolved"));
    assert!(!codes(&told).contains(&Code::ResolvedEarly));
}
