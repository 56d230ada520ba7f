use super::*;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write as _;

fn nested(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn what_the_door_refuses() {
    let deep = nested(65);
    let long = format!(r#"{{"{}":{{"b":1e16}}}}"#, "a".repeat(500));
    let mut table = String::new();
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":[{"b":1,"\u0062":2}]}"#,
        r#"{"a/b":{"c~d":9007199254740992}}"#,
        "[0,-9007199254740992]",
        "[1.5,[90071992547409920.0]]",
        "18446744073709551616",
        "1e400",
        r#"{"tags":{"$serde_json::private::RawValue":"{}"}}"#,
        &deep,
        &long,
        "",
        "{} {}",
        r#"["\ud800"]"#,
        "NaN",
        "[1,]",
        "{1:2}",
        "\u{feff}1",
    ] {
        let shown: String = text.chars().take(40).collect();
        writeln!(table, "{shown}\n    {}", parse_strict(text).unwrap_err()).unwrap();
    }
    expect![[r#"
        {"a":1,"a":1}
            the key `/a` appears twice
        {"a":[{"b":1,"\u0062":2}]}
            the key `/a/0/b` appears twice
        {"a/b":{"c~d":9007199254740992}}
            the number at `/a~1b/c~0d` is beyond 9007199254740991: write it as a string
        [0,-9007199254740992]
            the number at `/1` is beyond 9007199254740991: write it as a string
        [1.5,[90071992547409920.0]]
            the number at `/1/0` is beyond 9007199254740991: write it as a string
        18446744073709551616
            the number at `` is beyond 9007199254740991: write it as a string
        1e400
            not JSON: number out of range at line 1 column 5
        {"tags":{"$serde_json::private::RawValue
            the key `/tags/$serde_json::private::RawValue` is reserved
        [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
            nested deeper than 64 levels at `/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0…/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0`
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
            the number at `/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/b` is beyond 9007199254740991: write it as a string

            not JSON: EOF while parsing a value at line 1 column 0
        {} {}
            not JSON: trailing characters at line 1 column 4
        ["\ud800"]
            not JSON: unexpected end of hex escape at line 1 column 9
        NaN
            not JSON: expected value at line 1 column 1
        [1,]
            not JSON: trailing comma at line 1 column 4
        {1:2}
            not JSON: key must be a string at line 1 column 2
        ﻿1
            not JSON: expected value at line 1 column 1
    "#]].assert_eq(&table);
}

#[test]
fn what_the_door_takes() {
    for text in ["9007199254740991", "-9007199254740991", &nested(64), "1.5e-300", "null", " [ ] "]
    {
        let value = parse_strict(text).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
    }
    let wide = format!("[{}[]]", "[],{},".repeat(BODY_DEPTH));
    assert_eq!(canonical(&parse_strict(&wide).unwrap()).unwrap(), wide, "wide is not deep");
    let room_for_the_envelope = nested(BODY_DEPTH);
    assert!(parse_strict(&room_for_the_envelope).is_err());
    let body = parse_body(&room_for_the_envelope).unwrap();
    assert_eq!(canonical(&body).unwrap(), room_for_the_envelope);
    assert!(parse_body(&nested(BODY_DEPTH + 1)).is_err());
}

#[test]
fn what_is_in_memory_is_refused_as_well() {
    let mut deep = json!(1);
    for _ in 0..=BODY_DEPTH {
        deep = json!([deep]);
    }
    assert!(matches!(canonical(&deep), Err(NotCanonical::TooDeep { limit: BODY_DEPTH, .. })));
    let path = || "/a/0".to_owned();
    assert_eq!(canonical(&json!({ "a": [u64::MAX] })), Err(NotCanonical::Number { path: path() }));
    assert_eq!(canonical(&json!({ "a": [i64::MIN] })), Err(NotCanonical::Number { path: path() }));
    assert_eq!(canonical(&json!({ "a": [1e300] })), Err(NotCanonical::Number { path: path() }));
    let reserved = json!({ "$serde_json::private::Number": "1" });
    assert!(matches!(canonical(&reserved), Err(NotCanonical::ReservedKey { .. })));
}

/// What needs no form of its own is written by another writer: keys in order, as `serde_json`
/// keeps them unless a feature of it (`preserve_order`) is on, and digits as they are, unless
/// another one is (`arbitrary_precision`).
#[test]
fn the_usual_form_is_the_canonical_one() {
    let text = r#"{ "b": [1, -2], "a": {"z": null, "\u0000\u007f\"\\/": "\b\t\u001f\u2028é"}, "": 9007199254740991 }"#;
    let value = parse_strict(text).unwrap();
    assert_eq!(form::of(&value, BODY_DEPTH), Some(Form::Usual));
    assert_eq!(
        canonical(&value).unwrap(),
        "{\"\":9007199254740991,\"a\":{\"\\u0000\u{7f}\\\"\\\\/\":\"\\b\\t\\u001f\u{2028}é\",\"z\":null},\"b\":[1,-2]}"
    );
    assert_eq!(canonical(&json!({ "minus": -0.0 })).unwrap(), r#"{"minus":0}"#);
    let object = |depth| (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }));
    assert!(canonical(&object(BODY_DEPTH)).is_ok());
    let deep = canonical(&object(BODY_DEPTH + 1));
    assert!(matches!(deep, Err(NotCanonical::TooDeep { limit: BODY_DEPTH, .. })));
}

/// RFC 8785 §3.2.2 and §3.2.3, and what its appendix B says of numbers.
#[test]
fn the_examples_of_the_standard() {
    let text = r#"{
        "numbers": [333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001, -0.0, 1E3],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    expect![[
        r#"{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27,0,1000],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
    ]]
    .assert_eq(&canonical(&parse_strict(text).unwrap()).unwrap());

    // Keys are in the order of their UTF-16 units: U+1F600 comes before U+FB33.
    let keys = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
    let sorted = canonical(&parse_strict(keys).unwrap()).unwrap();
    let order: Vec<_> =
        sorted.split([',', '}']).filter_map(|pair| pair.split(':').nth(1)).collect();
    assert_eq!(order, ["2", "4", "6", "7", "1", "5", "3"]);

    for (bits, text) in [
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x433f_ffff_ffff_ffff, "9007199254740991"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
    ] {
        assert_eq!(canonical(&json!(f64::from_bits(bits))).unwrap(), text);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
        (-1e15f64..1e15).prop_map(Value::from),
        any::<f64>()
            .prop_filter("within the bound", |x| x.abs() <= MAX_INTEGER)
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{1f}\"\\\\/\u{7f}-\u{a0}\u{2028}\u{d7ff}\u{e000}\u{ffff}\u{1f600}]{0,6}"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let key = prop_oneof![any::<String>(), "[a\u{e9}\u{20ac}\u{fb33}\u{1f600}]{0,3}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What the product writes nearly always: keys of ASCII, and no fraction.
fn usual_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{7f}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[\u{0}-\u{7f}]{0,4}", inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn both_writers_write_the_same(value in usual_json()) {
        prop_assert_eq!(form::of(&value, BODY_DEPTH), Some(Form::Usual));
        prop_assert_eq!(canonical(&value).unwrap(), serde_json_canonicalizer::to_string(&value).unwrap());
    }

    #[test]
    fn another_implementation_writes_the_same(value in any_json()) {
        prop_assert_eq!(canonical(&value).unwrap(), serde_jcs::to_string(&value).unwrap());
    }

    #[test]
    fn the_canonical_text_reads_back_as_itself(value in any_json()) {
        let text = canonical(&value).unwrap();
        let read = parse_body(&text).unwrap();
        prop_assert_eq!(canonical(&read).unwrap(), text);
    }

    #[test]
    fn strict_reading_agrees_with_the_usual_one(value in any_json()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(parse_strict(&text).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn nothing_that_comes_in_is_a_panic(text in r#"[\[\]{}:,"a0-9eE+. \\u-]{0,40}"#) {
        let strict = parse_strict(&text);
        if let Ok(value) = strict {
            prop_assert!(canonical(&value).is_ok());
        }
    }
}
