//! `watchfire-bench`: measures what `cargo xtask bench` has built, and judges it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement is told")]

use std::path::PathBuf;
use std::process::ExitCode;
use watchfire_bench::run::{Ask, Section, run};
use watchfire_bench::trouble::{Trouble, odd};

fn main() -> ExitCode {
    match asked().and_then(|ask| run(&ask, &mut |line| eprintln!("   {line}"))) {
        Ok((text, good)) => {
            println!("{text}");
            if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(trouble) => {
            eprintln!("bench: {trouble}");
            ExitCode::FAILURE
        }
    }
}

/// The command line. `cargo xtask bench` fills in the places.
fn asked() -> Result<Ask, Trouble> {
    use lexopt::prelude::{Long, Short, Value, ValueExt as _};
    let wrong = |error: lexopt::Error| odd(error.to_string());
    let mut ask = Ask::default();
    let mut words = lexopt::Parser::from_env();
    let path = |words: &mut lexopt::Parser| words.value().map(PathBuf::from).map_err(wrong);
    while let Some(word) = words.next().map_err(wrong)? {
        match word {
            Long("root") => ask.places.root = path(&mut words)?,
            Long("programs") => ask.places.programs = path(&mut words)?,
            Long("zip") => ask.places.zip = path(&mut words)?,
            Long("chain") => ask.places.chain = path(&mut words)?,
            Long("out") => ask.places.folder = path(&mut words)?,
            Long("json") => ask.json = true,
            Long("page") => ask.page = Some(path(&mut words)?),
            Long("peers") => ask.peers = Some(path(&mut words)?),
            Long("regressions") => ask.regressions = Some(path(&mut words)?),
            Long("dumps") => ask.dumps = Some(path(&mut words)?),
            Long("profile") => {
                ask.profile = words.value().map_err(wrong)?.string().map_err(wrong)?;
            }
            Long("rate") => {
                let text = words.value().map_err(wrong)?;
                ask.rate = Some(text.parse::<f64>().map_err(wrong)?);
            }
            Long("only") => {
                let text = words.value().map_err(wrong)?.string().map_err(wrong)?;
                ask.only = text.split(',').map(Section::named).collect::<Result<_, _>>()?;
            }
            word @ (Short(_) | Long(_) | Value(_)) => return Err(wrong(word.unexpected())),
        }
    }
    Ok(ask)
}
