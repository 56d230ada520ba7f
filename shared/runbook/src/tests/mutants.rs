//! Every shipped runbook, changed at every place: the lint, its cases or the reader notice each
//! one.

use super::shipped::{SHIPPED, Shipped};
use crate::cases::played;
use crate::{lint, parse};
use expect_test::expect;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Who noticed a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Reader,
    Lint,
    Case,
    Nobody,
}

/// A mutant: what was done, where, and what came of it.
struct Mutant {
    what: &'static str,
    at: String,
    value: Value,
}

/// Every mutant of a value.
fn mutants(value: &Value) -> Vec<Mutant> {
    let mut found = Vec::new();
    visit(value, String::new(), &mut |path, node, put| {
        let mut add = |what, node: Option<Value>| {
            if let Some(value) = put(node) {
                found.push(Mutant { what, at: path.to_owned(), value });
            }
        };
        add("removed", None);
        match node {
            Value::String(text) => {
                let other = match text.as_str() {
                    "high" => vec!["medium", "low"],
                    "medium" => vec!["low"],
                    _ => vec![],
                };
                for risk in other {
                    add("risk lowered", Some(json!(risk)));
                }
                add("text changed", Some(json!(format!("{text} x"))));
                if let Ok(span) = text.parse::<crate::Span>() {
                    // Minutes that should have been seconds.
                    let longer =
                        crate::Span::from_seconds(span.seconds().saturating_mul(60)).to_string();
                    add("unit mistaken", Some(json!(longer)));
                }
            }
            Value::Number(number) => {
                add("number changed", Some(json!(number.as_i64().unwrap().saturating_add(1))));
            }
            Value::Bool(truth) => add("flag turned", Some(json!(!truth))),
            Value::Array(items) => {
                if path.ends_with("argv") {
                    let words: Vec<&str> = items.iter().map(|one| one.as_str().unwrap()).collect();
                    let line = words.join(" ");
                    add("argv joined", Some(json!([line])));
                    add("argv in a shell", Some(json!(["sh", "-c", line])));
                }
                for at in 1..items.len() {
                    let mut swapped = items.clone();
                    swapped.swap(at.saturating_sub(1), at);
                    // The order of a set says nothing.
                    let step = items[at].is_object() || path.ends_with("argv");
                    if step {
                        add("order changed", Some(Value::Array(swapped)));
                    }
                }
            }
            Value::Object(_) | Value::Null => {}
        }
    });
    found
}

/// Makes the whole value with another node at a place, or with none there.
type Put<'a> = dyn Fn(Option<Value>) -> Option<Value> + 'a;

/// Is shown a node, with its path and how to put another one there.
type See<'a> = dyn FnMut(&str, &Value, &Put<'_>) + 'a;

/// Goes through every node but the root; `put` makes the whole value with another node there.
fn visit(value: &Value, path: String, see: &mut See<'_>) {
    match value {
        Value::Object(fields) => {
            for (name, node) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let put = |node: Option<Value>| {
                    let mut fields = fields.clone();
                    match node {
                        Some(node) => drop(fields.insert(name.clone(), node)),
                        None => drop(fields.remove(name)),
                    }
                    Some(Value::Object(fields))
                };
                see(&path, node, &put);
                visit(node, path, &mut |path, inner, inner_put| {
                    see(path, inner, &|node| put(Some(inner_put(node)?)));
                });
            }
        }
        Value::Array(items) => {
            for (at, node) in items.iter().enumerate() {
                let path = format!("{path}[{at}]");
                let put = |node: Option<Value>| {
                    let mut items = items.clone();
                    match node {
                        Some(node) => items[at] = node,
                        None => drop(items.remove(at)),
                    }
                    Some(Value::Array(items))
                };
                see(&path, node, &put);
                visit(node, path, &mut |path, inner, inner_put| {
                    see(path, inner, &|node| put(Some(inner_put(node)?)));
                });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Who notices a mutant; none, if it says the same as before.
fn noticed(one: &Shipped, mutant: &Mutant) -> Option<By> {
    let Ok(spec) = parse::read(&mutant.value) else { return Some(By::Reader) };
    if spec == one.spec {
        return None;
    }
    if !lint(&spec).is_empty() {
        return Some(By::Lint);
    }
    let holds =
        one.cases.previews.iter().all(|shown| {
            played(&spec, &shown.inputs).is_ok_and(|preview| preview == shown.preview)
        });
    Some(if holds { By::Nobody } else { By::Case })
}

/// A mutant that says something else: what was done, where, what that took away, and who noticed
/// it.
struct Outcome {
    what: &'static str,
    place: String,
    hurts: Option<&'static str>,
    by: By,
}

/// Every mutant of every shipped runbook.
static OUTCOMES: LazyLock<Vec<Outcome>> = LazyLock::new(|| {
    let half = SHIPPED.len().div_ceil(2);
    std::thread::scope(|scope| {
        let parts = SHIPPED.chunks(half).map(|part| scope.spawn(|| judged(part)));
        parts.collect::<Vec<_>>().into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
});

fn judged(part: &[Shipped]) -> Vec<Outcome> {
    let mut all = Vec::new();
    for one in part {
        for mutant in mutants(&one.value) {
            let Some(by) = noticed(one, &mutant) else { continue };
            let place = format!("{}: {} {}", one.name, mutant.what, mutant.at);
            all.push(Outcome { what: mutant.what, place, hurts: hurts(one, &mutant), by });
        }
    }
    all
}

#[test]
fn every_mutant_of_a_shipped_runbook_is_noticed() {
    let mut counts: BTreeMap<(&str, By), u32> = BTreeMap::new();
    for outcome in OUTCOMES.iter() {
        *counts.entry((outcome.what, outcome.by)).or_default() += 1;
    }
    let survivors: Vec<&str> = OUTCOMES
        .iter()
        .filter(|outcome| outcome.by == By::Nobody)
        .map(|outcome| outcome.place.as_str())
        .collect();
    assert_eq!(survivors, Vec::<&str>::new());
    let whole: u32 = counts.values().sum();
    let mut table = String::new();
    for ((what, by), count) in &counts {
        let by = format!("{by:?}");
        writeln!(table, "{what:<16} {by:<7}{count:>6}").unwrap();
    }
    writeln!(table, "{:<16} {:<7}{whole:>6}", "all", "").unwrap();
    expect![[r#"
        argv in a shell  Lint      197
        argv in a shell  Case       15
        argv joined      Reader    194
        argv joined      Lint       18
        flag turned      Case       76
        number changed   Reader      3
        number changed   Lint        1
        number changed   Case      221
        order changed    Lint      374
        order changed    Case     1726
        removed          Reader   3487
        removed          Lint     2095
        removed          Case     3193
        risk lowered     Lint      249
        risk lowered     Case        5
        text changed     Reader   2120
        text changed     Lint      496
        text changed     Case     3387
        unit mistaken    Reader     20
        unit mistaken    Lint      271
        unit mistaken    Case      207
        all                      18355
    "#]]
    .assert_eq(&table);
}

/// The faults that hurt: each is noticed by the lint itself, not only since a case wrote it down.
#[test]
fn the_lint_alone_notices_what_hurts() {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for outcome in OUTCOMES.iter() {
        let Some(what) = outcome.hurts else { continue };
        *counts.entry(what).or_default() += 1;
        let alone = matches!(outcome.by, By::Lint | By::Reader);
        assert!(alone, "{}: {:?}", outcome.place, outcome.by);
    }
    for what in ["risk", "guard", "way back", "evidence", "timeout", "argv"] {
        assert!(counts[what] >= 20, "{what}: {counts:?}");
    }
}

/// What a mutant took away, if that is one of the things that hurt.
fn hurts(one: &Shipped, mutant: &Mutant) -> Option<&'static str> {
    let removed = mutant.what == "removed";
    let last = mutant.at.rsplit('.').next()?;
    let (path, _) = mutant.at.rsplit_once('.')?;
    let steps = one.spec.walk();
    let step = steps.iter().find(|within| within.path == path).map(|within| within.step);
    let high = step.is_some_and(|step| step.risk() == crate::Risk::High);
    match last {
        "risk" if removed || high && mutant.what == "risk lowered" => Some("risk"),
        "guard" if removed => Some("guard"),
        "rollback" | "irreversible" if removed => {
            // One that only looks may have a way back all the same.
            let changes = step.is_some_and(|step| {
                crate::lint::of_action(&step.action).harm > crate::lint::Harm::Looks || high
            });
            changes.then_some("way back")
        }
        "evidence" if removed && high => Some("evidence"),
        "timeout" if removed => Some("timeout"),
        "argv" if mutant.what == "argv joined" => Some("argv"),
        _ => None,
    }
}
