//! Making of malformed inputs.

use super::super::chance::Chance;
use crate::repo::{files, read};
use serde_json::{Value, json};

/// What no JSON text may be, or what readers disagree on.
const WRONG: [&str; 24] = [
    "",
    " ",
    "{",
    "}",
    "[1,]",
    "{\"a\":1,}",
    "{'a':1}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "NaN",
    "-Infinity",
    "[1e999]",
    "[01]",
    "[.5]",
    "[1.]",
    "[+1]",
    "[0x10]",
    "\"\\ud800\"",
    "\"\\x41\"",
    "\"a\u{1}b\"",
    "// no\n{}",
    "\u{feff}{}",
    "{\"title\":\"a\",\"title\":\"b\"}",
    "[1]{}",
];

/// Words that have hurt somebody.
const NAUGHTY: [&str; 16] = [
    "\0",
    "\u{202e}drow",
    "\u{feff}",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "${jndi:ldap://x}",
    "%00",
    "T#globex#INC#x",
    "nil",
    "1e309",
    "\u{1f468}\u{200d}\u{1f469}",
    "\r\nset-cookie: a=b",
    "9007199254740993",
    "__proto__",
    "\u{fffd}\u{fffe}",
];

/// Good events and bodies, to be spoilt.
pub(super) fn samples() -> Vec<Value> {
    let is_sample =
        |path: &String| path.starts_with("tests/fixtures/alarms/") && path.ends_with("json");
    let mut all: Vec<Value> = files()
        .into_iter()
        .filter(is_sample)
        .map(|path| serde_json::from_str(&read(&path)).unwrap())
        .collect();
    all.extend([
        json!({ "title": "storage answers slowly", "severity": "high", "tags": { "a": "b" } }),
        json!({ "title": "{alarm.name}", "severity": "low", "matches": [{ "name_prefix": "a" }] }),
        json!({ "status": "acknowledged", "rationale": "seen" }),
        json!({ "cluster_id": "rosa-7", "launch": "later", "approvers": ["ana@example.org"] }),
        json!({ "tenant": "acme", "environment": "env-1", "looks": 3 }),
    ]);
    all
}

/// One malformed input.
pub(super) fn spoilt(samples: &[Value], chance: &mut Chance) -> String {
    let mut sample = chance.pick(samples).clone();
    match chance.below(12) {
        0 => (*chance.pick(&WRONG)).to_owned(),
        1 => "[".repeat(10_000),
        2 => format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
        3 if chance.once_in(12) => json!({ "title": "x".repeat(6 << 20) }).to_string(),
        3 | 4 => {
            let text = sample.to_string();
            text.chars().take(chance.below(text.len())).collect()
        }
        5 => {
            let text = sample.to_string();
            let at = chance.below(text.len());
            let put = *chance.pick(&["\"", "}", ",", "\\", "\u{0}", "é", "]", ":"]);
            text.chars().take(at).chain(put.chars()).chain(text.chars().skip(at + 1)).collect()
        }
        _ => {
            for _ in 0..=chance.below(3) {
                change(&mut sample, chance);
            }
            sample.to_string()
        }
    }
}

/// Changes one part, somewhere below.
fn change(value: &mut Value, chance: &mut Chance) {
    match value {
        Value::Object(members) if !members.is_empty() && !chance.once_in(6) => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = chance.pick(&names);
            match chance.below(8) {
                0 => drop(members.remove(name)),
                1 => {
                    let member = members.remove(name).unwrap_or_default();
                    members.insert((*chance.pick(&NAUGHTY)).to_owned(), member);
                }
                _ => change(members.get_mut(name).unwrap(), chance),
            }
        }
        Value::Array(items) if !items.is_empty() && !chance.once_in(6) => {
            let at = chance.below(items.len());
            change(&mut items[at], chance);
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            *value = match chance.below(8) {
                0 => Value::Null,
                1 => json!(true),
                2 => json!(-1.5e300),
                3 => json!([[], {}]),
                4 => json!({ "S": "x" }),
                5 => json!("x".repeat(5_000)),
                6 => json!(u64::MAX),
                _ => json!(chance.pick(&NAUGHTY)),
            }
        }
    }
}
