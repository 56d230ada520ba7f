//! What two places say about one thing must be the same: crates and the design, state machines and
//! faults, the template and the code.

mod asl;
pub(crate) mod crates;
mod template;
