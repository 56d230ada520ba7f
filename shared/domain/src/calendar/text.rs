//! Days and times of day, as a calendar writes them.

use crate::{MINUTE, Unnamed};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use time::Date;
use time::format_description::well_known::Iso8601;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Workday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Workday {
    /// All seven, as ISO 8601 counts them.
    pub const WEEK: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
}

/// A date without a time: days since 1970-01-01. Written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

// `Date` counts days from a past that is not ours.
const EPOCH: i32 = 2_440_588;

impl Day {
    pub(super) const fn number(days: i64) -> Self {
        Self(days)
    }

    pub(super) const fn since_epoch(self) -> i64 {
        self.0
    }

    /// Its day of the week.
    pub fn workday(self) -> Workday {
        // 1970-01-01 was a Thursday.
        let place = self.0.saturating_add(3).rem_euclid(7);
        let found = Workday::WEEK.into_iter().zip(0..).find(|(_, at)| *at == place);
        found.map_or(Workday::Sunday, |(day, _)| day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = i32::try_from(self.0).unwrap_or(i32::MAX).saturating_add(EPOCH);
        let date = Date::from_julian_day(days).unwrap_or(Date::MAX);
        write!(out, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

impl FromStr for Day {
    type Err = Unnamed;
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let date = Date::parse(text, &Iso8601::DATE).ok();
        date.map(|date| Self(i64::from(date.to_julian_day().saturating_sub(EPOCH))))
            .filter(|day| day.to_string() == text)
            .ok_or_else(|| Unnamed::new(text, "a date as `2026-12-24`"))
    }
}
crate::ids::text_form!(Day);

/// A time of day, to the minute, up to `24:00`. Written `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    const MIDNIGHT: u16 = 24 * 60;

    /// So many minutes after midnight, held within the day.
    pub const fn minutes(minutes: u16) -> Self {
        Self(if minutes > Self::MIDNIGHT { Self::MIDNIGHT } else { minutes })
    }

    pub(super) fn millis(self) -> i64 {
        i64::from(self.0).saturating_mul(MINUTE)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = Unnamed;
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let parsed = || {
            let (hours, minutes) = text.split_once(':')?;
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            let time = Self(hours.checked_mul(60)?.checked_add(minutes)?);
            (time.0 <= Self::MIDNIGHT && time.to_string() == text).then_some(time)
        };
        parsed().ok_or_else(|| Unnamed::new(text, "a time of day as `09:00`"))
    }
}
crate::ids::text_form!(TimeOfDay);
