//! From an event to an answer: read, routed, authenticated, handled, and every fault told once.

use crate::call::Call;
use crate::routes::{Found, find};
use crate::who::{self, Door};
use serde_json::Value;
use watchfire_desk::Desk;
use watchfire_edge::http::{Request, Response};
use watchfire_edge::{Fault, chain};
use watchfire_ports::Jwks;

pub(crate) async fn answer(
    desk: &Desk,
    jwks: &dyn Jwks,
    event: &Value,
    trace: Option<&str>,
) -> Response {
    let request_id = event.pointer("/requestContext/requestId").and_then(Value::as_str);
    let request_id = request_id.unwrap_or("unknown");
    let method = event.pointer("/requestContext/http/method").and_then(Value::as_str);
    let answered = match Request::from_event(event) {
        Ok(request) => routed(desk, jwks, &request, trace).await,
        Err(fault) => Err(fault),
    };
    let mut response = answered.unwrap_or_else(|fault| {
        tell(&fault, request_id);
        Response::fault(&fault, request_id)
    });
    if method.is_some_and(|method| method.eq_ignore_ascii_case("HEAD")) {
        response.body.clear();
    }
    response.with("x-request-id", request_id)
}

async fn routed(
    desk: &Desk,
    jwks: &dyn Jwks,
    request: &Request,
    trace: Option<&str>,
) -> Result<Response, Fault> {
    let segments = request.segments()?;
    let (door, below) = Door::of(&segments).ok_or(Fault::NotFound)?;
    let (route, values) = match find(&request.method, below)? {
        Found::Route(route, values) => (route, values),
        Found::Options(allow) => return Ok(Response::empty().with("allow", allow)),
    };
    let caller = who::caller(desk, jwks, request, door, trace).await?;
    let name = format!("{} /{}", route.method.name(), below.join("/"));
    let call = Call { desk, caller, request, route, door, values, name };
    (route.handler)(&call).await
}

/// Every fault is logged here, once: what a caller did wrong is no error of ours.
fn tell(fault: &Fault, request_id: &str) {
    let (name, code) = (fault.name(), fault.code());
    if fault.status() >= 500 {
        tracing::error!(request.id = %request_id, fault.name = name, fault.code = code, "{}", chain(fault));
    } else {
        tracing::info!(request.id = %request_id, fault.name = name, fault.code = code, "{}", chain(fault));
    }
}
