//! Runbooks in files.

use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use watchfire_domain::canon;
use watchfire_runbook::cases::Cases;
use watchfire_runbook::parse::{self, Unread};
use watchfire_runbook::{Spec, yaml};

/// How cases' files end.
const CASES: &str = ".cases.yaml";

/// How deep folders are searched.
const DEPTH: usize = 8;

/// A runbook that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) spec: Spec,
    /// What it was read from.
    pub(super) value: Value,
}

/// Why a file is no runbook.
#[derive(Debug)]
pub(super) enum Failed {
    /// It cannot be read at all.
    File(io::Error),
    /// It is neither YAML nor JSON.
    Text(String),
    /// It is no runbook: every reason.
    Spec(Unread),
}

impl Failed {
    /// Every reason, each a line.
    pub(super) fn reasons(&self) -> Vec<String> {
        match self {
            Self::File(error) => vec![error.to_string()],
            Self::Text(problem) => vec![problem.clone()],
            Self::Spec(Unread::Wrong(problems)) => {
                problems.iter().map(ToString::to_string).collect()
            }
            Self::Spec(unread @ (Unread::NotJson(_) | Unread::TooLong { .. })) => {
                vec![unread.to_string()]
            }
        }
    }
}

/// The files of runbooks at these places, in order; a folder stands for those in it.
pub(super) fn files(places: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for place in places {
        if fs::metadata(place).map_err(|error| named(place, &error))?.is_dir() {
            let before = found.len();
            search(place, DEPTH, &mut found)?;
            if found.len() == before {
                let problem = format!("{}: no runbooks in it", place.display());
                return Err(io::Error::other(problem));
            }
        } else {
            found.push(place.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| named(folder, &error))? {
        let entry = entry?;
        let path = entry.path();
        // Links are not followed: one that leads up would never end.
        let kind = entry.file_type()?;
        if let Some(depth) = depth.checked_sub(1).filter(|_| kind.is_dir()) {
            search(&path, depth, found)?;
        } else if kind.is_file() && is_runbook(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_runbook(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let written = ["yaml", "yml", "json"].iter().any(|end| path.extension() == Some(end.as_ref()));
    written && !name.ends_with(CASES) && name != "schema.json"
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Reads a runbook.
pub(super) fn read(path: &Path) -> Result<Read, Failed> {
    let value = value(path)?;
    let spec = parse::read(&value).map_err(Failed::Spec)?;
    Ok(Read { spec, value })
}

fn value(path: &Path) -> Result<Value, Failed> {
    let text = fs::read_to_string(path).map_err(Failed::File)?;
    if path.extension() == Some("json".as_ref()) {
        if text.len() > parse::LONGEST {
            return Err(Failed::Spec(Unread::TooLong { bytes: text.len() }));
        }
        canon::parse_strict(&text).map_err(|error| Failed::Text(error.to_string()))
    } else {
        yaml::read(&text).map_err(|error| Failed::Text(error.to_string()))
    }
}

/// Where the cases of a runbook lie.
pub(super) fn cases_of(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}{CASES}"))
}

/// Reads cases; none, if there is no such file.
pub(super) fn cases(path: &Path) -> Result<Option<Cases>, Failed> {
    match value(path) {
        Err(Failed::File(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(failed) => Err(failed),
        Ok(value) => Cases::read(value).map(Some).map_err(Failed::Text),
    }
}
