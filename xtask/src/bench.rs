//! `cargo xtask bench`: builds what is measured, and has `watchfire-bench` measure it. That one is
//! a program of its own, so that `cargo xtask help` need not wait for its engine.

mod valgrind;

use crate::package::{self, Profile, package};
use crate::places;
use crate::run::{Run, note, step};
use crate::trouble::{Doing as _, Done, Trouble};
use crate::venv::Venv;
use std::path::Path;

/// The generated page.
const PAGE: &str = "docs/performance.md";
/// Where they are kept.
const REGRESSIONS: &str = "target/bench/regressions";
const ADVICE: &str = "bench [--json] [--only size,cost,counts,storm,length,chain,memory,cpu] [--page] [--peers] [--regressions] [--rate DOLLARS]";

/// What is measured.
pub(crate) const PROGRAMS: [&str; 9] = [
    "build",
    "--locked",
    "--release",
    "--package",
    "watchfire-bootstrap",
    "--package",
    "watchfire-floor",
    "--package",
    "watchfire-parts",
];

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
struct Ask<'a> {
    json: bool,
    only: Option<&'a str>,
    page: bool,
    peers: bool,
    regressions: bool,
    rate: Option<&'a str>,
}

impl<'a> Ask<'a> {
    fn read(words: &[&'a str]) -> Result<Self, Trouble> {
        let mut ask = Self::default();
        let mut words = words.iter().copied();
        let unread = |word: &str| {
            Trouble::new(format!("bench: cannot make sense of `{word}`")).advise(ADVICE)
        };
        while let Some(word) = words.next() {
            match word {
                "--json" => ask.json = true,
                "--page" => ask.page = true,
                "--peers" => ask.peers = true,
                "--regressions" => ask.regressions = true,
                "--only" => ask.only = Some(words.next().ok_or_else(|| unread(word))?),
                "--rate" => ask.rate = Some(words.next().ok_or_else(|| unread(word))?),
                _ => return Err(unread(word)),
            }
        }
        if ask.page && ask.only.is_some() {
            let why = format!("bench: `--page` writes all of {PAGE}, and `--only` measures a part");
            return Err(Trouble::new(why).advise("leave one of them out"));
        }
        Ok(ask)
    }

    fn wants(&self, sections: &[&str]) -> bool {
        self.only.is_none_or(|only| only.split(',').any(|one| sections.contains(&one)))
    }
}

/// Runs it; it fails if a hard gate that was measured does not hold.
pub(crate) fn chore(words: &[&str]) -> Done {
    let ask = Ask::read(words)?;
    if ask.wants(&["size", "counts", "storm", "length", "memory", "cpu"]) || ask.regressions {
        step("building what is measured (profile release)");
        Run::cargo(&PROGRAMS).go()?;
    }
    if ask.wants(&["chain"]) {
        let words = "build --locked --release --package watchfire-domain --example chain";
        Run::cargo(&words.split(' ').collect::<Vec<_>>()).go()?;
    }
    if ask.wants(&["size"]) {
        package(Profile::Release, None)?;
    }
    if ask.wants(&["counts", "storm", "length"]) || ask.regressions {
        valgrind::ready();
    }
    if ask.regressions {
        regressions()?;
    }
    if ask.peers {
        if let Err(trouble) = Venv::Peers.ready() {
            note(&format!("Python takes no part: {trouble}"));
        }
        node()?;
    }
    step("measuring");
    measure(&ask)
}

/// Installs the peer in Node, if there is a Node: its absence is told by the report.
fn node() -> Done {
    let folder = places::at("target/bench/node");
    std::fs::create_dir_all(&folder).doing("making a folder")?;
    for file in ["package.json", "package-lock.json", "index.mjs"] {
        let from = places::at("bench/peers/node").join(file);
        std::fs::copy(from, folder.join(file)).doing(&format!("copying {file}"))?;
    }
    step("installing the peer in Node");
    let words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    if !Run::new("npm", &words).inside(&folder).succeeds()? {
        std::fs::remove_file(folder.join("index.mjs")).doing("leaving Node out")?;
    }
    Ok(())
}

/// Builds what the gates must notice: a workspace of its own, in a folder of its own.
fn regressions() -> Done {
    step("building what the gates must notice");
    let folder = places::at("target/regressions");
    let into = places::at(REGRESSIONS);
    std::fs::create_dir_all(&into).doing("making a folder")?;
    for feature in ["aws-lc", "chain"] {
        let words = ["build", "--locked", "--release", "--manifest-path"];
        let words =
            words.into_iter().chain(["bench/regressions/Cargo.toml", "--features", feature]);
        Run::cargo(&words.collect::<Vec<_>>()).with("CARGO_TARGET_DIR", &folder).go()?;
        std::fs::copy(
            folder.join("release/watchfire-regressions"),
            into.join(format!("regression-{feature}")),
        )
        .doing("keeping what was built")?;
    }
    Ok(())
}

/// The cheap gates, on the artefact of the profile `ci`: whether its instructions are of the order
/// that they should be. A second TLS stack, native roots or gathered entropy show at once.
pub(crate) fn guard() -> Done {
    step("what the functions may cost at most (profile ci)");
    valgrind::ready();
    let folder = places::build_folder()?.join("ci").display().to_string();
    let words = ["--only", "guard,cost", "--profile", "ci", "--programs", &folder];
    bench(&words.map(str::to_owned))
}

/// Counts as the bench does, and has it written into `dumps` which instructions each process ran.
/// What the gates say of it is not asked: the order is made anew when they do not hold.
pub(crate) fn dumps(programs: &Path, folder: &Path, dumps: &Path) {
    valgrind::ready();
    let [programs, folder, dumps] =
        [programs, folder, dumps].map(|path| path.display().to_string());
    let words = ["--only", "counts", "--programs", &programs, "--out", &folder, "--dumps", &dumps];
    if let Err(trouble) = bench(&words.map(str::to_owned)) {
        note(&format!("not judged here: {trouble}"));
    }
}

fn measure(ask: &Ask<'_>) -> Done {
    let built = places::build_folder()?.join("release");
    let at = |path: &str| places::at(path).display().to_string();
    let mut words = vec![
        "--programs".to_owned(),
        built.display().to_string(),
        "--chain".to_owned(),
        built.join("examples/chain").display().to_string(),
        "--zip".to_owned(),
        at(package::ZIP),
    ];
    let mut add = |name: &str, value: Option<String>| {
        words.push(name.to_owned());
        words.extend(value);
    };
    if ask.json {
        add("--json", None);
    }
    if ask.page {
        add("--page", Some(at(PAGE)));
    }
    if let Some(only) = ask.only {
        add("--only", Some(only.to_owned()));
    }
    if let Some(rate) = ask.rate {
        add("--rate", Some(rate.to_owned()));
    }
    if ask.regressions {
        add("--regressions", Some(at(REGRESSIONS)));
    }
    if ask.peers {
        add("--peers", Some(at("bench/peers")));
    }
    bench(&words)
}

fn bench(words: &[String]) -> Done {
    let root = places::root().display().to_string();
    let out = places::at("target/bench").display().to_string();
    let run = "run --quiet --locked --package watchfire-bench --bin watchfire-bench --";
    let places = ["--root", &root, "--out", &out];
    let words = run.split(' ').chain(places).chain(words.iter().map(String::as_str));
    Run::cargo(&words.collect::<Vec<_>>()).alone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_what_is_measured() {
        let ask = Ask::read(&["--json", "--only", "size,cost"]).unwrap();
        assert!(ask.json && ask.wants(&["cost"]) && !ask.wants(&["cpu"]));
        assert!(Ask::read(&[]).unwrap().wants(&["cpu"]));
        assert!(Ask::read(&["--page", "--peers"]).unwrap().page);
        Ask::read(&["--only"]).unwrap_err();
        let part = Ask::read(&["--only", "size", "--page"]).unwrap_err().to_string();
        assert!(part.contains("docs/performance.md"), "{part}");
        let unread = Ask::read(&["--fast"]).unwrap_err().to_string();
        assert!(unread.contains("`--fast`") && unread.contains("--regressions"), "{unread}");
    }
}
