//! Faithful fakes of the ports, with fault injection; for tests only.
//!
//! They behave as AWS does where the local stack does not: what is not idempotent there is not
//! idempotent here, what is eventually consistent there can be stale here, and every call consults
//! one deterministic plan of faults. [`World`] bundles them all.

mod access;
mod bus;
mod clock;
pub mod dynamo;
mod evidence;
pub mod faults;
mod hooks;
mod ids;
mod jobs;
mod line;
mod log;
mod machine;
mod metrics;
mod notify;
mod pause;
mod plant;
mod requests;
mod secrets;
mod shelf;
mod tasks;
mod vault;
mod wire;
mod wired;
mod words;
mod workflow;
mod world;

pub use access::{FakeAccessPoints, FakeBroker};
pub use bus::FakeBus;
pub use clock::FakeClock;
pub use evidence::FakeEvidence;
pub use faults::{Fault, Faults, Killed};
pub use hooks::FakeHooks;
pub use ids::FakeIds;
pub use jobs::{Ending, FakeJobs};
pub use line::FakeLine;
pub use log::FakeLog;
pub use machine::{Failed, Machine};
pub use metrics::FakeMetrics;
pub use notify::{FakeNotify, Trouble};
pub use pause::FakePause;
pub use requests::FakeRequests;
pub use secrets::{FakeJwks, FakeSecrets};
pub use tasks::{FakeTasks, Leaves, Pace};
pub use vault::{FakeSeals, FakeVault};
pub use workflow::{FakeProbes, FakeWorkflow, Outcome};
pub use world::{Left, World};
