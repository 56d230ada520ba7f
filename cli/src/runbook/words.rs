//! The words after `watchfire runbook`.

use lexopt::prelude::*;
use std::path::PathBuf;

/// What is asked of which files.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(super) doing: Doing,
    pub(super) places: Vec<PathBuf>,
    pub(super) json: bool,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Doing {
    Lint { strict: bool },
    Test { write: bool },
    Show { inputs: Vec<(String, String)> },
    Spec,
}

/// Reads them.
pub(crate) fn read(mut words: lexopt::Parser, mut json: bool) -> Result<Asked, lexopt::Error> {
    let (mut name, mut places, mut inputs) = (None, Vec::new(), Vec::new());
    let (mut strict, mut write) = (false, false);
    while let Some(word) = words.next()? {
        match word {
            Long("json") => json = true,
            Long("strict") => strict = true,
            Long("write") => write = true,
            Long("input") => inputs.push(words.value()?.parse_with(input)?),
            Value(word) if name.is_none() => name = Some(word),
            Value(place) => places.push(PathBuf::from(place)),
            Short(_) | Long(_) => return Err(word.unexpected()),
        }
    }
    let name = name.unwrap_or_default();
    let stray = |is: bool, option: &str, of: &str| {
        let stray = is && name != of;
        stray.then(|| lexopt::Error::from(format!("`{option}` is for `watchfire runbook {of}`")))
    };
    let strays = [
        stray(strict, "--strict", "lint"),
        stray(write, "--write", "test"),
        stray(!inputs.is_empty(), "--input", "show"),
    ];
    if let Some(stray) = strays.into_iter().flatten().next() {
        return Err(stray);
    }
    let doing = match name.to_str() {
        Some("lint") => Doing::Lint { strict },
        Some("test") => Doing::Test { write },
        Some("show") => Doing::Show { inputs },
        Some("spec") => Doing::Spec,
        Some("") => return Err("what about runbooks: `lint`, `test`, `show` or `spec`?".into()),
        _ => {
            let name = name.to_string_lossy();
            return Err(format!("there is no `watchfire runbook {name}`").into());
        }
    };
    match (&doing, places.as_slice()) {
        (_, []) => Err("which file?".into()),
        (Doing::Show { .. } | Doing::Spec, [_, more, ..]) => {
            Err(format!("`{}` is one word too many", more.display()).into())
        }
        _ => Ok(Asked { doing, places, json }),
    }
}

fn input(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not `<name>=<value>`"))?;
    Ok((name.to_owned(), value.to_owned()))
}
