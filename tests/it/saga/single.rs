//! One fault in a life: at every call, in every way. Two: at places that a seed draws.
//! `cargo xtask crashpoints` takes them all, and `--double` 25,000 pairs.

use super::schedule::{Schedule, Tale, Wrong, live, singles, touches};
use crate::proofs::asked::{Asked, tell};
use crate::proofs::chance::Chance;
use crate::world::roles;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use watchfire_fakes::Fault;
use watchfire_fakes::faults::Call;

/// What `cargo xtask crashpoints --json` answers.
#[derive(Debug, Serialize)]
struct Tally {
    schedules: usize,
    violations: usize,
    seed: u64,
    /// How many faults each life has.
    faults: usize,
    /// The calls of the lives in which nothing fails: the awaits at which a process can end.
    calls: usize,
    /// The functions whose calls these are.
    handlers: BTreeSet<String>,
    /// The numbers of the modes that were injected.
    modes: BTreeSet<&'static str>,
    /// What went wrong, each a list that a person can follow.
    failing: Vec<String>,
}

/// Lives them all, tells the command, and says what went wrong.
fn judge(schedules: &[Schedule], seed: u64, calls: usize, handlers: BTreeSet<String>) {
    let wrong = live(schedules);
    let modes = schedules.iter().flat_map(|one| one.faults.iter().map(|(_, fault)| fault.mode()));
    tell(&Tally {
        schedules: schedules.len(),
        violations: wrong.len(),
        seed,
        faults: schedules.first().map_or(0, |one| one.faults.len()),
        calls,
        handlers,
        modes: modes.collect(),
        failing: wrong.iter().map(Wrong::to_string).collect(),
    });
    let all = schedules.len();
    let list = wrong.iter().fold(String::new(), |mut list, one| {
        writeln!(list, "{one}").unwrap();
        list
    });
    assert!(wrong.is_empty(), "of {all} schedules these went wrong:\n{list}");
}

fn number(schedules: impl Iterator<Item = (Tale, Vec<(Call, Fault)>)>) -> Vec<Schedule> {
    let number = |(number, (tale, faults))| Schedule { number, tale, faults };
    schedules.enumerate().map(number).collect()
}

/// Only the one that a person wants to see again.
fn chosen(mut schedules: Vec<Schedule>, asked: &Asked) -> Vec<Schedule> {
    let only = asked.number("only", u64::MAX);
    if only < u64::MAX {
        schedules.retain(|one| usize::try_from(only).is_ok_and(|only| one.number == only));
    }
    schedules
}

fn handlers(calls: &[(Tale, Call)]) -> BTreeSet<String> {
    calls.iter().map(|(_, call)| call.by.to_string()).filter(|by| !by.is_empty()).collect()
}

fn clean() -> Vec<(Tale, Call)> {
    let of = |tale: Tale| tale.calls().into_iter().map(move |call| (tale, call));
    Tale::ALL.into_iter().flat_map(of).collect()
}

#[test]
fn the_lives_go_through_every_function() {
    let calls = clean();
    assert!(calls.len() >= 500, "{}", calls.len());
    // What stands before and behind a life has faults of its own: `hooks::trouble` fails each call of
    // the door of webhooks, `published` each of the one that tells the bus, and `runs::faults` kills the
    // one that carries runbooks out.
    let mut all = roles::handlers();
    assert!(all.remove("hook") && all.remove("publish") && all.remove("step"));
    assert_eq!(handlers(&calls), all);
}

/// In the suite each call of the first life ends its process before and after, and fails in one other
/// way; of the other lives every call fails in one way.
#[test]
fn a_fault_at_any_call() {
    let asked = Asked::read();
    let calls = clean();
    let mut schedules = Vec::new();
    for tale in Tale::ALL {
        let all = singles(tale);
        let whole = asked.at_full_size();
        let first = tale == Tale::ALL[0];
        let keep = |at: usize, fault: &Fault| {
            let dies = first && matches!(fault, Fault::Killed { .. });
            whole || dies || at.is_multiple_of(if first { 13 } else { 29 })
        };
        let kept = all.into_iter().enumerate().filter(|(at, (_, fault))| keep(*at, fault));
        schedules.extend(kept.map(|(_, fault)| (tale, vec![fault])));
    }
    let schedules = chosen(number(schedules.into_iter()), &asked);
    judge(&schedules, asked.seed(), calls.len(), handlers(&calls));
}

#[test]
fn two_faults_at_any_two_calls() {
    let asked = Asked::read();
    let calls = clean();
    let mut chance = Chance::new(asked.seed());
    let tales = Tale::ALL.map(|tale| (tale, tale.calls()));
    let draw = |_| {
        let (tale, calls) = chance.pick(&tales).clone();
        let mut two: Vec<(Call, Fault)> = Vec::new();
        while two.len() < 2 {
            let call = chance.pick(&calls).clone();
            let fault = *chance.pick(&Fault::ALL);
            let other = two.iter().all(|(one, _)| one.index != call.index);
            if other && touches(fault, &call.operation) {
                two.push((call, fault));
            }
        }
        two.sort_by_key(|(call, _)| call.index);
        (tale, two)
    };
    let schedules = number((0..asked.number("schedules", 60)).map(draw));
    judge(&chosen(schedules, &asked), asked.seed(), calls.len(), handlers(&calls));
}
