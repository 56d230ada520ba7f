//! `cargo xtask planted`: takes each guard of `tests/planted.json` away, one at a time, and runs
//! the test that should miss it. What is planted at the wire needs no new build; what is planted in
//! the source is planted in a copy of the tree.

use crate::places;
use crate::proof;
use crate::run::Run;
use crate::trouble::{Doing as _, Done, Trouble};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What was said of the guards so far, in parts.
const PARTS: &str = "target/planted.json";

/// A guard, how it is taken away, and the test that misses it.
struct Planted {
    guard: String,
    package: String,
    catcher: String,
    how: How,
}

enum How {
    Wire(String),
    Source { file: String, old: String, new: String },
}

/// Plants them all.
pub(crate) fn chore(words: &[&str]) -> Done {
    let (mut json, mut rest, mut only) = (false, false, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--json" => json = true,
            "--rest" => rest = true,
            "--only" => only = Some(words.next().doing("`--only` wants a guard's first words")?),
            // Nothing is drawn here: every run plants the same.
            "--seed" => drop(words.next()),
            word => return Err(Trouble::new(format!("what is `{word}`?"))),
        }
    }
    let all = list()?;
    let guards: Vec<String> = all.iter().map(|one| one.guard.clone()).collect();
    let before = said_before();
    let chosen = |one: &&Planted| {
        only.is_none_or(|only| one.guard.starts_with(only))
            && !(rest && of(&before, &one.guard).is_some())
    };
    let all: Vec<&Planted> = all.iter().filter(chosen).collect();
    let tree = places::at("target/planted");
    copy(&tree)?;
    healthy(&all, &tree)?;
    let mut list = Vec::new();
    for one in &all {
        let caught = one.caught(&tree)?;
        eprintln!(
            "{} {}: `{}`",
            if caught { "caught  " } else { "SURVIVED" },
            one.guard,
            one.catcher
        );
        list.push(json!({ "guard": one.guard, "catcher": one.catcher, "caught": caught }));
        keep(&guards, &tally(list.clone()))?;
    }
    let failed = list.iter().any(|one| one.get("caught") == Some(&json!(false)));
    let result = tally(list);
    if json {
        println!("{result}");
    } else {
        println!("{result:#}");
    }
    if failed { Err(Trouble::new("a guard is missed by no test")) } else { Ok(()) }
}

fn tally(list: Vec<Value>) -> Value {
    let (caught, survivors): (Vec<&Value>, Vec<&Value>) =
        list.iter().partition(|one| one.get("caught") == Some(&json!(true)));
    json!({ "planted": list.len(), "caught": caught.len(), "survivors": survivors, "list": list })
}

/// What was kept of runs before this one.
fn said_before() -> Value {
    let text = std::fs::read_to_string(places::at(PARTS)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// What was said of the guard.
fn of<'a>(told: &'a Value, guard: &str) -> Option<&'a Value> {
    let mut all = told.pointer("/list").and_then(Value::as_array)?.iter();
    all.find(|one| one.get("guard").and_then(Value::as_str) == Some(guard))
}

/// Keeps the result. A run of some guards leaves to the others what was said of them last, and as
/// long as nothing was said of one, nothing is kept for the page.
fn keep(guards: &[String], told: &Value) -> Done {
    let before = said_before();
    let newest = |guard: &String| of(told, guard).or_else(|| of(&before, guard)).cloned();
    let list: Vec<Value> = guards.iter().filter_map(newest).collect();
    let whole = list.len() == guards.len();
    let result = tally(list);
    std::fs::write(places::at(PARTS), result.to_string()).doing("keeping what was said")?;
    if whole {
        proof::keep("planted", &proof::signed("cargo xtask planted", result)?)?;
    }
    Ok(())
}

fn list() -> Result<Vec<Planted>, Trouble> {
    let text =
        std::fs::read_to_string(places::at("tests/planted.json")).doing("reading the list")?;
    let list: Vec<Value> = serde_json::from_str(&text).doing("reading the list")?;
    let text = |one: &Value, name: &str| -> Result<String, Trouble> {
        one.get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .doing(&format!("`{name}` of {one}"))
    };
    let read = |one: &Value| {
        let how = if one.get("plant").is_some() {
            How::Wire(text(one, "plant")?)
        } else {
            How::Source { file: text(one, "file")?, old: text(one, "old")?, new: text(one, "new")? }
        };
        let (guard, package) = (text(one, "guard")?, text(one, "package")?);
        Ok(Planted { guard, package, catcher: text(one, "catcher")?, how })
    };
    list.iter().map(read).collect()
}

/// Copies the tree: what is planted there never touches the one that people work in.
fn copy(tree: &Path) -> Done {
    let files =
        Run::new("git", &["ls-files", "--cached", "--others", "--exclude-standard"]).text()?;
    for file in files.lines() {
        let (from, to) = (places::at(file), tree.join(file));
        let Ok(bytes) = std::fs::read(&from) else { continue };
        // A file that stays as it was is not built again.
        if std::fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        std::fs::create_dir_all(to.parent().unwrap_or(tree)).doing("making a folder")?;
        std::fs::write(&to, bytes).doing(&format!("copying `{file}`"))?;
    }
    Ok(())
}

fn words<'a>(package: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let target: &[&str] = if package == "watchfire-tests" { &["--test", "it"] } else { &["--lib"] };
    let start = ["test", "--quiet", "--locked", "--package", package];
    [&start, target, more].concat()
}

/// Every catcher passes while nothing is planted.
fn healthy(all: &[&Planted], tree: &Path) -> Done {
    let packages: BTreeSet<&str> = all.iter().map(|one| one.package.as_str()).collect();
    for package in packages {
        let of = all.iter().filter(|one| one.package == package);
        let tests: BTreeSet<&str> = of.map(|one| one.catcher.as_str()).collect();
        let more: Vec<&str> = ["--", "--exact"].into_iter().chain(tests).collect();
        let run = Run::cargo(&words(package, &more)).inside(tree);
        run.advise("nothing is planted yet").quietly()?;
    }
    Ok(())
}

impl Planted {
    fn caught(&self, tree: &Path) -> Result<bool, Trouble> {
        match &self.how {
            How::Wire(plant) => self.missed(tree, plant),
            How::Source { file, old, new } => {
                let spoilt = Spoilt::new(tree.join(file), old, new)?;
                // What does not compile is no planted bug.
                Run::cargo(&words(&self.package, &["--no-run"]))
                    .inside(tree)
                    .advise(&format!("the planted bug does not compile: {}", self.guard))
                    .quietly()?;
                let caught = self.missed(tree, "");
                spoilt.mend()?;
                caught
            }
        }
    }

    /// Whether the catcher fails.
    fn missed(&self, tree: &Path, plant: &str) -> Result<bool, Trouble> {
        let more = ["--", "--exact", self.catcher.as_str()];
        let run = Run::cargo(&words(&self.package, &more)).inside(tree);
        Ok(!run.with("WATCHFIRE_PLANT", plant).with("RUST_BACKTRACE", "0").succeeds()?)
    }
}

/// A file with a planted bug.
struct Spoilt {
    file: PathBuf,
    was: String,
}

impl Spoilt {
    fn new(file: PathBuf, old: &str, new: &str) -> Result<Self, Trouble> {
        let was = std::fs::read_to_string(&file).doing("reading the source")?;
        if was.matches(old).count() != 1 {
            return Err(Trouble::new(format!("`{old}` does not stand once in {}", file.display())));
        }
        std::fs::write(&file, was.replacen(old, new, 1)).doing("planting")?;
        Ok(Self { file, was })
    }

    fn mend(self) -> Done {
        std::fs::write(&self.file, &self.was).doing("mending")
    }
}
