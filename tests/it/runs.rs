//! Runbooks, from their start to their end.

mod doors;
mod faults;
mod glass;
pub(crate) mod golden;
mod kinds;
mod levels;
