//! Response plans: what an alarm turns into.

mod check;
mod recipient;
mod template;
#[cfg(test)]
mod tests;

pub use check::{check_spec, is_plan_name};
pub use recipient::Recipient;
pub use template::{Template, render};

use crate::alarm::{Alarm, Flapping, Source};
use crate::approval::{LeastRole, Level, one};
use crate::calendar::Calendar;
use crate::environment;
use crate::incident::Kind;
use crate::link::normalise;
use crate::{MINUTE, Severity, Timestamp, clearance};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;

/// Who approves the dangerous steps of runbooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvers {
    /// Their mail addresses.
    pub people: Vec<String>,
    /// How many of them must agree.
    #[serde(default = "one")]
    pub need: u8,
    /// For how many minutes they are asked, and their answer holds.
    #[serde(default = "hour")]
    pub minutes: u32,
    /// Whether only those count who are on call when they agree.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_call: bool,
    /// Within which hours they agree; at any time, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Calendar>,
    /// The least role of those who may agree, as it is when they do; any, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<LeastRole>,
    /// The clearance of those who may agree, 0 to 100; any, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance: Option<u8>,
    /// The levels that are asked after these, each once all before it have agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Level>,
}

impl Approvers {
    /// All levels in their order.
    pub fn levels(&self) -> impl Iterator<Item = Level> {
        let first = Level {
            people: self.people.clone(),
            need: self.need,
            on_call: self.on_call,
            hours: self.hours.clone(),
            role: self.role,
            clearance: self.clearance,
        };
        once(first).chain(self.then.iter().cloned()).map(|level| {
            let people = level.people.iter().filter_map(|who| normalise(who)).collect();
            Level { people, ..level }
        })
    }

    /// Until when a question that is asked at `now` can be answered.
    pub fn until(&self, now: Timestamp) -> Timestamp {
        now.plus(i64::from(self.minutes).saturating_mul(MINUTE))
    }
}

const fn hour() -> u32 {
    60
}

/// A response plan. AWS Incident Manager's plans map onto it: incident template → title, severity,
/// tags, `dedup_key`; chat channel and engagements → `notify`; actions → `runbooks`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its name, unique in its tenant.
    #[serde(default)]
    pub name: String,
    /// Its version, counted by the store.
    #[serde(default)]
    pub version: u32,
    /// Which alarms it answers. Any one match suffices; none: it answers no alarm.
    #[serde(default)]
    pub matches: Vec<Match>,
    /// The incident's title; `{alarm.name}` and its like are filled in.
    pub title: String,
    /// The incident's severity, under any label of any built-in profile.
    #[serde(deserialize_with = "crate::severity::any_label")]
    pub severity: Severity,
    /// A tag of the alarm that tells the severity better, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_tag: Option<String>,
    /// The severity profile.
    #[serde(default = "sev")]
    pub profile: String,
    /// What sort of trouble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The clearance of whoever may see its incidents, 0 to 100; 0 asks for none.
    #[serde(default, skip_serializing_if = "clearance::is_none")]
    pub clearance: u8,
    /// Labels of the incident.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What groups alarms into one incident; by default each alarm is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup_key: Option<String>,
    /// Runbooks to link.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub runbooks: BTreeSet<String>,
    /// The escalation policy to start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<String>,
    /// Who approves what its runbooks do that is dangerous. Without them, no runbook that does such
    /// a thing is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvers: Option<Approvers>,
    /// The runbook that verifies the recovery: until it is completed for the incident, after this
    /// was last mitigated, this is not resolved (S4-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<String>,
    /// The environment to create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<environment::Spec>,
    /// Who is told on open, reopen, severity rise and resolve, which is for responders; and by
    /// runbooks, each audience what is for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Recipient>,
    /// How long after its resolution an incident is reopened rather than followed by another, in
    /// minutes.
    #[serde(default = "thirty")]
    pub reopen_minutes: u32,
    /// How long an alarm must stay OK before its incident is resolved, in minutes.
    #[serde(default = "five")]
    pub quiet_minutes: u32,
    /// Whether the children that set off a composite alarm belong to its incident.
    #[serde(default = "yes")]
    pub join_children: bool,
    /// From how many changes between ALARM and OK on an alarm flaps; 0: never.
    #[serde(default = "four")]
    pub flap_changes: u32,
    /// Within how many minutes.
    #[serde(default = "ten")]
    pub flap_minutes: u32,
}

fn sev() -> String {
    "sev".to_owned()
}
const fn thirty() -> u32 {
    30
}
const fn five() -> u32 {
    5
}
const fn yes() -> bool {
    true
}
const fn four() -> u32 {
    4
}
const fn ten() -> u32 {
    10
}

/// Which alarms a plan answers: all that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The source; any, if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the name begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Tags that it must have.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Match {
    /// How well it fits: none if it does not, and higher the more it says.
    pub fn fit(&self, alarm: &Alarm) -> Option<u32> {
        let same = |want: &Option<String>, have: &str| want.as_deref().is_none_or(|w| w == have);
        let holds = self.source.is_none_or(|source| source == alarm.source)
            && same(&self.account, &alarm.account)
            && same(&self.region, &alarm.region)
            && same(&self.name, &alarm.name)
            && self.name_prefix.as_deref().is_none_or(|prefix| alarm.name.starts_with(prefix))
            && self.tags.iter().all(|(key, value)| alarm.tags.get(key) == Some(value));
        let said = |said: bool, worth: u32| if said { worth } else { 0 };
        let prefix = self.name_prefix.as_ref().map_or(0, String::len);
        let tags = self.tags.len();
        holds.then(|| {
            said(self.name.is_some(), 10_000)
                .saturating_add(u32::try_from(tags.saturating_mul(1_000)).unwrap_or(u32::MAX))
                .saturating_add(u32::try_from(prefix.min(255)).unwrap_or(255))
                .saturating_add(said(self.account.is_some(), 500))
                .saturating_add(said(self.region.is_some(), 300))
                .saturating_add(said(self.source.is_some(), 1))
        })
    }
}

/// Whom a plan tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An SNS topic, by ARN.
    Sns(String),
    /// A mail address.
    Email(String),
    /// An https address that is told with a signed request.
    Webhook(String),
}

/// What is wrong with a field of a request: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field's path, as `notify[0].email`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Problem {
    /// A problem of `field`.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl Plan {
    /// When an alarm of it flaps.
    pub const fn flapping(&self) -> Flapping {
        Flapping { changes: self.flap_changes, minutes: self.flap_minutes }
    }

    /// The plan for alarms that no plan answers: they open an incident of the tenant `unassigned`,
    /// as `high`, since nobody has said that they matter less.
    pub fn unassigned() -> Self {
        Self {
            name: "unassigned".to_owned(),
            version: 1,
            matches: Vec::new(),
            title: "{alarm.name}".to_owned(),
            severity: Severity::High,
            severity_tag: None,
            profile: sev(),
            kind: None,
            clearance: 0,
            tags: BTreeMap::new(),
            dedup_key: None,
            runbooks: BTreeSet::new(),
            escalation: None,
            approvers: None,
            recovery: None,
            environment: None,
            notify: Vec::new(),
            reopen_minutes: thirty(),
            quiet_minutes: five(),
            join_children: true,
            flap_changes: four(),
            flap_minutes: ten(),
        }
    }

    /// How well the plan fits an alarm; none if it does not.
    pub fn fit(&self, alarm: &Alarm) -> Option<u32> {
        self.matches.iter().filter_map(|one| one.fit(alarm)).max()
    }

    /// The severity for `alarm`: its tag's, if the plan names one and it says a label.
    pub fn severity_for(&self, alarm: &Alarm) -> Severity {
        self.severity_tag
            .as_ref()
            .and_then(|tag| alarm.tags.get(tag))
            .and_then(|label| Severity::parse_label(label))
            .unwrap_or(self.severity)
    }
}
