//! What is generated from the code: written anew, or compared. The tests do both, so that a plain
//! `cargo test` finds what has drifted.

use crate::run::{Run, step};
use crate::trouble::Done;

const TESTS: [&str; 8] =
    ["test", "--locked", "--quiet", "--package", "watchfire-tests", "--test", "it", "documents::"];

/// Writes them.
pub(crate) fn write() -> Done {
    step("writing the generated documents");
    Run::cargo(&TESTS).with("UPDATE_EXPECT", "1").go()
}

/// What to do about a document that has drifted.
pub(crate) const ADVICE: &str =
    "if a generated document has drifted, `cargo xtask docs` writes it anew; read the difference";

/// Compares them.
pub(crate) fn check() -> Done {
    step("comparing the generated documents with the code");
    Run::cargo(&TESTS).advise(ADVICE).go()
}
