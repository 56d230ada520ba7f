//! One HTTPS request, and what its answer must be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The methods of HTTP (RFC 9110 §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the head alone.
    Head,
    /// Does something.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it only reads.
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// One HTTPS request. Redirects are not followed: where one leads, nobody has allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The method.
    pub method: Method,
    /// `https://host/path`, the host literal and one of the spec's `hosts`; its path is a template.
    #[schemars(length(min = 1, max = 2000))]
    pub url: String,
    /// What follows the `?`; the values are templates, and are encoded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Header>,
    /// The body, as JSON; its strings are templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// What the answer must be.
    #[serde(default, skip_serializing_if = "Expect::is_default")]
    pub expect: Expect,
}

/// A header's value: a constant, or a secret by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Header {
    /// As it stands; no template.
    Value(String),
    /// A named secret of the deployment.
    Secret(String),
    /// `Bearer `, and a named secret of the deployment (RFC 6750).
    Bearer(String),
}

impl Header {
    /// For people: the constant, or which secret is sent.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Secret(secret) => format!("(the secret `{secret}`)"),
            Self::Bearer(secret) => format!("Bearer (the secret `{secret}`)"),
        }
    }

    /// The constant, or the secret's name.
    pub fn text(&self) -> &str {
        match self {
            Self::Value(text) | Self::Secret(text) | Self::Bearer(text) => text,
        }
    }
}

/// What an answer must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The statuses that are good; none said: 200 to 299.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub status: BTreeSet<u16>,
    /// How long it may take, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 60_000))]
    pub latency_ms: Option<u32>,
    /// What the body must contain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub body_contains: Option<String>,
}

impl Expect {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
