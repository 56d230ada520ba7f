//! The function `api`: the HTTP API, under `/v1` for callers with a token and under `/iam/v1` for
//! programs that sign with `SigV4`.
//!
//! Everything about a route stands in one table, [`ROUTES`]: the router, the OpenAPI document and
//! the contract tests read it. What a route does is a use case of the desk.

mod answer;
mod approvals;
mod bodies;
mod call;
mod door;
mod environments;
mod incidents;
mod input;
mod integrations;
mod openapi;
mod plans;
mod policy;
mod routes;
mod runbooks;
mod runs;
mod table;
#[cfg(test)]
mod tests;
mod who;

pub use openapi::openapi;
pub use routes::{Condition, Method, Route, Takes};
pub use table::ROUTES;

use serde_json::Value;
use watchfire_desk::Desk;
use watchfire_ports::Jwks;

/// Answers an event of API Gateway's (payload 2.0). Whatever comes in, an HTTP answer goes out.
pub async fn handle(desk: &Desk, jwks: &dyn Jwks, event: Value, trace: Option<&str>) -> Value {
    door::answer(desk, jwks, &event, trace).await.to_event()
}
