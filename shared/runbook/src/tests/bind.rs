//! What fits an input, and what does not.

use crate::Inputs;
use crate::bind::fit;
use crate::spec::{Input, Spec, Type};
use expect_test::expect;
use serde_json::{Value, json};
use std::fmt::Write as _;

fn input(kind: Type) -> Input {
    Input {
        name: "x".to_owned(),
        description: "x".to_owned(),
        kind,
        default: None,
        pattern: None,
        choices: Vec::new(),
        min: None,
        max: None,
    }
}

#[test]
fn a_value_fits_its_type_and_bounds() {
    let name = Input { pattern: Some("a|bc".to_owned()), ..input(Type::String) };
    let short = Input { min: Some(json!(2)), max: Some(json!(3)), ..input(Type::String) };
    let number = Input { min: Some(json!(1)), max: Some(json!(5)), ..input(Type::Integer) };
    let one_of = Input { choices: vec!["red".into(), "blue".into()], ..input(Type::Enum) };
    let span = Input { min: Some(json!("1m")), max: Some(json!("2h")), ..input(Type::Duration) };
    let mut table = String::new();
    for (input, values) in [
        (&name, vec![json!("a"), json!("bc"), json!("abc"), json!("a\n"), json!(1), json!("")]),
        (&short, vec![json!("ä"), json!("äö"), json!("äöüß")]),
        (
            &number,
            vec![json!(0), json!(1), json!(5), json!(6), json!(1.0), json!("1"), json!(true)],
        ),
        (&one_of, vec![json!("red"), json!("Red"), json!("red "), Value::Null]),
        (
            &span,
            vec![json!("59s"), json!("60s"), json!("2h"), json!("2h1s"), json!(90), json!("90")],
        ),
        (&input(Type::Boolean), vec![json!(true), json!("true"), json!(0)]),
    ] {
        for value in values {
            let found =
                fit(input, &value).map_or_else(|why| format!("- {why}"), |one| one.to_string());
            writeln!(table, "{:<9}{value:<8} {found}", input.kind.name()).unwrap();
        }
    }
    expect![[r#"
        string   "a" a
        string   "bc" bc
        string   "abc" - must have the form `a|bc`
        string   "a\n" - has the character \u{a}, which is not seen
        string   1 - must be of the type `string`
        string   "" - must have the form `a|bc`
        string   "ä" - must be at least 2 characters
        string   "äö" äö
        string   "äöüß" - must be at most 3 characters
        integer  0 - must be at least 1
        integer  1 1
        integer  5 5
        integer  6 - must be at most 5
        integer  1.0 - must be of the type `integer`
        integer  "1" - must be of the type `integer`
        integer  true - must be of the type `integer`
        enum     "red" red
        enum     "Red" - must be one of `red`, `blue`
        enum     "red " - must be one of `red`, `blue`
        enum     null - must be of the type `enum`
        duration "59s" - must be at least 1m
        duration "60s" 1m
        duration "2h" 2h
        duration "2h1s" - must be at most 2h
        duration 90 - must be of the type `duration`
        duration "90" - must be of the type `duration`
        boolean  true true
        boolean  "true" - must be of the type `boolean`
        boolean  0 - must be of the type `boolean`
    "#]]
    .assert_eq(&table);
}

#[test]
fn all_that_does_not_fit_is_told_at_once() {
    let spec: &Spec = &super::shipped::shipped("high-cpu").spec;
    let given = json!({"instance_id": "x", "capacity": 0, "instance_type": 1, "nobody": 1});
    let unbound = Inputs::bind(spec, given.as_object().unwrap()).unwrap_err();
    let told = super::lines(&unbound);
    expect![[r#"
        the input `instance_id` must have the form `i-[0-9a-f]{8,17}`
        the input `asg` is missing
        the input `capacity` must be at least 1
        the input `old_capacity` is missing
        the input `instance_type` must be of the type `string`
        the input `old_instance_type` is missing
        the input `nobody` is not one of this runbook's
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_pattern_cannot_let_go_of_the_ends() {
    for pattern in ["a)|(.*", "(?x)a #", "a)$|(?:.*", "(?m", "["] {
        let input = Input { pattern: Some(pattern.to_owned()), ..input(Type::String) };
        assert!(fit(&input, &json!("a; reboot")).is_err(), "{pattern}");
        assert!(fit(&input, &json!("a")).is_err(), "{pattern}");
    }
    let lines = Input { pattern: Some("(?m)^a$|(?s).".to_owned()), ..input(Type::String) };
    assert!(fit(&lines, &json!("a")).is_ok());
    assert!(fit(&lines, &json!("ab")).is_err());
}

#[test]
fn what_nobody_sees_is_no_input() {
    let text = input(Type::String);
    for hidden in [
        "\n",
        "\r",
        "\t",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{200b}",
        "\u{200e}",
        "\u{202e}",
        "\u{2066}",
        "\u{2028}",
        "\u{feff}",
        "\u{e0041}",
        "\u{ad}",
        "\u{1b}[2J",
    ] {
        assert!(fit(&text, &json!(format!("a{hidden}b"))).is_err(), "{hidden:?}");
    }
    for seen in ["ä", "日本", "🔥", "a b", "$(id)"] {
        assert!(fit(&text, &json!(seen)).is_ok(), "{seen}");
    }
    assert!(fit(&text, &json!("x".repeat(1_000))).is_ok());
    assert!(fit(&text, &json!("x".repeat(1_001))).is_err());
}
