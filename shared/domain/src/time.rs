//! A moment, as the product stores and prints it: UTC, to the millisecond.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment in UTC, to the millisecond. Written as RFC 3339 with `Z` (RFC 3339 §5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Milliseconds in a second, minute, hour and day: lengths of time in this crate are milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute, in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour, in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day, in milliseconds.
pub const DAY: i64 = 24 * HOUR;

// Years 1970 to 9999: what RFC 3339 can write and every store keeps in order as text.
const LAST: i64 = 253_402_300_799_999;

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z, held within the years 1970 to 9999.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < 0 {
            Self(0)
        } else if millis > LAST {
            Self(LAST)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds since 1970-01-01T00:00:00Z, as DynamoDB's TTL and JWTs count.
    pub const fn seconds(self) -> i64 {
        self.0 / SECOND
    }

    /// This moment, `millis` later (or earlier, if negative).
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; negative if it is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339, and CloudWatch's `+0000` without a colon, with or without a fraction.
    pub fn parse(text: &str) -> Option<Self> {
        const COLONLESS: &[time::format_description::BorrowedFormatItem<'_>] = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][offset_minute]"
        );
        let text = text.trim();
        let moment = OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(text, COLONLESS))
            .ok()?;
        let millis = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok()?;
        (0..=LAST).contains(&millis).then_some(Self(millis))
    }

    pub(crate) fn date_time(self) -> OffsetDateTime {
        let millis = u16::try_from(self.0 % SECOND).unwrap_or_default();
        OffsetDateTime::from_unix_timestamp(self.seconds())
            .and_then(|moment| moment.replace_millisecond(millis))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// `YYYYMMDD`, in UTC.
    pub fn date_compact(self) -> String {
        let moment = self.date_time();
        format!("{:04}{:02}{:02}", moment.year(), u8::from(moment.month()), moment.day())
    }

    /// `YYYYMMDDTHHMMSS`, in UTC, as in a task family (S0-12).
    pub fn stamp(self) -> String {
        let moment = self.date_time();
        let (hour, minute, second) = (moment.hour(), moment.minute(), moment.second());
        format!("{}T{hour:02}{minute:02}{second:02}", self.date_compact())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = self.date_time();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // A record has a dozen of these, and `write!` takes ten times as long.
        let mut put = |last: usize, length: usize, mut number: u16| {
            for place in text.iter_mut().take(last).rev().take(length) {
                *place = b'0'.saturating_add(u8::try_from(number % 10).unwrap_or_default());
                number /= 10;
            }
        };
        put(4, 4, u16::try_from(moment.year()).unwrap_or_default());
        put(7, 2, u8::from(moment.month()).into());
        put(10, 2, moment.day().into());
        put(13, 2, moment.hour().into());
        put(16, 2, moment.minute().into());
        put(19, 2, moment.second().into());
        put(23, 3, moment.millisecond());
        out.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudwatch_times_have_no_colon() {
        let with = Timestamp::parse("2019-10-02T17:04:40.989+00:00").unwrap();
        assert_eq!(Timestamp::parse("2019-10-02T17:04:40.989+0000"), Some(with));
        assert_eq!(with.to_string(), "2019-10-02T17:04:40.989Z");
        assert_eq!(Timestamp::parse("2019-10-02T19:04:40+0200").unwrap().since(with), -989);
        assert_eq!(with.stamp(), "20191002T170440");
    }

    #[test]
    fn every_field_has_its_place() {
        let texts = [
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.999Z",
            "2026-10-11T12:13:14.015Z",
            "9999-12-31T23:59:59.999Z",
        ];
        for text in texts {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        // A prime number of milliseconds apart, so that all fields change.
        for step in 0..2_000 {
            let one = Timestamp::from_millis(step * 126_701_000_039);
            assert_eq!(Timestamp::parse(&one.to_string()), Some(one));
        }
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in ["", "now", "2019-13-02T17:04:40Z", "12: 36: 15", "99999-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
