//! What every function shares at its door: what comes in, who asks, what goes wrong, what is set.
//!
//! No AWS type, no runtime, no clock and no environment: everything is handed in.

pub mod config;
pub mod fault;

pub use config::Config;
pub use fault::{Fault, chain};
pub use watchfire_domain::Problem;
