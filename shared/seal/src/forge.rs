//! Bundles made up under a seed, and what may be done to them: for tests and `cargo xtask tamper`.

mod chance;
mod incident;
mod spoil;
mod tally;

pub use chance::Chance;
pub use incident::{Forged, Trouble, key, stranger};
pub use spoil::{Expected, OPERATORS, Spoilt, spoil};
pub use tally::{Tally, run};

use std::collections::BTreeMap;

/// A bundle in memory.
pub type Files = BTreeMap<String, Vec<u8>>;
