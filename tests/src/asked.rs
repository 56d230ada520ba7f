//! What a command asks of a proof, and what the proof tells it.

#![expect(clippy::unwrap_used, reason = "only proofs call it, and they are tests")]
#![expect(clippy::missing_panics_doc, reason = "a command that asks wrongly fails the proof")]

use serde::Serialize;
use std::collections::BTreeMap;

/// Words like `seed=3 alarms=10000`; without it every proof has its short size.
const ASKED: &str = "WATCHFIRE_PROOF";

/// The file that the command reads the result from.
const TOLD: &str = "WATCHFIRE_PROOF_RESULT";

/// The sizes that a command asks for, by name.
#[derive(Debug, Clone, Default)]
pub struct Asked(BTreeMap<String, u64>);

impl Asked {
    /// What the command asks for; nothing, in the suite.
    pub fn read() -> Self {
        let words = variable(ASKED).unwrap_or_default();
        let pair = |word: &str| {
            let (name, value) = word.split_once('=').unwrap();
            (name.to_owned(), value.parse().unwrap())
        };
        Self(words.split_whitespace().map(pair).collect())
    }

    /// The size `name`, or the suite's.
    pub fn number(&self, name: &str, short: u64) -> u64 {
        self.0.get(name).copied().unwrap_or(short)
    }

    /// The seed: the suite has the first.
    pub fn seed(&self) -> u64 {
        self.number("seed", 1)
    }

    /// Whether a command asks at all.
    pub fn at_full_size(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Tells the command, if one asked; before anything is asserted, so that it also learns of failures.
pub fn tell(result: &impl Serialize) {
    if let Some(path) = variable(TOLD) {
        std::fs::write(path, serde_json::to_string(result).unwrap()).unwrap();
    }
}

/// A variable of the environment.
#[expect(clippy::disallowed_methods, reason = "how much a test does is no setting of ours")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
