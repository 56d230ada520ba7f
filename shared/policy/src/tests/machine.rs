//! The machine that a process has, and the interpreter that the language was written for.

use super::oracle::questions;
use super::texts::{text, with};
use crate::bundle::{Bundle, Package};
use crate::compile;
use regorus::{CompiledPolicy, Engine, Value};
use serde_json::json;

fn interpreted(package: Package) -> CompiledPolicy {
    let mut engine = Engine::new();
    // As the machine has it, and as OPA does: a function that cannot take what it is given is undefined.
    engine.set_strict_builtin_errors(false);
    engine.add_policy(package.name().to_owned(), text(package).to_owned()).unwrap();
    engine.compile_with_entrypoint(&format!("data.{}.verdict", package.name()).into()).unwrap()
}

#[test]
fn the_machine_says_what_the_interpreter_says() {
    let bundle = Bundle::embedded();
    let rules = Package::ALL.map(|package| (package, interpreted(package)));
    let (mut all, mut refused) = (0, 0);
    for (package, input) in questions() {
        all += 1;
        let input = input.to_string();
        let (_, rules) = rules.iter().find(|(one, _)| *one == package).unwrap();
        let verdict = bundle.machine(package, &input).unwrap();
        match rules.eval_with_input(Value::from_json_str(&input).unwrap()) {
            Ok(expected) => assert_eq!(verdict, expected, "{package:?}: {input}"),
            // To look through what is no collection is an error there; here, as for OPA, nothing is found.
            Err(error) => {
                assert!(error.to_string().contains("some .. in collection"), "{error}");
                assert_eq!(verdict["allow"], Value::from(false), "{package:?}: {input}");
                refused += 1;
            }
        }
    }
    assert!(refused * 100 < all, "{refused} of {all}");
}

#[test]
fn what_does_not_compile_is_no_program() {
    let errors = ["package x\n{", "package x\nallow := true", "package y\nverdict := true"]
        .map(|text| compile::program("x", text).unwrap_err());
    expect_test::expect![[r#"
        [
            "--> x.rego:2:1 | 2 | { | ^ error: expecting identifier. Failed to parse rule-ref.",
            "not a valid rule path",
            "not a valid rule path",
        ]
    "#]]
    .assert_debug_eq(&errors);
}

#[test]
fn a_thousand_people_are_judged_and_what_never_ends_is_denied() {
    let step = super::suite::cases()
        .into_iter()
        .find(|case| {
            case.name.contains("step.begin") && case.input["resource"]["step"]["risk"] == "high"
        })
        .unwrap();
    let mut input = step.input;
    let people: serde_json::Map<_, _> =
        (0..1_000).map(|number| (format!("person-{number}@example.org"), json!("free"))).collect();
    input["resource"]["approval"]["granted_by"] = people.into();
    let asked = |input: &serde_json::Value| {
        Bundle::embedded().evaluate(Package::RunbookExecute, &input.to_string())
    };
    // Each of them counts: one is missed, and one too many as well.
    for (agreed, met) in [(999, false), (1_000, true), (1_001, false)] {
        input["resource"]["approval"]["agreed"] = json!(agreed);
        let decision = asked(&input);
        assert!(!decision.is_engine_error(), "{decision:?}");
        assert_eq!(decision.satisfied().iter().any(|one| one.code == "separate"), met, "{agreed}");
    }
    let slow = "package runbook.execute\nall := numbers.range(1, 2000)\n\
        verdict := count([1 | some a in all; some b in all; a == b])";
    let decision =
        with(Package::RunbookExecute, slow).evaluate(Package::RunbookExecute, &input.to_string());
    assert!(decision.is_engine_error());
    let crate::Decision::Deny { detail, .. } = decision else { unreachable!() };
    expect_test::expect!["the evaluation failed: Execution stopped: exceeded maximum instruction limit of 1000000 after 1000000 instructions (pc=10)"].assert_eq(&detail.unwrap());
}
