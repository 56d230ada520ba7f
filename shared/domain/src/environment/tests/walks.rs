//! Walks in any order: what the record says stays true, and its events fold to it.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_walk_never_breaks_what_the_record_says(
        later in any::<bool>(),
        steps in prop::collection::vec(0usize..OPERATIONS.len(), 0..60)
    ) {
        let launch = if later { Launch::Later } else { Launch::Now };
        let mut one = requested(launch);
        let value = |one: &Environment| serde_json::to_value(one).unwrap();
        let mut folded = value(&one);
        for step in steps {
            let (name, operation) = OPERATIONS[step];
            let Ok(Some(change)) = operation(&one) else { continue };
            let next = change.after;
            prop_assert_eq!(next.version, one.version.saturating_add(1));
            prop_assert!(next.attempt >= one.attempt, "attempts only grow");
            prop_assert!(one.state != State::Closed, "{} leaves `closed`", name);
            if let (Some(was), Some(is)) = (&one.task, &next.task) {
                prop_assert_eq!(&was.arn, &is.arn, "there is one task");
            }
            let relaunched = one.state == State::Failed && next.state == State::Created;
            prop_assert!(
                one.task.is_none() || next.task.is_some() || (relaunched && !one.was_ready()),
                "a task is never forgotten, unless it never was ready and its launch is repeated"
            );
            prop_assert!(one.definition.is_none() || next.definition == one.definition);
            prop_assert!(one.access_point.is_none() || next.access_point == one.access_point);
            prop_assert_eq!(next.failure.is_some(), next.state == State::Failed);
            prop_assert_eq!(next.closed_at.is_some(), next.state == State::Closed);
            let runs = matches!(next.state, State::Launching | State::Running);
            prop_assert!(!runs || next.task.is_some());
            let created = !matches!(next.state, State::Requested);
            prop_assert!(created || next.definition.is_none());
            prop_assert!(
                next.state != State::Closed || next.evidence_passes(),
                "nothing is closed before its evidence passes"
            );
            prop_assert!(
                !one.evidence_passes() || next.evidence_passes(),
                "what passed once passes for good"
            );
            prop_assert!(one.outcome.is_none() || next.outcome.is_some());
            prop_assert_eq!(&next.id, &one.id);
            prop_assert_eq!(&next.family, &one.family);
            patch::apply(&mut folded, &patch::diff(&value(&one), &value(&next)));
            one = next;
        }
        prop_assert_eq!(folded, value(&one));
    }

    /// From wherever it stands, it can be brought to its end: nothing is stuck.
    #[test]
    fn whatever_happened_a_stop_and_a_close_converge(
        steps in prop::collection::vec(0usize..OPERATIONS.len(), 0..40)
    ) {
        let mut one = requested(Launch::Now);
        for step in steps {
            if let Ok(Some(change)) = OPERATIONS[step].1(&one) {
                one = change.after;
            }
        }
        for name in ["ask stop", "stop", "find evidence", "close, kept"] {
            if one.state == State::Closed {
                break;
            }
            let (_, operation) = OPERATIONS.iter().find(|(word, _)| *word == name).unwrap();
            if let Some(change) = operation(&one).unwrap() {
                one = change.after;
            }
        }
        prop_assert_eq!(one.state, State::Closed);
        prop_assert_eq!(one.next(), Next::Done);
    }
}
