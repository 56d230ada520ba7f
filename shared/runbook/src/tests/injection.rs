//! Hostile inputs in every place where an input can stand: refused, or inert.

use crate::bind::Inputs;
use crate::render::{Given, Rendered, render};
use crate::spec::Spec;
use crate::{cases, parse};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What attackers write.
const CORPUS: &[&str] = &[
    "$(id)",
    "`id`",
    "; rm -rf /",
    "&& reboot",
    "| sh",
    "|| true",
    "> /etc/passwd",
    "< /dev/zero",
    "a b",
    "'",
    "\"",
    "\\",
    "a'b\"c",
    "' OR '1'='1",
    "\"; DROP TABLE users; --",
    "*",
    "?",
    "~",
    "!",
    "#",
    "%0a",
    "%00",
    "%2e%2e%2f",
    "$HOME",
    "${IFS}",
    "-rf",
    "--help",
    "-",
    "--",
    "-o ProxyCommand=x",
    "@/etc/passwd",
    "file:///etc/passwd",
    "fileb:///etc/shadow",
    "http://169.254.169.254/",
    "https://evil.example/",
    "../../etc/passwd",
    "..",
    "/..",
    "a/../b",
    "..\\..\\x",
    "%2E%2E/x",
    "{{input.x}}",
    "{{tenant}}",
    "{{ssm:/prod/secret}}",
    "}}",
    "{{",
    "{{global:DATE}}",
    "{a}",
    "{a,b}",
    "a,b",
    "a=b",
    "Name=x,Value=y",
    "[\"x\"]",
    "{\"a\":1}",
    "a\r\nX-Evil: 1",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\0b",
    "\u{1b}[2J",
    "\u{202e}gnp",
    "\u{200b}",
    "\u{feff}",
    "\u{2028}",
    "ﬁle",
    "ａｂｃ",
    "é",
    "日本語",
    "🔥",
    "&a=b",
    "a&b",
    "?x=1",
    "#frag",
    "a;b",
    "a%b",
    "",
    " ",
    "  a  ",
    "null",
    "true",
    "0",
    "-1",
    "1e9",
    "a/b",
    "a\\b",
    "http:",
    "//evil.example",
    "@evil.example",
    "a@b",
    ":80",
    "%s%n",
    "<script>",
    "&lt;",
    "=cmd|' /C calc'!A0",
    "AKIAIOSFODNN7EXAMPLE",
];

/// A spec that has the input `x` in every place there is.
fn spec() -> Spec {
    let x = "{{input.x}}";
    let step = |id: &str, action: Value| json!({"id": id, "title": id, "risk": "high", "timeout": "5m", "do": action});
    let value = json!({
        "name": "everywhere", "title": "Everywhere", "description": "x", "author": "x",
        "inputs": [{"name": "x", "description": "x", "type": "string", "max": 20_000}],
        "hosts": ["api.example.com"],
        "steps": [
            step("argument", json!({"command": {"argv": ["echo", x, "end"], "profile": "p"}})),
            step("part", json!({"command": {"argv": ["aws", format!("Name=a,Value={x}"), "end"], "profile": "p"}})),
            step("parameter", json!({"ssm": {"document": "AWS-X", "parameters": {"A": [x, "end"]}}})),
            step("path", json!({"http": {"method": "GET", "url": format!("https://api.example.com/a/{x}/z")}})),
            step("query", json!({"http": {"method": "GET", "url": "https://api.example.com/a", "query": {"q": x, "z": "1"}}})),
            step("json", json!({"http": {"method": "POST", "url": "https://api.example.com/a", "json": {"a": [x], "b": format!("<{x}>")}}})),
            step("words", json!({"manual": {"instructions": format!("Look at {x}.")}})),
            step("rationale", json!({"transition": {"to": "mitigating", "rationale": x}})),
            step("values", json!({"notify": {"audience": "responders", "template": "t", "values": {"v": x}}})),
        ]
    });
    parse::read(&value).unwrap()
}

fn given(text: &str) -> Map<String, Value> {
    json!({"x": text}).as_object().unwrap().clone()
}

/// What the bytes of a query's value decode to.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Renders every step with the text as its input, and holds each result against what it may be.
/// Answers how many were taken and how many were refused.
fn inert(spec: &Spec, text: &str) -> (u32, u32) {
    let Ok(inputs) = Inputs::bind(spec, &given(text)) else { return (0, 9) };
    let given: Given<'_> = cases::given(&inputs);
    let (mut taken, mut refused) = (0, 0);
    for (at, step) in spec.steps.iter().enumerate() {
        let Ok(rendered) = render(&step.action, &format!("steps[{at}].do"), &given) else {
            refused = u32::saturating_add(refused, 1);
            continue;
        };
        taken = u32::saturating_add(taken, 1);
        match (step.id.as_str(), rendered) {
            ("argument", Rendered::Command(program)) => {
                assert_eq!(program.argv, ["echo", text, "end"]);
                assert!(!text.starts_with('-') || text.parse::<i64>().is_ok(), "{text:?}");
                assert!(!text.contains("://") && !text.starts_with('@'), "{text:?}");
            }
            ("part", Rendered::Command(program)) => {
                assert_eq!(program.argv, ["aws", &format!("Name=a,Value={text}"), "end"]);
                let plain = |one: char| one.is_ascii_alphanumeric() || "._:/@+%-".contains(one);
                assert!(text.chars().all(plain), "{text:?}");
            }
            ("parameter", Rendered::Ssm { document, parameters }) => {
                assert_eq!(document, "AWS-X");
                assert_eq!(parameters["A"], [text, "end"]);
            }
            ("path", Rendered::Http(request)) => {
                assert_eq!(request.authority.host, "api.example.com");
                let parts: Vec<&str> = request.url.split('/').collect();
                assert_eq!(parts.len(), 6, "{}", request.url);
                assert_eq!((parts[2], parts[3], parts[5]), ("api.example.com", "a", "z"));
                assert_eq!(decoded(parts[4]), text);
                assert!(!["", ".", ".."].contains(&parts[4]));
                assert!(!request.url.contains(['?', '#']));
            }
            ("query", Rendered::Http(request)) => {
                let (path, query) = request.url.split_once('?').unwrap();
                assert_eq!(path, "https://api.example.com/a");
                let pairs: Vec<&str> = query.split('&').collect();
                assert_eq!((pairs.len(), pairs[1]), (2, "z=1"), "{query}");
                assert_eq!(decoded(pairs[0].strip_prefix("q=").unwrap()), text);
            }
            ("json", Rendered::Http(request)) => {
                assert_eq!(request.json, Some(json!({"a": [text], "b": format!("<{text}>")})));
            }
            ("words", Rendered::Manual { instructions, .. }) => {
                assert_eq!(instructions, format!("Look at {text}."));
                assert_eq!(instructions.lines().count(), 1);
            }
            ("rationale", Rendered::Transition { rationale, .. }) => {
                assert_eq!(rationale.as_deref(), Some(text));
            }
            ("values", Rendered::Notify { values, .. }) => assert_eq!(values["v"], text),
            (id, other) => panic!("{id}: {other:?}"),
        }
    }
    (taken, refused)
}

#[test]
fn hostile_inputs_are_inert_in_every_parameter() {
    let spec = spec();
    let (mut taken, mut refused) = (0, 0);
    let long = ["x".repeat(10_000), "../".repeat(3_000), "{{".repeat(5_000), "é".repeat(10_000)];
    for text in CORPUS.iter().copied().chain(long.iter().map(String::as_str)) {
        let (more_taken, more_refused) = inert(&spec, text);
        taken += more_taken;
        refused += more_refused;
    }
    // Neither all is refused, which would prove nothing, nor is all taken.
    assert_eq!(
        taken + refused,
        u32::try_from((CORPUS.len() + long.len()) * spec.steps.len()).unwrap()
    );
    assert!(taken > 300 && refused > 300, "{taken} taken, {refused} refused");
}

#[test]
fn what_would_do_harm_in_an_argv_is_refused() {
    let spec = spec();
    for text in [
        "-rf",
        "--help",
        "@/etc/passwd",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "..",
        "../../etc/passwd",
        "a/../b",
        "{{tenant}}",
        "a\nb",
        "a\0b",
        "\u{202e}gnp",
    ] {
        let Ok(inputs) = Inputs::bind(&spec, &given(text)) else { continue };
        let given = cases::given(&inputs);
        assert!(render(&spec.steps[0].action, "steps[0].do", &given).is_err(), "{text:?}");
    }
    for text in ["a,b", "a b", "a=b", "\"", "'", "$(id)", "{a}", "[a]", "a;b", "a|b", "é"] {
        let inputs = Inputs::bind(&spec, &given(text)).unwrap();
        let given = cases::given(&inputs);
        assert!(render(&spec.steps[1].action, "steps[1].do", &given).is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_written_stays_what_it_is(text in "\\PC{0,40}") {
        inert(&spec(), &text);
    }

    #[test]
    fn what_is_made_of_signs_stays_what_it_is(text in "[-/.:@%{}$;|&'\" \\\\a1=,?#\r\n]{0,12}") {
        inert(&spec(), &text);
    }
}
