//! The system's time, chance and log.

use async_trait::async_trait;
use ring::rand::{SecureRandom, SystemRandom};
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use watchfire_domain::Timestamp;
use watchfire_ports::{Clock, Ids, Metrics, Pause};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the real adapter of the port `Clock`")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Waiting on the runtime's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioPause;

#[async_trait]
impl Pause for TokioPause {
    async fn pause(&self, millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// The system's random numbers.
#[derive(Debug, Clone)]
pub struct RingIds(SystemRandom);

impl RingIds {
    /// Random numbers of the system.
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for RingIds {
    fn default() -> Self {
        Self::new()
    }
}

impl Ids for RingIds {
    fn fill(&self, bytes: &mut [u8]) {
        // Linux gives random bytes once it has been seeded, so this does not fail. If it did, any
        // other bytes would make nonces and codes that can be guessed: better no process. Lambda
        // starts another, and its queues and machines repeat what was under way.
        if self.0.fill(bytes).is_err() {
            tracing::error!("The system gave no random bytes; this process ends");
            std::process::abort();
        }
    }
}

/// Metric lines on standard output, which Lambda carries to the function's log.
#[derive(Debug, Clone, Copy, Default)]
pub struct StdoutMetrics;

impl Metrics for StdoutMetrics {
    fn emit(&self, line: &str) {
        // One write for one line, so that no other line comes between. A log that takes nothing
        // must not fail what is counted.
        let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_filled_and_differ() {
        let ids = RingIds::new();
        assert_ne!(ids.ten(), ids.ten());
        assert_ne!(ids.ten(), [0; 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_as_long_as_asked() {
        let start = tokio::time::Instant::now();
        TokioPause.pause(250).await;
        assert_eq!(start.elapsed(), Duration::from_millis(250));
    }

    #[test]
    fn the_clock_runs_in_this_century() {
        assert!(SystemClock.now() > Timestamp::from_millis(1_700_000_000_000));
    }
}
