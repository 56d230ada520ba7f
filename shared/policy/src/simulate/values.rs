//! What values could meet each obligation: guesses, of which the policies judge. What asks the least
//! of somebody comes first, and is preferred where as few changes would do.

use super::looks::{SOMEBODY, line};
use serde_json::{Value, json};

/// An attribute's place in the document, and a value for it.
pub(super) type Set = (String, Value);

/// The values to try for the obligation of this code, one by one or with others.
pub(super) fn of(code: &str, input: &Value) -> Vec<Set> {
    let at = |place: &str| input.pointer(place).cloned().unwrap_or_default();
    let word = |place: &str| at(place).as_str().unwrap_or_default().to_owned();
    let mild = one("/resource/step/risk", "low");
    match code {
        "actor" => actor(),
        "draft" | "published" | "overridden" | "pending" => vec![one("/resource/status", code)],
        "clean" => vec![one("/resource/findings", 0)],
        "risk" => [role(), vec![mild]].concat(),
        "granted" => vec![one("/resource/approval/state", "granted"), mild],
        "bound" => bound(&at("/resource"), mild),
        "separate" => separate(&at("/resource/approval"), mild),
        "evidence" => vec![one("/request/evidence_ref", "s3://evidence")],
        "resource" => KINDS.iter().map(|kind| one("/resource/kind", *kind)).collect(),
        "stage" => stage(&word("/resource/stage")),
        "tenant" | "home" => tenant(&word("/resource/home"), &at("/actor/tenants")),
        "role" => [role(), vec![one("/resource/agrees_role", "viewer")]].concat(),
        "clearance" => clearance(input),
        "target" => target(),
        "rationale" => vec![one("/request/rationale", "why it is done")],
        "person" => vec![one("/actor/kind", "user")],
        "approver" => vec![one(&line(input), "free")],
        // Of a runbook, it is about who wrote it; of an override, about who had a part in it.
        "independent" => vec![
            one("/resource/standing", "free"),
            one("/resource/risk", "low"),
            one("/resource/risk", "high"),
            one(&line(input), "free"),
        ],
        "on_call" => vec![
            one("/actor/on_call", true),
            one("/resource/on_call_only", false),
            one("/resource/on_call_only", true),
        ],
        "hours" => hours(input),
        "unexpired" => unexpired(input, mild),
        "confirmed" => confirmed(&word("/request/answer")),
        _ => Vec::new(),
    }
}

const KINDS: [&str; 9] = [
    "incident",
    "environment",
    "approval",
    "plan",
    "profile",
    "integration",
    "timeline",
    "runbook",
    "execution",
];

const ROLES: [&str; 4] = ["viewer", "responder", "commander", "admin"];

fn one(place: &str, value: impl Into<Value>) -> Set {
    (place.to_owned(), value.into())
}

fn actor() -> Vec<Set> {
    let own = [one("/actor/id", SOMEBODY), one("/actor/on_call", false)];
    [own.to_vec(), roles()].concat()
}

fn role() -> Vec<Set> {
    [vec![one("/actor/on_call", true)], roles()].concat()
}

/// What our own functions do, nobody else may: told, though no claim can have it.
fn roles() -> Vec<Set> {
    let mut all = vec![one("/actor/kind", "user")];
    all.extend(ROLES.map(|role| one("/actor/role", role)));
    all.extend([one("/actor/role", "service"), one("/actor/kind", "service")]);
    all
}

fn stage(of_record: &str) -> Vec<Set> {
    let is_named = !of_record.trim().is_empty();
    if is_named {
        vec![one("/actor/stage", of_record)]
    } else {
        vec![one("/resource/stage", "dev"), one("/actor/stage", "dev")]
    }
}

/// The caller acts for the home besides those that it acts for; a record without one needs one.
fn tenant(home: &str, tenants: &Value) -> Vec<Set> {
    let home = if home.trim().is_empty() { "acme" } else { home };
    let mut all: Vec<Value> = tenants.as_array().cloned().unwrap_or_default();
    if !all.contains(&json!(home)) {
        all.push(json!(home));
    }
    vec![
        one("/actor/tenants", all),
        one("/resource/tenants", json!([home])),
        one("/resource/home", home),
    ]
}

fn clearance(input: &Value) -> Vec<Set> {
    let whole = |place: &str| {
        let value = input.pointer(place).and_then(Value::as_i64);
        value.filter(|value| (0..=100).contains(value))
    };
    let (record, level) = ("/resource/required_clearance", "/resource/agrees_clearance");
    let most = [record, level].into_iter().filter_map(whole).max();
    let own = one("/actor/clearance", most.unwrap_or_default());
    let unknown = [record, level].into_iter().filter(|place| whole(place).is_none());
    unknown.map(|place| one(place, 0)).chain([own]).collect()
}

fn target() -> Vec<Set> {
    let to = ["acknowledged", "low"].map(|to| one("/request/to", to));
    let is = [one("/resource/status", "new"), one("/resource/severity", "high")];
    [to, is].concat()
}

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

fn time(input: &Value, place: &str) -> Option<i64> {
    let value = input.pointer(place).and_then(Value::as_i64);
    value.filter(|value| (0..LAST).contains(value))
}

fn hours(input: &Value) -> Vec<Set> {
    let time = |place: &str| time(input, place).unwrap_or_default();
    vec![
        one("/request/now", time("/resource/agrees_from")),
        one("/resource/agrees_from", time("/request/now")),
    ]
}

fn unexpired(input: &Value, mild: Set) -> Vec<Set> {
    let of_step = input.pointer("/resource/kind").is_some_and(|kind| kind == "execution");
    let place = if of_step { "/resource/approval/expires_at" } else { "/resource/expires_at" };
    let now = time(input, "/request/now").unwrap_or_default();
    let later = time(input, place).filter(|expires| *expires > now);
    let later = later.unwrap_or_else(|| now.saturating_add(1));
    let times = [one(place, later), one("/request/now", now)];
    if of_step { [times.to_vec(), vec![mild]].concat() } else { times.to_vec() }
}

/// The step and its approval name the same.
fn bound(resource: &Value, mild: Set) -> Vec<Set> {
    const NAMES: [&str; 6] =
        ["incident", "execution", "step", "spec_hash", "inputs_hash", "tenant"];
    let of = |part: &str, name: &str| resource.pointer(&format!("/{part}/{name}")).cloned();
    let word = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let mut all = Vec::new();
    for name in NAMES {
        let home = resource.get("home").filter(|home| word(home)).cloned();
        let said = of("step", name).filter(word);
        let said = if name == "tenant" { home } else { said };
        let said = said.unwrap_or_else(|| json!(format!("the same {name}")));
        all.extend(
            ["approval", "step"].map(|part| (format!("/resource/{part}/{name}"), said.clone())),
        );
    }
    let whole = |value: &Value| value.as_u64().is_some_and(|value| value <= 1_000);
    let attempt = of("step", "attempt").filter(whole).unwrap_or_else(|| json!(1));
    all.extend(
        ["approval", "step"].map(|part| (format!("/resource/{part}/attempt"), attempt.clone())),
    );
    all.push(mild);
    all
}

/// So many as are needed agreed, none of whom has a part in it.
fn separate(approval: &Value, mild: Set) -> Vec<Set> {
    let people = |count: u64| -> Value {
        let name = |at| (format!("person {at}"), json!("free"));
        Value::Object((1..=count).map(name).collect())
    };
    let need = approval.get("need").and_then(Value::as_u64).filter(|need| (1..=9).contains(need));
    let (granted, agreed) = ("/resource/approval/granted_by", "/resource/approval/agreed");
    let free = approval
        .get("granted_by")
        .and_then(Value::as_object)
        .map_or(0, |all| all.values().filter(|standing| **standing == "free").count());
    let wanted = need.unwrap_or(1);
    vec![
        one(agreed, free),
        one(granted, people(wanted)),
        one(agreed, wanted),
        one("/resource/approval/need", 1),
        one(granted, people(1)),
        one(agreed, 1),
        mild,
    ]
}

/// To refuse is always safe; but it is no way to grant.
fn confirmed(answer: &str) -> Vec<Set> {
    let mild = one("/resource/risk", "low");
    match answer {
        "grant" => vec![one("/request/confirmed", true), mild],
        _ => vec![one("/request/answer", "deny"), one("/request/answer", "grant"), mild],
    }
}
