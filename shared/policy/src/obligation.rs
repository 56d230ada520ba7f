//! The codes of the policies, and what they mean to a reader.

use serde::Serialize;

/// Something that an action requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Obligation {
    /// The stable code that the policies use.
    pub code: &'static str,
    /// What it asks for, in words for the caller.
    pub text: &'static str,
}

const fn row(code: &'static str, text: &'static str) -> Obligation {
    Obligation { code, text }
}

/// The code of the one obligation that no policy states: the engine has to answer.
pub(crate) const ENGINE: Obligation =
    row("engine", "the policy must be evaluated, and it could not be");

/// Every obligation, in the order in which a reader should hear of them.
pub const OBLIGATIONS: [Obligation; 28] = [
    ENGINE,
    row("action", "the action must be one that the policy knows"),
    row("actor", "the caller must have an id, a kind and a role that fit together"),
    row("resource", "the action must fit the kind of record that it is applied to"),
    row("stage", "the caller's credential must be good for this deployment"),
    row("tenant", "the caller must act for a tenant that the record is visible to"),
    row("home", "the caller must act for the tenant that the record belongs to"),
    row("role", "the caller's role must permit the action"),
    row("clearance", "the caller's clearance must reach what the record requires"),
    row("target", "the present and the requested value must be known words"),
    row("rationale", "the change must say why, in a rationale"),
    row("person", "the answer must be a person's"),
    row("approver", "the caller must be on the approval's list"),
    row("independent", "the caller must not be excluded as an interested party"),
    row("pending", "the approval must still be pending"),
    row("unexpired", "the approval must not have expired"),
    row("on_call", "the approver must be on call when they agree"),
    row("hours", "the approver must agree within the hours of their level"),
    row("overridden", "the approval must have been overridden"),
    row("draft", "the runbook must be a draft: what is published never changes"),
    row("published", "the runbook must be published"),
    row("clean", "the runbook's lint must find nothing that is wrong"),
    row("risk", "the step's risk must be known, and the caller's role must reach it"),
    row("granted", "a step of high risk needs its approval, and that must be granted"),
    row(
        "bound",
        "the approval must be for this tenant, incident, execution, step, attempt, spec and inputs",
    ),
    row("separate", "enough people must have approved the step, and none who has a part in it"),
    row("evidence", "the step must be completed with a reference to its evidence"),
    row("confirmed", "granting a high risk takes the typed code or a sign-in"),
];
