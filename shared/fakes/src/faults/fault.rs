//! The ways in which a call fails.

use std::error::Error;
use std::fmt;

/// What happens to one call. The numbers are those of the test plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// F1: the call never left; nothing happened.
    NotSent,
    /// F2: the effect happened, the answer was lost.
    AnswerLost,
    /// F3: the same request is carried out again, once `after` further calls were served; zero means
    /// at once, behind the answer.
    Duplicate {
        /// The calls served between the request and its twin.
        after: u8,
    },
    /// F4: refused for the caller's rate.
    Throttled,
    /// F4: refused for the capacity of what is called; DynamoDB says it of a transaction by
    /// cancelling it, which no client retries by itself.
    Saturated,
    /// F5: the service failed.
    ServerError {
        /// Whether the effect happened all the same.
        applied: bool,
    },
    /// F6: another transaction held the item. Touches writes and transactions.
    Conflict,
    /// F7: no answer in time; reported at once, without waiting.
    TimedOut {
        /// Whether the effect happened all the same.
        applied: bool,
    },
    /// F8: an eventually consistent read that does not see the last `writes` writes. Touches such
    /// reads only.
    Stale {
        /// How many writes the reader lags behind.
        writes: u8,
    },
    /// F9: the process ended at this await, and every later call of it fails until
    /// [`Faults::revive`](super::Faults::revive).
    Killed {
        /// Whether the request had left before.
        applied: bool,
    },
}

impl Fault {
    /// One of each, for a test that goes through them all.
    pub const ALL: [Self; 14] = [
        Self::NotSent,
        Self::AnswerLost,
        Self::Duplicate { after: 0 },
        Self::Duplicate { after: 2 },
        Self::Throttled,
        Self::Saturated,
        Self::ServerError { applied: false },
        Self::ServerError { applied: true },
        Self::Conflict,
        Self::TimedOut { applied: false },
        Self::TimedOut { applied: true },
        Self::Stale { writes: 1 },
        Self::Killed { applied: false },
        Self::Killed { applied: true },
    ];

    /// Whether the effect of the call happens.
    pub const fn applies(self) -> bool {
        match self {
            Self::NotSent | Self::Throttled | Self::Saturated | Self::Conflict => false,
            Self::AnswerLost | Self::Duplicate { .. } | Self::Stale { .. } => true,
            Self::ServerError { applied }
            | Self::TimedOut { applied }
            | Self::Killed { applied } => applied,
        }
    }

    /// The mode's number in the test plan.
    pub const fn mode(self) -> &'static str {
        match self {
            Self::NotSent => "F1",
            Self::AnswerLost => "F2",
            Self::Duplicate { .. } => "F3",
            Self::Throttled | Self::Saturated => "F4",
            Self::ServerError { .. } => "F5",
            Self::Conflict => "F6",
            Self::TimedOut { .. } => "F7",
            Self::Stale { .. } => "F8",
            Self::Killed { .. } => "F9",
        }
    }
}

/// The marker that a killed call answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Killed;

impl Killed {
    /// Whether an error, or any of its causes, is the marker.
    pub fn caused(error: &(dyn Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| (*error).source())
            .any(|error| error.downcast_ref::<Self>().is_some())
    }
}

impl fmt::Display for Killed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the process was killed during this call")
    }
}

impl Error for Killed {}
