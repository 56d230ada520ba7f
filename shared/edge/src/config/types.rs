//! The types of settings: what parses is valid.

use serde::Deserialize;
use std::{fmt, str::FromStr};
use watchfire_domain::Tenant;

macro_rules! text_type {
    ($($name:ident, $doc:literal, $is:expr, $form:literal;)+) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let is: fn(&str) -> bool = $is;
                if is(text) { Ok(Self(text.to_owned())) } else { Err(concat!("must be ", $form).to_owned()) }
            }
        }
    )+};
}

fn word(text: &str, lengths: std::ops::RangeInclusive<usize>, others: &[u8]) -> bool {
    lengths.contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
}

text_type! {
    TableName, "A DynamoDB table's name.", |text| word(text, 3..=255, b"._-"),
        "a table's name: 3 to 255 of `A-Z a-z 0-9 . _ -`";
    BucketName, "An S3 bucket's name.", |text| word(text, 3..=63, b".-") && text.bytes().all(|b| !b.is_ascii_uppercase()),
        "a bucket's name: 3 to 63 of `a-z 0-9 . -`";
    ClusterName, "An ECS cluster's name or ARN.", |text| word(text, 1..=512, b"_-:/"),
        "a cluster's name or ARN";
    Name, "A short name: of a stage, a container, a claim or a family prefix.", |text| word(text, 1..=128, b"._-:/"),
        "1 to 128 of `A-Z a-z 0-9 . _ - : /`";
    NetworkId, "The id of a subnet, a security group or a file system.", |text| word(text, 4..=64, b"-") && text.contains('-'),
        "an id such as `subnet-0abc`";
    Arn, "The ARN of a resource.", |text| text.starts_with("arn:") && text.split(':').count() >= 6 && is_plain(text),
        "an ARN";
    SecretId, "A secret's name or ARN in Secrets Manager. Never its value.", |text| word(text, 1..=2048, b"/_+=.@:-"),
        "a secret's name or ARN";
    DocumentName, "The name of an SSM document.", |text| word(text, 3..=128, b"._-"),
        "a document's name: 3 to 128 of `A-Z a-z 0-9 . _ -`";
    SecretPrefix, "How the names of secrets begin: up to a slash.", |text| word(text, 2..=256, b"/_+=.@-") && text.ends_with('/') && !text.starts_with('/'),
        "the beginning of a secret's name, up to a slash";
    Url, "An http or https address.", |text| host(text).is_some(),
        "an address that starts with `https://`";
    ReadableFile, "The path of a text file that is there.", |text| std::fs::read_to_string(text).is_ok(),
        "the path of a file that can be read";
    Text, "Any text on one line.", |text| is_plain(text),
        "text without spaces or control characters";
}

fn is_plain(text: &str) -> bool {
    (1..=2048).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

fn host(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    (is_plain(address) && !host.is_empty() && !host.contains('@')).then_some(host)
}

impl Url {
    /// Whether it is safe from listeners: https, or this very machine.
    pub fn is_private(&self) -> bool {
        let Some(host) = host(&self.0) else { return false };
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        self.0.starts_with("https://")
            || ["localhost", "127.0.0.1", "[::1]"].contains(&name)
            || name.ends_with(".localhost")
    }

    /// Whether it is an origin (RFC 6454): scheme, host and port alone.
    pub fn is_origin(&self) -> bool {
        host(&self.0).is_some_and(|host| self.0.ends_with(&format!("//{host}")) && host != "*")
    }
}

/// A length of time, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u32);

impl Seconds {
    /// In milliseconds, as the domain counts.
    pub fn millis(self) -> i64 {
        i64::from(self.0).saturating_mul(watchfire_domain::SECOND)
    }
}

/// The processor of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    X8664,
}

impl Architecture {
    /// As ECS names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "ARM64",
            Self::X8664 => "X86_64",
        }
    }
}

/// By which roots AWS is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Amazon's own, built in.
    Pinned,
    /// The system's.
    Native,
}

/// A further root for everything that is not AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ca {
    /// Its PEM text.
    Inline(String),
    /// The file that holds it.
    Path(String),
}

/// Who may call with `SigV4`, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    /// The role's or user's ARN, or the beginning of it up to a `/`.
    pub arn_prefix: String,
    /// The tenants that it acts for.
    pub tenants: Vec<String>,
    /// Its role.
    pub role: String,
    /// Its clearance, 0 to 100.
    #[serde(default)]
    pub clearance: i64,
    /// The one deployment that it may call; none: every one that has this table.
    #[serde(default)]
    pub stage: Option<String>,
}

impl Principal {
    /// What is wrong with it, if anything.
    pub(super) fn problem(&self) -> Option<String> {
        let arn = self.arn_prefix.as_str();
        if !(arn.starts_with("arn:") && arn.splitn(6, ':').nth(5).is_some_and(|id| !id.is_empty()))
        {
            return Some(format!("`{arn}` must be a whole ARN, or one up to a slash"));
        }
        if self.tenants.is_empty() {
            return Some(format!("`{arn}` needs at least one tenant"));
        }
        if let Some(tenant) = self.tenants.iter().find(|tenant| !Tenant::is_name(tenant)) {
            return Some(format!("`{tenant}` is not a tenant"));
        }
        if self.role.is_empty() || !(0..=100).contains(&self.clearance) {
            return Some(format!("`{arn}` needs a role, and a clearance of 0 to 100"));
        }
        if self.stage.as_ref().is_some_and(|stage| stage.parse::<Name>().is_err()) {
            return Some(format!("`{arn}` is good for a stage that is no name"));
        }
        None
    }
}
