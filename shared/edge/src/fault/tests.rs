use super::*;
use expect_test::expect;
use std::collections::BTreeSet;
use std::fs;
use watchfire_domain::Status;

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");

#[test]
fn names_and_codes_are_each_others_and_codes_count_without_gaps() {
    let names: BTreeSet<_> = Fault::ALL_NAMES.into_iter().collect();
    assert_eq!(names.len(), Kind::ALL.len());
    for (n, kind) in (1..).zip(Kind::ALL) {
        let row = kind.row();
        assert_eq!(row.code, format!("WF-{n:04}"), "{kind:?}");
        assert!((400..600).contains(&row.status), "{kind:?}");
        assert!(!row.text.ends_with('.') && !row.text.starts_with(char::is_uppercase), "{kind:?}");
        assert!(row.name.split('.').count() == 2 && row.name.is_ascii(), "{kind:?}");
    }
}

#[test]
fn each_code_has_its_page_and_each_page_its_code() {
    let mut pages: BTreeSet<String> = fs::read_dir(PAGES)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(pages.remove("README.md"));
    let index = fs::read_to_string(format!("{PAGES}/README.md")).unwrap();
    for row in Kind::ALL.iter().map(|kind| kind.row()) {
        let Row { name, code, status, retryable, text } = row;
        let again = if retryable { "yes" } else { "no" };
        assert!(pages.remove(&format!("{code}.md")), "no page {code}");
        let page = fs::read_to_string(format!("{PAGES}/{code}.md")).unwrap();
        let head =
            format!("# {code}: {name}\n\nHTTP {status} · again: {again}\n\n## What happened\n\n");
        assert!(page.starts_with(&head), "{code}: its page should start with\n{head}");
        for part in ["\n## What to do\n", "\nAs the caller:\n\n- ", "\nAs the operator:\n\n- "] {
            assert!(page.contains(part), "{code}: no {part}");
        }
        let line = format!("| [{code}]({code}.md) | `{name}` | {status} | {again} | {text} |\n");
        assert!(index.contains(&line), "README.md lacks\n{line}");
    }
    assert_eq!(pages, BTreeSet::new(), "pages without a code");
}

#[test]
fn the_names_that_machines_match_stay() {
    for name in [
        "Environment.LaunchFailed",
        "Environment.LaunchTimedOut",
        "Environment.StopFailed",
        "Environment.Closed",
        "Dependency.Unavailable",
        "Incident.Conflict",
        "Policy.Denied",
    ] {
        assert!(Fault::ALL_NAMES.contains(&name), "{name}");
    }
    assert_eq!(Fault::Conflict.code(), "WF-0007");
}

fn unavailable() -> PortError {
    let source = Box::new(std::io::Error::other("throttled"));
    PortError::Unavailable { service: "DynamoDB", doing: "recording an event", source }
}

#[test]
fn a_dependencys_words_reach_the_log_and_not_the_caller() {
    let fault = Fault::from(unavailable());
    expect!["a dependency failed: DynamoDB is unavailable while recording an event: throttled"]
        .assert_eq(&chain(&fault));
    expect![[r#"
        {
          "error": {
            "code": "WF-0031",
            "help": "https://github.com/watchfire-desk/watchfire/blob/main/docs/errors/WF-0031.md",
            "message": "a service that we need does not answer: try again later",
            "name": "Dependency.Unavailable",
            "request_id": "r-1",
            "retryable": true
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&fault.body("r-1")).unwrap());
}

#[test]
fn what_a_port_calls_retryable_is_retryable() {
    let (service, doing, reason) = ("ECS", "starting a task", String::from("no"));
    for error in [
        unavailable(),
        PortError::NotFound { what: "it".into() },
        PortError::Conflict { what: "it".into(), doing },
        PortError::Refused { service, doing, reason: reason.clone() },
        PortError::Corrupt { service, doing, reason },
    ] {
        assert_eq!(error.retryable(), Fault::Port(error).retryable());
    }
}

#[test]
fn programs_find_what_they_need_beside_the_text() {
    let mut table = String::new();
    for fault in [
        Fault::Invalid {
            problems: vec![
                Problem { field: "title".into(), problem: "is empty".into() },
                Problem { field: "tags[2]".into(), problem: "is too long".into() },
            ],
        },
        Fault::Denied { missing: vec![("role", "the caller's role must permit the action")] },
        Rejected::Running { task: "arn:task/1".into() }.into(),
        Rejected::Alive { tasks: vec!["arn:task/1".into(), "arn:task/2".into()] }.into(),
        Rejected::RationaleMissing { what: "closing an incident that was not mitigated" }.into(),
        Rejected::Field { field: "number", problem: "is too long".into() }.into(),
        Rejected::Transition { from: Status::Closed, to: Status::New }.into(),
        Fault::Unauthenticated { reason: "expired" },
        Fault::Internal { reason: "secret words".into() },
    ] {
        let body = fault.body("r");
        let mut error = body["error"].as_object().unwrap().clone();
        error.retain(|key, _| !["help", "request_id", "retryable", "name"].contains(&key.as_str()));
        writeln!(table, "{} {}", fault.status(), Value::Object(error)).unwrap();
    }
    expect![[r#"
        422 {"code":"WF-0002","message":"some fields are not as they must be","problems":[{"field":"title","problem":"is empty"},{"field":"tags[2]","problem":"is too long"}]}
        403 {"code":"WF-0005","message":"the policy does not allow it","missing":[{"code":"role","text":"the caller's role must permit the action"}]}
        409 {"code":"WF-0016","message":"task `arn:task/1` runs already","task":"arn:task/1"}
        409 {"code":"WF-0017","message":"2 of the environment's tasks still live: arn:task/1, arn:task/2","tasks":["arn:task/1","arn:task/2"]}
        422 {"code":"WF-0002","message":"closing an incident that was not mitigated needs a rationale","problems":[{"field":"rationale","problem":"is needed for this change"}]}
        422 {"code":"WF-0002","message":"`number` is too long","problems":[{"field":"number","problem":"is too long"}]}
        409 {"code":"WF-0013","message":"an incident cannot go from `closed` to `new`"}
        401 {"code":"WF-0004","message":"sign in first: there is no valid token or signature"}
        500 {"code":"WF-0037","message":"something went wrong on our side"}
    "#]].assert_eq(&table);
}
