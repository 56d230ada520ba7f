//! Four tenants at random: no byte of one reaches another, and what one has changes nothing for
//! another.

mod tenants;

use super::asked::{Asked, tell};
use super::chance::Chance;
use serde::Serialize;
use tenants::{Desk, NAMES, Tenant};
use watchfire_fakes::FakeLog;

/// How many operations one world sees: then its table is large enough.
const SPAN: u64 = 400;

/// What `cargo xtask isolation --json` answers.
#[derive(Debug, Default, Serialize)]
struct Tally {
    seed: u64,
    operations: u64,
    /// The answers with something of the caller's own in them: so much could have leaked.
    telling: u64,
    /// The operations that named another tenant's record or cursor.
    trespasses: u64,
    leaks: Vec<String>,
    pairs: u64,
    /// The pairs in which another's data changed an answer.
    differing: Vec<String>,
}

/// All tenants at once, each answer, log line, metric line and cursor looked at.
async fn mixed(seed: u64, operations: u64, log: &FakeLog, tally: &mut Tally) {
    let desk = Desk::new(seed);
    let mut chance = Chance::new(seed);
    let mut tenants = NAMES.map(Tenant::new);
    for turn in 0..operations {
        let at = chance.below(tenants.len());
        let other = &tenants[(at + 1 + chance.below(tenants.len() - 1)) % tenants.len()];
        let (records, cursors) = (other.records.clone(), other.cursors.clone());
        let before = log.text().len();
        let done = tenants[at].act(&desk, &mut chance, (&records, &cursors)).await;
        let logged = log.text()[before..].to_owned();
        let measured = desk.world.metrics.take().concat();
        tally.operations += 1;
        tally.trespasses += u64::from(done.trespass);
        tally.telling += u64::from(done.answer.contains(&tenants[at].word()));
        for name in NAMES.into_iter().filter(|name| *name != tenants[at].name) {
            let word = Tenant::new(name).word();
            for (where_, text) in
                [("answer", &done.answer), ("log", &logged), ("metrics", &measured)]
            {
                if text.contains(&word) {
                    let who = tenants[at].name;
                    let ask = &done.ask;
                    tally.leaks.push(format!(
                        "seed {seed}, {turn}: {who} sees {name} in its {where_}: {ask}"
                    ));
                }
            }
        }
    }
}

/// What the first tenant is answered, with the others there or without.
async fn answers(seed: u64, crowded: bool) -> Vec<(String, String)> {
    let desk = Desk::new(seed);
    let (mut chance, mut others) = (Chance::new(seed), Chance::new(!seed));
    let [mut alone, mut crowd @ ..] = NAMES.map(Tenant::new);
    let nothing = (&Vec::new(), &Vec::new());
    let mut answers = Vec::new();
    for _ in 0..8 {
        if crowded {
            for other in &mut crowd {
                if others.once_in(2) {
                    other.act(&desk.elsewhere(), &mut others, nothing).await;
                }
            }
        }
        let done = alone.act(&desk, &mut chance, nothing).await;
        answers.push((done.ask, done.answer));
    }
    answers
}

#[tokio::test]
async fn no_byte_of_one_tenant_reaches_another() {
    let asked = Asked::read();
    let (operations, pairs) = (asked.number("operations", 500), asked.number("pairs", 8));
    let mut tally = Tally { seed: asked.seed(), pairs, ..Tally::default() };
    let mut world = 0;
    while tally.operations < operations {
        world += 1;
        let log = FakeLog::default();
        let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
        let _logging = tracing::subscriber::set_default(subscriber);
        let span = SPAN.min(operations - tally.operations);
        mixed(asked.seed() * 1_000_000 + world, span, &log, &mut tally).await;
    }
    for pair in 0..pairs {
        let seed = asked.seed() * 1_000_000 + pair;
        let (alone, crowded) = (answers(seed, false).await, answers(seed, true).await);
        for (one, other) in alone.iter().zip(&crowded).filter(|(one, other)| one != other) {
            tally.differing.push(format!("seed {seed}: {one:?} became {other:?}"));
        }
    }
    tell(&tally);
    assert!(tally.leaks.is_empty(), "{:#?}", tally.leaks);
    assert!(tally.differing.is_empty(), "{:#?}", tally.differing.first());
    assert!(tally.telling * 4 > tally.operations && tally.trespasses > 0, "{tally:?}");
}
