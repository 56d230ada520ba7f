//! `cargo xtask tamper`: made-up bundles, tampered with by the thousand, as a table or as JSON; and
//! with `--write FOLDER`, one good bundle to look at.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to its caller")]

use std::path::Path;
use std::process::ExitCode;
use watchfire_seal::Signer as _;
use watchfire_seal::forge::{Chance, Forged, Trouble, key, run};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match chore(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            eprintln!("tamper: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn chore(words: &[String]) -> Result<bool, Trouble> {
    let (mut count, mut seed, mut json, mut folder) = (10_000u64, 1u64, false, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` wants a value"));
        match word.as_str() {
            "--count" => count = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            "--write" => folder = Some(value()?),
            "--json" => json = true,
            _ => return Err(format!("what is `{word}`?").into()),
        }
    }
    if let Some(folder) = folder {
        written(Path::new(folder), count, seed)?;
        return Ok(true);
    }
    let tally = run(count, count, seed)?;
    if json {
        println!("{}", serde_json::to_string(&tally)?);
    } else {
        println!("{}", serde_json::to_string_pretty(&tally)?);
    }
    Ok(tally.sound())
}

/// Writes a bundle of `events` events, and says which key to trust.
fn written(folder: &Path, events: u64, seed: u64) -> Result<(), Trouble> {
    let forged = Forged::new(&mut Chance::new(seed), events, 3)?;
    for (name, bytes) in forged.files()? {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
        std::fs::write(path, bytes)?;
    }
    println!("{}", key()?.key());
    Ok(())
}
