//! How much harm a step may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much harm a step may do (S3-27). The order is by weight: [`Risk::High`] is the greatest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// It looks, and changes nothing that users notice.
    Low,
    /// It changes something that is easily put back.
    Medium,
    /// It destroys, restores, fails over, or is hard to take back: an approval comes before it.
    High,
}

impl Risk {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
