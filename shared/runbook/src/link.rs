//! Which runbook is for which alarm (S1-45, S3-64).

use crate::matrix::{Advice, Row};
use crate::spec::Spec;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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

/// Why a runbook is suggested, the strongest reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The alarm's plan links it.
    Plan,
    /// It names the alarm.
    Alarm,
    /// It names the metric.
    Metric,
    /// It has a tag of the alarm.
    Tag,
    /// The alarm is of a row of the quick reference that it is for.
    Matrix,
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
    specs: impl IntoIterator<Item = &'a Spec>,
    about: &About<'_>,
) -> Vec<Suggestion> {
    let row = Row::of(about.name, about.metric);
    let mut found: Vec<Suggestion> = specs
        .into_iter()
        .filter_map(|spec| {
            let reason = reason(spec, about, row)?;
            Some(Suggestion { reason, runbook: spec.name.clone() })
        })
        .collect();
    found.sort();
    found
}

fn reason(spec: &Spec, about: &About<'_>, row: Option<Row>) -> Option<Reason> {
    let names = |pattern: &String| match pattern.strip_suffix('*') {
        Some(start) => about.name.starts_with(start),
        None => pattern == about.name,
    };
    let tagged = |tags: &BTreeMap<String, String>| {
        spec.tags.iter().any(|(key, value)| tags.get(key) == Some(value))
    };
    if about.plan.is_some_and(|plan| plan.contains(&spec.name)) {
        Some(Reason::Plan)
    } else if spec.for_.alarms.iter().any(names) {
        Some(Reason::Alarm)
    } else if about.metric.is_some_and(|metric| spec.for_.metrics.contains(metric)) {
        Some(Reason::Metric)
    } else if about.tags.is_some_and(tagged) {
        Some(Reason::Tag)
    } else {
        row.filter(|row| spec.for_.matrix.contains(row)).map(|_| Reason::Matrix)
    }
}

/// What the quick reference says of an alarm, if it has a row for it.
pub fn advice(about: &About<'_>) -> Option<Advice> {
    Row::of(about.name, about.metric).map(Row::advice)
}

/// The names of the alarms that no runbook is for, in order.
pub fn unlinked<'a>(specs: &[Spec], alarms: impl IntoIterator<Item = About<'a>>) -> Vec<String> {
    let alone = alarms.into_iter().filter(|about| suggest(specs, about).is_empty());
    let names: BTreeSet<String> = alone.map(|about| about.name.to_owned()).collect();
    names.into_iter().collect()
}
