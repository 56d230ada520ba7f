use super::*;
use crate::alarm::AlarmState;
use crate::{Audience, Timestamp};
use expect_test::expect;
use serde_json::{Value, json};
use std::fmt::Write as _;

mod matching;
mod templates;

fn alarm() -> Alarm {
    Alarm {
        source: Source::Cloudwatch,
        arn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:storage-latency-high".to_owned(),
        name: "storage-latency-high".to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        contributor: None,
        state: AlarmState::Alarm,
        at: Timestamp::parse("2026-11-21T03:12:00Z").unwrap(),
        reason: "Threshold Crossed".to_owned(),
        description: String::new(),
        metric: None,
        dimensions: [("Volume".to_owned(), "vol-1".to_owned())].into(),
        tags: [("service", "storage"), ("severity", "P1"), ("team", "sre")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        identity: None,
        suppressed_by: None,
        triggered_by: Vec::new(),
        configuration: false,
    }
}

fn plan(value: Value) -> Plan {
    serde_json::from_value(value).unwrap()
}

fn problems(value: Value) -> String {
    let lines =
        plan(value).check().into_iter().map(|one| format!("{} {}\n", one.field, one.problem));
    lines.collect()
}

#[test]
fn what_a_plan_leaves_out() {
    let plan = plan(json!({"title": "t", "severity": "high"}));
    let said = (plan.profile.as_str(), plan.reopen_minutes, plan.quiet_minutes, plan.version);
    assert_eq!(said, ("sev", 30, 5, 0));
    assert_eq!(plan.fit(&alarm()), None, "a plan that names no alarm answers none");
    for unknown in [json!({"title": "t", "severity": "high", "sev": 1}), json!({"title": "t"})] {
        assert!(serde_json::from_value::<Plan>(unknown).is_err());
    }
    let unassigned = Plan::unassigned();
    assert_eq!((unassigned.severity, unassigned.check()), (Severity::High, Vec::new()));
}

#[test]
fn any_label_of_a_severity_is_understood_and_the_canonical_one_is_kept() {
    let mut table = String::new();
    for label in ["critical", "Sev2", "P2", "info", "SEV5", "", "urgent"] {
        let read = serde_json::from_value::<Plan>(json!({"title": "t", "severity": label}));
        let told = read.map_or_else(
            |error| error.to_string(),
            |plan| serde_json::to_value(&plan).unwrap()["severity"].to_string(),
        );
        writeln!(table, "{label:?}: {told}").unwrap();
    }
    expect![[r#"
        "critical": "critical"
        "Sev2": "high"
        "P2": "medium"
        "info": "low"
        "SEV5": `SEV5` is no severity of any profile
        "": `` is no severity of any profile
        "urgent": `urgent` is no severity of any profile
    "#]]
    .assert_eq(&table);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let everything = json!({
        "name": "Storage Latency",
        "matches": [{}, {"name": "x"}, {"name_prefix": ""}],
        "title": "{alarm.nmae} {name} {alarm.tag.} {alarm.name",
        "severity": "high",
        "severity_tag": "",
        "profile": "No Such",
        "tags": {"": "x"},
        "dedup_key": "  ",
        "runbooks": [""],
        "environment": {
            "cluster_id": "../etc", "number": "4/5", "oc_version": "4..20", "hours": 0,
            "approvers": ["nobody"],
        },
        "notify": [
            {"sns": "topic"}, {"email": "nobody"}, {"webhook": "http://example.com"},
            {"email": "sre@example.com"}, {"email": "sre@example.com"},
        ],
        "reopen_minutes": 10_081,
        "quiet_minutes": 1_441,
    });
    expect![[r#"
        name must be 1 to 64 of a-z, 0-9, `-`, `_` or `.`
        profile must be 1 to 64 of a-z, 0-9, `-`, `_` or `.`
        title has the unknown variable `alarm.nmae`
        title has the unknown variable `name`
        title has the unknown variable `alarm.tag.`
        title has the unknown variable `{alarm.name`
        dedup_key must be 1 to 200 characters
        severity_tag must be 1 to 128 characters
        runbooks must be at most 20, of 1 to 128 characters
        tags must be at most 50, with keys of 1 to 64 bytes and values of up to 256
        reopen_minutes must be at most 10080
        quiet_minutes must be at most 1440
        matches[0] must say something
        matches[2].name_prefix must be 1 to 255 characters
        notify[0].sns must be a topic's ARN
        notify[1].email must be a mail address
        notify[2].webhook must be an https address
        notify[4] is told already
        environment.cluster_id must be 1 to 48 letters, digits, `.`, `-` or `_`, with a letter or digit at both ends
        environment.number must be 1 to 48 letters, digits, `.`, `-` or `_`, with a letter or digit at both ends
        environment.oc_version must be a version such as 4.20
        environment.hours must be 1 to 168
        environment.approvers must be at most 20 mail addresses
    "#]].assert_eq(&problems(everything));
}

#[test]
fn what_would_not_fit_one_transaction_is_refused() {
    let list =
        |count: usize, one: &dyn Fn(usize) -> Value| (0..count).map(one).collect::<Vec<Value>>();
    let tags = |count: usize| {
        (0..count).map(|at| (at.to_string(), json!("v"))).collect::<serde_json::Map<_, _>>()
    };
    let of = |count: usize, more: usize| {
        json!({
            "name": "p", "title": "t", "severity": "high",
            "notify": list(count, &|at| json!({"email": format!("a{at}@example.com")})),
            "runbooks": list(count, &|at| json!(format!("r{at}"))),
            "matches": list(more, &|at| json!({"name": at.to_string()})),
            "tags": tags(more),
        })
    };
    assert_eq!(problems(of(20, 50)), "");
    expect![[r#"
        matches must be at most 50
        notify must be at most 20
        runbooks must be at most 20, of 1 to 128 characters
        tags must be at most 50, with keys of 1 to 64 bytes and values of up to 256
    "#]]
    .assert_eq(&problems(of(21, 51)));
}

#[test]
fn the_edges_of_an_environments_spec() {
    let check = |spec: Value| {
        let problems = check_spec(&serde_json::from_value(spec).unwrap(), "");
        problems.into_iter().map(|one| one.field).collect::<Vec<_>>().join(" ")
    };
    let long = "x".repeat(48);
    for (field, good, bad) in [
        ("cluster_id", vec!["a", &long], vec!["", "a b", "prod-incident", "a-incident-b"]),
        ("number", vec!["456", "20261121-0312", "incident-7"], vec!["", "a/b", "-1", "1-"]),
        ("oc_version", vec!["4", "4.20", "4.20.1"], vec!["", ".", "4.", "latest", "4..20"]),
    ] {
        let with = |text: &str| {
            let mut spec = json!({"cluster_id": "c"});
            spec[field] = json!(text);
            check(spec)
        };
        for text in good {
            assert_eq!(with(text), "", "{field} {text}");
        }
        for text in bad {
            assert_eq!(with(text), field, "{text}");
        }
    }
    for (hours, problem) in [(0, "hours"), (1, ""), (168, ""), (169, "hours")] {
        assert_eq!(check(json!({"cluster_id": "c", "hours": hours})), problem);
    }
    for (count, problem) in [(20, ""), (21, "approvers")] {
        let approvers: Vec<_> = (0..count).map(|at| format!("a{at}@example.com")).collect();
        assert_eq!(check(json!({"cluster_id": "c", "approvers": approvers})), problem);
    }
}

#[test]
fn nobody_approves_in_two_levels_and_each_level_can_agree() {
    let of = |approvers: Value| {
        problems(json!({ "name": "p", "title": "t", "severity": "high", "approvers": approvers }))
    };
    let people = |from: usize, count: usize| {
        let name = |at: usize| json!(format!("a{at}@example.com"));
        (from..from.saturating_add(count)).map(name).collect::<Vec<_>>()
    };
    let good = json!({ "people": people(0, 2), "need": 2, "then": [
        { "people": people(2, 1) }, { "people": people(3, 17), "need": 17, "on_call": true } ] });
    assert_eq!(of(good), "");
    let table = [
        json!({ "people": people(0, 1), "then": [{ "people": [] }] }),
        json!({ "people": people(0, 1), "then": [{ "people": people(1, 1), "need": 2 }] }),
        json!({ "people": people(0, 1), "then": [{ "people": people(1, 20) }] }),
        json!({ "people": people(0, 2), "then": [
            { "people": people(2, 2) }, { "people": ["A1+ci@Example.com", "a3@example.com"] } ] }),
    ];
    expect![[r#"
        approvers.then[0].people must be 1 to 20 mail addresses
        approvers.then[0].need must be at least 1, and at most how many people there are
        approvers.then must have at most 20 people, those before it counted
        approvers.then[1].people has `a1@example.com`, who is of an earlier level: nobody agrees twice
        approvers.then[1].people has `a3@example.com`, who is of an earlier level: nobody agrees twice
    "#]].assert_eq(&table.map(of).concat());
}

#[test]
fn a_level_asks_for_a_role_that_there_is_and_a_clearance_that_can_be() {
    let of = |approvers: Value| {
        problems(json!({ "name": "p", "title": "t", "severity": "high", "approvers": approvers }))
    };
    let then = json!([{ "people": ["b@example.com"], "clearance": 101 }]);
    let people = json!(["a@example.com"]);
    let good = json!({ "people": people, "role": "admin", "clearance": 100 });
    assert_eq!(of(good), "");
    let wrong = json!({ "people": people, "clearance": 200, "then": then });
    expect![[r#"
        approvers.clearance must be 0 to 100
        approvers.then[0].clearance must be 0 to 100
    "#]]
    .assert_eq(&of(wrong));
    for role in ["viewer", "auditor", "service", "Admin"] {
        let read = serde_json::from_value::<Approvers>(json!({ "people": people, "role": role }));
        assert!(read.is_err(), "{role}");
    }
}

/// A level's hours are a calendar, and all that is wrong with each is told with its place.
#[test]
fn hours_of_approvers_are_checked_like_a_calendar() {
    let of = |approvers: Value| json!({ "name": "p", "title": "t", "severity": "high", "approvers": approvers });
    let hours = |opens: &str| {
        json!({
            "utc_offset_minutes": 60, "workdays": ["monday"], "opens": opens, "closes": "17:00",
            "holidays": ["2026-12-24"],
        })
    };
    let levels = |first: Value, second: Value| {
        json!({
            "people": ["ann@example.com"], "minutes": 60, "need": 1, "hours": first,
            "then": [{ "people": ["bob@example.com"], "need": 1, "hours": second }],
        })
    };
    let good = levels(hours("09:00"), hours("00:00"));
    let one = plan(of(good.clone()));
    assert_eq!(one.check(), Vec::new());
    assert_eq!(json!(one)["approvers"], good, "as it was written");
    let mut table = problems(of(levels(hours("17:00"), hours("18:00"))));
    for wrong in [hours("9am"), json!({ "opens": "09:00" }), json!("office")] {
        let refused = serde_json::from_value::<Plan>(of(levels(wrong, Value::Null))).unwrap_err();
        writeln!(table, "{refused}").unwrap();
    }
    expect![[r#"
        approvers.hours.closes must be later than `opens`
        approvers.then[0].hours.closes must be later than `opens`
        `9am` is not a time of day as `09:00`
        missing field `utc_offset_minutes`
        invalid type: string "office", expected struct Calendar
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_target_is_told_what_is_for_its_audiences() {
    let of =
        |notify: Value| json!({ "name": "p", "title": "t", "severity": "high", "notify": notify });
    let notify = json!([
        { "email": "ops@example.com" },
        { "email": "site@example.com", "audiences": ["executives", "customers"] },
        { "webhook": "https://example.com/r", "audiences": ["responders"] },
    ]);
    let one = plan(of(notify.clone()));
    assert_eq!(one.check(), Vec::new());
    assert_eq!(json!(one)["notify"], notify, "as it was written");
    let mut table = String::new();
    for audience in [Audience::Responders, Audience::Customers, Audience::Stakeholders] {
        writeln!(table, "{}: {}", audience.name(), json!(one.told(audience))).unwrap();
    }
    for wrong in [
        json!({ "email": "a@example.com", "audiences": ["custumers"] }),
        json!({ "email": "a@example.com", "audience": ["customers"] }),
        json!({ "email": "a@example.com", "audiences": [] }),
        json!({ "audiences": ["customers"] }),
    ] {
        let refused = serde_json::from_value::<Plan>(of(json!([wrong]))).unwrap_err();
        writeln!(table, "{wrong}: {refused}").unwrap();
    }
    let twice = json!([
        { "email": "a@example.com", "audiences": ["customers"] },
        { "email": "a@example.com", "audiences": ["executives"] },
    ]);
    table.push_str(&problems(of(twice)));
    expect![[r#"
        responders: [{"email":"ops@example.com"},{"webhook":"https://example.com/r"}]
        customers: [{"email":"ops@example.com"},{"email":"site@example.com"}]
        stakeholders: [{"email":"ops@example.com"}]
        {"audiences":["custumers"],"email":"a@example.com"}: unknown variant `custumers`, expected one of `responders`, `commander`, `engineering_lead`, `security_lead`, `stakeholders`, `executives`, `customers`
        {"audience":["customers"],"email":"a@example.com"}: invalid value: map, expected map with a single key
        {"audiences":[],"email":"a@example.com"}: `audiences` names none: leave it out to mean all
        {"audiences":["customers"]}: invalid value: map, expected map with a single key
        notify[1] is told already
    "#]].assert_eq(&table);
}

#[test]
fn a_plan_reads_back_as_it_was_written() {
    let plan = plan(json!({
        "name": "storage", "title": "{alarm.name}", "severity": "high", "severity_tag": "severity",
        "matches": [{"source": "drill", "name_prefix": "storage-", "tags": {"a": "b"}}],
        "kind": "performance_degradation", "tags": {"x": "y"}, "dedup_key": "{alarm.tag.service}",
        "environment": {"cluster_id": "c"}, "notify": [{"email": "sre@example.com"}],
    }));
    assert_eq!(plan.check(), Vec::new());
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    assert!(!text.contains("null"), "no record holds null");
}
