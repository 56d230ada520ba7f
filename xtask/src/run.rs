//! Running other programs, and saying so.

use crate::places;
use crate::trouble::{Doing, Done, Trouble};
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Says what comes next.
pub(crate) fn step(what: &str) {
    println!("\n== {what}");
}

/// Tells something worth knowing.
pub(crate) fn note(what: &str) {
    println!("   {what}");
}

/// A program about to run in the repository's folder.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
    shown: String,
    advice: Option<String>,
}

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>, words: &[&str]) -> Self {
        let mut command = Command::new(&program);
        command.args(words).current_dir(places::root()).stdin(Stdio::null());
        let name = std::path::Path::new(&program).file_name().unwrap_or_default();
        let shown = std::iter::once(name.to_string_lossy().as_ref())
            .chain(words.iter().copied())
            .collect::<Vec<_>>()
            .join(" ");
        Self { command, shown, advice: None }
    }

    /// Runs cargo as if it were called by hand: what `cargo run` tells us about our own package
    /// would make build scripts that look at it run again.
    pub(crate) fn cargo(words: &[&str]) -> Self {
        let mut run = Self::new(places::cargo(), words);
        for (name, _) in std::env::vars_os() {
            let told = name.to_str().is_some_and(|name| {
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
                    .iter()
                    .any(|start| name.starts_with(start))
            });
            if told {
                run.command.env_remove(name);
            }
        }
        run
    }

    /// What to do if it fails.
    pub(crate) fn advise(mut self, advice: &str) -> Self {
        self.advice = Some(advice.to_owned());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with these variables and no others: the caller's own AWS profile must not leak in.
    pub(crate) fn with_only(mut self, variables: &[(&str, &OsStr)]) -> Self {
        self.command.env_clear().envs(variables.iter().copied());
        self
    }

    /// Runs it; its output goes where ours goes.
    pub(crate) fn go(mut self) -> Done {
        note(&format!("$ {}", self.shown));
        let begun = Instant::now();
        let status = self.command.status().doing(&format!("starting `{}`", self.shown))?;
        self.judge(status, begun)
    }

    /// Runs it and says nothing of its own: what it prints may be read by a machine.
    pub(crate) fn alone(mut self) -> Done {
        let status = self.command.status().doing(&format!("starting `{}`", self.shown))?;
        if status.success() { Ok(()) } else { Err(self.failed()) }
    }

    /// Runs it elsewhere. What is built there lies there too: cargo takes a copy of a package for
    /// the package itself, and would link what was built of the other.
    pub(crate) fn inside(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target"));
        self
    }

    /// Runs it in silence, unless it fails.
    pub(crate) fn quietly(self) -> Done {
        self.text().map(drop)
    }

    /// Runs it in silence; whether it succeeds.
    pub(crate) fn succeeds(mut self) -> Result<bool, Trouble> {
        let output = self.command.output().doing(&format!("starting `{}`", self.shown))?;
        Ok(output.status.success())
    }

    /// Runs it and shows every line that it prints; `see` gets them too.
    pub(crate) fn lines(mut self, mut see: impl FnMut(&str)) -> Done {
        note(&format!("$ {}", self.shown));
        let begun = Instant::now();
        self.command.stdout(Stdio::piped());
        let mut child = self.command.spawn().doing(&format!("starting `{}`", self.shown))?;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line.doing("reading its output")?;
                println!("{line}");
                see(&line);
            }
        }
        let status = child.wait().doing("waiting for it")?;
        self.judge(status, begun)
    }

    /// Runs it in silence: what it printed, if it succeeds; the end of it shown, if it fails.
    pub(crate) fn text(mut self) -> Result<String, Trouble> {
        let output = self.command.output().doing(&format!("starting `{}`", self.shown))?;
        if !output.status.success() {
            tail(&output.stdout);
            tail(&output.stderr);
            return Err(self.failed());
        }
        String::from_utf8(output.stdout).doing(&format!("reading what `{}` prints", self.shown))
    }

    fn judge(&self, status: std::process::ExitStatus, begun: Instant) -> Done {
        if status.success() {
            note(&format!("done in {} s", begun.elapsed().as_secs()));
            return Ok(());
        }
        Err(self.failed())
    }

    fn failed(&self) -> Trouble {
        let trouble = Trouble::new(format!("`{}` failed: see above", self.shown));
        match &self.advice {
            Some(advice) => trouble.advise(advice),
            None => trouble,
        }
    }
}

/// Shows the end of a failed program's output.
fn tail(output: &[u8]) {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<_> = text.lines().collect();
    let from = lines.len().saturating_sub(40);
    lines.iter().skip(from).for_each(|line| eprintln!("   | {line}"));
}
