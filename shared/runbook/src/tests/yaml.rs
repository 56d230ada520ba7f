//! The YAML that is read, and the YAML that is not.

use crate::yaml::read;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::Value;
use std::fmt::Write as _;

#[test]
fn only_what_says_the_same_as_json_is_read() {
    let mut table = String::new();
    for text in [
        "a: 1",
        "a: text",
        "a: 'true'",
        "a: true",
        "a: ~",
        "a:",
        "a: 1.5",
        "a: -3",
        "a: 10m",
        "a: 2026-01-02",
        "a: 1.2.3",
        "a: i-0abc",
        "a: [b, \"c\"]",
        "a: {b: c}",
        "- a\n- b",
        "a: |\n  x\n  y\n",
        "a: >-\n  x\n  y\n",
        "a: no",
        "a: Yes",
        "a: on",
        "a: True",
        "a: 010",
        "a: 0x1f",
        "a: 1_000",
        "a: 1:30",
        "a: &x 1\nb: *x",
        "a: !!str 1",
        "a: 1\na: 2",
        "<<: {b: 1}",
        "? [a]\n: b",
        "a: 1\n---\nb: 2",
        "",
        "# nothing",
        "a: [",
        "\"a",
        "a: \"\\x\"",
        "a: b: c",
        "\ta: 1",
        "a: 1e400",
    ] {
        let read = read(text).map_or_else(|bad| format!("- {bad}"), |value| value.to_string());
        writeln!(table, "{text:?}\n    {read}").unwrap();
    }
    expect![[r##"
        "a: 1"
            {"a":1}
        "a: text"
            {"a":"text"}
        "a: 'true'"
            {"a":"true"}
        "a: true"
            {"a":true}
        "a: ~"
            {"a":null}
        "a:"
            {"a":null}
        "a: 1.5"
            {"a":1.5}
        "a: -3"
            {"a":-3}
        "a: 10m"
            {"a":"10m"}
        "a: 2026-01-02"
            {"a":"2026-01-02"}
        "a: 1.2.3"
            {"a":"1.2.3"}
        "a: i-0abc"
            {"a":"i-0abc"}
        "a: [b, \"c\"]"
            {"a":["b","c"]}
        "a: {b: c}"
            {"a":{"b":"c"}}
        "- a\n- b"
            ["a","b"]
        "a: |\n  x\n  y\n"
            {"a":"x\ny\n"}
        "a: >-\n  x\n  y\n"
            {"a":"x y"}
        "a: no"
            - line 1, column 4: `no` means different things to different readers: quote it
        "a: Yes"
            - line 1, column 4: `Yes` means different things to different readers: quote it
        "a: on"
            - line 1, column 4: `on` means different things to different readers: quote it
        "a: True"
            - line 1, column 4: `True` means different things to different readers: quote it
        "a: 010"
            - line 1, column 4: `010` means different things to different readers: quote it
        "a: 0x1f"
            - line 1, column 4: `0x1f` means different things to different readers: quote it
        "a: 1_000"
            - line 1, column 4: `1_000` means different things to different readers: quote it
        "a: 1:30"
            - line 1, column 4: `1:30` means different things to different readers: quote it
        "a: &x 1\nb: *x"
            - line 1, column 4: anchors and aliases are not read: write it out
        "a: !!str 1"
            - line 1, column 4: tags are not read
        "a: 1\na: 2"
            - line 2, column 1: the key `a` appears twice
        "<<: {b: 1}"
            - line 1, column 1: merge keys are not read: write it out
        "? [a]\n: b"
            - line 1, column 3: a key must be a plain text
        "a: 1\n---\nb: 2"
            - line 3, column 1: a second document: write one a file
        ""
            - line 1, column 1: nothing in it
        "# nothing"
            - line 1, column 1: nothing in it
        "a: ["
            - line 2, column 1: while parsing a node, did not find expected node content
        "\"a"
            - line 1, column 1: while scanning a quoted scalar, found unexpected end of stream
        "a: \"\\x\""
            - line 1, column 4: while parsing a quoted scalar, did not find expected hexadecimal number
        "a: b: c"
            - line 1, column 5: mapping values are not allowed in this context
        "\ta: 1"
            {"a":1}
        "a: 1e400"
            - line 1, column 4: `1e400` means different things to different readers: quote it
    "##]].assert_eq(&table);
}

#[test]
fn depth_and_length_have_an_end() {
    assert!(read(&"[".repeat(100)).is_err());
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    assert!(read(&deep).is_ok());
    let deeper = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    assert_eq!(read(&deeper).unwrap_err().problem, "nested deeper than 64 levels");
    assert!(read(&" ".repeat(300_000)).unwrap_err().problem.starts_with("longer than"));
}

pub(super) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~äß€]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,6}", inner, 0..4).prop_map(|fields| fields
                .into_iter()
                .filter(|(name, _)| !["y", "n"].contains(&name.as_str()))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_read_as_json_is(value in json()) {
        prop_assert_eq!(read(&value.to_string()), Ok(value.clone()));
        prop_assert_eq!(read(&serde_json::to_string_pretty(&value).unwrap()), Ok(value));
    }

    #[test]
    fn nothing_makes_it_panic(text in "[\\[\\]{}:,&*!|>'\"%@`# a\n\t-]{0,60}") {
        _ = read(&text);
    }
}
