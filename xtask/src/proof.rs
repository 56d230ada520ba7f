//! The proofs at full size. Each is a test of the suite that reads its size from us; what it
//! counted comes back as JSON, and is kept for `cargo xtask reliability`.

use crate::places;
use crate::run::Run;
use crate::trouble::{Doing as _, Done, Trouble};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::thread;
use watchfire_domain::Timestamp;

/// A test that counts, and what a command asks of it.
pub(crate) struct Proof {
    pub(crate) name: &'static str,
    package: &'static str,
    target: &'static [&'static str],
    test: &'static str,
    profile: &'static str,
    /// The sizes of the command, by name.
    sizes: &'static [(&'static str, u64)],
}

const IT: &[&str] = &["--test", "it"];
/// Quick code for what runs in one process.
const QUICK: &str = "proof";
/// What is built anyway, for what waits for other processes.
const BUILT: &str = "test";

pub(crate) const PROOFS: [Proof; 9] = [
    Proof {
        name: "storm",
        package: "watchfire-tests",
        target: IT,
        test: "alarms::storm::lost_answers_and_killed_processes_lose_nothing",
        profile: QUICK,
        sizes: &[("alarms", 10_000), ("deliveries", 20), ("keys", 500)],
    },
    Proof {
        name: "crashpoints",
        package: "watchfire-tests",
        target: IT,
        test: "saga::single::a_fault_at_any_call",
        profile: QUICK,
        sizes: &[("only", u64::MAX)],
    },
    Proof {
        name: "crashpoints --double",
        package: "watchfire-tests",
        target: IT,
        test: "saga::single::two_faults_at_any_two_calls",
        profile: QUICK,
        sizes: &[("schedules", 25_000), ("only", u64::MAX)],
    },
    Proof {
        name: "kills",
        package: "watchfire-bootstrap",
        target: IT,
        test: "kills::a_process_may_be_killed_at_any_call",
        profile: BUILT,
        sizes: &[("kills", 500), ("only", u64::MAX)],
    },
    Proof {
        name: "lives",
        package: "watchfire-tests",
        target: IT,
        test: "proofs::lives::the_product_does_what_the_model_does",
        profile: QUICK,
        sizes: &[("steps", 200_000)],
    },
    Proof {
        name: "protocol",
        package: "watchfire-tests",
        target: IT,
        test: "proofs::protocol::no_state_of_the_approval_protocol_is_bad",
        profile: QUICK,
        sizes: &[("approvers", 3)],
    },
    Proof {
        name: "isolation",
        package: "watchfire-tests",
        target: IT,
        test: "proofs::isolation::no_byte_of_one_tenant_reaches_another",
        profile: QUICK,
        sizes: &[("operations", 200_000), ("pairs", 5_000)],
    },
    Proof {
        name: "links",
        package: "watchfire-tests",
        target: IT,
        test: "proofs::links::no_forgery_opens",
        profile: QUICK,
        sizes: &[("forgeries", 100_000)],
    },
    Proof {
        name: "malformed",
        package: "watchfire-tests",
        target: IT,
        test: "proofs::malformed::whatever_is_sent_is_answered_or_refused",
        profile: QUICK,
        sizes: &[("inputs", 20_000)],
    },
];

/// Runs the proof `name` with the words of its command.
pub(crate) fn chore(name: &str, words: &[&str]) -> Done {
    let double = words.contains(&"--double");
    let name = if double { format!("{name} --double") } else { name.to_owned() };
    let proof = PROOFS.iter().find(|proof| proof.name == name);
    let proof = proof.doing(&format!("there is no proof `{name}`"))?;
    let mut asked: Vec<(&str, u64)> = [("seed", 1)].into();
    asked.extend(proof.sizes);
    let (mut json, mut words) = (false, words.iter());
    while let Some(word) = words.next() {
        match *word {
            "--json" => json = true,
            "--double" => {}
            word => {
                let size = word.strip_prefix("--").unwrap_or(word);
                let known = asked.iter_mut().find(|(name, _)| *name == size);
                let (_, value) = known.doing(&format!("what is `{word}`?"))?;
                let text = words.next().doing(&format!("`{word}` wants a number"))?;
                *value = text.parse().doing(&format!("reading `{word}`"))?;
            }
        }
    }
    let (told, failed) = proof.count(&asked)?;
    let result = told.get("result").cloned().unwrap_or_default();
    if json {
        println!("{result}");
    } else {
        println!("{result:#}");
    }
    failed.map_or(Ok(()), Err)
}

impl Proof {
    /// Runs it at its full size: what it told, with how it was run; and what failed.
    pub(crate) fn count(&self, asked: &[(&str, u64)]) -> Result<(Value, Option<Trouble>), Trouble> {
        let file = kept(self.name);
        std::fs::create_dir_all(file.parent().unwrap_or(&file)).doing("making a folder")?;
        drop(std::fs::remove_file(&file));
        let sizes: Vec<_> = asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let start = ["test", "--quiet", "--locked", "--profile", self.profile];
        let mut words = start.to_vec();
        words.extend(["--package", self.package]);
        words.extend(self.target);
        words.extend(["--", "--exact", self.test]);
        let run = Run::cargo(&words)
            .with("WATCHFIRE_PROOF", sizes.join(" "))
            .with("WATCHFIRE_PROOF_RESULT", &file)
            .with("RUST_BACKTRACE", "0");
        let failed = run.quietly().err();
        let Ok(text) = std::fs::read_to_string(&file) else {
            return Err(failed.unwrap_or_else(|| Trouble::new("the proof told nothing")));
        };
        let result: Value = serde_json::from_str(&text).doing("reading what the proof told")?;
        let words = asked.iter().filter(|(_, value)| *value < u64::MAX);
        let words: Vec<_> = words.map(|(name, value)| format!("--{name} {value}")).collect();
        let command = format!("cargo xtask {} {}", self.name, words.join(" "));
        let told = signed(&command, result)?;
        keep(self.name, &told)?;
        Ok((told, failed))
    }

    /// The sizes of the command.
    pub(crate) fn full(&self) -> Vec<(&'static str, u64)> {
        std::iter::once(("seed", 1)).chain(self.sizes.iter().copied()).collect()
    }
}

/// A result with the command that told it, the machine's cores and the date.
pub(crate) fn signed(command: &str, result: Value) -> Result<Value, Trouble> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Ok(json!({ "command": command, "cores": cores, "date": today()?, "result": result }))
}

/// Where the last result of a command is kept: beside the page that is made of them.
pub(crate) fn kept(name: &str) -> PathBuf {
    places::at("docs/counted").join(format!("{}.json", name.replace(" --", "-")))
}

/// Keeps a result.
pub(crate) fn keep(name: &str, told: &Value) -> Done {
    let file = kept(name);
    std::fs::create_dir_all(file.parent().unwrap_or(&file)).doing("making a folder")?;
    std::fs::write(file, format!("{told:#}\n")).doing("keeping the result")
}

#[expect(clippy::disallowed_methods, reason = "the day of a run stands beside its result")]
fn today() -> Result<String, Trouble> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = i64::try_from(since.doing("reading the clock")?.as_millis()).doing("the time")?;
    Ok(Timestamp::from_millis(millis).to_string().chars().take(10).collect())
}
