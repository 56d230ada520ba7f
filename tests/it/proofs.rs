//! Proofs by counting. Each is a test of the suite at a short size, and a command at full size:
//! `cargo xtask help` names them, and `docs/RELIABILITY.md` has what they counted.

#![expect(clippy::arithmetic_side_effects, reason = "counts and places of a test are small")]

mod browser;
mod fuzz;
mod isolation;
mod links;
mod lives;
mod malformed;
mod planted;
mod protocol;

pub(crate) use watchfire_tests::{asked, chance};
