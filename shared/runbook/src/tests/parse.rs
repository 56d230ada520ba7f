//! What is no spec, and all the reasons at once.

use super::shipped::shipped;
use crate::cases::change;
use crate::parse::{self, Unread};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

fn problems(value: &Value) -> String {
    match parse::read(value) {
        Ok(_) => "a spec\n".to_owned(),
        Err(Unread::Wrong(problems)) => super::lines(&problems),
        Err(other) => format!("{other}\n"),
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut value = shipped("high-cpu").value.clone();
    for (at, to) in [
        ("name", json!("High CPU")),
        ("titel", json!("a slip of the pen")),
        ("review_days", json!(0)),
        ("risk", json!("severe")),
        ("for.matrix", json!(["high_cpu", "high_cpu", "cpu"])),
        ("inputs[0].type", json!("text")),
        ("steps[0].timeout", json!(120)),
        ("steps[1].do.choose.options[0].steps[0].do.command.argv", json!("aws ec2")),
        ("steps[1].do.choose.options[0].steps[0].do.command.argvv", json!(["aws"])),
        (
            "steps[2].do.choose.options[1].steps[0].do",
            json!({"ssm": {"document": "a b"}, "wait": {"duration": "5m"}}),
        ),
        ("steps[2].do.choose.options[0].steps[0].do", json!({"shell": "rm -rf"})),
        ("steps[3].title", json!("")),
    ] {
        value = change(&value, at, Some(&to)).unwrap();
    }
    value = change(&value, "author", None).unwrap();
    value = change(&value, "steps[3].do", None).unwrap();
    expect![[r#"
        `for.matrix[1]` stands there twice
        `for.matrix[2]` must be one of `high_cpu`, `memory_high`, `disk_full`, `errors_5xx`, `high_latency`, `db_connection`
        `inputs[0].type` must be one of `string`, `integer`, `boolean`, `enum`, `duration`
        `name` must have the form `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`
        `review_days` must be at least 1
        `risk` must be one of `low`, `medium`, `high`
        `steps[0].timeout` must be a length of time with its unit, as `30s`, `5m` or `2h`
        `steps[1].do.choose.options[0].steps[0].do.command.argv` must be a list
        `steps[1].do.choose.options[0].steps[0].do.command.argvv` is unknown; did you mean `argv`?
        `steps[2].do.choose.options[0].steps[0].do` must have exactly one of `manual`, `http`, `command`, `ssm`, `wait`, `check`, `choose`, `transition`, `notify`, `export`
        `steps[2].do.choose.options[1].steps[0].do` must have exactly one of `manual`, `http`, `command`, `ssm`, `wait`, `check`, `choose`, `transition`, `notify`, `export`
        `steps[3].title` must not be empty
        `steps[3].do` is missing
        `titel` is unknown; did you mean `title`?
        `author` is missing
    "#]].assert_eq(&problems(&value));
}

#[test]
fn templates_and_inputs_are_looked_at_once_the_shape_is_right() {
    let mut value = shipped("high-cpu").value.clone();
    for (at, to) in [
        ("inputs[0].pattern", json!("[a-")),
        ("inputs[1].name", json!("instance_id")),
        ("inputs[2].min", json!("one")),
        ("inputs[3].choices", json!(["a"])),
        ("inputs[3].min", json!(5_000_000)),
        ("steps[0].do.command.argv[0]", json!("{{input.program}}")),
        ("steps[0].do.command.argv[3]", json!("{{env.HOME}}")),
        ("steps[0].do.command.argv[4]", json!("{{input.instance_id")),
        ("steps[0].do.command.stdin", json!("{{tenant}}")),
        (
            "steps[1].do",
            json!({"http": {"method": "GET", "url": "https://a.example.com/", "headers": {"X-A": {"value": "{{tenant}}"}}}}),
        ),
    ] {
        value = change(&value, at, Some(&to)).unwrap();
    }
    let ssm = json!({"ssm": {"document": "AWS-X", "parameters": {"{{tenant}}": ["x"]}}});
    value = change(&value, "steps[3].do", Some(&ssm)).unwrap();
    let url = "https://a.example.com/";
    let keys = json!({"http": {"method": "POST", "url": url, "query": {"{{tenant}}": "x"},
        "json": {"a": [{"{{tenant}}": 1}]}}});
    value = change(&value, "steps[2].do.choose.options[0].steps[0].do", Some(&keys)).unwrap();
    expect![[r#"
        `inputs[0].pattern` is no regular expression
        `inputs[1].name` is the name of another input
        `inputs[2].min` must be a whole number
        `inputs[3].choices` is for the type `enum`
        `inputs[3].max` is less than `min`
        `steps[0].do.command.argv[3]` has the unknown variable `env.HOME`
        `steps[0].do.command.argv[4]` has a `{{` that no `}}` closes
        `steps[0].do.command.argv[0]` is taken as it stands: variables are not filled in here
        `steps[0].do.command.stdin` is taken as it stands: variables are not filled in here
        `steps[1].do.http.headers.X-A` is taken as it stands: variables are not filled in here
        `steps[2].do.choose.options[0].steps[0].do.http.query` is taken as it stands: variables are not filled in here
        `steps[2].do.choose.options[0].steps[0].do.http.json` is taken as it stands: variables are not filled in here
        `steps[3].do.ssm.parameters` is taken as it stands: variables are not filled in here
    "#]]
    .assert_eq(&problems(&value));
}

#[test]
fn what_is_no_json_is_no_spec() {
    for text in ["", "{", "[]", "null", "{\"name\":1,\"name\":2}", "\u{0}"] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    let long = format!("\"{}\"", "x".repeat(parse::LONGEST));
    assert!(matches!(parse(&long), Err(Unread::TooLong { .. })));
}

fn parse(text: &str) -> Result<crate::Spec, Unread> {
    crate::parse(text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_makes_the_reader_or_the_lint_panic(value in super::yaml::json(), at in 0_usize..12) {
        const PLACES: [&str; 12] = [
            "name", "for", "inputs", "inputs[0]", "inputs[0].default", "inputs[3].min", "steps", "steps[0]",
            "steps[0].do", "steps[0].do.command.argv", "steps[2].do.choose.options[0]", "steps[2].do.choose",
        ];
        _ = parse::read(&value);
        let changed = change(&shipped("high-cpu").value, PLACES[at], Some(&value)).unwrap();
        if let Ok(spec) = parse::read(&changed) {
            _ = crate::lint(&spec);
        }
    }

    #[test]
    fn any_word_in_any_element_is_judged(word in "\\PC{0,24}", at in 0_usize..8) {
        let place = format!("steps[0].do.command.argv[{at}]");
        let changed = change(&shipped("high-cpu").value, &place, Some(&json!(word))).unwrap();
        if let Ok(spec) = parse::read(&changed) {
            _ = crate::lint(&spec);
        }
    }
}

/// An alarm's name is a title, and whoever names the alarm would name the parameter.
#[test]
fn words_of_an_incident_are_for_people_and_no_parameters() {
    let mut found = String::new();
    for fact in ["id", "display_id", "started_at", "duration"] {
        assert_eq!(with_fact("steps[0].do.command.argv[3]", fact), "a spec\n", "{fact}");
    }
    for fact in ["title", "severity_label", "commander", "owner"] {
        found.push_str(&with_fact("steps[0].do.command.argv[3]", fact));
    }
    expect![[r#"
        `steps[0].do.command.argv[3]` has `incident.title`, which is for words and `json` only
        `steps[0].do.command.argv[3]` has `incident.severity_label`, which is for words and `json` only
        `steps[0].do.command.argv[3]` has `incident.commander`, which is for words and `json` only
        `steps[0].do.command.argv[3]` has `incident.owner`, which is for words and `json` only
    "#]].assert_eq(&found);
    let instructions = "steps[2].do.choose.options[2].steps[0].do.manual.instructions";
    assert_eq!(with_fact(instructions, "title"), "a spec\n");
}

fn with_fact(at: &str, fact: &str) -> String {
    let fact = json!(format!("{{{{incident.{fact}}}}}"));
    problems(&change(&shipped("high-cpu").value, at, Some(&fact)).unwrap())
}
