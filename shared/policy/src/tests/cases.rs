//! Decision and reason, case by case; and nothing left without a case.

use std::collections::BTreeSet;

use regorus::Engine;

use super::suite::{cases, files};
use super::texts::text;
use crate::bundle::Package;
use crate::{Action, OBLIGATIONS, Policies};

#[test]
fn every_case_gets_its_decision_and_its_reason() {
    let policies = Policies::embedded();
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let decision = case.decide(&policies);
            (!case.holds(&decision))
                .then(|| format!("{}: expected {:?}, got {decision:?}", case.name, case.expected))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_obligation_is_seen_met_and_missing() {
    let policies = Policies::embedded();
    let mut everywhere = BTreeSet::new();
    for package in Package::ALL {
        let (mut met, mut missing) = (BTreeSet::new(), BTreeSet::new());
        for case in cases().iter().filter(|case| case.package == package) {
            let decision = case.decide(&policies);
            met.extend(decision.satisfied().iter().map(|obligation| obligation.code));
            missing.extend(decision.missing().iter().map(|obligation| obligation.code));
        }
        assert_eq!(met, missing, "{package:?}");
        everywhere.extend(met);
    }
    // `engine` alone is stated by no policy.
    let all: BTreeSet<&str> = OBLIGATIONS.iter().skip(1).map(|row| row.code).collect();
    assert_eq!(everywhere, all);
}

#[test]
fn policies_cases_and_actions_name_the_same_things() {
    let mut ruled = BTreeSet::new();
    for package in [Package::IncidentAuthz, Package::RunbookCatalog, Package::RunbookExecute] {
        let mut engine = Engine::new();
        engine.add_policy(package.name().to_owned(), text(package).to_owned()).unwrap();
        let rights = engine.eval_rule(format!("data.{}.rights", package.name())).unwrap();
        for action in rights.as_object().unwrap().values().flat_map(|one| one.as_set().unwrap()) {
            let name = action.as_string().unwrap();
            // Each action has one package, and is asked of that one.
            assert!(ruled.insert(name.to_string()), "{name} is ruled on twice");
            assert_eq!(Package::of(Action::named(name).unwrap()), package, "{name}");
        }
    }
    ruled.insert("timeline.view".to_owned());
    let coded: BTreeSet<String> = Action::ALL.map(|action| action.name().to_owned()).into();
    let tried: BTreeSet<String> =
        files().iter().flat_map(|file| file.actions.keys().cloned()).collect();
    assert_eq!(ruled, coded);
    assert_eq!(tried, coded);
    assert!(Action::ALL.iter().all(|action| Action::named(action.name()) == Some(*action)));
}
