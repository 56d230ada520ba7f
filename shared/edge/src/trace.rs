//! The id of a trace, which ties together what is logged from the alarm to the close (S3-83).

#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

/// The id of a trace: 32 hex digits, as W3C Trace Context has it. X-Ray's `1-5759e988-bd86…` is the
/// same digits in another dress. An incident keeps the one of the alarm that opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

impl TraceId {
    /// The `Root` of an X-Ray header (`X-Amzn-Trace-Id`, `_X_AMZN_TRACE_ID`, an SQS message's
    /// `AWSTraceHeader`). None if there is none, or nothing of the kind.
    pub fn from_header(header: &str) -> Option<Self> {
        let root = header.split(';').find_map(|part| part.trim().strip_prefix("Root="))?;
        let (time, rest) = root.strip_prefix("1-")?.split_once('-')?;
        let fits = time.len() == 8 && rest.len() == 24;
        if fits { format!("{time}{rest}").parse().ok() } else { None }
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

/// A text that is not the id of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a trace")]
pub struct NoTrace;

impl FromStr for TraceId {
    type Err = NoTrace;
    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let digits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let fits = text.len() == 32 && text.bytes().all(digits);
        let id = u128::from_str_radix(text, 16).ok().filter(|id| fits && *id > 0);
        id.map(Self).ok_or(NoTrace)
    }
}
