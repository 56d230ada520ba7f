//! The ten kinds of actions, each with its parameters.
//!
//! A text that may hold `{{…}}` is a template (see [`render`](crate::render)); all others are taken
//! as they stand.

use super::Alternative;
use super::http::Http;
use crate::span::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use watchfire_domain::{Audience, Status};

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A person does it, and says so.
    Manual(Manual),
    /// One HTTPS request.
    Http(Http),
    /// One program, in the gated container image, as a one-off task.
    Command(Command),
    /// One SSM Automation document, until it ends.
    Ssm(Ssm),
    /// Nothing, for a while.
    Wait(Wait),
    /// A probe, again and again, until it has held for long enough.
    Check(Check),
    /// Exactly one of several alternatives.
    Choose(Choose),
    /// Moves the incident to a status.
    Transition(Transition),
    /// Tells somebody.
    Notify(Notice),
    /// Exports the incident as an evidence bundle.
    Export(Bundle),
}

impl Action {
    /// The wire name of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Manual(_) => "manual",
            Self::Http(_) => "http",
            Self::Command(_) => "command",
            Self::Ssm(_) => "ssm",
            Self::Wait(_) => "wait",
            Self::Check(_) => "check",
            Self::Choose(_) => "choose",
            Self::Transition(_) => "transition",
            Self::Notify(_) => "notify",
            Self::Export(_) => "export",
        }
    }
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// What to do; a template.
    #[schemars(length(min = 1, max = 4000))]
    pub instructions: String,
    /// Whether it changes something; evidence is then required.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
    /// Whether it is an item of a checklist: ticked, with who and when (S4-13).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tick: bool,
}

/// One program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments; all but the program are templates, one element each. No shell
    /// sees them.
    #[schemars(length(min = 1, max = 100))]
    pub argv: Vec<String>,
    /// What the program reads, as it stands; no template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 16_000))]
    pub stdin: Option<String>,
    /// The deployment's name for an image and a role, such as `observer` or `operator`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 64))]
    pub profile: String,
    /// What its output must be, white space around it not counted; its exit code must be 0 in any
    /// case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub output_is: Option<String>,
    /// What its output must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub output_contains: Option<String>,
}

/// One SSM Automation document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ssm {
    /// Its name, such as `AWS-RestartEC2Instance`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]+$"), length(min = 3, max = 128))]
    pub document: String,
    /// Its parameters; the values are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Vec<String>>,
}

/// Nothing, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// How long.
    pub duration: Span,
}

/// A probe, repeated. It passes once the probe has held without a break for `stable_for`, and fails
/// at `limit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What is asked.
    pub probe: Probe,
    /// How often.
    pub every: Span,
    /// For how long it must hold.
    pub stable_for: Span,
    /// When it has failed.
    pub limit: Span,
}

/// What a check asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// One HTTPS request.
    Http(Http),
    /// One program; it holds if it ends with 0 and its output is as expected.
    Command(Command),
}

/// Exactly one of several alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    /// What the operator decides.
    #[schemars(length(min = 1, max = 500))]
    pub question: String,
    /// The alternatives.
    #[schemars(length(max = 20))]
    pub options: Vec<Alternative>,
}

/// A change of the incident's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Where to.
    #[schemars(with = "StatusName")]
    pub to: Status,
    /// Why; a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub rationale: Option<String>,
}

/// The statuses of an incident, for the schema alone.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "the schema of a type of another crate")]
enum StatusName {
    New,
    Acknowledged,
    Mitigating,
    Monitoring,
    Resolved,
    Closed,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Whom.
    pub audience: Audience,
    /// The deployment's name for the message's template.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 64))]
    pub template: String,
    /// What the template is filled with; the values are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

/// An evidence bundle of the incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// What it is for, in a line.
    #[schemars(length(min = 1, max = 500))]
    pub purpose: String,
}
