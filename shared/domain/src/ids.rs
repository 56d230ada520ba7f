//! Names of things. Each has one written form; what parses is valid, and what is printed parses.

use crate::Timestamp;
use serde::Serialize;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Text that is not the name of anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}")]
pub struct Unnamed {
    /// The text, cut to 64 characters.
    pub text: String,
    /// What it should have been, with an article.
    pub what: &'static str,
}

impl Unnamed {
    pub(crate) fn new(text: &str, what: &'static str) -> Self {
        Self { text: text.chars().take(64).collect(), what }
    }
}

/// Serde by way of the written form.
macro_rules! text_form {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use text_form;

/// An incident's uuid (version 7; S3-10). Written with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(pub Uuid);

impl IncidentId {
    /// A version 7 uuid (RFC 9562 §5.7) of this moment and these ten random bytes.
    pub fn at(now: Timestamp, random: [u8; 10]) -> Self {
        Self(uuid_v7(now, random))
    }

    /// The list partition (0 to 3) that this incident stands in: four, so that a storm of one
    /// tenant spreads over four partitions while a list stays four queries.
    pub fn shard(self) -> u8 {
        self.0.as_bytes().last().copied().unwrap_or(0) % 4
    }
}

/// A uuid's one written form: lower case, with hyphens.
macro_rules! uuid_form {
    ($name:ident, $what:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}", self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = Unnamed;
            fn from_str(text: &str) -> Result<Self, Unnamed> {
                let wrong = || Unnamed::new(text, $what);
                let id = Uuid::parse_str(text).map_err(|_| wrong())?;
                if text.len() == 36 && text.bytes().all(|b| !b.is_ascii_uppercase()) {
                    Ok(Self(id))
                } else {
                    Err(wrong())
                }
            }
        }
        text_form!($name);
    };
}
uuid_form!(IncidentId, "an incident id");

/// The uuid of a runbook's execution (version 7; S3-35). Written with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionId(pub Uuid);

impl ExecutionId {
    /// A version 7 uuid (RFC 9562 §5.7) of this moment and these ten random bytes.
    pub fn at(now: Timestamp, random: [u8; 10]) -> Self {
        Self(uuid_v7(now, random))
    }
}
uuid_form!(ExecutionId, "an execution id");

/// A version 7 uuid (RFC 9562 §5.7).
pub fn uuid_v7(now: Timestamp, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now.millis().unsigned_abs(), &random).into_uuid()
}

/// The place of an incident's environment or approval: `env-<32 hex of the incident>-<n>`. It holds
/// the incident's id, so no pointer item is needed to find the record (docs/decisions/0002).
macro_rules! part_id {
    ($name:ident, $prefix:literal, $what:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The incident that it belongs to.
            pub incident: IncidentId,
            /// Its number within the incident, from 1.
            pub n: u16,
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!($prefix, "-{}-{}"), self.incident.0.simple(), self.n)
            }
        }

        impl FromStr for $name {
            type Err = Unnamed;
            fn from_str(text: &str) -> Result<Self, Unnamed> {
                let parsed = || {
                    let rest = text.strip_prefix(concat!($prefix, "-"))?;
                    let (incident, n) = rest.split_once('-')?;
                    let id = Self {
                        incident: IncidentId(Uuid::try_parse_ascii(incident.as_bytes()).ok()?),
                        n: n.parse().ok().filter(|n| *n > 0)?,
                    };
                    (id.to_string() == text).then_some(id)
                };
                parsed().ok_or_else(|| Unnamed::new(text, $what))
            }
        }
        text_form!($name);
    };
}
part_id!(EnvironmentId, "env", "an environment id", "An environment of an incident.");
part_id!(ApprovalId, "apr", "an approval id", "An approval of an incident.");

/// A tenant's name: 1 to 64 of `A-Z a-z 0-9 . _ -`. It leads every key of the tenant's data.
///
/// INVARIANT: a `Tenant` is made only where somebody vouched for it (ARCHITECTURE.md, invariant 5):
/// a test lists the files that may call [`Tenant::vouched`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Tenant(String);

/// Who vouched for a tenant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voucher {
    /// Verified claims of a caller.
    Claims,
    /// The administrator's alarm mapping.
    AlarmMap,
    /// The input of an execution, or a queue message, that we wrote ourselves.
    Execution,
    /// A pointer item or payload that was read after a MAC, an event or a claim was checked.
    Pointer,
}

impl Tenant {
    /// Where alarms go that no mapping claims: never dropped.
    pub const UNASSIGNED: &'static str = "unassigned";

    /// A tenant that `_voucher` vouches for.
    pub fn vouched(name: &str, _voucher: Voucher) -> Result<Self, Unnamed> {
        if Self::is_name(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Unnamed::new(name, "a tenant"))
        }
    }

    /// Whether `name` has the form of a tenant's name. `#` would end the tenant's part of a key.
    pub fn is_name(name: &str) -> bool {
        (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    }

    /// The tenant that unmapped alarms go to.
    pub fn unassigned() -> Self {
        Self(Self::UNASSIGNED.to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Display id `INC-YYYYMMDD-HHMM` (S4-14); `extra` base32 letters of the uuid's tail follow when
/// that minute is taken.
pub fn display_id(now: Timestamp, id: IncidentId, extra: usize) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let stamp = now.stamp();
    let minute = stamp.get(9..13).unwrap_or("0000");
    let mut text = format!("INC-{}-{minute}", now.date_compact());
    let mut tail = id.0.as_u128();
    for _ in 0..extra {
        let letter = usize::try_from(tail & 31).ok().and_then(|at| LETTERS.get(at));
        text.push(letter.copied().map_or('A', char::from));
        tail >>= 5;
    }
    text
}

/// Whether `text` has the form of a display id, with or without letters behind it.
pub fn is_display_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("INC-") else { return false };
    let (date, rest) = rest.split_at_checked(8).unwrap_or(("", ""));
    let (minute, letters) = rest.split_at_checked(5).unwrap_or(("", ""));
    date.len() == 8
        && date.bytes().all(|b| b.is_ascii_digit())
        && minute.starts_with('-')
        && minute.bytes().skip(1).all(|b| b.is_ascii_digit())
        && letters.len() <= 26
        && letters.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> IncidentId {
        IncidentId::at(Timestamp::parse("2026-11-21T03:12:00Z").unwrap(), [7; 10])
    }

    #[test]
    fn what_is_printed_parses_and_nothing_else() {
        let environment = EnvironmentId { incident: id(), n: 3 };
        assert_eq!(environment.to_string().parse(), Ok(environment));
        for text in ["env-1-1", "env-x", "", "apr-00000000000000000000000000000000-1"] {
            assert!(text.parse::<EnvironmentId>().is_err(), "{text}");
        }
        let padded = environment.to_string().replace("-3", "-03");
        assert!(padded.parse::<EnvironmentId>().is_err(), "one written form");
        assert!(id().to_string().to_uppercase().parse::<IncidentId>().is_err());
        let execution = ExecutionId::at(Timestamp::from_millis(1), [7; 10]);
        assert_eq!(execution.to_string().parse(), Ok(execution));
        assert!(execution.0.simple().to_string().parse::<ExecutionId>().is_err());
    }

    #[test]
    fn display_ids_tell_the_minute_and_take_letters() {
        let now = Timestamp::parse("2026-11-21T03:12:59Z").unwrap();
        assert_eq!(display_id(now, id(), 0), "INC-20261121-0312");
        assert!(is_display_id(&display_id(now, id(), 0)));
        assert!(is_display_id(&display_id(now, id(), 3)) && display_id(now, id(), 3).len() == 20);
        for text in ["INC-2026112-0312", "INC-20261121-031", "INC-20261121-0312a", "inc", "INC-é"]
        {
            assert!(!is_display_id(text), "{text}");
        }
    }

    #[test]
    fn a_tenant_cannot_reach_into_another_key() {
        for name in ["", "a#b", "a b", "é", &"x".repeat(65)] {
            assert!(Tenant::vouched(name, Voucher::Claims).is_err(), "{name}");
        }
        assert_eq!(Tenant::vouched("A1", Voucher::Claims).unwrap().as_str(), "A1");
    }
}
