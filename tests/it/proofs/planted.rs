//! Planted bugs: `tests/planted.json` lists guards of the product, each with the test that misses it.
//! What is planted at the wire is planted here; `cargo xtask planted` also plants in the source.

use crate::repo::{files, read};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The longest proofs: they are run with a planted bug by the command only.
const LONG: [&str; 1] = ["saga::lag::a_table_whose_readers_lag_misleads_nobody"];

#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Planted {
    /// A guard that the fakes take off the requests: see `shared/fakes/src/plant.rs`.
    Wire { guard: String, plant: String, package: String, catcher: String },
    /// A guard that is taken out of the source.
    Source {
        guard: String,
        file: String,
        old: String,
        new: String,
        package: String,
        catcher: String,
    },
}

impl Planted {
    fn all() -> Vec<Self> {
        serde_json::from_str(&read("tests/planted.json")).unwrap()
    }

    fn names(&self) -> (&str, &str, &str) {
        match self {
            Self::Wire { guard, package, catcher, .. }
            | Self::Source { guard, package, catcher, .. } => (guard, package, catcher),
        }
    }
}

/// Runs one test of this binary, with the plant or without; whether it passes.
fn passes(test: &str, plant: &str) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env("WATCHFIRE_PLANT", plant).env("RUST_BACKTRACE", "0");
    command.env_remove("WATCHFIRE_PROOF").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

#[test]
fn every_planted_bug_has_its_place_and_its_catcher() {
    let all = Planted::all();
    assert!(all.len() >= 25, "{}", all.len());
    let guards: BTreeSet<_> = all.iter().map(|one| one.names().0).collect();
    assert_eq!(guards.len(), all.len(), "each guard stands there once");
    let is_rust = |path: &String| Path::new(path).extension().is_some_and(|end| end == "rs");
    let code = files().into_iter().filter(is_rust).map(|path| read(&path));
    let tests: Vec<String> = code.filter(|text| text.contains("test]\n")).collect();
    for one in &all {
        let (guard, _, catcher) = one.names();
        let name = catcher.rsplit("::").next().unwrap();
        let name = format!("fn {name}(");
        assert!(tests.iter().any(|text| text.contains(&name)), "{catcher}");
        if let Planted::Source { file, old, new, .. } = one {
            assert_eq!(read(file).matches(old).count(), 1, "the place of: {guard}");
            assert_ne!(old, new, "{guard}");
        }
    }
}

/// A condition that nobody plants away is a condition that perhaps nothing needs.
#[test]
fn every_condition_of_the_store_is_planted() {
    let mut written = BTreeSet::new();
    for path in files().into_iter().filter(|path| path.starts_with("shared/store/src/")) {
        let text = read(&path);
        let calls = text.split(".condition_expression(").skip(1);
        let texts = calls.filter_map(|rest| rest.trim_start().strip_prefix('"'));
        written.extend(texts.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    let planted: BTreeSet<String> = Planted::all()
        .into_iter()
        .filter_map(|one| match one {
            Planted::Wire { plant, .. } => Some(plant.split_once(": ").unwrap().1.to_owned()),
            Planted::Source { .. } => None,
        })
        .collect();
    let missing: Vec<_> = written.difference(&planted).collect();
    assert!(written.len() >= 5 && missing.is_empty(), "{missing:?} of {written:?}");
}

#[test]
fn what_is_planted_at_the_wire_is_caught() {
    let all: Vec<(String, String)> = Planted::all()
        .into_iter()
        .filter_map(|one| match one {
            Planted::Wire { plant, catcher, .. } => Some((plant, catcher)),
            Planted::Source { .. } => None,
        })
        .filter(|(_, catcher)| !LONG.contains(&catcher.as_str()))
        .collect();
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut survivors = Vec::new();
        while let Some((plant, catcher)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            if passes(catcher, plant) {
                survivors.push(format!("{plant}, though `{catcher}` ran"));
            }
        }
        survivors
    };
    let survivors: Vec<String> = thread::scope(|scope| {
        let lanes = [scope.spawn(lane), scope.spawn(lane)];
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert_eq!(survivors, Vec::<String>::new());
    assert!(
        passes("store::slots::a_slot_is_claimed_once", "nothing"),
        "it is the plant that is caught"
    );
}
