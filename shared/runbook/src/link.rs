//! Which runbook is for which alarm (S1-45, S3-64).

use crate::matrix::{Advice, Row};
use crate::spec::{For, Spec};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
pub use watchfire_domain::incident::Reason;

/// What a runbook is for: as much of its spec as an alarm asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// The runbook's name.
    pub name: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Which alarms it is for.
    #[serde(default, rename = "for", skip_serializing_if = "For::is_empty")]
    pub for_: For,
}

impl Purpose {
    /// That of the spec.
    pub fn of(spec: &Spec) -> Self {
        Self { name: spec.name.clone(), tags: spec.tags.clone(), for_: spec.for_.clone() }
    }
}

/// What is known of an alarm.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// Its name.
    pub name: &'a str,
    /// The metric that it is about.
    pub metric: Option<&'a str>,
    /// Its tags.
    pub tags: Option<&'a BTreeMap<String, String>>,
    /// The runbooks that its plan links.
    pub plan: Option<&'a BTreeSet<String>>,
}

/// A runbook that may be for an alarm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Suggestion {
    /// The strongest reason.
    pub reason: Reason,
    /// The runbook's name.
    pub runbook: String,
}

/// The runbooks for an alarm, the best first; those of equal reason by name.
pub fn suggest<'a>(
    purposes: impl IntoIterator<Item = &'a Purpose>,
    about: &About<'_>,
) -> Vec<Suggestion> {
    let row = Row::of(about.name, about.metric);
    let mut found: Vec<Suggestion> = purposes
        .into_iter()
        .filter_map(|purpose| {
            let reason = reason(purpose, about, row)?;
            Some(Suggestion { reason, runbook: purpose.name.clone() })
        })
        .collect();
    found.sort();
    found
}

fn reason(purpose: &Purpose, about: &About<'_>, row: Option<Row>) -> Option<Reason> {
    let names = |pattern: &String| match pattern.strip_suffix('*') {
        Some(start) => about.name.starts_with(start),
        None => pattern == about.name,
    };
    let tagged = |tags: &BTreeMap<String, String>| {
        purpose.tags.iter().any(|(key, value)| tags.get(key) == Some(value))
    };
    if about.plan.is_some_and(|plan| plan.contains(&purpose.name)) {
        Some(Reason::Plan)
    } else if purpose.for_.alarms.iter().any(names) {
        Some(Reason::Alarm)
    } else if about.metric.is_some_and(|metric| purpose.for_.metrics.contains(metric)) {
        Some(Reason::Metric)
    } else if about.tags.is_some_and(tagged) {
        Some(Reason::Tag)
    } else {
        row.filter(|row| purpose.for_.matrix.contains(row)).map(|_| Reason::Matrix)
    }
}

/// What the quick reference says of an alarm, if it has a row for it.
pub fn advice(about: &About<'_>) -> Option<Advice> {
    Row::of(about.name, about.metric).map(Row::advice)
}
