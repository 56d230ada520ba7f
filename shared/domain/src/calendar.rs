//! Business days: when "next business day" begins and ends.
//!
//! The offset from UTC is fixed: a desk that needs summer time changes its profile twice a year,
//! and an incident keeps the version that it was opened under.

#[cfg(test)]
mod tests;
mod text;

pub use text::{Day, TimeOfDay, Workday};

use crate::{DAY, MINUTE, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// When a team works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Minutes that local time is ahead of UTC.
    pub utc_offset_minutes: i32,
    /// The days of the week on which it works.
    pub workdays: BTreeSet<Workday>,
    /// When work begins, in local time.
    pub opens: TimeOfDay,
    /// When it ends, in local time; `24:00` is midnight.
    pub closes: TimeOfDay,
    /// Days on which it does not work after all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holidays: BTreeSet<Day>,
}

/// In words: `Monday to Friday, 09:00 to 17:00 (UTC+01:00), but for 2 holidays`.
impl fmt::Display for Calendar {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = || Workday::WEEK.iter().skip_while(|day| !self.workdays.contains(day));
        let on_end = week().take(self.workdays.len()).eq(self.workdays.iter());
        match (self.workdays.first(), self.workdays.last()) {
            (Some(first), Some(last)) if on_end && self.workdays.len() > 2 => {
                write!(out, "{first:?} to {last:?}")?;
            }
            _ => {
                let days: Vec<_> = self.workdays.iter().map(|day| format!("{day:?}")).collect();
                out.write_str(&days.join(", "))?;
            }
        }
        write!(out, ", {} to {} (UTC", self.opens, self.closes)?;
        let ahead = self.utc_offset_minutes.unsigned_abs();
        if ahead > 0 {
            let sign = if self.utc_offset_minutes < 0 { '-' } else { '+' };
            write!(out, "{sign}{:02}:{:02}", ahead / 60, ahead % 60)?;
        }
        match self.holidays.len() {
            0 => out.write_str(")"),
            1 => out.write_str("), but for 1 holiday"),
            more => write!(out, "), but for {more} holidays"),
        }
    }
}

/// A local date, as days since 1970-01-01, and the milliseconds into it.
struct Local {
    day: i64,
    millis: i64,
}

impl Calendar {
    /// Monday to Friday, nine to five, in UTC.
    pub fn office_hours() -> Self {
        Self {
            utc_offset_minutes: 0,
            workdays: Workday::WEEK.into_iter().take(5).collect(),
            opens: TimeOfDay::minutes(9 * 60),
            closes: TimeOfDay::minutes(17 * 60),
            holidays: BTreeSet::new(),
        }
    }

    /// Whether it works on this day.
    pub fn is_business_day(&self, day: Day) -> bool {
        self.workdays.contains(&day.workday()) && !self.holidays.contains(&day)
    }

    /// `at` itself, if it works then; else when it works next.
    pub fn open_at(&self, at: Timestamp) -> Timestamp {
        let local = self.local(at);
        let today = Day::number(local.day);
        if self.is_business_day(today) && local.millis < self.closes.millis() {
            return at.max(self.start(today));
        }
        self.next(local.day).map_or_else(|| at.plus(DAY), |day| self.start(day))
    }

    /// When a response on the next business day is due: its close. The next business day is the
    /// first whose local date is later than that of `at`.
    pub fn next_close(&self, at: Timestamp) -> Timestamp {
        let next = self.next(self.local(at).day);
        next.map_or_else(|| at.plus(DAY), |day| self.moment(day, self.closes))
    }

    /// All that is wrong with it; field names are led by `path`.
    pub fn check(&self, path: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |field: &str, problem: &str| {
            problems.push(Problem::new(format!("{path}{field}"), problem));
        };
        if !(-12 * 60..=14 * 60).contains(&self.utc_offset_minutes) {
            say("utc_offset_minutes", "must be -720 to 840");
        }
        if self.workdays.is_empty() {
            say("workdays", "must name a day");
        }
        if self.opens >= self.closes {
            say("closes", "must be later than `opens`");
        }
        // INVARIANT: fewer holidays than `next` looks at, and every week has a workday.
        if self.holidays.len() > 150 {
            say("holidays", "must be at most 150 days");
        }
        problems
    }

    fn local(&self, at: Timestamp) -> Local {
        let millis = at.millis().saturating_add(self.offset());
        Local { day: millis.div_euclid(DAY), millis: millis.rem_euclid(DAY) }
    }

    fn offset(&self) -> i64 {
        i64::from(self.utc_offset_minutes).saturating_mul(MINUTE)
    }

    /// The first business day after day number `after`; none in three years if there never is one.
    fn next(&self, after: i64) -> Option<Day> {
        (1..=3 * 366)
            .map(|days| Day::number(after.saturating_add(days)))
            .find(|day| self.is_business_day(*day))
    }

    fn start(&self, day: Day) -> Timestamp {
        self.moment(day, self.opens)
    }

    fn moment(&self, day: Day, time: TimeOfDay) -> Timestamp {
        let millis = day.since_epoch().saturating_mul(DAY).saturating_add(time.millis());
        Timestamp::from_millis(millis.saturating_sub(self.offset()))
    }
}
