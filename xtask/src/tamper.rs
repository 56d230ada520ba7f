//! `cargo xtask tamper`: evidence bundles, good and tampered with, counted. The work is done by an
//! example of `watchfire-seal`, so that `cargo xtask help` need not wait for its cryptography.

use crate::run::Run;
use crate::trouble::Done;

// The thin-linked profile: without optimisation, ten thousand take minutes.
pub(crate) const BUILD: &str = "run --quiet --locked --profile ci --package watchfire-seal --features forge --example tamper --";

/// Runs it; it says what it counted, and fails if anything was missed or wrongly accused.
pub(crate) fn chore(words: &[&str]) -> Done {
    Run::cargo(&BUILD.split(' ').chain(words.iter().copied()).collect::<Vec<_>>()).alone()
}
