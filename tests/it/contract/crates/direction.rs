//! Dependencies point inward (DESIGN, layout): what each of our crates may know of the others.

use super::metadata::{Kind, PACKAGES, Package};
use std::collections::BTreeSet;

const FUNCTIONS: [&str; 14] = [
    "alarm",
    "api",
    "approval-page",
    "approve",
    "checkpoint",
    "close",
    "create",
    "hook",
    "launch",
    "observe",
    "publish",
    "step",
    "stop",
    "sweep",
];

const INNER: [&str; 7] = ["domain", "ports", "runbook", "store", "policy", "edge", "desk"];

/// What a crate may depend on, tests aside.
fn may_know(name: &str) -> Vec<&'static str> {
    match name {
        "domain" | "tests" | "floor" => vec![],
        "ports" | "policy" | "runbook" | "seal" | "xtask" => vec!["domain"],
        // The operator's tool reads files: it shares no code with what runs on AWS but the rules.
        "cli" => vec!["domain", "runbook", "seal"],
        "edge" | "aws" => vec!["domain", "ports"],
        "store" => vec!["domain", "ports", "runbook"],
        "desk" => vec!["domain", "ports", "runbook", "store", "policy", "edge", "seal"],
        "fakes" => INNER.to_vec(),
        // What measures may know whatever it measures; nobody knows it.
        "bench" => INNER.into_iter().chain(FUNCTIONS).chain(["fakes"]).collect(),
        "parts" => vec!["aws", "domain", "policy"],
        "bootstrap" => INNER.into_iter().chain(FUNCTIONS).chain(["aws"]).collect(),
        function if FUNCTIONS.contains(&function) => INNER.to_vec(),
        other => {
            panic!("`{other}` has no place in the layout: give it one here and in ARCHITECTURE.md")
        }
    }
}

fn ours() -> impl Iterator<Item = (&'static str, &'static Package)> {
    PACKAGES.iter().filter_map(|package| Some((package.name.strip_prefix("watchfire-")?, package)))
}

#[test]
fn dependencies_point_inward() {
    let mut wrong = Vec::new();
    for (name, package) in ours() {
        let may = may_know(name);
        for dependency in package.dependencies.iter().filter(|one| one.kind != Kind::Dev) {
            if let Some(known) = dependency.name.strip_prefix("watchfire-")
                && !may.contains(&known)
            {
                wrong.push(format!("{name} -> {known}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_adapters_name_an_aws_type() {
    // `parts` measures single calls, and makes those of a step again.
    const MAY: [&str; 4] = ["aws", "fakes", "parts", "store"];
    let aws = |name: &str| {
        ["aws-sdk-", "aws-smithy-", "aws-types", "aws-credential-types"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let who: BTreeSet<_> = ours()
        .filter(|(_, package)| {
            package.dependencies.iter().any(|one| one.kind != Kind::Dev && aws(&one.name))
        })
        .map(|(name, _)| name)
        .collect();
    let others: Vec<_> = who.iter().filter(|name| !MAY.contains(name)).collect();
    assert!(others.is_empty(), "{others:?} name AWS types; a port is missing");
}

#[test]
fn the_domain_the_seal_and_runbooks_do_nothing_but_think() {
    // No I/O, no clock, no async: none of the crates that bring them.
    for (pure, package) in ours().filter(|(name, _)| ["domain", "runbook", "seal"].contains(name)) {
        let known: Vec<_> = package
            .dependencies
            .iter()
            .filter(|one| one.kind == Kind::Normal)
            .map(|one| one.name.as_str())
            .collect();
        for name in ["tokio", "async-trait", "tracing", "http", "hyper", "getrandom", "rand"] {
            assert!(!known.contains(&name), "{pure} -> {name}");
        }
    }
}

#[test]
fn the_operators_tool_knows_no_network() {
    let cli = PACKAGES.iter().find(|package| package.name == "watchfire-cli").unwrap();
    let known: Vec<_> = cli
        .dependencies
        .iter()
        .filter(|one| one.kind == Kind::Normal)
        .map(|one| one.name.as_str())
        .collect();
    let ours = ["watchfire-domain", "watchfire-runbook", "watchfire-seal"];
    assert_eq!(known, [["lexopt", "serde_json"].as_slice(), ours.as_slice()].concat());
}

#[test]
fn what_runs_on_aws_reads_no_yaml() {
    // The zip is nearly at its limit, and one form of a runbook is enough at the door
    // (docs/decisions/0015). The bill of materials is the bootstrap's.
    for crate_ in ["saphyr-parser", "serde_yaml_ng"] {
        assert!(PACKAGES.iter().any(|package| package.name == crate_), "{crate_} is gone");
        assert!(!crate::repo::read("sbom.cdx.json").contains(crate_), "{crate_} is shipped");
    }
}

#[test]
fn the_workspace_stays_small() {
    // Each crate costs a link of its tests; DESIGN allows 32.
    assert!(ours().count() <= 32);
}
