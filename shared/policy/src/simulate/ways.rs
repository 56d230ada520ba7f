//! What could meet each obligation: guesses, of which the policies judge. What asks the least of
//! somebody comes first.

use serde_json::{Value, json};

/// Attributes to set together.
pub(super) type Way = Vec<(String, Value)>;

/// The ways to try for the obligation of this code.
pub(super) fn of(code: &str, input: &Value) -> Vec<Way> {
    let at = |place: &str| input.pointer(place).cloned().unwrap_or_default();
    match code {
        "actor" => actor(),
        "draft" => vec![one("/resource/status", json!("draft"))],
        "published" => vec![one("/resource/status", json!("published"))],
        "clean" => vec![one("/resource/findings", json!(0))],
        "risk" => risk(&at("/actor/kind")),
        "granted" => vec![one("/resource/approval/state", json!("granted"))],
        "bound" => bound(&at("/resource")),
        "separate" => separate(&at("/resource/approval")),
        "evidence" => vec![one("/request/evidence_ref", json!("s3://evidence"))],
        "resource" => KINDS.iter().map(|kind| one("/resource/kind", json!(kind))).collect(),
        "stage" => stage(&at("/resource/stage")),
        "tenant" | "home" => tenant(&at("/resource/home"), &at("/actor/tenants")),
        "role" => role(&at("/actor/kind")),
        "clearance" => clearance(&at("/resource/required_clearance")),
        "target" => target(),
        "rationale" => vec![one("/request/rationale", json!("why it is done"))],
        "person" => vec![one("/actor/kind", json!("user"))],
        "approver" => approver(&at("/actor/id")),
        "independent" => {
            // Of a runbook, it is about who wrote it; of an override, about who had a part in it.
            let writer = one("/resource/standing", json!("free"));
            let mild = one("/resource/risk", json!("low"));
            let high = ("/resource/risk".to_owned(), json!("high"));
            let both = vec![high, ("/resource/standing".to_owned(), json!("free"))];
            let own = approver(&at("/actor/id"));
            match (at("/resource/kind").as_str(), at("/action").as_str()) {
                (Some("runbook"), _) => vec![writer, mild, both],
                (_, Some("approval.review")) => vec![writer],
                _ => own,
            }
        }
        "on_call" => {
            vec![one("/actor/on_call", json!(true)), one("/resource/on_call_only", json!(false))]
        }
        "hours" => {
            let from = one("/request/now", at("/resource/agrees_from"));
            vec![from, one("/resource/agrees_from", at("/request/now"))]
        }
        "overridden" => vec![one("/resource/status", json!("overridden"))],
        "pending" => vec![one("/resource/status", json!("pending"))],
        "unexpired" => {
            let place = "/resource/expires_at";
            let of_step = "/resource/approval/expires_at";
            let place = if at("/resource/kind") == "execution" { of_step } else { place };
            unexpired(&at("/request/now"), place, &at(place))
        }
        "confirmed" => confirmed(),
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

fn one(place: &str, value: Value) -> Way {
    vec![(place.to_owned(), value)]
}

fn actor() -> Vec<Way> {
    let id = ("/actor/id".to_owned(), json!("somebody"));
    let on_call = ("/actor/on_call".to_owned(), json!(false));
    let kind = ("/actor/kind".to_owned(), json!("user"));
    let mut ways = vec![vec![id.clone()], vec![on_call.clone()], vec![kind.clone()]];
    ways.extend(ROLES.map(|role| one("/actor/role", json!(role))));
    ways.push(one("/actor/role", json!("service")));
    ways.push(vec![id, on_call, kind, ("/actor/role".to_owned(), json!("viewer"))]);
    ways
}

fn stage(of_record: &Value) -> Vec<Way> {
    let stage = of_record.as_str().filter(|stage| !stage.trim().is_empty());
    match stage {
        Some(stage) => vec![one("/actor/stage", json!(stage))],
        None => vec![
            one("/resource/stage", json!("dev")),
            vec![
                ("/resource/stage".to_owned(), json!("dev")),
                ("/actor/stage".to_owned(), json!("dev")),
            ],
        ],
    }
}

/// The caller acts for the home besides those that it acts for; a record without one needs one.
fn tenant(home: &Value, tenants: &Value) -> Vec<Way> {
    let named = home.as_str().filter(|home| !home.trim().is_empty());
    let home = named.unwrap_or("acme");
    let mut all: Vec<Value> = tenants.as_array().cloned().unwrap_or_default();
    if !all.contains(&json!(home)) {
        all.push(json!(home));
    }
    let caller = ("/actor/tenants".to_owned(), json!(all));
    let record = [
        ("/resource/home".to_owned(), json!(home)),
        ("/resource/tenants".to_owned(), json!([home])),
    ];
    let seen = one("/resource/tenants", json!([home]));
    vec![vec![caller.clone()], seen, record.to_vec(), [vec![caller], record.to_vec()].concat()]
}

fn role(kind: &Value) -> Vec<Way> {
    let mut ways = vec![one("/actor/on_call", json!(true))];
    ways.extend(ROLES.map(|role| one("/actor/role", json!(role))));
    // What our own functions do, nobody else may: told, though no claim can have it.
    let service = ("/actor/role".to_owned(), json!("service"));
    if kind.as_str() == Some("service") {
        ways.push(vec![service.clone()]);
        ways.extend(ROLES.map(|role| {
            vec![("/actor/kind".to_owned(), json!("user")), ("/actor/role".to_owned(), json!(role))]
        }));
    }
    ways.push(vec![("/actor/kind".to_owned(), json!("service")), service]);
    ways
}

fn clearance(required: &Value) -> Vec<Way> {
    let whole = required.as_i64().filter(|required| (0..=100).contains(required));
    match whole {
        Some(required) => vec![one("/actor/clearance", json!(required))],
        None => vec![
            one("/resource/required_clearance", json!(0)),
            vec![
                ("/resource/required_clearance".to_owned(), json!(0)),
                ("/actor/clearance".to_owned(), json!(0)),
            ],
        ],
    }
}

fn target() -> Vec<Way> {
    let words = [("status", "acknowledged", "new"), ("severity", "low", "high")];
    let ways = words.map(|(attribute, to, is)| {
        let to = ("/request/to".to_owned(), json!(to));
        let is = (format!("/resource/{attribute}"), json!(is));
        [vec![to.clone()], vec![is.clone()], vec![to, is]]
    });
    ways.concat()
}

fn approver(id: &Value) -> Vec<Way> {
    let Some(id) = id.as_str() else { return Vec::new() };
    let id = id.replace('~', "~0").replace('/', "~1");
    vec![one(&format!("/resource/approvers/{id}"), json!("free"))]
}

fn unexpired(now: &Value, place: &str, expires: &Value) -> Vec<Way> {
    const LAST: i64 = 253_402_300_799;
    let whole = |value: &Value| value.as_i64().filter(|value| (0..LAST).contains(value));
    let now = whole(now).unwrap_or_default();
    let expires = whole(expires).filter(|expires| *expires > now);
    let later = expires.unwrap_or(now.saturating_add(1));
    let (record, request) =
        ((place.to_owned(), json!(later)), ("/request/now".to_owned(), json!(now)));
    vec![vec![record.clone()], vec![request.clone()], vec![record, request]]
}

/// A known risk, and a role that reaches it.
fn risk(kind: &Value) -> Vec<Way> {
    let risk = one("/resource/step/risk", json!("low"));
    [role(kind), vec![risk]].concat()
}

/// The step and its approval name the same.
fn bound(resource: &Value) -> Vec<Way> {
    const NAMES: [&str; 6] =
        ["incident", "execution", "step", "spec_hash", "inputs_hash", "tenant"];
    let of = |part: &str, name: &str| resource.pointer(&format!("/{part}/{name}")).cloned();
    let word = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let mut all: Way = Vec::new();
    for name in NAMES {
        let home = resource.get("home").filter(|home| word(home)).cloned();
        let said = of("step", name).filter(word);
        let said = if name == "tenant" { home } else { said };
        let said = said.unwrap_or_else(|| json!(format!("the same {name}")));
        for part in ["approval", "step"] {
            if of(part, name).as_ref() != Some(&said) {
                all.push((format!("/resource/{part}/{name}"), said.clone()));
            }
        }
    }
    let whole = |value: &Value| value.as_u64().is_some_and(|value| value <= 1_000);
    let attempt = of("step", "attempt").filter(whole).unwrap_or_else(|| json!(1));
    for part in ["approval", "step"] {
        if of(part, "attempt").as_ref() != Some(&attempt) {
            all.push((format!("/resource/{part}/attempt"), attempt.clone()));
        }
    }
    // One alone may do, and is the smaller change.
    let single = all.iter().map(|one| vec![one.clone()]).collect::<Vec<_>>();
    [single, vec![all]].concat()
}

/// So many as are needed agreed, none of whom has a part in it.
fn separate(approval: &Value) -> Vec<Way> {
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
    let set = |place: &str, value: Value| (place.to_owned(), value);
    let wanted = need.unwrap_or(1);
    vec![
        vec![set(agreed, json!(free))],
        vec![set(granted, people(wanted))],
        vec![set(granted, people(wanted)), set(agreed, json!(wanted))],
        vec![set("/resource/approval/need", json!(1))],
        vec![
            set("/resource/approval/need", json!(1)),
            set(granted, people(1)),
            set(agreed, json!(1)),
        ],
    ]
}

fn confirmed() -> Vec<Way> {
    vec![
        one("/request/confirmed", json!(true)),
        one("/request/answer", json!("deny")),
        vec![
            ("/request/answer".to_owned(), json!("grant")),
            ("/resource/risk".to_owned(), json!("low")),
        ],
    ]
}
