//! A length of time with its unit, as people write it: `30s`, `5m`, `1h30m`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The units, the longest first, each in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A length of time in whole seconds. A number without a unit is refused: whether `30` are seconds
/// or minutes is what the source procedures disagree about (decision 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no length of time: write a number and its unit, as `30s`, `5m`, `2h` or `1d`")]
pub struct NoSpan(pub String);

impl Span {
    /// The longest one: a year.
    pub const LONGEST: Self = Self(366 * 86_400);

    /// From seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// From minutes.
    pub const fn from_minutes(minutes: u64) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// In seconds.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// In milliseconds, for a [`Timestamp`](watchfire_domain::Timestamp).
    pub fn millis(self) -> i64 {
        i64::try_from(self.0.saturating_mul(1_000)).unwrap_or(i64::MAX)
    }
}

impl FromStr for Span {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let wrong = || NoSpan(crate::words::clipped(text, 32));
        let (mut seconds, mut digits, mut largest) = (0_u64, String::new(), u64::MAX);
        for one in text.chars() {
            if one.is_ascii_digit() && digits.len() < 9 {
                digits.push(one);
                continue;
            }
            let (_, unit) = UNITS.into_iter().find(|(name, _)| *name == one).ok_or_else(wrong)?;
            let count: u64 = digits.parse().map_err(|_| wrong())?;
            // `5s1m` is a slip of the pen.
            if unit >= largest {
                return Err(wrong());
            }
            seconds = seconds.saturating_add(count.saturating_mul(unit));
            largest = unit;
            digits.clear();
        }
        let whole = digits.is_empty() && largest != u64::MAX && Self(seconds) <= Self::LONGEST;
        if whole { Ok(Self(seconds)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return out.write_str("0s");
        }
        let mut rest = self.0;
        for (name, unit) in UNITS {
            let count = rest.checked_div(unit).unwrap_or_default();
            rest = rest.checked_rem(unit).unwrap_or_default();
            if count > 0 {
                write!(out, "{count}{name}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time with its unit: `30s`, `5m`, `1h30m`, `1d`.",
            "type": "string",
            "pattern": "^([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$",
            "minLength": 2,
        })
    }
}
