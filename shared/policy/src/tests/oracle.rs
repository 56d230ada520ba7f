//! Questions for another engine: every case, and 2,000 spoilt ones, with what ours answers.
//! `cargo xtask policy` asks it.

use super::attributes::{mutants, types};
use super::suite::cases;
use super::tell::leave;
use crate::bundle::Package;
use crate::{Decision, Policies};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SPOILT: usize = 2_000;

#[test]
fn questions_for_another_engine_have_a_verdict() {
    let policies = Policies::embedded();
    let lines = questions().map(|(package, input)| {
        let decision = policies.evaluate(package, &input.to_string());
        assert!(!decision.is_engine_error(), "{input}");
        let verdict = verdict(&decision);
        json!({ "package": package.name(), "input": input, "verdict": verdict }).to_string()
    });
    let lines: Vec<String> = lines.collect();
    assert_eq!(lines.len(), cases().len() + SPOILT);
    leave("questions.ndjson", &lines.join("\n"));
}

/// The input of each case, and [`SPOILT`] of what spoiling them comes to.
pub(super) fn questions() -> impl Iterator<Item = (Package, Value)> {
    let all = cases();
    let types = types(&all);
    let spoilt: Vec<_> = all
        .iter()
        .flat_map(|case| {
            mutants(&case.input, &types).into_iter().map(|(_, input)| (case.package, input))
        })
        .collect();
    let every = spoilt.len() / SPOILT;
    assert!(every > 0, "{}", spoilt.len());
    let spoilt = spoilt.into_iter().step_by(every).take(SPOILT);
    all.into_iter().map(|case| (case.package, case.input)).chain(spoilt)
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
