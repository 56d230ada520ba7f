//! What is logged, and the id that ties it together from the alarm to the close (S3-83).

#[cfg(test)]
mod tests;

use crate::{Fault, chain};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};
use watchfire_domain::Timestamp;

/// The id of a trace: 32 hex digits, as W3C Trace Context has it. X-Ray's `1-5759e988-bd86…` is the
/// same digits in another dress. An incident keeps the one of the alarm that opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

impl TraceId {
    /// From 16 random bytes, where the caller brought none.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes).max(1))
    }

    /// The `Root` of an X-Ray header (`X-Amzn-Trace-Id`, `_X_AMZN_TRACE_ID`, an SQS message's
    /// `AWSTraceHeader`). None if there is none, or nothing of the kind.
    pub fn from_header(header: &str) -> Option<Self> {
        let root = header.split(';').find_map(|part| part.trim().strip_prefix("Root="))?;
        let (time, rest) = root.strip_prefix("1-")?.split_once('-')?;
        let fits = time.len() == 8 && rest.len() == 24;
        if fits { format!("{time}{rest}").parse().ok() } else { None }
    }

    /// As X-Ray writes it.
    pub fn xray(self) -> String {
        let digits = self.to_string();
        let (time, rest) = digits.split_at_checked(8).unwrap_or_default();
        format!("1-{time}-{rest}")
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

/// A stretch of work, logged as one line when it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    name: &'static str,
    trace: Option<TraceId>,
    begun: Timestamp,
    fields: Map<String, Value>,
}

impl Span {
    /// Begins. `name` is `<what>.<verb>`: `alarm.ingest`, `incident.create`, `approval.decide`.
    pub fn begin(name: &'static str, trace: Option<TraceId>, now: Timestamp) -> Self {
        Self { name, trace, begun: now, fields: Map::new() }
    }

    /// With a field: `incident.id`, `environment.id`, `task.arn`. Never a secret.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field that became known on the way.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// Takes up the trace that a record carries.
    pub fn follow(&mut self, trace: TraceId) {
        self.trace = Some(trace);
    }

    /// The line of a success.
    pub fn end(&self, now: Timestamp) -> String {
        self.line(now, "INFO", Map::new())
    }

    /// The line of a failure, with all its causes. What a caller did wrong is no error of ours.
    pub fn fail(&self, now: Timestamp, fault: &Fault) -> String {
        let level = if fault.status() >= 500 { "ERROR" } else { "WARN" };
        let mut failure = Map::new();
        failure.insert("error.code".into(), fault.code().into());
        failure.insert("error.name".into(), fault.name().into());
        failure.insert("error.chain".into(), chain(fault).into());
        self.line(now, level, failure)
    }

    fn line(&self, now: Timestamp, level: &str, more: Map<String, Value>) -> String {
        let mut line = self.fields.clone();
        line.extend(more);
        line.insert("timestamp".into(), now.to_string().into());
        line.insert("level".into(), level.into());
        line.insert("span".into(), self.name.into());
        line.insert("duration_ms".into(), now.since(self.begun).max(0).into());
        if let Some(trace) = self.trace {
            line.insert("trace.id".into(), trace.to_string().into());
        }
        Value::Object(line).to_string()
    }
}
