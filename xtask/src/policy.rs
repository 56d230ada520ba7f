//! `cargo xtask policy`: what the proofs of the policies count, and what another engine says.

use crate::places;
use crate::proof;
use crate::run::{Run, step};
use crate::trouble::{Doing as _, Done, Trouble};
use crate::venv::Venv;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Where the proofs leave what they counted, if they are told by this variable.
pub(crate) const RESULT: &str = "WATCHFIRE_POLICY_RESULT";

/// Counts, tells, and keeps it for `cargo xtask reliability`. It fails if a proof does, or if the
/// other engine differs.
pub(crate) fn chore(words: &[&str]) -> Done {
    let shown = match words {
        [] => false,
        ["--json"] => true,
        _ => return Err(Trouble::new("`cargo xtask policy` knows `--json` only")),
    };
    let result = count()?;
    proof::keep("policy", &proof::signed("cargo xtask policy", result.clone())?)?;
    if shown {
        println!("{result}");
    } else {
        println!("{result:#}");
    }
    Ok(())
}

/// Counts everything.
pub(crate) fn count() -> Result<Value, Trouble> {
    let folder = emptied()?;
    step("the policies' proofs");
    let proofs = ["test", "--quiet", "--locked", "--package", "watchfire-policy"];
    Run::cargo(&proofs).with(RESULT, &folder).quietly()?;
    let oracle = another_engine()?;
    let read = |name: &str| -> Result<Value, Trouble> {
        let text = std::fs::read_to_string(folder.join(format!("{name}.json")));
        let text = text.doing(&format!("reading what `{name}` counted"))?;
        serde_json::from_str(&text).doing(&format!("reading what `{name}` counted"))
    };
    let (spoilt, rules, changes) = (read("attributes")?, read("rules")?, read("suggestions")?);
    Ok(json!({
        "coverage": read("coverage")?,
        "mutants": field(&spoilt, "mutants"),
        "fail_open": field(&spoilt, "fail_open"),
        "rule_mutants": field(&rules, "mutants"),
        "rule_survivors": field(&rules, "survivors"),
        "oracle_cases": field(&oracle, "cases"),
        "oracle_differences": field(&oracle, "count"),
        "suggestions_checked": field(&changes, "checked"),
        "suggestions_failed": field(&changes, "failed"),
    }))
}

/// The folder of [`RESULT`], with nothing in it.
pub(crate) fn emptied() -> Result<PathBuf, Trouble> {
    let folder = places::at("target/policy");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).doing("making a folder")?;
    Ok(folder)
}

/// Asks another engine what the proofs have asked ours. It fails if one of its answers differs.
pub(crate) fn another_engine() -> Result<Value, Trouble> {
    step("another engine");
    Venv::Oracle.ready()?;
    let at = |path: &str| places::at(path).display().to_string();
    let words =
        [at("tests/stack/policy_oracle.py"), at("policies"), at("target/policy/questions.ndjson")];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = Run::new(Venv::Oracle.bin().join("python"), &words).text()?;
    let oracle: Value = serde_json::from_str(&told).doing("reading what the other engine says")?;
    if oracle.get("count").and_then(Value::as_u64) != Some(0) {
        let differences = field(&oracle, "differences");
        return Err(Trouble::new(format!("the other engine differs: {differences:#}")));
    }
    Ok(oracle)
}

fn field(of: &Value, name: &str) -> Value {
    of.get(name).cloned().unwrap_or_default()
}
