//! The policy engine: Rego obligations over typed input.
//!
//! Callers describe the actor, the action, the resource and the request in Rust types and ask one function,
//! [`Policies::decide`]. The rules themselves are `policies/*.rego`; the build script compiles them. They list what must be
//! met, so a missing or malformed attribute denies; and an engine that fails denies too, and says so.

mod action;
mod actor;
mod bundle;
#[cfg(test)]
mod compile;
mod context;
mod decision;
mod input;
mod obligation;
mod policies;
mod resource;
mod simulate;
mod step;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use actor::{Actor, ActorKind, Role};
pub use context::{Answer, Context};
pub use decision::Decision;
pub use obligation::{OBLIGATIONS, Obligation};
pub use policies::Policies;
pub use resource::{Resource, ResourceKind, Standing};
pub use simulate::{Change, Judged, Simulation};
pub use step::{Binding, StepApproval, StepGuard};
