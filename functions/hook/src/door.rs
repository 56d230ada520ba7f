//! From an event to an answer: read, verified, understood, queued, and every fault told once.

use crate::answer;
use crate::proof;
use crate::read::{self, Came};
use serde_json::Value;
use watchfire_desk::Desk;
use watchfire_domain::integration::{IntegrationId, IntegrationKind, Proof};
use watchfire_edge::http::{Request, Response};
use watchfire_edge::{Fault, chain};

/// How large a webhook may be, in bytes.
const MOST: usize = 1_048_576;
/// The same of an event of `PagerDuty`'s, as its own API has it.
const MOST_EVENT: usize = 524_288;

pub(crate) async fn answer(desk: &Desk, event: &Value) -> Response {
    let path = event.get("rawPath").and_then(Value::as_str).unwrap_or_default();
    // The stage may lead the path; only the request, once it is read, knows.
    if path.ends_with("/v2/enqueue") {
        let said = enqueue(desk, event).await;
        return said.unwrap_or_else(|fault| {
            tell(&fault);
            answer::enqueue_refused(&fault)
        });
    }
    let id = event.pointer("/requestContext/requestId").and_then(Value::as_str);
    let id = id.unwrap_or("unknown");
    let response = hook(desk, event).await.unwrap_or_else(|fault| {
        tell(&fault);
        answer::refused(&fault, id)
    });
    response.with("x-request-id", id)
}

async fn hook(desk: &Desk, event: &Value) -> Result<Response, Fault> {
    let request = Request::from_event_within(event, MOST)?;
    let segments = request.segments()?;
    let [hooks, id] = segments.as_slice() else { return Err(Fault::NotFound) };
    if hooks != "hooks" {
        return Err(Fault::NotFound);
    }
    posted(&request)?;
    let refused = Fault::Unauthenticated { reason: "the path names no integration" };
    let id: IntegrationId = id.parse().map_err(|_| refused)?;
    let now = desk.clock.now();
    let owned = desk.verify_hook(&id, &|of| proof::of(&request, of.kind, now)).await?;
    let of = &owned.integration;
    let said = read::notices(of.kind, &Came { body: &request.body, at: now })?;
    tracing::info!(
        integration.id = %of.id,
        integration.kind = of.kind.name(),
        hook.alerts = said.notices.len(),
        hook.unreadable = said.unreadable,
        "A webhook was verified",
    );
    let count = said.notices.len();
    desk.hand_over(of, said.notices).await?;
    Ok(answer::accepted(count, said.unreadable))
}

async fn enqueue(desk: &Desk, event: &Value) -> Result<Response, Fault> {
    let request = Request::from_event_within(event, MOST_EVENT)?;
    if request.path != "/v2/enqueue" {
        return Err(Fault::NotFound);
    }
    posted(&request)?;
    let came = Came { body: &request.body, at: desk.clock.now() };
    let event = read::pagerduty::Event::read(&came)?;
    let key = event.routing_key().to_owned();
    if key.chars().count() != 32 {
        let reason = "Length of 'routing_key' is incorrect (should be 32 characters)".to_owned();
        return Err(Fault::Malformed { reason });
    }
    let Some(id) = IntegrationId::of_routing_key(&key) else {
        return Err(Fault::Unauthenticated { reason: "the routing key is none of ours" });
    };
    let proves = |kind| (kind == IntegrationKind::Pagerduty).then(|| Proof::Secret(key.clone()));
    let owned = desk.verify_hook(&id, &|of| proves(of.kind)).await?;
    let notice = event.notice(&came)?;
    tracing::info!(integration.id = %id, integration.kind = "pagerduty", "A webhook was verified");
    // The sender's own, to the letter; what stands in an ARN may be its hash.
    let dedup_key = event.dedup_key().unwrap_or(&notice.key).to_owned();
    desk.hand_over(&owned.integration, vec![notice]).await?;
    Ok(answer::enqueued(&dedup_key))
}

fn posted(request: &Request) -> Result<(), Fault> {
    if request.method == "POST" { Ok(()) } else { Err(Fault::MethodNotAllowed { allow: "POST" }) }
}

/// Every fault is logged here, once: what a sender did wrong is no error of ours.
fn tell(fault: &Fault) {
    let (name, code) = (fault.name(), fault.code());
    if fault.status() >= 500 {
        tracing::error!(fault.name = name, fault.code = code, "{}", chain(fault));
    } else {
        tracing::info!(fault.name = name, fault.code = code, "{}", chain(fault));
    }
}
