//! The rules, pure: no I/O, no clock, no environment, no async, no AWS.
//!
//! A rule is a function `fn(state, ask) -> Result<Change, Rejected>`. What it returns is written by
//! `store` as one conditional commit: the changed record and the timeline event that explains it.

pub mod alarm;
pub mod approval;
mod audience;
pub mod calendar;
pub mod canon;
pub mod chain;
pub mod clearance;
pub mod environment;
mod event;
mod excerpt;
mod hex;
mod ids;
pub mod incident;
pub mod integration;
pub mod link;
pub mod matrix;
pub mod patch;
pub mod plan;
pub mod profile;
mod rejected;
mod severity;
mod spec;
mod time;
mod whole;

pub use approval::Approval;
pub use audience::Audience;
pub use environment::Environment;
pub use event::{Actor, ActorKind, Change, Draft, EventType};
pub use excerpt::{Excerpt, Remark};
pub use hex::hex;
pub use ids::{
    ApprovalId, EnvironmentId, ExecutionId, IncidentId, Tenant, Unnamed, Voucher, display_id,
    is_display_id, uuid_v7,
};
pub use incident::{Incident, Status};
pub use integration::{Integration, IntegrationId};
pub use plan::{Plan, Problem};
pub use profile::Profile;
pub use rejected::Rejected;
pub use severity::Severity;
pub use spec::spec_hash;
pub use time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
pub use whole::Whole;
