//! Faithful fakes of the ports, with fault injection; for tests only.

pub mod dynamo;
pub mod faults;

pub use faults::{Fault, Faults, Killed};
