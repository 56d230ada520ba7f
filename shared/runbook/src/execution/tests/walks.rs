//! Walks in any order: they end where the model says, fold, and never reach an action unapproved.

use super::model::Model;
use super::table::OPERATIONS;
use super::*;
use proptest::prelude::*;
use watchfire_domain::patch;

const CHOICES: [&str; 3] = ["choose restart", "choose pause", "choose none"];

fn names() -> Vec<&'static str> {
    let plain = OPERATIONS.iter().map(|(name, _)| *name);
    let plain = plain.filter(|name| !["choose", "lapsed, granted"].contains(name));
    // What leads on comes more often than what ends.
    let on = ["begin", "begin, granted", "complete", "returned", "block", "retry"];
    plain.chain(CHOICES).chain(on).chain(on).collect()
}

fn ask(one: &Execution, name: &str, step: &str) -> Decided {
    if let Some(option) = name.strip_prefix("choose ") {
        return run(one).choose(step, option, None, &person(ALICE), at(4));
    }
    let (_, operation) = OPERATIONS.iter().find(|(word, _)| *word == name).unwrap();
    operation(one, step)
}

fn check(one: &Execution, next: &Execution, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(next.version, one.version.saturating_add(1));
    prop_assert!(!matches!(one.state, State::Aborted | State::Completed), "final");
    prop_assert_eq!(next.state, model.state);
    for row in &model.rows {
        let step = &next.steps[row.id];
        prop_assert_eq!(step.state, row.state, "{}", row.id);
        prop_assert_eq!(step.attempt, row.attempt, "{}", row.id);
        prop_assert_eq!(step.passed_over, row.over, "{}", row.id);
        let begun = step.started_at.is_some();
        prop_assert!(
            !begun || !row.high || !step.approvals.is_empty(),
            "{} began unapproved",
            row.id
        );
        prop_assert!(
            begun || !matches!(step.state, Standing::Waiting | Standing::Running | Standing::Done),
            "{} was never begun",
            row.id
        );
    }
    prop_assert_eq!(next.completed_at.is_some(), !next.state.is_open());
    prop_assert_eq!(&next.id, &one.id);
    prop_assert_eq!(&next.spec_hash, &one.spec_hash);
    prop_assert_eq!(&next.inputs, &one.inputs);
    prop_assert_eq!((&next.started_by, next.started_at), (&one.started_by, one.started_at));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_walk_ends_where_the_model_says(
        // The step that stands first is meant half of the time.
        walk in prop::collection::vec((prop::sample::select(names()), prop::option::of(0usize..10)), 0..90)
    ) {
        let (mut one, mut model) = (started(1), Model::new());
        let value = |one: &Execution| serde_json::to_value(one).unwrap();
        let mut folded = value(&one);
        for (name, other) in walk {
            let id = other.map(|at| model.rows[at].id);
            let current = one.current_step.clone().unwrap_or("tell".to_owned());
            let id = id.unwrap_or(&current);
            let answer = ask(&one, name, id);
            let changes = model.does(name, id);
            let Ok(Some(change)) = answer else {
                prop_assert!(!changes, "{} of {}: {:?}", name, id, answer);
                continue;
            };
            prop_assert!(changes, "{} of {} in {:?}", name, id, one.state);
            let next = change.after;
            check(&one, &next, &model)?;
            patch::apply(&mut folded, &patch::diff(&value(&one), &value(&next)));
            prop_assert_eq!(&folded, &value(&next));
            // What the events rebuild is the record.
            prop_assert_eq!(serde_json::from_value::<Execution>(folded.clone()).unwrap(), next.clone());
            one = next;
        }
    }

    /// From wherever a walk leads, it can be brought to an end, and what is next says how.
    #[test]
    fn whatever_happened_the_run_can_be_ended(
        walk in prop::collection::vec(prop::sample::select(names()), 0..60)
    ) {
        let mut one = started(1);
        for name in walk {
            let current = one.current_step.clone().unwrap_or("tell".to_owned());
            if let Ok(Some(change)) = ask(&one, name, &current) {
                one = change.after;
            }
        }
        let mut end = one.clone();
        // Three changes at most for each of its ten steps.
        for _ in 0..33 {
            let Some(change) = moved(&end, "pause") else { break };
            end = change.after;
        }
        prop_assert!(!end.state.is_open());
        if one.state != State::Completed {
            prop_assert!(one.abort("enough", &person(ALICE), at(9)).is_ok());
        }
    }
}
