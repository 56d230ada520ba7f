//! The function from outside: a request goes in, an answer and messages come out.

mod door;
mod proofs;
mod readers;

use crate::handle;
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use std::path::Path;
use watchfire_desk::{Ask, Caller, Desk};
use watchfire_domain::integration::{IntegrationKind, NewIntegration};
use watchfire_domain::{IntegrationId, Tenant, Voucher};
use watchfire_edge::Config;
use watchfire_fakes::{World, dynamo};
use watchfire_policy::{Actor, Role};

const ENV: [(&str, &str); 4] = [
    ("_HANDLER", "hook"),
    ("WATCHFIRE_TABLE", dynamo::TABLE),
    ("WATCHFIRE_INTEGRATION_SECRET", "integration-secret"),
    ("WATCHFIRE_ALARM_QUEUE_URL", "https://sqs.us-east-2.amazonaws.com/1/alarms"),
];

/// The function, and an integration that sends to it.
struct Hook {
    world: World,
    desk: Desk,
    id: IntegrationId,
    secret: String,
}

fn desk(world: &World) -> Desk {
    let get =
        |name: &str| ENV.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    world.desk(Config::read(&get).unwrap())
}

fn admin() -> Caller {
    let actor = Actor {
        clearance: 100,
        ..Actor::user("sam@example.org", Role::Admin, vec!["acme".to_owned()])
    };
    Caller { actor, tenant: Tenant::vouched("acme", Voucher::Claims).unwrap(), trace: None }
}

fn ask() -> Ask {
    Ask { route: "POST /integrations".to_owned(), key: None, body: String::new(), expect: None }
}

/// Id and secret of what was written.
fn told(body: &str) -> (IntegrationId, String) {
    let body: Value = serde_json::from_str(body).unwrap();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap();
    (text("/integration/id").parse().unwrap(), text("/secret").to_owned())
}

impl Hook {
    async fn of(kind: IntegrationKind) -> Self {
        let world = World::new(11);
        let desk = desk(&world);
        let new = NewIntegration { name: "metrics".to_owned(), kind, plan: None };
        let made = desk.create_integration(&admin(), &ask(), new).await.unwrap();
        let (id, secret) = told(&made.body);
        Self { world, desk, id, secret }
    }

    async fn rotate(&self) -> String {
        let rotated = self.desk.rotate_integration(&admin(), &ask(), &self.id).await.unwrap();
        told(&rotated.body).1
    }

    /// A request to this integration's door, with these headers.
    fn request(&self, headers: &[(&str, &str)], body: &str) -> Value {
        request(&format!("/hooks/{}", self.id), headers, body)
    }

    /// The same, with the secret as a bearer token.
    fn bearer(&self, body: &str) -> Value {
        self.request(&[("authorization", &format!("Bearer {}", self.secret))], body)
    }

    async fn send(&self, event: Value) -> Answer {
        let before = self.world.dynamo.dump();
        let sent = handle(&self.desk, event).await;
        assert_eq!(self.world.dynamo.dump(), before, "the door writes nothing");
        let text = sent["body"].as_str().unwrap().to_owned();
        let status = sent["statusCode"].as_u64().unwrap();
        Answer { status, headers: sent["headers"].clone(), text }
    }

    /// The notices that wait in the queue.
    fn queued(&self) -> Vec<Value> {
        let bodies = self.world.hooks.take();
        let of = |body: String| {
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["watchfire_hook"], 1);
            assert_eq!(body["integration"], self.id.as_str());
            body["notices"].as_array().unwrap().clone()
        };
        bodies.into_iter().flat_map(of).collect()
    }
}

/// What came back.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u64,
    headers: Value,
    text: String,
}

impl Answer {
    fn short(&self) -> String {
        let body: Value = serde_json::from_str(&self.text).unwrap();
        match body.pointer("/error/code").and_then(Value::as_str) {
            Some(code) => format!("{} {code}", self.status),
            None => format!("{} {}", self.status, self.text),
        }
    }
}

/// An event of API Gateway's, as it sends what is no text it knows.
fn request(path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let headers: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": {
            "stage": "$default", "requestId": "req-1",
            "http": { "method": "POST", "path": path, "sourceIp": "192.0.2.7" },
        },
        "body": Base64::encode_string(body.as_bytes()), "isBase64Encoded": true,
    })
}

/// The sample of a kind.
fn sample(kind: &str) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/hooks"));
    std::fs::read_to_string(folder.join(kind).with_extension("json")).unwrap()
}
