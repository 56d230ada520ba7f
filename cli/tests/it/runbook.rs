//! `watchfire runbook`, run on files.

use crate::program::{Answer, watchfire};
use expect_test::expect;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runbooks");

/// A folder of this name with a copy of a shipped runbook and its cases, the runbook changed.
fn changed(folder: &str, name: &str, from: &str, to: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let text = fs::read_to_string(Path::new(SHIPPED).join(format!("{name}.yaml"))).unwrap();
    assert!(text.contains(from), "{name} has no {from:?}");
    fs::write(folder.join(format!("{name}.yaml")), text.replacen(from, to, 1)).unwrap();
    let cases = format!("{name}.cases.yaml");
    fs::copy(Path::new(SHIPPED).join(&cases), folder.join(&cases)).unwrap();
    folder
}

/// What it said, without the folder.
fn said(answer: &Answer, folder: &Path) -> String {
    let text = answer.out.replace(&format!("{}/", folder.display()), "");
    format!("{text}exit {}\n", answer.code)
}

#[test]
fn the_shipped_runbooks_are_good() {
    let lint = watchfire(&["runbook", "lint", SHIPPED, "--strict"]);
    assert_eq!((lint.code, lint.err.as_str()), (0, ""), "{}", lint.out);
    assert!(lint.out.ends_with(" runbooks: 0 errors, 0 warnings\n"), "{}", lint.out);
    let test = watchfire(&["runbook", "test", SHIPPED]);
    assert_eq!(test.code, 0, "{}", test.out);
    assert!(test.out.ends_with(" cases: 0 failed\n"), "{}", test.out);
}

#[test]
fn a_lowered_risk_is_found_and_its_case_fails() {
    let folder = changed(
        "lowered",
        "configuration-corruption",
        "risk: high\n    timeout",
        "risk: medium\n    timeout",
    );
    let place = folder.to_str().unwrap();
    let lint = watchfire(&["runbook", "lint", place]);
    expect![[r#"
        configuration-corruption.yaml: error destructive_below_high: steps[2].do
            `apply` is `medium`, and `kubectl apply` is not easily put back
            mend: write `risk: high`, or leave out what destroys
        configuration-corruption.yaml: error guard_idle: steps[2].guard
            `apply` is `medium`: nobody is asked
            mend: write `risk: high`, or take the guard out
        1 runbook: 2 errors, 0 warnings
        exit 1
    "#]]
    .assert_eq(&said(&lint, &folder));
    let test = watchfire(&["runbook", "test", place]);
    expect![[r#"
        configuration-corruption.yaml: preview `as shipped` does not hold
              [apply] Apply the known good configuration
            -   risk: high, needs an approval first
            +   risk: medium
        configuration-corruption.yaml: mutant of `risk` does not hold
            - risk_missing
            + destructive_below_high, guard_idle, risk_missing
        configuration-corruption.yaml: mutant of `steps[0].timeout` does not hold
            - timeout_missing
            + destructive_below_high, guard_idle, timeout_missing
        configuration-corruption.yaml: mutant of `steps[2].guard` does not hold
            - unguarded
            + destructive_below_high
        configuration-corruption.yaml: mutant of `steps[2].rollback` does not hold
            - rollback_missing
            + destructive_below_high, guard_idle, rollback_missing
        configuration-corruption.yaml: mutant of `steps[3].risk` does not hold
            - change_below_medium
            + change_below_medium, destructive_below_high, guard_idle
        configuration-corruption.yaml: mutant of `steps[3].irreversible` does not hold
            - rollback_missing
            + destructive_below_high, guard_idle, rollback_missing
        1 runbook, 9 cases: 7 failed
        exit 1
    "#]]
    .assert_eq(&said(&test, &folder));
    let json = watchfire(&["runbook", "lint", place, "--json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["ok"], false);
    assert_eq!(json["exit_code"], 1);
    assert_eq!(json["runbooks"][0]["findings"][0]["code"], "destructive_below_high");
}

#[test]
fn a_warning_counts_only_if_one_is_strict() {
    let folder = changed("warned", "high-cpu", "review_days: 180\n", "");
    let place = folder.to_str().unwrap();
    assert_eq!(watchfire(&["runbook", "lint", place]).code, 0);
    assert_eq!(watchfire(&["runbook", "lint", place, "--strict"]).code, 1);
}

#[test]
fn what_is_so_can_be_written_down() {
    let folder =
        changed("written", "high-cpu", "title: High CPU utilisation", "title: Too much CPU");
    let place = folder.to_str().unwrap();
    assert_eq!(watchfire(&["runbook", "test", place]).code, 1);
    assert_eq!(watchfire(&["runbook", "test", place, "--write"]).code, 0);
    assert_eq!(watchfire(&["runbook", "test", place]).code, 0);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let folder = changed("unread", "high-cpu", "name: high-cpu", "name: no\nname: on");
    let lint = watchfire(&["runbook", "lint", folder.to_str().unwrap()]);
    expect![[r#"
        high-cpu.yaml: error: line 2, column 7: `no` means different things to different readers: quote it
        1 runbook: 1 error, 0 warnings
        exit 8
    "#]].assert_eq(&said(&lint, &folder));
    let folder = changed("misread", "high-cpu", "title:", "titel:");
    let lint = watchfire(&["runbook", "lint", folder.to_str().unwrap()]);
    expect![[r#"
        high-cpu.yaml: error: `titel` is unknown; did you mean `title`?
        high-cpu.yaml: error: `title` is missing
        1 runbook: 2 errors, 0 warnings
        exit 1
    "#]]
    .assert_eq(&said(&lint, &folder));
    let none = watchfire(&["runbook", "lint", "no/such/file.yaml"]);
    assert_eq!(none.code, 8);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty");
    fs::create_dir_all(&folder).unwrap();
    let none = watchfire(&["runbook", "lint", folder.to_str().unwrap()]);
    assert_eq!(none.code, 8);
    assert!(none.err.contains("no runbooks in it"), "{}", none.err);
}

#[test]
fn two_runbooks_of_one_name_are_told() {
    let folder = changed("twice", "high-cpu", "x", "x");
    fs::copy(folder.join("high-cpu.yaml"), folder.join("other.yaml")).unwrap();
    let lint = watchfire(&["runbook", "lint", folder.to_str().unwrap()]);
    assert_eq!(lint.code, 1);
    assert!(lint.out.contains("`name` is `high-cpu`, as that of"), "{}", lint.out);
}

#[test]
fn a_runbook_is_shown_as_it_would_be_done() {
    let file = format!("{SHIPPED}/evidence-storage-latency-triage.yaml");
    let inputs = ["--input", "standby_shard=shard-b", "--input", "active_shard=shard-a"];
    let words: Vec<&str> = ["runbook", "show", file.as_str()].into_iter().chain(inputs).collect();
    let shown = watchfire(&words);
    assert_eq!(shown.code, 0);
    assert!(shown.out.contains("needs an approval first"), "{}", shown.out);
    let json = watchfire(&[words.as_slice(), &["--json"]].concat());
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["steps"][3]["approval"], true);
    assert_eq!(json["steps"][3]["do"]["authority"]["host"], "evidence.example.com");
    let refused = watchfire(&["runbook", "show", &file, "--input", "standby_shard=b"]);
    expect![[r#"
        error: the input `standby_shard` must have the form `shard-[a-z0-9-]+`
        error: the input `active_shard` is missing
        exit 1
    "#]]
    .assert_eq(&said(&refused, Path::new("-")));
}

#[test]
fn a_spec_is_printed_as_the_api_takes_it() {
    let file = format!("{SHIPPED}/high-cpu.yaml");
    let printed = watchfire(&["runbook", "spec", &file]);
    assert_eq!(printed.code, 0);
    let value: Value = serde_json::from_str(&printed.out).unwrap();
    let spec = watchfire_runbook::parse::read(&value).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let read = watchfire_runbook::yaml::read(&text).unwrap();
    let read = watchfire_runbook::parse::read(&read).unwrap();
    assert_eq!(watchfire_runbook::spec_hash(&spec), watchfire_runbook::spec_hash(&read));
}

#[test]
fn wrong_words_are_told() {
    for (words, told) in [
        (vec!["runbook"], "what about runbooks"),
        (vec!["runbook", "frob", "x"], "there is no `watchfire runbook frob`"),
        (vec!["runbook", "lint"], "which file?"),
        (vec!["runbook", "lint", "x", "--write"], "`--write` is for `watchfire runbook test`"),
        (vec!["runbook", "test", "x", "--input", "a=b"], "`--input` is for"),
        (vec!["runbook", "show", "x", "y"], "`y` is one word too many"),
        (vec!["runbook", "show", "x", "--input", "a"], "is not `<name>=<value>`"),
        (vec!["runbook", "lint", "x", "--frob"], "--frob"),
    ] {
        let answer = watchfire(&words);
        assert_eq!(answer.code, 64, "{words:?}");
        assert!(answer.err.contains(told), "{words:?}: {}", answer.err);
    }
}
