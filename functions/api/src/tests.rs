//! The function from outside: an event goes in, an answer comes out. Every answer is compared with
//! the OpenAPI document on its way.

mod api;
mod clearance;
mod document;
mod evidence;
mod fixture;
mod happy;
mod idempotency;
mod inputs;
mod integrations;
mod issuer;
mod lists;
mod methods;
mod records;
mod roles;
mod runbooks;
mod runs;
mod schema;
mod simulate;
mod strange;
mod tenants;
mod tokens;
mod types;
