//! Every operation in every state of an execution and of a step.

use super::*;
use expect_test::expect_file;
use std::fmt::Write as _;

type Operation = (&'static str, fn(&Execution, &str) -> Decided);

/// Everything that can be asked about a step, as whoever asks well would.
pub(super) const OPERATIONS: [Operation; 17] = [
    ("block", |one, step| run(one).block(step, &request(one, step), &machine())),
    ("begin", |one, step| run(one).begin(step, None, &machine(), at(3))),
    ("begin, granted", |one, step| {
        run(one).begin(step, Some(&granted(one, step)), &machine(), at(3))
    }),
    ("lapsed, denied", |one, step| run(one).lapsed(step, &denied(one, step), &machine(), at(3))),
    ("lapsed, expired", |one, step| {
        let expired = request(one, step).expire(&machine(), at(60)).unwrap().after;
        run(one).lapsed(step, &expired, &machine(), at(61))
    }),
    ("lapsed, granted", |one, step| run(one).lapsed(step, &granted(one, step), &machine(), at(3))),
    ("complete", |one, step| {
        let approval = granted(one, step);
        run(one).complete(step, &report(one, step), Some(&approval), &person(ALICE), at(4))
    }),
    ("complete, failed", |one, step| {
        let (failed, approval) = (Report { failed: true, ..report(one, step) }, granted(one, step));
        run(one).complete(step, &failed, Some(&approval), &person(ALICE), at(4))
    }),
    ("choose", |one, step| run(one).choose(step, "restart", None, &person(ALICE), at(4))),
    ("returned", |one, step| {
        run(one).returned(step, &returned(one.steps[step].attempt, true), &machine(), at(4))
    }),
    ("returned, failed", |one, step| {
        run(one).returned(step, &returned(one.steps[step].attempt, false), &machine(), at(4))
    }),
    ("skip", |one, step| run(one).skip(step, "it is not", &person(ALICE), at(4))),
    ("expire", |one, _| run(one).expire(&machine(), at(300))),
    ("retry", |one, step| run(one).retry(step, one.steps[step].attempt, &person(ALICE))),
    ("finish", |one, _| run(one).finish(&machine(), at(5))),
    ("fail", |one, _| one.fail("it is worse", &person(ALICE), at(5))),
    ("abort", |one, _| one.abort("another way was found", &person(ALICE), at(5))),
];

/// Executions in all their states, each with a step in all of its own.
pub(super) fn states() -> Vec<(&'static str, Execution, &'static str)> {
    let operate = |name: &str, one: &Execution, step: &str| {
        let (_, operation) = OPERATIONS.iter().find(|(word, _)| *word == name).unwrap();
        operation(one, step).unwrap().unwrap().after
    };
    let blocked = standing("failover", "pause", Standing::Blocked);
    let waiting = standing("failover", "pause", Standing::Waiting);
    let probing = standing("probe", "pause", Standing::Running);
    let refused = operate("lapsed, denied", &blocked, "failover");
    let failed = operate("returned, failed", &probing, "probe");
    let peeking = standing("peek", "pause", Standing::Running);
    vec![
        ("pending, a manual step", started(1), "look"),
        ("pending, a later step", started(1), "failover"),
        ("a manual step waits", standing("look", "pause", Standing::Waiting), "look"),
        ("a manual step is done", standing("look", "pause", Standing::Done), "look"),
        ("an automatic step's turn", standing("look", "pause", Standing::Done), "probe"),
        ("an automatic step runs", probing, "probe"),
        ("an automatic step is done", standing("probe", "pause", Standing::Done), "probe"),
        ("an automatic step failed", failed.clone(), "probe"),
        ("failed by it", operate("finish", &failed, "probe"), "probe"),
        ("a look failed", operate("returned, failed", &peeking, "peek"), "peek"),
        ("a look took too long", operate("expire", &peeking, "peek"), "peek"),
        ("a look is given up", operate("fail", &peeking, "peek"), "peek"),
        ("a choice waits", standing("way", "pause", Standing::Waiting), "way"),
        ("a choice is made", standing("way", "restart", Standing::Done), "way"),
        ("high risk, its turn", standing("rest", "pause", Standing::Done), "failover"),
        ("high risk, blocked", blocked.clone(), "failover"),
        ("high risk, waiting", waiting.clone(), "failover"),
        ("high risk, done", standing("failover", "pause", Standing::Done), "failover"),
        ("high risk, refused", refused.clone(), "failover"),
        ("failed by a refusal", operate("finish", &refused, "failover"), "failover"),
        ("high risk, let be", operate("skip", &blocked, "failover"), "failover"),
        ("failed by hand", operate("fail", &waiting, "failover"), "failover"),
        ("aborted", operate("abort", &waiting, "failover"), "failover"),
        ("every step over", standing("tell", "pause", Standing::Done), "tell"),
        ("completed", driven(started(1), "pause", |_| false), "tell"),
        ("ended by its choice", driven(started(1), "none", |_| false), "failover"),
    ]
}

pub(super) fn word(next: &Next<'_>) -> String {
    match next {
        Next::Ask(turn) => format!("ask about {}", turn.step.id),
        Next::Approval(turn, _) => format!("wait for the approval of {}", turn.step.id),
        Next::Begin(turn) => format!("begin {}", turn.step.id),
        Next::Act(turn) => format!("do {}", turn.step.id),
        Next::Operator(turn) => format!("wait for the operator of {}", turn.step.id),
        Next::Choose(turn) => format!("wait for the choice of {}", turn.step.id),
        Next::Finish => "finish".to_owned(),
        Next::Over => "nothing".to_owned(),
    }
}

#[test]
fn every_operation_in_every_state() {
    let mut table = String::new();
    let (mut seen, mut stood) = (Vec::new(), Vec::new());
    for (words, one, step) in states() {
        let standing = one.steps[step].state;
        seen.push(one.state);
        stood.push(standing);
        let (state, next) = (one.state.name(), word(&run(&one).next()));
        writeln!(table, "{words}: {state}, {step} {}, next: {next}", standing.name()).unwrap();
        for (name, operation) in OPERATIONS {
            let answer = match operation(&one, step) {
                Ok(None) => "nothing to do".to_owned(),
                Ok(Some(change)) => {
                    assert_eq!(change.before.as_ref(), Some(&one));
                    assert_eq!(change.after.version, one.version + 1);
                    assert_eq!(change.draft.detail["execution"], one.id.to_string());
                    let (state, standing) = (change.after.state, change.after.steps[step].state);
                    let kind = change.draft.kind;
                    format!("{}, {step} {} ({kind})", state.name(), standing.name())
                }
                Err(refused) => format!("- {refused} [{:?}]", refused.kind()),
            };
            writeln!(table, "  {name:<17} {answer}").unwrap();
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
    assert!(State::ALL.iter().all(|state| seen.contains(state)), "{seen:?}");
    assert!(Standing::ALL.iter().all(|state| stood.contains(state)), "{stood:?}");
}

/// What was accepted once is no change, or refused by name, when it comes again.
#[test]
fn a_second_time_changes_nothing() {
    let mut tried = 0;
    for (words, one, step) in states() {
        for (name, operation) in OPERATIONS {
            let Ok(Some(change)) = operation(&one, step) else { continue };
            tried += 1;
            // What is asked again is what was asked, not what would be asked of the new record.
            let again = match name {
                "retry" => run(&change.after).retry(step, one.steps[step].attempt, &person(ALICE)),
                "returned" | "returned, failed" => {
                    let answer = returned(one.steps[step].attempt, name == "returned");
                    run(&change.after).returned(step, &answer, &machine(), at(9))
                }
                _ => operation(&change.after, step),
            };
            assert!(!matches!(again, Ok(Some(_))), "{words}: {name}: {again:?}");
        }
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn a_machine_that_died_is_resumed_once() {
    let one = standing("probe", "pause", Standing::Running);
    let resumed = one.resume(1, &machine()).unwrap().unwrap();
    assert_eq!(resumed.draft.kind, EventType::RunbookResumed);
    assert_eq!(resumed.after.drive, 2);
    assert_eq!(resumed.after.resume(1, &machine()), Ok(None));
    // It goes on where the first one stood, in the same attempt.
    assert_eq!(run(&one).next(), run(&resumed.after).next());
    let over = driven(started(1), "none", |_| false);
    assert!(matches!(over.resume(1, &machine()), Err(Refusal::Execution { .. })));
}
