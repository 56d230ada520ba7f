//! Malformed input at every door: a typed refusal or a dead letter with its reason, and the table as
//! it was. The inputs are made here: wrong JSON, naughty words, samples whose parts are gone, doubled
//! or of another sort.

mod spoil;

use super::asked::{Asked, tell};
use super::chance::Chance;
use crate::world::{World, batch, config_with};
use serde::Serialize;
use serde_json::{Value, json};
use spoil::{samples, spoilt};
use std::collections::BTreeMap;

/// The bodies that the API takes, by the route that takes them.
const ROUTES: [(&str, &str); 7] = [
    ("POST", "/incidents"),
    ("PUT", "/plans/storage"),
    ("PUT", "/profiles/storage"),
    ("POST", "/incidents/INC-1/notes"),
    ("POST", "/incidents/INC-1/transition"),
    ("PATCH", "/incidents/INC-1"),
    ("POST", "/incidents/INC-1/environments"),
];

const ROLE: &str = "arn:aws:iam::111122223333:role/ci";

/// What `cargo xtask malformed --json` answers.
#[derive(Debug, Default, Serialize)]
struct Tally {
    seed: u64,
    inputs: u64,
    /// The inputs that were taken in after all: tolerance is wanted of alarms.
    taken: u64,
    refused: u64,
    /// The statuses of the API's refusals.
    statuses: BTreeMap<u64, u64>,
    /// The refusals after which the table was another.
    changed: u64,
    /// The answers of 500 and more.
    failed: u64,
}

/// The event of a request with this text as its body.
fn event(method: &str, path: &str, text: &str) -> Value {
    let path = format!("/iam/v1{path}");
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "api.example.org", "content-type": "application/json", "if-match": "\"1\"" },
        "requestContext": {
            "stage": "$default", "requestId": "req-1",
            "authorizer": { "iam": { "userArn": ROLE, "accountId": "111122223333" } },
            "http": { "method": method, "path": path, "sourceIp": "192.0.2.7" },
        },
        "body": text, "isBase64Encoded": false,
    })
}

/// Sends the text to one of the doors: the API's status, or 0 if a queue took it and 1 if it did not.
async fn send(world: &World, desk: &watchfire_desk::Desk, door: usize, text: &str) -> u64 {
    let left = |answer: &Value| u64::from(answer["batchItemFailures"] != json!([]));
    match door {
        0..3 => {
            left(&watchfire_alarm::handle(desk, batch(&[text.to_owned()]), None).await.unwrap())
        }
        3 => left(&watchfire_observe::handle(desk, batch(&[text.to_owned()])).await.unwrap()),
        4 => {
            let mut event = event("POST", "/approvals/x", text);
            event["rawPath"] = json!("/approvals");
            watchfire_approve::handle(desk, event).await.unwrap()["statusCode"].as_u64().unwrap()
        }
        5 => {
            let event = event("GET", &format!("/approvals/{text}"), "");
            let answer = watchfire_approval_page::handle(desk, event).await;
            answer["statusCode"].as_u64().unwrap()
        }
        door => {
            let (method, path) = ROUTES[(door - 6) % ROUTES.len()];
            let event = event(method, path, text);
            let answer = watchfire_api::handle(desk, &*world.jwks, event, None).await;
            answer["statusCode"].as_u64().unwrap()
        }
    }
}

#[tokio::test]
async fn whatever_is_sent_is_answered_or_refused() {
    let asked = Asked::read();
    let mut chance = Chance::new(asked.seed());
    let samples = samples();
    let principals =
        json!([{ "arn_prefix": ROLE, "tenants": ["acme"], "role": "admin" }]).to_string();
    let mut tally = Tally { seed: asked.seed(), ..Tally::default() };
    let mut wrong = Vec::new();
    while tally.inputs < asked.number("inputs", 600) {
        let world = World::new(tally.inputs);
        let desk = world.desk(config_with(&[("WATCHFIRE_IAM_PRINCIPALS", &principals)]));
        let mut table = world.dynamo.dump();
        for _ in 0..50 {
            let text = spoilt(&samples, &mut chance);
            let door = chance.below(6 + ROUTES.len());
            let status = send(&world, &desk, door, &text).await;
            tally.inputs += 1;
            let after = world.dynamo.dump();
            if status == 0 || (200..300).contains(&status) {
                tally.taken += 1;
            } else {
                tally.refused += 1;
                *tally.statuses.entry(status).or_default() += 1;
                tally.changed += u64::from(after != table);
                tally.failed += u64::from(status >= 500);
                if after != table || status >= 500 {
                    let start: String = text.chars().take(200).collect();
                    wrong.push(format!("door {door}: {status}: {start}"));
                }
            }
            table = after;
        }
    }
    tell(&tally);
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tally.refused * 3 > tally.inputs && tally.taken > 0, "{tally:?}");
}
