//! Each code is found where it belongs, and nowhere else.

use super::shipped::shipped;
use crate::cases::change;
use crate::lint::Code;
use crate::{lint, parse};
use expect_test::expect_file;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A sound runbook of one step of each sort.
fn sound() -> Value {
    json!({
        "name": "sound", "title": "Sound", "description": "x", "author": "x", "risk": "high", "review_days": 90,
        "tags": {"a": "b"}, "hosts": ["api.example.com"],
        "inputs": [{"name": "pod", "description": "x", "type": "string", "pattern": "[a-z]+", "default": "a"}],
        "steps": [
            {"id": "look", "title": "x", "risk": "low", "timeout": "2m",
             "do": {"command": {"argv": ["kubectl", "logs", "{{input.pod}}", "--since", "1h"], "profile": "p"}}},
            {"id": "ask", "title": "x", "risk": "low", "timeout": "2m",
             "do": {"http": {"method": "GET", "url": "https://api.example.com/a"}}},
            {"id": "delete", "title": "x", "risk": "high", "timeout": "2m", "guard": {"operation": "delete"},
             "do": {"command": {"argv": ["kubectl", "delete", "pod", "{{input.pod}}"], "profile": "p"}},
             "evidence": {"shows": "x"}, "irreversible": "x", "downtime": "x"},
            {"id": "choice", "title": "x", "risk": "low", "timeout": "1h", "do": {"choose": {"question": "x", "options": [
                {"name": "on", "title": "x", "risk": "low"},
                {"name": "off", "title": "x", "risk": "low", "ends": true}]}}},
            {"id": "wait", "title": "x", "risk": "low", "timeout": "10m", "do": {"wait": {"duration": "5m"}}},
            {"id": "check", "title": "x", "risk": "low", "timeout": "30m",
             "do": {"check": {"probe": {"http": {"method": "GET", "url": "https://api.example.com/b"}},
                              "every": "30s", "stable_for": "5m", "limit": "20m"}}},
            {"id": "move", "title": "x", "risk": "low", "timeout": "2m", "do": {"transition": {"to": "monitoring", "rationale": "x"}}},
            {"id": "metrics", "title": "x", "risk": "low", "timeout": "2m",
             "do": {"command": {"argv": ["aws", "logs", "filter-log-events", "--log-group-name", "a", "--start-time", "{{time.ms-1h}}"], "profile": "p"}}}
        ]
    })
}

/// Changes of the sound one, each a fault.
fn faults() -> Vec<(&'static str, Option<Value>)> {
    let argv = |words: &[&str]| Some(json!(words));
    let look = "steps[0].do.command.argv";
    vec![
        ("risk", None),
        ("risk", Some(json!("low"))),
        ("steps[0].risk", None),
        ("steps[2].risk", Some(json!("medium"))),
        ("steps[3].do.choose.options[0].risk", None),
        (
            "steps[3].do.choose.options[0].steps",
            Some(
                json!([{"id": "x", "title": "x", "risk": "medium", "timeout": "5m", "do": {"manual": {"instructions": "x"}}}]),
            ),
        ),
        (look, argv(&["kubectl", "cordon", "{{input.pod}}"])),
        ("steps[2].guard", None),
        ("steps[0].guard", Some(json!({"operation": "x"}))),
        ("steps[2].irreversible", None),
        ("steps[2].evidence", None),
        ("steps[2].downtime", None),
        ("steps[2].timeout", None),
        ("steps[1].id", Some(json!("look"))),
        ("steps[3].do.choose.options[1].name", Some(json!("on"))),
        ("steps[3].do.choose.options[0].ends", Some(json!(true))),
        ("steps[6].do.transition.to", Some(json!("closed"))),
        ("steps[6].do.transition.to", Some(json!("new"))),
        ("steps[6].do.transition.rationale", None),
        ("steps[4].when", Some(json!({"step": "choice", "chosen": "off"}))),
        ("steps[1].when", Some(json!({"step": "choice", "chosen": "on"}))),
        ("steps[3].do.choose.options[1]", None),
        ("inputs[0].name", Some(json!("other"))),
        ("inputs[0].default", Some(json!("A"))),
        ("inputs[0].pattern", None),
        ("steps[2].do.command.argv", argv(&["kubectl", "scale", "--replicas", "{{input.pod}}"])),
        ("steps[2].do.command.argv", argv(&["kubectl", "scale", "--replicas={{input.pod}}"])),
        (look, argv(&["sudo", "{{input.pod}}"])),
        (look, argv(&["kubectl", "exec", "x", "--", "{{input.pod}}"])),
        (look, argv(&["sh", "-c", "cat {{input.pod}}"])),
        (look, argv(&["sh", "-s", "{{input.pod}}"])),
        (look, argv(&["kubectl", "exec", "x", "--", "psql", "-c", "SELECT '{{input.pod}}'"])),
        (
            "steps[0].do",
            Some(
                json!({"ssm": {"document": "AWS-RunShellScript", "parameters": {"commands": ["ls {{input.pod}}"]}}}),
            ),
        ),
        (look, argv(&["kubectl logs x", "{{input.pod}}"])),
        (look, argv(&["cat", "{{input.pod}}", "|", "head"])),
        (look, argv(&["cat", "{{input.pod}}", "$(date)"])),
        (look, argv(&["cat", "{{input.pod}}", "$HOME/x"])),
        (look, argv(&["kubectl", "logs", "-f", "{{input.pod}}"])),
        (look, argv(&["kubectl", "exec", "-it", "{{input.pod}}", "--", "cat", "x"])),
        (look, argv(&["aws", "logs", "tail", "{{input.pod}}", "--follow"])),
        (look, argv(&["top"])),
        (look, argv(&["ping", "{{input.pod}}"])),
        (look, argv(&["kubectl", "port-forward", "{{input.pod}}", "80"])),
        (look, argv(&["kubectl", "exec", "x", "--", "tail", "-f", "{{input.pod}}"])),
        (look, argv(&["cat", "{{input.pod}}", "AKIAIOSFODNN7EXAMPLE"])),
        (look, argv(&["cat", "{{input.pod}}", "--password", "hunter22"])),
        (look, argv(&["cat", "{{input.pod}}", "token=abcdef123456"])),
        (look, argv(&["cat", "{{input.pod}}", "dGhpc0lzQVNlY3JldDEyMzQ1Njc4OTAxMjM0"])),
        (look, argv(&["curl", "{{input.pod}}", "https://user:hunter22@a.example.com/"])),
        (
            look,
            argv(&["aws", "secretsmanager", "get-secret-value", "--secret-id", "{{input.pod}}"]),
        ),
        ("steps[1].do.http.headers", Some(json!({"Authorization": {"value": "Basic x"}}))),
        ("steps[1].do.http.headers", Some(json!({"Host": {"value": "evil.example"}}))),
        ("steps[1].do.http.headers", Some(json!({"X-A": {"value": "a\r\nX-B: c"}}))),
        ("steps[1].do.http.url", Some(json!("https://other.example.com/"))),
        ("steps[1].do.http.url", Some(json!("https://169.254.169.254/"))),
        ("steps[1].do.http.url", Some(json!("http://api.example.com/"))),
        ("steps[1].do.http.url", Some(json!("https://{{input.pod}}.example.com/"))),
        ("hosts", Some(json!(["api.example.com", "b.example.com"]))),
        (
            "steps[1].do.http.expect",
            Some(json!({"status": [200], "body_contains": "{{input.pod}}"})),
        ),
        ("steps[2].do.command.output_contains", Some(json!("pod {{input.pod}}"))),
        ("steps[2].do.command.output_is", Some(json!("{{input.pod}}"))),
        ("steps[4].timeout", Some(json!("4m"))),
        ("steps[4].do.wait.duration", Some(json!("5h"))),
        ("steps[0].timeout", Some(json!("2s"))),
        ("steps[0].timeout", Some(json!("2d"))),
        ("steps[3].timeout", Some(json!("61d"))),
        ("steps[4].timeout", Some(json!("2d"))),
        ("steps[5].do.check.stable_for", Some(json!("5s"))),
        ("steps[5].do.check.limit", Some(json!("5m"))),
        ("steps[5].do.check.limit", Some(json!("40m"))),
        ("steps[5].do.check.every", Some(json!("1s"))),
        ("steps[7].do.command.argv[6]", Some(json!("{{time.s-1h}}"))),
        ("steps[7].do.command.argv[6]", Some(json!("1700000000"))),
        ("steps[7].do.command.argv[2]", Some(json!("start-query"))),
        ("steps[1].title", Some(json!("Look \u{202e}at it"))),
        ("tags", Some(json!({"a\u{200b}": "b"}))),
        (look, argv(&["cat", "{{input.pod}}", "a\u{1b}[2Jb"])),
        ("steps[2].on_failure", Some(json!("continue"))),
        ("steps[3].on_failure", Some(json!("continue"))),
        ("steps[4].on_failure", Some(json!("continue"))),
        ("steps[5].on_failure", Some(json!("continue"))),
        ("steps[6].on_failure", Some(json!("continue"))),
        ("steps[1].on_failure", Some(json!("continue"))),
        ("review_days", None),
        ("verifies", Some(json!("recovery"))),
        ("tags", None),
    ]
}

#[test]
fn a_sound_runbook_has_no_findings() {
    assert_eq!(lint(&parse::read(&sound()).unwrap()), vec![]);
}

/// What nobody would see, written out.
fn seen(text: &str) -> String {
    let shown = |one: char| {
        if crate::words::is_hidden(one) { one.escape_unicode().collect() } else { one.to_string() }
    };
    text.chars().map(shown).collect()
}

#[test]
fn each_fault_is_found_and_told() {
    let mut page = String::new();
    let mut found = BTreeSet::new();
    for (at, to) in faults() {
        let value = change(&sound(), at, to.as_ref()).unwrap();
        let spec = parse::read(&value).unwrap_or_else(|unread| panic!("{at}: {unread}"));
        let findings = lint(&spec);
        let to = to.map_or("(nothing)".to_owned(), |to| seen(&to.to_string()));
        writeln!(page, "{at} = {to}").unwrap();
        for one in &findings {
            let (severity, code) = (one.severity.name(), one.code);
            writeln!(page, "    {severity} {code} at {}: {}", one.path, one.problem).unwrap();
            found.insert(one.code);
        }
        // `verifies` is sound here: the runbook has checks.
        assert_eq!(findings.is_empty(), at == "verifies", "{at} = {to}");
    }
    expect_file!["lint/findings.txt"].assert_eq(&page);
    // What proves a recovery has tests of its own.
    found.extend([Code::VerifiesNothing, Code::ResolvedEarly]);
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !found.contains(code)).collect();
    assert!(missing.is_empty(), "no fault shows {missing:?}");
}

#[test]
fn what_verifies_checks_something() {
    let mut spec = shipped("root-cause-analysis").spec.clone();
    spec.verifies = Some(crate::spec::Verifies::Recovery);
    let codes: Vec<Code> = lint(&spec).iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::VerifiesNothing]);
}

/// The first month after an incident is done by people (S2-29), and no machine waits for so long.
#[test]
fn what_a_person_owes_may_take_weeks() {
    let found = |at: &str, to: &str| {
        let value = change(&sound(), &format!("{at}.timeout"), Some(&json!(to))).unwrap();
        let value = change(&value, "steps[1].do", Some(&json!({"manual": {"instructions": "x"}})));
        lint(&parse::read(&value.unwrap()).unwrap()).iter().map(|one| one.code).collect::<Vec<_>>()
    };
    for (at, to, codes) in [
        ("steps[1]", "60d", vec![]),
        ("steps[1]", "61d", vec![Code::Units]),
        ("steps[3]", "60d", vec![]),
        ("steps[4]", "1d", vec![]),
        ("steps[4]", "25h", vec![Code::Units]),
        ("steps[0]", "5h", vec![Code::Units]),
    ] {
        assert_eq!(found(at, to), codes, "{at} for {to}");
    }
}

/// Only what looks may be gone on without; a check, where a proof is made of it.
#[test]
fn a_run_goes_on_without_a_look_alone() {
    let onward = |changes: &[(&str, Value)]| {
        let mut value = change(&sound(), "steps[1].on_failure", Some(&json!("continue"))).unwrap();
        for (at, to) in changes {
            value = change(&value, at, Some(to)).unwrap();
        }
        let spec = parse::read(&value).unwrap();
        lint(&spec).iter().any(|one| one.code == Code::ContinueRefused)
    };
    assert!(!onward(&[]));
    assert!(onward(&[("steps[1].risk", json!("medium"))]));
    assert!(onward(&[("steps[1].do.http.method", json!("POST"))]));
    assert!(!onward(&[("verifies", json!("recovery"))]));
    let back = json!({"note": "x", "do": {"command": {"argv": ["kubectl", "uncordon", "x"], "profile": "p"}}});
    assert!(onward(&[("steps[1].rollback", back)]));
    // In an alternative that is said to be of high risk it waits for an approval.
    let step = json!([{"id": "x", "title": "x", "risk": "low", "timeout": "5m", "on_failure": "continue",
        "do": {"http": {"method": "GET", "url": "https://api.example.com/c"}}}]);
    let option = "steps[3].do.choose.options[0]";
    let (steps, risk) = (format!("{option}.steps"), format!("{option}.risk"));
    assert!(!onward(&[(&steps, step.clone())]));
    assert!(onward(&[(&steps, step), (&risk, json!("high"))]));
}

/// What may not have been read moves nothing, unless a person comes between who can see that.
#[test]
fn nothing_changes_behind_a_look_that_may_be_missing() {
    let found = |changes: &[(&str, Value)]| {
        let value = changes.iter().fold(sound(), |value, (at, to)| {
            change(&value, at, Some(to)).unwrap_or_else(|_| panic!("no {at}"))
        });
        let findings = lint(&parse::read(&value).unwrap());
        let unseen = findings.into_iter().filter(|one| one.code == Code::UnseenChange);
        unseen.map(|one| one.path).collect::<Vec<_>>()
    };
    let person = |tick: bool| json!({"manual": {"instructions": "x", "tick": tick}});
    let cordon = || json!({"command": {"argv": ["kubectl", "cordon", "x"], "profile": "p"}});
    let post = || json!({"http": {"method": "POST", "url": "https://api.example.com/c"}});
    let tell = || json!({"notify": {"audience": "responders", "template": "x"}});
    let (first, second) = ("steps[0].on_failure", "steps[1].on_failure");
    let on = || json!("continue");
    assert_eq!(found(&[]), Vec::<String>::new());
    assert_eq!(found(&[(first, on())]), ["steps[2]"]);
    assert_eq!(found(&[(second, on())]), ["steps[2]"]);
    assert_eq!(found(&[(second, on()), ("steps[2].do", post())]), ["steps[2]"]);
    assert_eq!(found(&[("steps[7].on_failure", on())]), Vec::<String>::new());
    // A message changes nothing, if it is said to be harmless.
    let harmless = [(second, on()), ("steps[2].do", tell()), ("steps[2].risk", json!("low"))];
    assert_eq!(found(&harmless), Vec::<String>::new());
    // A person comes between: in their turn, and in every run.
    assert_eq!(found(&[(first, on()), ("steps[1].do", person(false))]), Vec::<String>::new());
    assert_eq!(found(&[(first, on()), ("steps[1].do", person(true))]), ["steps[2]"]);
    let when = ("steps[1].when", json!({"step": "choice", "chosen": "on"}));
    assert_eq!(found(&[(first, on()), ("steps[1].do", person(false)), when]), ["steps[2]"]);
    // Whoever chooses has seen what was read, and not what an alternative looks at.
    let within = |on_failure: &str| {
        let look = json!({"http": {"method": "GET", "url": "https://api.example.com/c"}});
        let steps = json!([
            {"id": "a", "title": "x", "risk": "low", "timeout": "5m", "do": look, "on_failure": on_failure},
            {"id": "b", "title": "x", "risk": "medium", "timeout": "5m", "do": cordon()},
        ]);
        ("steps[3].do.choose.options[0].steps", steps)
    };
    let inner = "steps[3].do.choose.options[0].steps[1]";
    assert_eq!(found(&[(second, on()), ("steps[2].do", tell()), within("stop")]), ["steps[2]"]);
    let low = ("steps[2].risk", json!("low"));
    let calm = [(second, on()), ("steps[2].do", tell()), low, within("stop")];
    assert_eq!(found(&calm), Vec::<String>::new());
    assert_eq!(found(&[within("continue")]), [inner]);
    let then = [within("continue"), ("steps[4].do", cordon())];
    assert_eq!(found(&then), [inner, "steps[4]"]);
    let ends =
        [then[0].clone(), then[1].clone(), ("steps[3].do.choose.options[0].ends", json!(true))];
    assert_eq!(found(&ends), [inner]);
}

#[test]
fn names_of_codes_are_stable_and_apart() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for code in Code::ALL {
        assert_eq!(Code::parse(code.name()), Some(*code));
        assert!(code.name().bytes().all(|one| one.is_ascii_lowercase() || one == b'_'));
    }
    assert_eq!(Code::parse("nothing"), None);
}

/// The table of codes, as `docs/runbooks.md` has it.
fn table() -> String {
    let mut table = "| code | | what it is | how to mend it |\n|---|---|---|---|\n".to_owned();
    for code in Code::ALL {
        let (name, severity) = (code.name(), code.severity().name());
        writeln!(table, "| `{name}` | {severity} | {} | {} |", code.what(), code.mend()).unwrap();
    }
    table
}

#[test]
fn the_page_lists_every_code() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbooks.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(&table()), "docs/runbooks.md wants this table:\n{}", table());
}

#[test]
fn the_runbook_on_the_page_is_sound() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbooks.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let spec = parse::read(&crate::yaml::read(text).unwrap()).unwrap();
    assert_eq!(lint(&spec), vec![]);
}

#[test]
fn what_looks_like_a_fault_and_is_none_is_left_alone() {
    for argv in [
        vec!["awk", "{print $NF}", "{{input.pod}}"],
        vec!["jq", ".[] | $ENV.PAGER", "{{input.pod}}"],
        vec!["kubectl", "get", "pods", "-o", "jsonpath={.items[*].metadata.name}", "{{input.pod}}"],
        vec!["ping", "-c", "3", "{{input.pod}}"],
        vec![
            "aws",
            "logs",
            "filter-log-events",
            "--filter-pattern",
            "{ $.level = \"ERROR\" }",
            "{{input.pod}}",
        ],
        vec![
            "aws",
            "rds",
            "describe-db-parameters",
            "--query",
            "Parameters[?Name==`a` || Name==`b`]",
            "{{input.pod}}",
        ],
        vec!["kubectl", "exec", "{{input.pod}}", "--", "tail", "-n", "100", "log"],
        vec!["curl", "--fail", "https://api.example.com/", "{{input.pod}}"],
        vec!["git", "log", "--since=2 hours ago", "{{input.pod}}"],
    ] {
        let value = change(&sound(), "steps[0].do.command.argv", Some(&json!(argv))).unwrap();
        assert_eq!(lint(&parse::read(&value).unwrap()), vec![], "{argv:?}");
    }
}
