//! What a runbook needs to be told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name: 1 to 64 of `a-z 0-9 _`, beginning with a letter.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_]*$"), length(max = 64))]
    pub name: String,
    /// What it is, and where one finds it.
    #[schemars(length(min = 1, max = 500))]
    pub description: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// What it is if nobody says; without one it must be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// For `string`: a regular expression that the whole text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub pattern: Option<String>,
    /// For `enum`: what it may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub choices: Vec<String>,
    /// The least: an integer, a duration, or the length of a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// The most: an integer, a duration, or the length of a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
}

/// The types of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Text of one line.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of the choices.
    Enum,
    /// A length of time with its unit, as `30m`.
    Duration,
}

impl Type {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Enum => "enum",
            Self::Duration => "duration",
        }
    }
}

impl Input {
    /// Whether it must be said.
    pub const fn is_required(&self) -> bool {
        self.default.is_none()
    }
}
