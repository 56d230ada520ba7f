use super::{Fault, Faults, Killed};
use std::cell::Cell;
use std::error::Error;

const KILLED: Fault = Fault::Killed { applied: false };

fn run(faults: &Faults, calls: usize) -> Vec<Option<Fault>> {
    (0..calls).map(|_| faults.next("ecs:RunTask")).collect()
}

#[test]
fn a_plan_by_place_fails_those_places_only() {
    let faults = Faults::new();
    faults.at(1, Fault::NotSent).at(3, Fault::AnswerLost);
    assert_eq!(run(&faults, 5), [None, Some(Fault::NotSent), None, Some(Fault::AnswerLost), None]);
}

#[test]
fn a_plan_by_operation_counts_that_operation_only() {
    let faults = Faults::new();
    faults.at_operation("ecs:RunTask", 1, Fault::Throttled);
    let seen: Vec<_> = ["ecs:RunTask", "ecs:StopTask", "ecs:StopTask", "ecs:RunTask"]
        .into_iter()
        .map(|operation| faults.next(operation))
        .collect();
    assert_eq!(seen, [None, None, None, Some(Fault::Throttled)]);
}

#[test]
fn the_log_names_every_call_so_that_a_test_can_fail_each() {
    let faults = Faults::new();
    faults.at(1, Fault::Conflict);
    faults.next("dynamodb:PutItem");
    faults.next("states:StartExecution");
    let log = faults.log();
    let lines: Vec<_> = log
        .iter()
        .map(|call| format!("{} {} {:?}", call.index, call.operation, call.fault))
        .collect();
    assert_eq!(lines, ["0 dynamodb:PutItem None", "1 states:StartExecution Some(Conflict)"]);
    assert_eq!(faults.calls(), 2);
    assert_eq!(faults.restart().calls(), 0);
    assert_eq!(run(&faults, 2), [None, Some(Fault::Conflict)], "the plan outlives the run");
}

#[test]
fn a_rate_is_repeatable_and_near_its_percentage() {
    let modes = [Fault::NotSent, Fault::AnswerLost];
    let (first, second, other) = (Faults::new(), Faults::new(), Faults::new());
    first.rate(7, 5, &modes);
    second.rate(7, 5, &modes);
    other.rate(8, 5, &modes);
    let run_of = |faults: &Faults| run(faults, 10_000);
    let failed = run_of(&first);
    assert_eq!(failed, run_of(&second));
    assert_ne!(failed, run_of(&other));
    for mode in modes {
        let count = failed.iter().filter(|fault| **fault == Some(mode)).count();
        assert!((180..320).contains(&count), "{mode:?} came {count} times, 250 expected");
    }
    assert_eq!(run(first.none(), 100), vec![None; 100]);
}

#[test]
fn the_bounds_of_a_rate_hold() {
    let never = Faults::new();
    never.rate(1, 0, &[Fault::NotSent]);
    assert!(run(&never, 1_000).iter().all(Option::is_none));
    let always = Faults::new();
    always.rate(1, 100, &[Fault::NotSent]);
    assert!(run(&always, 1_000).iter().all(Option::is_some));
    let nothing = Faults::new();
    nothing.rate(1, 100, &[]);
    assert!(run(&nothing, 10).iter().all(Option::is_none));
}

#[test]
fn a_killed_process_stays_dead_until_revived_and_its_dead_calls_take_no_place() {
    let faults = Faults::new();
    faults.at(1, Fault::Killed { applied: true }).at(2, Fault::Throttled);
    let first = run(&faults, 4);
    assert_eq!(first, [None, Some(Fault::Killed { applied: true }), Some(KILLED), Some(KILLED)]);
    assert!(faults.killed());
    assert_eq!(faults.calls(), 2);
    assert_eq!(run(faults.revive(), 2), [Some(Fault::Throttled), None]);
    assert!(!faults.killed());
}

#[tokio::test]
async fn a_survivor_gives_its_value_and_a_victim_runs_no_error_handling() {
    let faults = Faults::new();
    assert_eq!(faults.survive(async { 1 }).await, Some(1));

    faults.at(0, KILLED);
    let handled = Cell::new(false);
    let victim = async {
        faults.next("ecs:RunTask");
        let error = faults.die().await;
        handled.set(true);
        error
    };
    assert_eq!(faults.survive(victim).await, None);
    assert!(!handled.get());
    assert_eq!(faults.survive(async { 2 }).await, None, "a dead process starts nothing");
}

#[tokio::test]
async fn pauses_let_tasks_interleave_as_the_seed_says() {
    async fn order(seed: u64) -> String {
        let faults = Faults::new();
        faults.interleave(seed);
        let trace = Cell::new(String::new());
        let task = |name: char| {
            let (faults, trace) = (&faults, &trace);
            async move {
                for _ in 0..6 {
                    faults.pause().await;
                    let mut text = trace.take();
                    text.push(name);
                    trace.set(text);
                }
            }
        };
        tokio::join!(task('a'), task('b'));
        trace.take()
    }
    assert_eq!(order(1).await, order(1).await);
    let orders: std::collections::BTreeSet<String> =
        [order(1).await, order(2).await, order(3).await].into();
    assert_eq!(orders.len(), 3);
}

#[derive(Debug)]
struct Wrapped(Killed);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the call failed")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn the_marker_is_found_below_other_errors() {
    assert!(Killed::caused(&Wrapped(Killed)));
    assert!(!Killed::caused(&std::io::Error::other("refused")));
}

#[test]
fn every_mode_of_the_plan_is_in_the_list() {
    let modes: std::collections::BTreeSet<_> =
        Fault::ALL.iter().map(|fault| fault.mode()).collect();
    assert_eq!(modes.into_iter().collect::<String>(), "F1F2F3F4F5F6F7F8F9");
    let applied = Fault::ALL.iter().filter(|fault| fault.applies()).count();
    assert_eq!(applied, 7);
}
