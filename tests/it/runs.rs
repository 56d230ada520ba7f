//! Runbooks, from their start to their end.

mod doors;
mod faults;
mod golden;
mod kinds;
