//! Runbooks, pure: what a spec may say, what it would do, and what is wrong with it.
//!
//! No I/O, no clock, no async, no AWS. Whoever carries a runbook out hands in what was given, and
//! gets back what is to be done: [`render()`] never does it.

pub mod address;
pub mod bind;
pub mod cases;
pub mod catalog;
pub mod execution;
mod hash;
pub mod link;
pub mod lint;
pub mod matrix;
pub mod parse;
pub mod preview;
pub mod render;
pub mod risk;
mod span;
pub mod spec;
pub mod template;
#[cfg(test)]
mod tests;
pub mod verdict;
mod words;
#[cfg(feature = "yaml")]
pub mod yaml;

pub use bind::Inputs;
pub use execution::Execution;
pub use hash::{Hashed, spec_hash, text};
pub use lint::{Finding, lint};
pub use parse::parse;
pub use preview::preview;
pub use render::{Facts, Given, Rendered, render};
pub use risk::Risk;
pub use span::{NoSpan, Span};
pub use spec::{Action, Spec, Step};

/// The JSON schema of a spec, as published in `runbooks/schema.json`.
pub const SCHEMA: &str = include_str!("../../../runbooks/schema.json");
