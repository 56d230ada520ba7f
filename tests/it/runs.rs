//! Runbooks, from their start to their end.

mod doors;
mod faults;
pub(crate) mod golden;
mod kinds;
