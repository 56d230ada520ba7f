//! From the text of a package to what a process reads. Only the build script and the tests do this:
//! a process has no parser of Rego.

use regorus::Engine;
use regorus::languages::rego::compiler::Compiler;
use sha2::{Digest as _, Sha256};

/// The verdict of a package as a program of the engine's machine.
pub(crate) fn program(package: &str, text: &str) -> Result<Vec<u8>, String> {
    let verdict = format!("data.{package}.verdict");
    let mut engine = Engine::new();
    engine.add_policy(format!("{package}.rego"), text.to_owned()).map_err(one_line)?;
    let rules = engine.compile_with_entrypoint(&verdict.as_str().into()).map_err(one_line)?;
    let program = Compiler::compile_from_policy(&rules, &[&verdict]).map_err(one_line)?;
    let mut program = (*program).clone();
    // Where an instruction stands in the text is two thirds of what a process would have to read.
    program.sources.clear();
    program.instruction_spans.clear();
    program.serialize_binary()
}

/// The SHA-256 over packages and their texts, in hex.
pub(crate) fn hash<'a>(packages: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut digest = Sha256::new();
    for (package, text) in packages {
        // Names and lengths first, so that no text can pass for another package's beginning.
        digest.update(format!("{package} {}\n", text.len()));
        digest.update(text.as_bytes());
    }
    digest.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The engine explains itself over several lines, with a drawing. Its error type cannot be named here.
fn one_line(error: impl std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
