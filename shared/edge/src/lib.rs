//! What every function shares at its door: what comes in, who asks, what goes wrong, what is set.
//!
//! No AWS type, no runtime, no clock and no environment: everything is handed in.

pub mod claims;
pub mod config;
pub mod fault;
pub mod http;
pub mod metrics;
pub mod page;
pub mod queue;
mod trace;

pub use claims::{Claims, ClaimsRefused, Verifier};
pub use config::Config;
pub use fault::{Fault, chain};
pub use http::{Authorizer, Request, Response};
pub use metrics::{Measured, Metric};
pub use trace::TraceId;
pub use watchfire_domain::Problem;
