//! `cargo xtask test`: everything that must hold, the cheapest first.

use crate::bench;
use crate::demo;
use crate::documents;
use crate::places;
use crate::policy;
use crate::run::{Run, note, step};
use crate::trouble::Done;
use crate::venv::Venv;
use std::ffi::OsStr;
use std::time::Instant;

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All.
    Everything,
    /// What needs no Python: no template check, no second engine of the policies, no local stack.
    Fast,
}

/// Runs it.
pub(crate) fn run(scope: Scope) -> Done {
    let begun = Instant::now();
    step("format");
    Run::cargo(&["fmt", "--all", "--check"]).advise("`cargo fmt --all` does it").go()?;

    if scope == Scope::Everything {
        template()?;
    }

    step("clippy, where a warning is a failure");
    Run::cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
        .go()?;

    step("every test");
    let mut results = Vec::new();
    Run::cargo(&["test", "--locked", "--workspace", "--no-fail-fast"])
        .with(policy::RESULT, policy::emptied()?)
        .advise(documents::ADVICE)
        .lines(|line| results.extend(line.starts_with("test result:").then(|| line.to_owned())))?;

    if scope == Scope::Everything {
        policy::another_engine()?;
        demo::run(demo::Then::Stop)?;
        // The demo has built the artefact that is measured.
        bench::guard()?;
    }
    close(&results, begun);
    Ok(())
}

/// The templates, as SAM and CloudFormation read them.
fn template() -> Done {
    step("the template");
    Venv::Sam.ready()?;
    let path = Venv::Sam.path()?;
    let home = places::at(".venv");
    let variables: [(&str, &OsStr); 5] = [
        ("PATH", &path),
        ("HOME", home.as_os_str()),
        ("LANG", OsStr::new("C.UTF-8")),
        ("SAM_CLI_TELEMETRY", OsStr::new("0")),
        ("AWS_DEFAULT_REGION", OsStr::new("us-east-1")),
    ];
    let sam =
        ["validate", "--lint", "-t", "infra/template.yaml", "--config-file", "../samconfig.toml"];
    Run::new(Venv::Sam.bin().join("sam"), &sam).with_only(&variables).go()?;
    let both = ["infra/template.yaml", "infra/forwarder.yaml"];
    Run::new(Venv::Sam.bin().join("cfn-lint"), &both).with_only(&variables).go()
}

/// Ends with what cargo said of the tests: whoever reads only the last lines sees that they ran.
fn close(results: &[String], begun: Instant) {
    step(&format!("all of it holds ({} s)", begun.elapsed().as_secs()));
    let ran = |line: &&String| !line.contains(" 0 passed; 0 failed;");
    results.iter().filter(ran).for_each(|line| println!("{line}"));
    let passed: u64 = results.iter().filter_map(|line| passed(line)).sum();
    note("in sum:");
    println!("{passed} passed, 0 failed");
}

/// The number of passed tests in a result line of cargo's.
fn passed(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(" passed;")?;
    before.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_counted_from_cargos_own_line() {
        let line = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(passed(line), Some(12));
        assert_eq!(passed("test result: what"), None);
    }
}
