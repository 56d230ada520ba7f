//! Executions, task tokens and the probe queue.

mod executions;
mod probes;
#[cfg(test)]
mod tests;

pub use executions::{FakeWorkflow, Outcome};
pub use probes::FakeProbes;
