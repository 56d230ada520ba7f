//! Real processes, really killed. The bootstrap runs under a Runtime API of ours, against an
//! account that answers on the wire; at calls that a seed draws it gets SIGKILL, and what it was
//! handling is delivered again to a new one. Nothing here waits for a time: the calls themselves
//! are the clock.

#![expect(clippy::arithmetic_side_effects, reason = "counts of a test are small")]

mod checks;
mod deliveries;
mod doors;
mod lambda;
mod life;
mod plan;
mod wire;

use life::{Life, Tale};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use watchfire_tests::asked::{Asked, tell};

/// How often processes of one life are killed at most.
const OF_A_LIFE: u64 = 24;

/// What `cargo xtask kills --json` answers.
#[derive(Debug, Default, Serialize)]
struct Tally {
    seed: u64,
    kills: u64,
    violations: usize,
    lives: u64,
    invocations: u64,
    /// The deliveries that a killed process left unanswered, and that came again.
    redelivered: u64,
    calls: u64,
    /// Whose processes were killed.
    handlers: BTreeMap<String, u64>,
    /// When: before a call was carried out, after that, or before Lambda took the answer.
    moments: BTreeMap<String, u64>,
    /// What went wrong, each a list that a person can follow.
    failing: Vec<String>,
}

impl Tally {
    /// Lives one in which processes are killed so often, and counts it.
    fn live(&mut self, number: u64, kills: u64) {
        let tale = Tale::of(number);
        let mut life = Life::new(tale, self.seed, number, kills);
        let lived = catch_unwind(AssertUnwindSafe(|| life.live()));
        let wire = life.wire();
        let plan = wire.plan();
        self.lives += 1;
        self.kills += plan.kills().len() as u64;
        self.invocations += plan.deliveries();
        self.redelivered += plan.kills().len() as u64;
        self.calls += plan.calls();
        for kill in plan.kills() {
            *self.handlers.entry(kill.handler.clone()).or_default() += 1;
            *self.moments.entry(kill.moment.name().to_owned()).or_default() += 1;
        }
        if let Err(panicked) = lived {
            let text = panicked.downcast_ref::<String>().map(String::as_str);
            let said = text.or(panicked.downcast_ref::<&str>().copied()).unwrap_or("no words");
            let mut list = format!("life {number}, {tale:?}:\n");
            for kill in plan.kills() {
                writeln!(list, "  - {kill}").unwrap();
            }
            writeln!(list, "  then: {said}").unwrap();
            self.failing.push(list);
            self.violations += 1;
        }
    }
}

#[test]
fn a_process_may_be_killed_at_any_call() {
    let asked = Asked::read();
    let mut tally = Tally { seed: asked.seed(), ..Tally::default() };
    let (wanted, only) = (asked.number("kills", 20), asked.number("only", u64::MAX));
    // However few: each tale is lived.
    let of_a_life = wanted.div_ceil(3).clamp(1, OF_A_LIFE);
    if only < u64::MAX {
        tally.live(only, of_a_life);
    } else {
        for number in 0.. {
            if tally.kills >= wanted {
                break;
            }
            tally.live(number, of_a_life);
        }
    }
    tell(&tally);
    assert!(tally.failing.is_empty(), "these went wrong:\n{}", tally.failing.join("\n"));
    assert!(tally.kills >= of_a_life / 2, "{tally:?}");
}
