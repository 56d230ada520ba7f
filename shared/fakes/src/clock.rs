//! Time that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use watchfire_domain::Timestamp;
use watchfire_ports::Clock;

/// A clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.millis())))
    }

    /// Sets it, back too.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::SeqCst);
    }

    /// Moves it by so many milliseconds, and gives the new time.
    pub fn advance(&self, millis: i64) -> Timestamp {
        let now = self.now().plus(millis);
        self.set(now);
        now
    }
}

impl Default for FakeClock {
    /// 2026-11-21T03:12:00Z.
    fn default() -> Self {
        Self::new(Timestamp::from_millis(1_795_230_720_000))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_domain::{HOUR, MINUTE};

    #[test]
    fn it_moves_only_when_told_and_clones_move_with_it() {
        let clock = FakeClock::default();
        let other = clock.clone();
        assert_eq!(other.now().to_string(), "2026-11-21T03:12:00.000Z");
        assert_eq!(clock.advance(HOUR).since(other.now()), 0);
        assert_eq!(other.now().to_string(), "2026-11-21T04:12:00.000Z");
        clock.set(clock.now().plus(-MINUTE));
        assert_eq!(other.now().to_string(), "2026-11-21T04:11:00.000Z");
    }
}
