//! Questions for another engine: every case, and 2,000 spoilt ones, with what ours answers.
//! `cargo xtask policy` asks it.

use super::attributes::{mutants, types};
use super::suite::{Case, cases};
use super::tell::leave;
use crate::{Decision, Policies};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SPOILT: usize = 2_000;

#[test]
fn questions_for_another_engine_have_a_verdict() {
    let policies = Policies::embedded();
    let all = cases();
    let mut lines = Vec::new();
    let mut ask = |case: &Case, input: &Value| {
        let decision = policies.evaluate(case.package, &input.to_string());
        assert!(!decision.is_engine_error(), "{}", case.name);
        let verdict = verdict(&decision);
        let package = case.package.name();
        lines.push(json!({ "package": package, "input": input, "verdict": verdict }).to_string());
    };
    for case in &all {
        ask(case, &case.input);
    }
    let types = types(&all);
    let spoilt: Vec<_> = all
        .iter()
        .flat_map(|case| {
            mutants(&case.input, &types).into_iter().map(move |(_, input)| (case, input))
        })
        .collect();
    let every = spoilt.len() / SPOILT;
    for (case, input) in spoilt.iter().step_by(every.max(1)).take(SPOILT) {
        ask(case, input);
    }
    assert_eq!(lines.len(), all.len() + SPOILT);
    leave("questions.ndjson", &lines.join("\n"));
}

fn verdict(decision: &Decision) -> Value {
    let codes = |all: &[crate::Obligation]| -> BTreeSet<&'static str> {
        all.iter().map(|one| one.code).collect()
    };
    json!({
        "allow": decision.is_allowed(),
        "missing": codes(decision.missing()),
        "satisfied": codes(decision.satisfied()),
    })
}
