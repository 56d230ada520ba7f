//! What cargo knows of the crates.

use crate::repo;
use serde_json::Value;
use std::process::Command;
use std::sync::LazyLock;

/// Where the bootstrap runs: either architecture of Lambda's.
pub(crate) const TARGETS: [&str; 2] = ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"];

/// A package: ours or another's.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: String,
    /// None for our own.
    pub(crate) source: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency, as a manifest states it.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The version that it asks for; `*` is none.
    pub(crate) wanted: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Dev,
    Build,
}

/// Everything that some target of the workspace is built from, tests included.
pub(crate) static PACKAGES: LazyLock<Vec<Package>> = LazyLock::new(|| {
    let mut packages: Vec<Package> = Vec::new();
    for target in TARGETS {
        let read = metadata(target);
        for one in read["packages"].as_array().unwrap() {
            if packages.iter().all(|known| known.id != one["id"].as_str().unwrap()) {
                packages.push(package(one));
            }
        }
    }
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    packages
});

/// `cargo metadata`, as it resolves for `target`.
pub(crate) fn metadata(target: &str) -> Value {
    let words = ["metadata", "--format-version", "1", "--locked", "--filter-platform", target];
    serde_json::from_str(&cargo(&words)).unwrap()
}

/// What cargo answers.
pub(crate) fn cargo(words: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(words).current_dir(repo::root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn package(one: &Value) -> Package {
    let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let dependency = |one: &Value| Dependency {
        name: one["name"].as_str().unwrap().to_owned(),
        wanted: one["req"].as_str().unwrap().to_owned(),
        kind: match one["kind"].as_str() {
            None => Kind::Normal,
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            Some(other) => panic!("a dependency of kind {other}"),
        },
    };
    Package {
        id: text("id"),
        name: text("name"),
        version: text("version"),
        licence: text("license"),
        source: one["source"].as_str().map(str::to_owned),
        dependencies: one["dependencies"].as_array().unwrap().iter().map(dependency).collect(),
    }
}
