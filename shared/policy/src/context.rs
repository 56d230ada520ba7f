//! What the request says, beyond who asks for what.

use serde::Serialize;

/// An approver's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Yes.
    Grant,
    /// No.
    Deny,
}

/// The request's own attributes. Absent ones satisfy nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context {
    /// Why, in the caller's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// The status or severity asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// An approver's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Whether the approver proved more than holding a link: the typed code matched, or they signed in.
    pub confirmed: bool,
    /// Where the evidence of a step lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence_ref: Option<String>,
    /// How a step ended, by its operator: `passed` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The time of the request, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<i64>,
}

impl Context {
    /// A request that says nothing of its own.
    pub fn none() -> Self {
        Self::default()
    }

    /// A change to another status or severity.
    pub fn to(target: impl Into<String>, rationale: Option<String>) -> Self {
        Self { to: Some(target.into()), rationale, ..Self::default() }
    }

    /// A deed that takes a reason.
    pub fn because(rationale: Option<String>) -> Self {
        Self { rationale, ..Self::default() }
    }

    /// An operator's report on a step.
    pub fn report(outcome: impl Into<String>, evidence_ref: Option<String>) -> Self {
        Self { outcome: Some(outcome.into()), evidence_ref, ..Self::default() }
    }

    /// A deed at a time, in seconds since 1970.
    pub fn at(now: i64) -> Self {
        Self { now: Some(now), ..Self::default() }
    }

    /// An approver's answer, given at a time.
    pub fn answer(answer: Answer, confirmed: bool, now: i64) -> Self {
        Self { answer: Some(answer), confirmed, now: Some(now), ..Self::default() }
    }
}
