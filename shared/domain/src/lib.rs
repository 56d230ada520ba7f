//! The rules, pure: no I/O, no clock, no environment, no async, no AWS.
//!
//! A rule is a function `fn(state, ask) -> Result<Change, Rejected>`. What it returns is written by
//! `store` as one conditional commit: the changed record and the timeline event that explains it.

mod ids;
mod time;

pub use ids::{
    ApprovalId, EnvironmentId, IncidentId, Tenant, Unnamed, Voucher, display_id, is_display_id,
    uuid_v7,
};
pub use time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
