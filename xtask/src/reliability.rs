//! `cargo xtask reliability`: docs/RELIABILITY.md, from what the commands counted.

use crate::places;
use crate::planted;
use crate::policy;
use crate::proof::{self, PROOFS};
use crate::run::{Run, note};
use crate::tamper;
use crate::trouble::{Doing as _, Done, Trouble};
use serde_json::Value;
use std::fmt::Write as _;

const PAGE: &str = "docs/RELIABILITY.md";

const HEAD: &str = "\
# Reliability

What Watchfire claims, counted.
Every figure comes from a command that anyone can run, and that tells the same again under the same seed.
`cargo xtask reliability` writes this page from what the commands told last (`docs/counted/`); it promises no times.

Each command is a test of the suite, run at full size; at a short size `cargo xtask test` runs it too.
The store is a real DynamoDB engine in the process, and every other service a fake with the same promises; no figure here comes from AWS itself.

The faults are those of the fault layer (`shared/fakes/src/faults/fault.rs`):
F1 never sent, F2 answer lost, F3 carried out twice, F4 throttled, F5 the service failed, F6 transaction conflict, F7 timed out, F8 stale read, F9 the process ended at this await.
";

/// What each command claims, in words.
const CLAIMS: [(&str, &str, &str); 12] = [
    (
        "storm",
        "Nothing is lost and nothing counts twice",
        "Alarms arrive many times and in any order, while one call in twenty loses its answer (F2) or ends its process (F9). Every distinct transition has one outcome; `recorded` are those that neither opened, attached nor reopened.",
    ),
    (
        "crashpoints",
        "Whatever fails, and wherever",
        "Five lives go through every function. Each call of each of them fails in every way that can touch it; afterwards the record, its timeline, the account and the receipts are as if nothing had.",
    ),
    (
        "crashpoints --double",
        "Two faults at once",
        "Pairs of places and faults, drawn by the seed from the same lives. A failing schedule is printed as a list, and `--only N` runs it again.",
    ),
    (
        "kills",
        "Processes that are really killed",
        "The bootstrap itself, under a Runtime API on loopback and against an account that answers on the wire, gets SIGKILL: before a call of its own is carried out, after that, or before its answer is taken. What it was handling is delivered again to a new process. Afterwards chains verify, the fold of the events is the record, bundles verify, and there is one incident, one task, one execution and one access point.",
    ),
    (
        "planted",
        "No guard without a test that needs it",
        "Each condition, idempotency guard and ordering rule is taken away, one at a time; the test that is named beside it fails.",
    ),
    (
        "lives",
        "The product and a model of it",
        "People do whatever they like in any order; a model of two hundred lines foresees every refusal, every state and every event.",
    ),
    (
        "protocol",
        "Every state of the approval protocol",
        "Approvers who answer at once and twice, time that passes, answers and wake-ups that are lost, a close that takes the question back. The rules are the product's own.",
    ),
    (
        "isolation",
        "No byte of one tenant reaches another",
        "Four tenants at random, each with words of its own in all that it writes; no answer, log line, metric or cursor of one holds a word of another. In the pairs, one tenant's answers are compared byte for byte with and without another's data.",
    ),
    (
        "links",
        "No forged link opens",
        "Random and systematic changes of good links, of one character to all.",
    ),
    (
        "malformed",
        "Whatever is sent is answered or refused",
        "Malformed and naughty input at every door: a typed refusal or a dead letter, and the table as it was.",
    ),
    (
        "policy",
        "No spoilt question opens a door",
        "Every attribute of every denied case is deleted, nulled, retyped and set to what nobody knows (`mutants`); every line of a rule is dropped and every comparison turned (`rule_mutants`); a second engine, of other people, is asked the cases and 2,000 spoilt ones (`oracle_cases`); and what the simulation suggests is done, and flips the denial.",
    ),
    (
        "tamper",
        "Tampered evidence is told from good",
        "Random tamperings of bundles at or below their last checkpoint are caught and rightly classed, and no good bundle is accused. Behind the last checkpoint lies a window of five minutes in which an insider with the whole table can rewrite: [security.md](security.md).",
    ),
];

/// Writes the page, of what was counted last; or counts everything anew before.
pub(crate) fn chore(words: &[&str]) -> Done {
    let anew = match words {
        [] => false,
        ["--anew"] => true,
        _ => return Err(Trouble::new("`cargo xtask reliability` knows `--anew` only")),
    };
    if anew {
        for proof in &PROOFS {
            note(&format!("counting: {}", proof.name));
            let (_, failed) = proof.count(&proof.full())?;
            failed.map_or(Ok(()), Err)?;
        }
        planted::chore(&[])?;
        proof::keep("policy", &proof::signed("cargo xtask policy", policy::count()?)?)?;
        note("counting: tamper");
        let words: Vec<&str> = tamper::BUILD.split(' ').chain(["--seed", "1", "--json"]).collect();
        let result = serde_json::from_str(&Run::cargo(&words).text()?).doing("reading it")?;
        proof::keep("tamper", &proof::signed("cargo xtask tamper --seed 1", result)?)?;
    }
    let page = page()?;
    std::fs::write(places::at(PAGE), page).doing("writing the page")?;
    note(&format!("wrote {PAGE}"));
    Ok(())
}

fn page() -> Result<String, Trouble> {
    let mut page = HEAD.to_owned();
    for (name, title, claim) in CLAIMS {
        let Ok(text) = std::fs::read_to_string(proof::kept(name)) else {
            let claim = claim.replace(". ", ".\n");
            writeln!(page, "\n## {title}\n\n{claim}\n\nNot counted yet: `cargo xtask {name}`.")
                .doing("writing")?;
            continue;
        };
        let told: Value = serde_json::from_str(&text).doing(&format!("reading {name}"))?;
        section(&mut page, title, claim, &told).doing("writing")?;
    }
    Ok(page)
}

fn section(page: &mut String, title: &str, claim: &str, told: &Value) -> std::fmt::Result {
    let word = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    let cores = told.get("cores").and_then(Value::as_u64).unwrap_or_default();
    writeln!(page, "\n## {title}\n\n{}\n", claim.replace(". ", ".\n"))?;
    writeln!(page, "`{}`, {cores} cores, {}:\n", word("command"), word("date"))?;
    writeln!(page, "| counted | |\n|---|---|")?;
    for (name, value) in told.get("result").and_then(Value::as_object).into_iter().flatten() {
        match value {
            Value::Array(_) if name == "list" || name == "failing" => {}
            Value::Array(all) if all.is_empty() => writeln!(page, "| {name} | 0 |")?,
            Value::Array(all) => {
                let words: Vec<_> = all.iter().map(|one| one.as_str().unwrap_or("?")).collect();
                writeln!(page, "| {name} | {} |", words.join(", "))?;
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                writeln!(page, "| {name} | {value} |")?;
            }
        }
    }
    let failing = told.pointer("/result/failing").and_then(Value::as_array).into_iter().flatten();
    for one in failing.filter_map(Value::as_str) {
        writeln!(page, "\nThis went wrong:\n\n```text\n{}\n```", one.trim_end())?;
    }
    let list = told.pointer("/result/list").and_then(Value::as_array).into_iter().flatten();
    for (at, one) in list.enumerate() {
        if at == 0 {
            writeln!(page, "\n| taken away | missed by |\n|---|---|")?;
        }
        let word = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        writeln!(page, "| {} | `{}` |", word("guard"), word("catcher"))?;
    }
    Ok(())
}
