//! The bill of materials of the bootstrap, as `CycloneDX` 1.5: every crate that is linked into it for one of
//! Lambda's architectures, with the features that it is built with. Sorted and without a time, so that
//! it changes only when they do.

use crate::contract::crates::metadata::{TARGETS, cargo, metadata};
use crate::repo;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ROOT: &str = "watchfire-bootstrap";

/// A crate's name and version.
type Crate = (String, String);

/// The document.
pub(super) fn text() -> String {
    let linked: BTreeSet<Crate> = TARGETS.iter().flat_map(|target| linked(target)).collect();
    let read: Vec<Value> = TARGETS.iter().map(|target| metadata(target)).collect();
    let sums = checksums();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": ROOT, "name": ROOT, "version": env!("CARGO_PKG_VERSION"), "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": linked.iter().filter(|one| one.0 != ROOT).map(|one| component(one, &read, &sums)).collect::<Vec<_>>(),
        "dependencies": dependencies(&linked, &read),
    });
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

fn ours((name, _): &Crate) -> bool {
    name.starts_with("watchfire-")
}

fn reference(one: &Crate) -> String {
    let (name, version) = one;
    if ours(one) { name.clone() } else { format!("pkg:cargo/{name}@{version}") }
}

/// What cargo links, with the features that the bootstrap alone turns on.
fn linked(target: &str) -> Vec<Crate> {
    let words = "tree --locked --package watchfire-bootstrap --prefix none --format {p} --target";
    let words = words.split(' ').chain([target, "--edges", "normal,no-proc-macro"]);
    let tree = cargo(&words.collect::<Vec<_>>());
    let read = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    };
    tree.lines().filter_map(read).collect()
}

fn component(one: &Crate, read: &[Value], sums: &BTreeMap<Crate, String>) -> Value {
    let (name, version) = one;
    let package = package(one, read);
    let licence = package["license"].as_str().unwrap().replace(" / ", " OR ").replace('/', " OR ");
    let mut component = json!({
        "type": "library", "bom-ref": reference(one), "name": name, "version": version,
        "licenses": [{"expression": licence}],
    });
    if !ours(one) {
        component["purl"] = reference(one).into();
    }
    if let Some(sum) = sums.get(one) {
        component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
    }
    component
}

fn package<'a>((name, version): &Crate, read: &'a [Value]) -> &'a Value {
    let packages = read.iter().flat_map(|one| one["packages"].as_array().unwrap());
    let mut fitting =
        packages.filter(|package| package["name"] == **name && package["version"] == **version);
    fitting.next().unwrap_or_else(|| panic!("cargo does not know {name} {version}"))
}

/// Who links whom.
fn dependencies(linked: &BTreeSet<Crate>, read: &[Value]) -> Vec<Value> {
    let names: BTreeMap<&str, Crate> = read
        .iter()
        .flat_map(|one| one["packages"].as_array().unwrap())
        .map(|package| {
            let text = |field: &str| package[field].as_str().unwrap().to_owned();
            (package["id"].as_str().unwrap(), (text("name"), text("version")))
        })
        .collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in read.iter().flat_map(|one| one["resolve"]["nodes"].as_array().unwrap()) {
        let from = &names[node["id"].as_str().unwrap()];
        if !linked.contains(from) {
            continue;
        }
        let targets = edges.entry(reference(from)).or_default();
        for dependency in node["deps"].as_array().unwrap() {
            let normal = dependency["dep_kinds"]
                .as_array()
                .unwrap()
                .iter()
                .any(|kind| kind["kind"].is_null());
            let to = &names[dependency["pkg"].as_str().unwrap()];
            if normal && linked.contains(to) {
                targets.insert(reference(to));
            }
        }
    }
    edges.into_iter().map(|(from, to)| json!({"ref": from, "dependsOn": to})).collect()
}

/// The checksums of Cargo.lock.
fn checksums() -> BTreeMap<Crate, String> {
    let lock = repo::read("Cargo.lock");
    let field = |entry: &str, name: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|entry| {
            Some(((field(entry, "name")?, field(entry, "version")?), field(entry, "checksum")?))
        })
        .collect()
}
