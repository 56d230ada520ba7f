//! The words of the command.

use crate::runbook;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;
use watchfire_domain::chain::Digest;
use watchfire_seal::bundle::Ask;

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Words {
    Help,
    Version,
    Verify(Asked),
    /// With the place to look at.
    Timeline(Asked, Option<u64>),
    Runbook(runbook::Asked),
}

/// What the subcommands about bundles take.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) bundle: PathBuf,
    pub(crate) ask: Ask,
    pub(crate) json: bool,
}

/// Reads them.
pub(crate) fn read(mut words: lexopt::Parser) -> Result<Words, lexopt::Error> {
    let (mut places, mut ask, mut json, mut at) =
        (Vec::<OsString>::new(), Ask::default(), false, None);
    while let Some(word) = words.next()? {
        match word {
            Short('h') | Long("help") => return Ok(Words::Help),
            Short('V') | Long("version") => return Ok(Words::Version),
            Long("key") => ask.trusted.push(words.value()?.parse()?),
            Long("receipt") => {
                let (seq, hash) = words.value()?.parse_with(receipt)?;
                ask.receipts.insert(seq, hash);
            }
            Long("at") => at = Some(words.value()?.parse()?),
            Long("json") => json = true,
            Value(place) if places.is_empty() && place == "runbook" => {
                return Ok(Words::Runbook(runbook::read(words, json)?));
            }
            Value(place) => places.push(place),
            Short(_) | Long(_) => return Err(word.unexpected()),
        }
    }
    let mut places = places.into_iter();
    let command = places.next().unwrap_or_else(|| "help".into());
    let (bundle, more) = (places.next(), places.next());
    if let Some(more) = more {
        return Err(format!("`{}` is one word too many", more.to_string_lossy()).into());
    }
    let asked = |bundle: Option<OsString>| match bundle {
        Some(bundle) => Ok(Asked { bundle: bundle.into(), ask, json }),
        None => Err(lexopt::Error::from("which bundle?")),
    };
    match (command.to_str(), at) {
        (Some("help"), _) => Ok(Words::Help),
        (Some("verify"), None) => Ok(Words::Verify(asked(bundle)?)),
        (Some("verify"), Some(_)) => Err("`--at` is for `watchfire timeline`".into()),
        (Some("timeline"), at) => Ok(Words::Timeline(asked(bundle)?, at)),
        _ => Err(format!("there is no `watchfire {}`", command.to_string_lossy()).into()),
    }
}

fn receipt(text: &str) -> Result<(u64, Digest), String> {
    let read = || {
        let (seq, hash) = text.split_once(':')?;
        Some((seq.parse().ok()?, hash.parse().ok()?))
    };
    read().ok_or_else(|| format!("`{text}` is not `<seq>:<hash>`"))
}
