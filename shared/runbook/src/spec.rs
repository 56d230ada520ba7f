//! What a runbook says (S1-36, S3-27..34).

mod action;
mod http;
mod input;
pub mod places;
mod step;

pub use action::{
    Action, Bundle, Check, Choose, Command, Manual, Notice, Probe, Ssm, Transition, Wait,
};
pub use http::{Expect, Header, Http, Method};
pub use input::{Input, Type};
pub use step::{Alternative, Evidence, Guard, OnFailure, Rollback, Step, When, Within};

use crate::matrix::Row;
use crate::risk::Risk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A runbook, as it is written, reviewed, hashed and carried out.
///
/// What may be forgotten is optional here and told by [`lint`](crate::lint::lint); what forgets it
/// is taken for the worst: [`Spec::risk`] and [`Step::risk`] answer `high`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Watchfire runbook")]
pub struct Spec {
    /// Its name, unique in its tenant: 1 to 64 of `a-z 0-9 -`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = 64))]
    pub name: String,
    /// One line, for people.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What it is for, and what it is not for.
    #[schemars(length(min = 1, max = 4000))]
    pub description: String,
    /// Who answers for it: a team or a person.
    #[schemars(length(min = 1, max = 128))]
    pub author: String,
    /// Labels. An alarm that has one of them is an alarm that it may be for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Where its content comes from: ids of procedures, links, incidents (S1-41).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sources: BTreeSet<String>,
    /// The highest risk of its steps, or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// After how many days somebody reads it again (S4-38).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 366))]
    pub review_days: Option<u16>,
    /// Whose recovery it proves: `resolved` waits for its outcome where a plan says so (S4-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifies: Option<Verifies>,
    /// Which alarms it is for.
    #[serde(default, rename = "for", skip_serializing_if = "For::is_empty")]
    pub for_: For,
    /// How one recognises the trouble.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symptoms: Vec<String>,
    /// What must hold before anybody starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preconditions: Vec<String>,
    /// What its steps need to be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub inputs: Vec<Input>,
    /// The hosts that its `http` steps may call, each `host` or `host:port`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hosts: BTreeSet<String>,
    /// What users notice while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub downtime: Option<String>,
    /// The steps, in order.
    #[schemars(length(min = 1, max = 100))]
    pub steps: Vec<Step>,
}

/// What a runbook proves when all of its checks pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verifies {
    /// That the service works again (S4-24).
    Recovery,
    /// That no data were lost or spoilt (S4-26).
    DataIntegrity,
}

/// Which alarms a runbook is for. Any one of these suffices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct For {
    /// Alarms by name; a `*` at the end stands for any ending.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub alarms: BTreeSet<String>,
    /// Metrics by name.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub metrics: BTreeSet<String>,
    /// Rows of the quick reference (S1-45).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub matrix: BTreeSet<Row>,
}

impl For {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        self.alarms.is_empty() && self.metrics.is_empty() && self.matrix.is_empty()
    }
}

impl Spec {
    /// Its risk: what it says, but never less than that of its steps.
    pub fn risk(&self) -> Risk {
        let own = self.risk.unwrap_or(Risk::High);
        self.steps.iter().map(Step::weight).fold(own, Risk::max)
    }

    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// Every step with its path, those within alternatives after the step that offers them.
    pub fn walk(&self) -> Vec<Within<'_>> {
        let mut found = Vec::new();
        step::walk(&self.steps, "steps", None, &mut found);
        found
    }

    /// The step of this id, wherever it stands.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.walk().into_iter().map(|within| within.step).find(|step| step.id == id)
    }
}
