//! What an obligation is said to look at is all that it looks at.

use crate::simulate::looks;
use crate::tests::attributes::{mutants, types};
use crate::tests::suite::cases;
use crate::{Decision, OBLIGATIONS, Obligation, Policies};
use std::collections::BTreeSet;

fn standing(decision: &Decision, code: &str) -> (bool, bool) {
    let is_in = |all: &[Obligation]| all.iter().any(|one| one.code == code);
    (is_in(decision.satisfied()), is_in(decision.missing()))
}

/// An attribute is spoilt, and only what looks at it is judged otherwise.
#[test]
fn an_obligation_looks_at_nothing_that_is_not_told() {
    let policies = Policies::embedded();
    let all = cases();
    let types = types(&all);
    let (mut untold, mut turned) = (BTreeSet::new(), BTreeSet::new());
    // Each case has some hundred; every fifth of them will do.
    for case in &all {
        let before = case.decide(&policies);
        for (change, input) in mutants(&case.input, &types).into_iter().step_by(5) {
            let path = change.split(' ').next().unwrap();
            // The action says what is required at all.
            if path == "/action" {
                continue;
            }
            let after = policies.evaluate(case.package, &input.to_string());
            for one in OBLIGATIONS {
                if standing(&before, one.code) == standing(&after, one.code) {
                    continue;
                }
                turned.insert(one.code);
                let mut looks = looks::at(one.code, &case.input).into_iter();
                if !looks.any(|place| place.starts_with(path) || path.starts_with(&place)) {
                    untold.insert(format!("{}: {path}", one.code));
                }
            }
        }
    }
    assert_eq!(untold, BTreeSet::new());
    // All but the engine's own, and the action.
    assert_eq!(turned.len(), OBLIGATIONS.len() - 2, "{turned:?}");
}
