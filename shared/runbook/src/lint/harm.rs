//! How much harm an action does, judged by what it is and not by what its author says.
//!
//! It knows the programs of the shipped runbooks and their kin. What it does not know is taken to
//! change something: a list of harmless things can be finished, a list of harmful ones cannot.

pub(super) mod aws;
pub(super) mod kubectl;
mod looks;
mod parts;
pub(super) mod script;
mod sql;
mod stores;
mod text;
mod tools;

use super::program;
use crate::spec::{Action, Command, Http, Probe, Ssm};

/// How much harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// It reads.
    Looks,
    /// It changes something that can be put back.
    Changes,
    /// It destroys, stops, restores, fails over, or rewrites what serves.
    Destroys,
}

/// How much harm, and why one thinks so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How much.
    pub harm: Harm,
    /// Why, as the end of a sentence.
    pub why: String,
}

impl Found {
    fn looks() -> Self {
        Self { harm: Harm::Looks, why: "only looks".to_owned() }
    }

    fn changes(what: &str) -> Self {
        Self { harm: Harm::Changes, why: format!("`{what}` changes something") }
    }

    fn destroys(what: &str) -> Self {
        Self { harm: Harm::Destroys, why: format!("`{what}` is not easily put back") }
    }

    fn worse(self, other: Self) -> Self {
        if other.harm > self.harm { other } else { self }
    }
}

/// How much harm an action does by itself; a choice does none.
pub fn of_action(action: &Action) -> Found {
    match action {
        Action::Manual(manual) if manual.changes => Found::changes("changes: true"),
        Action::Manual(_)
        | Action::Wait(_)
        | Action::Choose(_)
        | Action::Transition(_)
        | Action::Notify(_)
        | Action::Export(_) => Found::looks(),
        Action::Http(http) => of_http(http),
        Action::Command(command) => of_program(command),
        Action::Check(check) => match &check.probe {
            Probe::Http(http) => of_http(http),
            Probe::Command(command) => of_program(command),
        },
        Action::Ssm(ssm) => of_ssm(ssm),
    }
}

/// Words in a path, or in the name of a document or of a program, that say what it does. They are
/// taken as beginnings too: `restores`, `dropdb`.
const WORDS: [&str; 37] = [
    "delete",
    "destroy",
    "terminate",
    "kill",
    "drop",
    "purge",
    "flush",
    "wipe",
    "revoke",
    "rotate",
    "restore",
    "failover",
    "reboot",
    "restart",
    "shutdown",
    "stop",
    "reset",
    "resize",
    "detach",
    "disable",
    "deregister",
    "truncate",
    "remove",
    "erase",
    "prune",
    "promote",
    "switchover",
    "switch-over",
    "fail-over",
    "failback",
    "rollback",
    "roll-back",
    "uninstall",
    "decommission",
    "deactivate",
    "evict",
    "empty",
];

/// Whether a word is in a list that is parted by blanks.
fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}

fn of_http(http: &Http) -> Found {
    if http.method.is_safe() {
        return Found::looks();
    }
    let path = http.url.to_ascii_lowercase();
    let word = WORDS.iter().find(|word| path.contains(*word));
    match (http.method.name(), word) {
        ("DELETE", _) => Found::destroys("DELETE"),
        (_, Some(word)) => Found::destroys(word),
        (method, None) => Found::changes(method),
    }
}

fn of_ssm(ssm: &Ssm) -> Found {
    let document = ssm.document.to_ascii_lowercase();
    if WORDS.iter().any(|word| document.contains(word)) {
        return Found::destroys(&ssm.document);
    }
    let looks = ["AWSSupport-Troubleshoot", "AWSSupport-Collect", "AWSSupport-Analyze"];
    if looks.iter().any(|start| ssm.document.starts_with(start)) {
        return Found::looks();
    }
    let texts = ssm.parameters.values().flatten();
    texts.fold(Found::changes(&ssm.document), |found, text| found.worse(script::judged(text)))
}

/// How much harm a program does: the worst of the commands in its argv, and of what it reads.
fn of_program(command: &Command) -> Found {
    let read = command.stdin.as_deref();
    let commands = script::commands(&command.argv);
    commands.iter().fold(Found::looks(), |found, words| {
        let read = read.map_or_else(Found::looks, |text| tools::read(words, text));
        found.worse(of_command(words)).worse(read)
    })
}

fn of_command(command: &[String]) -> Found {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let (first, rest) = words.split_first().unwrap_or((&"", &[]));
    match program::name(first) {
        "aws" => {
            let texts = program::scripts(command).into_iter();
            texts.map(|(_, text)| text::of_text(text)).fold(aws::judged(rest), Found::worse)
        }
        // Whatever their options are, what they run is among their words.
        runner if program::RUNNERS.contains(&runner) => match program::inner(command) {
            // It is judged by itself.
            Some(_) => Found::looks(),
            None => text::of_texts(rest),
        },
        tool => {
            let texts = program::scripts(command).into_iter();
            let texts = texts.map(|(_, text)| tools::read(command, text));
            texts.fold(tools::judged(tool, rest), Found::worse)
        }
    }
}
