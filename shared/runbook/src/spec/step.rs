//! A step, and what stands around its action.

use super::Action;
use crate::risk::Risk;
use crate::span::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id, unique in the runbook, those within alternatives counted: 1 to 64 of `a-z 0-9 -`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 64))]
    pub id: String,
    /// What it does, in a line.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// How much harm it may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// How long it may take, approvals not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// When it is done at all; always, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What must be so before it may run, and what its approval is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// What it does.
    #[serde(rename = "do")]
    pub action: Action,
    /// Whether the run goes on behind it if it fails. Only an automatic step that looks may say so.
    #[serde(default, skip_serializing_if = "OnFailure::is_stop")]
    pub on_failure: OnFailure,
    /// What is kept as proof of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// How it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback>,
    /// Why it cannot be taken back, or need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub irreversible: Option<String>,
    /// What users notice while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub downtime: Option<String>,
}

/// What a failed step does to the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It ends the run, which a person can have tried again.
    #[default]
    Stop,
    /// The failure is recorded, and the run goes on with the next step.
    Continue,
}

impl OnFailure {
    /// Whether it ends the run.
    pub const fn is_stop(&self) -> bool {
        matches!(self, Self::Stop)
    }
}

/// When a step is done: the alternative of this name was chosen in that `choose` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The id of an earlier `choose` step.
    pub step: String,
    /// The name of one of its alternatives.
    pub chosen: String,
}

/// What must be so before a step may run (S3-65, S3-69, S3-76).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// What the approval and the policy call it, such as `reroute`: 1 to 64 of `a-z 0-9 -`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 64))]
    pub operation: String,
    /// What the operator confirms before it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_if: Vec<String>,
}

/// What is kept as proof of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it must show.
    #[schemars(length(min = 1, max = 500))]
    pub shows: String,
    /// Whether the step may be completed without a reference to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// How a step is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// In words.
    #[schemars(length(min = 1, max = 500))]
    pub note: String,
    /// The action that does it, if one does.
    #[serde(default, rename = "do", skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
}

/// One of several ways on, of which exactly one is taken (S1-36).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Its name, unique in its step: 1 to 64 of `a-z 0-9 -`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 64))]
    pub name: String,
    /// What it is, in a line.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// When one takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub prefer: Option<String>,
    /// How much harm it may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// What users notice while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub downtime: Option<String>,
    /// Its steps, in order; none: it does nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub steps: Vec<Step>,
    /// Whether the runbook is over after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

/// A step and where it stands.
#[derive(Debug, Clone)]
pub struct Within<'a> {
    /// Its path, as `steps[3].do.choose.options[1].steps[0]`.
    pub path: String,
    /// The step.
    pub step: &'a Step,
    /// The `choose` step and the alternative that it belongs to, if it does.
    pub under: Option<(&'a Step, &'a Alternative)>,
}

impl Step {
    /// Its own risk; `high`, if nobody has said.
    pub fn risk(&self) -> Risk {
        self.risk.unwrap_or(Risk::High)
    }

    /// Its risk, or that of the worst step that it may lead to.
    pub fn weight(&self) -> Risk {
        let own = self.risk();
        self.alternatives().iter().map(Alternative::weight).fold(own, Risk::max)
    }

    /// Its alternatives; none, unless it is a choice.
    pub fn alternatives(&self) -> &[Alternative] {
        match &self.action {
            Action::Choose(choose) => &choose.options,
            Action::Manual(_)
            | Action::Http(_)
            | Action::Command(_)
            | Action::Ssm(_)
            | Action::Wait(_)
            | Action::Check(_)
            | Action::Transition(_)
            | Action::Notify(_)
            | Action::Export(_) => &[],
        }
    }
}

impl Alternative {
    /// Its risk: what it says, but never less than that of its steps.
    pub fn weight(&self) -> Risk {
        let own = self.risk.unwrap_or(Risk::High);
        self.steps.iter().map(Step::weight).fold(own, Risk::max)
    }
}

pub(super) fn walk<'a>(
    steps: &'a [Step],
    path: &str,
    under: Option<(&'a Step, &'a Alternative)>,
    into: &mut Vec<Within<'a>>,
) {
    for (at, step) in steps.iter().enumerate() {
        let path = format!("{path}[{at}]");
        into.push(Within { path: path.clone(), step, under });
        for (number, option) in step.alternatives().iter().enumerate() {
            let inner = format!("{path}.do.choose.options[{number}].steps");
            walk(&option.steps, &inner, Some((step, option)), into);
        }
    }
}
