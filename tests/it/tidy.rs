//! House rules that no compiler knows.

use crate::repo::{files, read};
use std::collections::BTreeSet;
use std::path::Path;

const LONGEST: usize = 500;
const MEDIAN: usize = 150;

/// Files that people write code in.
fn sources() -> Vec<String> {
    let code = [".rs", ".py", ".rego"];
    files().into_iter().filter(|path| code.iter().any(|end| path.ends_with(end))).collect()
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "rs")
}

/// The part of a Rust file that is not tests; nothing, if all of it is.
fn shipped(path: &str) -> String {
    if path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs") {
        return String::new();
    }
    let text = read(path);
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> =
        sources().into_iter().map(|path| (read(&path).lines().count(), path)).collect();
    lengths.sort();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "over {LONGEST} lines, split them: {long:?}");
    let (median, _) = &lengths[lengths.len() / 2];
    assert!(*median <= MEDIAN, "the median file has {median} lines");
}

#[test]
fn public_use_cases_are_boxed() {
    let desk = sources().into_iter().filter(|path| path.starts_with("shared/desk/src/"));
    let mut found = Vec::new();
    for path in desk {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, _) in
            lines.iter().enumerate().filter(|(_, line)| line.starts_with("pub async fn "))
        {
            let before = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
            if !before.into_iter().any(|line| line.starts_with("#[boxed")) {
                found.push(format!("{path}:{}: {}", at + 1, lines[at]));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "compiled once more in each function that calls them");
}

#[test]
fn nothing_names_a_path_of_one_machine() {
    // Put together here, so that this file does not name them either.
    let paths = ["work", "root", "tmp", "Users"].map(|name| format!("/{name}/"));
    let mut found = Vec::new();
    for path in files() {
        let Ok(text) = std::fs::read_to_string(crate::repo::root().join(&path)) else { continue };
        for (at, line) in (1..).zip(text.lines()) {
            if paths.iter().any(|one| line.contains(one)) && !excepted(&path, line) {
                found.push(format!("{path}:{at}: {line}"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Paths of AWS, not of a machine: none so far.
fn excepted(_path: &str, _line: &str) -> bool {
    false
}

/// Where a tenant's name becomes a `Tenant`, and who vouches for it there (ARCHITECTURE.md, invariant 5).
const VOUCHED: &[(&str, &str)] = &[
    (
        "bench/src/scene.rs",
        "the stage of the measurements: a table in memory, that nobody else sees",
    ),
    (
        "shared/desk/src/incidents/deed.rs",
        "sharing: the other tenant, named by a caller who may share; only a pointer is written there",
    ),
    ("shared/desk/src/observe.rs", "a probe, from a queue that only we write"),
    ("shared/desk/src/publish.rs", "a timeline's event, from the stream of our table"),
    ("shared/desk/src/runs/carried.rs", "the runbook machine's input, which we wrote"),
    ("shared/desk/src/sealing.rs", "what shall be sealed, from a queue that only we write"),
    ("shared/desk/src/sealing/append.rs", "a leaf that waits to be sealed, which we wrote"),
    ("shared/desk/src/step.rs", "an execution's input, which we wrote"),
    ("shared/domain/src/link/payload.rs", "a link's payload, after its MAC"),
    ("shared/edge/src/claims/principal.rs", "a principal's entry, from the administrator's list"),
    ("shared/edge/src/claims/read.rs", "the claims of a verified token"),
    ("shared/store/src/due.rs", "the keys of a due item, which we wrote"),
    (
        "shared/store/src/hooks.rs",
        "the pointer of an integration, which we wrote; its secret is checked before anything is done",
    ),
    ("shared/store/src/list.rs", "a share pointer, under the reader's own tenant"),
    ("shared/store/src/plans.rs", "the administrator's alarm mapping"),
    ("shared/store/src/records.rs", "a share pointer, under the reader's own tenant"),
    ("shared/store/src/tenants.rs", "the list of tenants, which we wrote"),
    ("shared/store/src/slots.rs", "the claim of a cluster and number, found by an ECS event"),
];

#[test]
fn tenants_are_vouched_for_only_where_listed() {
    let found: BTreeSet<String> = sources()
        .into_iter()
        .filter(|path| is_rust(path) && path != "shared/domain/src/ids.rs")
        .filter(|path| shipped(path).contains("Tenant::vouched("))
        .collect();
    let listed: BTreeSet<String> = VOUCHED.iter().map(|(path, _)| (*path).to_owned()).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "who vouches here? {new:?}: list it with its reason");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "no longer needed: {gone:?}");
}

#[test]
fn no_test_is_left_out_and_none_sleeps() {
    // The chore `demo` polls a stack of other processes; nothing else has a reason to sleep.
    let words = ["ignore]", "ignore =", "should_panic"].map(|word| format!("#[{word}"));
    let sleep = format!("thread::{}(", "sleep");
    for path in sources().iter().filter(|path| is_rust(path)) {
        let text = read(path);
        for word in &words {
            assert!(!text.contains(word), "{path}: {word}");
        }
        assert!(
            path.starts_with("xtask/") || !text.contains(&sleep),
            "{path} sleeps: time is a port"
        );
    }
}

#[test]
fn what_ci_runs_is_what_developers_run() {
    assert!(read(".ci/run").trim_end().ends_with("exec cargo xtask test"));
}
