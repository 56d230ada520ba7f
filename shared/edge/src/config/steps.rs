//! What the automatic steps of runbooks may reach.

use std::{fmt, str::FromStr};

/// A host that runbooks may call: a name, and its port where that is not 443.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepHost(String);

impl StepHost {
    /// `name`, or `name:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepHost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for StepHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        // `0443` is the same port to one reader, and another text to the next.
        let number = |text: &str| text.parse::<u16>().is_ok_and(|port| port.to_string() == text);
        if is_name(name) && port.is_none_or(|port| number(port) && port != "0") {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a host's name in lower case, such as `api.example.com`".to_owned())
        }
    }
}

/// A name of several labels (RFC 1123 §2.1) that is no address.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(plain)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(label)
        && last.starts_with(|first: char| first.is_ascii_lowercase())
}

/// What the commands of a profile run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepProfile {
    /// The profile's name, as runbooks say it.
    pub name: String,
    /// The task definition: a family, one of its revisions, or an ARN.
    pub definition: String,
}

impl FromStr for StepProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, definition) = text.split_once('=').unwrap_or_default();
        let (name, definition) = (name.trim(), definition.trim());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let named = (1..=64).contains(&name.len())
            && name.bytes().all(plain)
            && !name.starts_with('-')
            && !name.ends_with('-');
        let defined = |b: u8| b.is_ascii_alphanumeric() || b"_-:/".contains(&b);
        if named && (1..=512).contains(&definition.len()) && definition.bytes().all(defined) {
            Ok(Self { name: name.to_owned(), definition: definition.to_owned() })
        } else {
            Err("must be `profile=task-definition`, such as `operator=watchfire-operator`".into())
        }
    }
}

/// The profiles, each of another name.
pub(super) fn profiles(text: &str) -> Result<Vec<StepProfile>, String> {
    let profiles: Vec<StepProfile> = super::reader::list(text)?;
    let mut names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
    names.sort_unstable();
    let twice = names.array_windows().find(|[one, next]| one == next);
    match twice {
        Some([name, _]) => Err(format!("has the profile `{name}` twice")),
        None => Ok(profiles),
    }
}
