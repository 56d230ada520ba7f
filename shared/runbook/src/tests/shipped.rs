//! The shipped runbooks, read once.

use crate::cases::Cases;
use crate::{Spec, parse, yaml};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A shipped runbook and its cases.
pub(super) struct Shipped {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) spec: Spec,
    pub(super) cases: Cases,
}

pub(super) static SHIPPED: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let specs = files.iter().map(name).filter_map(|name| {
        let name = name.strip_suffix(".yaml")?;
        (!name.contains('.')).then(|| name.to_owned())
    });
    specs.map(|name| one(&name)).collect()
});

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks")
}

fn one(name: &str) -> Shipped {
    let read = |file: String| {
        let text = fs::read_to_string(folder().join(&file)).unwrap();
        yaml::read(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
    };
    let value = read(format!("{name}.yaml"));
    let spec = parse::read(&value).unwrap_or_else(|unread| panic!("{name}: {unread}"));
    let cases = Cases::read(read(format!("{name}.cases.yaml"))).unwrap();
    Shipped { name: name.to_owned(), value, spec, cases }
}

/// One of them.
pub(super) fn shipped(name: &str) -> &'static Shipped {
    SHIPPED.iter().find(|one| one.name == name).unwrap()
}
