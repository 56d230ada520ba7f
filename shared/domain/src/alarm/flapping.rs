//! Alarms that go on and off: people are told once that they do, and not of each change.

use super::{Alarm, AlarmState, Open};
use crate::{MINUTE, Timestamp};

/// The most changes that are remembered of an alarm.
const MOST: usize = 8;

/// When an alarm flaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flapping {
    /// From how many changes between ALARM and OK on; 0: never.
    pub changes: u32,
    /// Within how many minutes.
    pub minutes: u32,
}

impl Flapping {
    /// The most changes that a plan may wait for, and the longest time that it may look back.
    pub const LIMITS: Self = Self { changes: 8, minutes: 60 };

    const fn window(self) -> i64 {
        (self.minutes as i64).saturating_mul(MINUTE)
    }
}

impl Open {
    /// Remembers that `alarm` changed between ALARM and OK, if it did.
    pub(super) fn changed(&mut self, alarm: &Alarm) {
        let Some(before) = self.newest(alarm) else { return };
        let known = [AlarmState::Alarm, AlarmState::Ok];
        if before.state == alarm.state || !known.contains(&alarm.state) || alarm.at < before.at {
            return;
        }
        // An alarm that fires and ends once needs no more than its newest state.
        let changes = self.changes.entry(alarm.member()).or_insert_with(|| vec![before.at]);
        changes.push(alarm.at);
        let (first, oldest) = (changes.len().saturating_sub(MOST), Flapping::LIMITS.window());
        changes.drain(..first);
        changes.retain(|change| alarm.at.since(*change) <= oldest);
    }

    /// Whether an alarm of the key flaps at this moment.
    pub fn flaps(&self, rule: Flapping, now: Timestamp) -> bool {
        let Ok(least) = usize::try_from(rule.changes) else { return false };
        let recent = |change: &&Timestamp| now.since(**change) <= rule.window();
        let flaps = |changes: &Vec<Timestamp>| changes.iter().filter(recent).count() >= least;
        least > 0 && self.changes.values().any(flaps)
    }
}
