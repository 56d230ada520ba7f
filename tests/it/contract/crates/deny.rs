//! `deny.toml`, held offline: its licences, its bans and its one source.

use super::licence::met;
use super::metadata::{Kind, PACKAGES, Package, cargo};
use crate::repo;
use std::sync::LazyLock;

/// The quoted texts of the list that follows `name = [`.
fn list(toml: &str, name: &str) -> Vec<String> {
    let (_, rest) = toml
        .split_once(&format!("\n{name} = ["))
        .unwrap_or_else(|| panic!("no list `{name}` in deny.toml"));
    let (inner, _) = rest.split_once("\n]").unwrap();
    inner
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// The text behind `key = "`, in one entry of a list.
fn field<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = entry.split_once(&format!("{key} = \""))?;
    rest.split('"').next()
}

fn foreign() -> impl Iterator<Item = &'static Package> {
    PACKAGES.iter().filter(|package| package.source.is_some())
}

#[test]
fn licences_are_on_the_list() {
    let toml = repo::read("deny.toml");
    let names: Vec<String> = list(&toml, "allow")
        .iter()
        .map(|line| line.split('"').nth(1).unwrap().to_owned())
        .collect();
    let exceptions = list(&toml, "exceptions");
    let wrong: Vec<_> = foreign()
        .filter(|package| {
            let excepted =
                exceptions.iter().find(|entry| field(entry, "crate") == Some(&package.name));
            let allowed = |name: &str| {
                names.iter().any(|one| one == name)
                    || excepted.is_some_and(|entry| entry.contains(&format!("\"{name}\"")))
            };
            !met(&package.licence, &allowed)
        })
        .map(|package| format!("{} {}: {}", package.name, package.version, package.licence))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    for entry in &exceptions {
        let subject = field(entry, "crate").unwrap();
        assert!(
            foreign().any(|package| package.name == subject),
            "the exception for {subject} is of no use any more"
        );
    }
}

#[test]
fn banned_crates_stay_out() {
    let toml = repo::read("deny.toml");
    let bans = list(&toml, "deny");
    assert!(bans.len() >= 8);
    for ban in &bans {
        let (name, below) = match field(ban, "crate").unwrap().split_once("@<") {
            Some((name, version)) => (name, Some(version)),
            None => (field(ban, "crate").unwrap(), None),
        };
        assert!(
            field(ban, "reason").is_some_and(|reason| !reason.is_empty()),
            "{name}: a ban needs a reason"
        );
        for package in foreign().filter(|package| package.name == name && is_built(package)) {
            let banned = below.is_none_or(|version| numbers(&package.version) < numbers(version));
            assert!(!banned, "{name} {} is banned: {ban}", package.version);
        }
    }
}

/// Whether some target is built from it: the lock file also holds what no feature asks for.
fn is_built(package: &Package) -> bool {
    static BUILT: LazyLock<String> = LazyLock::new(|| {
        let words = ["tree", "--locked", "--workspace", "--target=all", "--edges=normal,build,dev"];
        cargo(&[&words[..], &["--prefix=none"]].concat())
    });
    let Package { name, version, .. } = package;
    BUILT.lines().any(|line| line.starts_with(&format!("{name} v{version}")))
}

fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap();
    plain.split('.').map(|part| part.parse().unwrap()).collect()
}

#[test]
fn everything_comes_from_one_registry() {
    let allowed = list(&repo::read("deny.toml"), "allow-registry");
    for package in foreign() {
        let source = package.source.as_deref().unwrap();
        let known = allowed.iter().any(|line| {
            source.strip_prefix("registry+").is_some_and(|url| line.contains(&format!("\"{url}\"")))
        });
        assert!(known, "{} comes from {source}", package.name);
    }
}

#[test]
fn nobody_asks_for_just_any_version() {
    let ours = PACKAGES.iter().filter(|package| package.source.is_none());
    for package in ours {
        for one in package.dependencies.iter().filter(|one| one.kind != Kind::Build) {
            assert!(
                one.wanted != "*" || one.name.starts_with("watchfire-"),
                "{} -> {}",
                package.name,
                one.name
            );
        }
    }
}

#[test]
fn the_parser_reads_what_cargo_deny_reads() {
    let toml = "\nallow = [\n    # why\n    \"MIT\",\n]\ndeny = [\n    { crate = \"a@<1\", reason = \"b\" },\n]\n";
    assert_eq!(list(toml, "allow"), ["\"MIT\","]);
    assert_eq!(field(&list(toml, "deny")[0], "crate"), Some("a@<1"));
    assert!(numbers("0.14.9") < numbers("1") && numbers("1.0.0-rc.1") >= numbers("1"));
}
