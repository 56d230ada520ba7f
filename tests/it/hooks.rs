//! Webhooks, from what a sender posts to what stands in an incident.

mod apart;
mod bent;
mod published;
mod senders;
mod trouble;

use crate::repo;
use crate::world::{TENANT, World, ask, batch, person};
use serde_json::{Value, json};
use watchfire_desk::Caller;
use watchfire_domain::integration::{IntegrationKind, NewIntegration};
use watchfire_domain::{Incident, IntegrationId};
use watchfire_policy::Role;

/// Every kind of sender.
const KINDS: [IntegrationKind; 5] = [
    IntegrationKind::Alertmanager,
    IntegrationKind::Grafana,
    IntegrationKind::Pagerduty,
    IntegrationKind::Datadog,
    IntegrationKind::Generic,
];

/// An integration, and what its sender knows of it.
#[derive(Debug, Clone)]
struct Sender {
    id: IntegrationId,
    kind: IntegrationKind,
    secret: String,
}

/// The sample of a kind, with an alarm that fires.
fn sample(kind: IntegrationKind) -> Value {
    let text = repo::read(&format!("tests/fixtures/hooks/{}.json", kind.name()));
    serde_json::from_str(&text).unwrap()
}

/// The sample of a kind, a minute after it fired: all of it is over.
fn over(kind: IntegrationKind) -> Value {
    let mut body = sample(kind);
    match kind {
        IntegrationKind::Alertmanager | IntegrationKind::Grafana => {
            body["status"] = json!("resolved");
            for alert in body["alerts"].as_array_mut().unwrap() {
                alert["status"] = json!("resolved");
                alert["endsAt"] = json!("2026-11-21T03:11:59Z");
            }
        }
        IntegrationKind::Pagerduty => {
            body["event_action"] = json!("resolve");
            body.as_object_mut().unwrap().remove("payload");
        }
        IntegrationKind::Datadog => {
            body["alert_transition"] = json!("Recovered");
            body["last_updated"] = json!("1795230719000");
        }
        IntegrationKind::Generic => {
            body["status"] = json!("resolved");
            body["at"] = json!("2026-11-21T03:11:59Z");
        }
    }
    body
}

fn admin_of(tenant: &str) -> Caller {
    person("sam@example.org", Role::Admin, tenant)
}

/// A new integration of the tests' tenant.
async fn sender(world: &World, kind: IntegrationKind, plan: Option<&str>) -> Sender {
    sender_of(world, TENANT, kind, plan).await
}

async fn sender_of(
    world: &World,
    tenant: &str,
    kind: IntegrationKind,
    plan: Option<&str>,
) -> Sender {
    let new = NewIntegration { name: "metrics".to_owned(), kind, plan: plan.map(str::to_owned) };
    let caller = admin_of(tenant);
    let ask = ask("POST /integrations");
    let made = world.desk.create_integration(&caller, &ask, new);
    let made: Value = serde_json::from_str(&world.acting("api", made).await.unwrap().body).unwrap();
    let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    Sender { id: text("/integration/id").parse().unwrap(), kind, secret: text("/secret") }
}

impl Sender {
    /// The request in which it sends this.
    fn request(&self, body: &Value) -> Value {
        let (path, mut body) = (format!("/hooks/{}", self.id), body.clone());
        if self.kind == IntegrationKind::Pagerduty {
            body["routing_key"] = json!(self.secret);
            return event("/v2/enqueue", "", &body.to_string());
        }
        event(&path, &self.secret, &body.to_string())
    }
}

/// A request as API Gateway passes it on.
fn event(path: &str, secret: &str, body: &str) -> Value {
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "api.example.org", "authorization": format!("Bearer {secret}") },
        "requestContext": {
            "stage": "$default", "requestId": "req-1",
            "http": { "method": "POST", "path": path, "sourceIp": "192.0.2.7" },
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// The door's status; it writes nothing, whatever it is.
async fn post(world: &World, request: Value) -> u64 {
    let before = world.dynamo.dump();
    let work = Box::pin(watchfire_hook::handle(&world.desk, request));
    let answer = world.acting("hook", work).await;
    assert_eq!(world.dynamo.dump(), before, "the door writes nothing");
    answer["statusCode"].as_u64().unwrap()
}

/// The queue hands over what waits: what the function could not take in.
async fn deliver(world: &World) -> Vec<String> {
    take_in(world, world.hooks.take()).await
}

async fn take_in(world: &World, bodies: Vec<String>) -> Vec<String> {
    let mut left = Vec::new();
    for bodies in bodies.chunks(10) {
        let work = Box::pin(watchfire_alarm::handle(&world.desk, batch(bodies), None));
        let answer = world.acting("alarm", work).await.unwrap();
        let named = answer["batchItemFailures"].as_array().unwrap().iter();
        let places = named.map(|one| one["itemIdentifier"].as_str().unwrap()[1..].parse::<usize>());
        left.extend(places.map(|place| bodies[place.unwrap()].clone()));
    }
    left
}

/// Posts it, and has it taken in.
async fn tell(world: &World, of: &Sender, body: &Value) {
    assert_eq!(post(world, of.request(body)).await, 202, "{body}");
    assert_eq!(deliver(world).await, Vec::<String>::new());
}

/// The incidents of a tenant, in the order in which they were opened.
fn incidents(world: &World, tenant: &str) -> Vec<Incident> {
    let of_tenant = format!("T#{tenant}#INC#");
    let mut all: Vec<Incident> = world
        .dynamo
        .legible()
        .iter()
        .filter(|item| item["sk"]["S"] == "META")
        .filter(|item| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(&of_tenant)))
        .map(|item| serde_json::from_str(item["doc"]["S"].as_str().unwrap()).unwrap())
        .collect();
    all.sort_by_key(|incident| incident.id);
    all
}
