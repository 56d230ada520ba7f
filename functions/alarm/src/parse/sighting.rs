//! What a delivery says, before it is certain that it is an alarm.

use super::Unreadable;
use super::identity::{Claims, Identity};
use super::part::Part;
use super::text::{self, shown};
use std::collections::BTreeMap;
use watchfire_domain::alarm::{Alarm, AlarmState, Source};

/// What a delivery says, before it is certain that it is an alarm.
#[derive(Debug)]
pub(super) struct Sighting<'a> {
    pub(super) source: Source,
    pub(super) claims: Claims<'a>,
    pub(super) state: Option<&'a str>,
    pub(super) at: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) contributor: Option<&'a str>,
    pub(super) metric: Option<&'a str>,
    pub(super) dimensions: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) suppressed_by: Option<&'a str>,
    pub(super) triggered_by: Vec<String>,
    pub(super) configuration: bool,
}

impl<'a> Sighting<'a> {
    /// What events and actions say in the same words: `detail` and `alarmData`.
    pub(super) fn of_detail(source: Source, claims: Claims<'a>, detail: Part<'a>) -> Self {
        let (state, configuration) = (detail.at("state"), detail.at("configuration"));
        let contributor = detail.at("alarmContributor");
        let muted = detail.at("muteDetail").at("mutedByArn").text();
        Self {
            source,
            claims: Claims { name: detail.at("alarmName").text().or(claims.name), ..claims },
            state: state.at("value").text(),
            at: state.at("timestamp").text(),
            reason: state.at("reason").text(),
            description: configuration.at("description").text(),
            contributor: contributor.at("id").text(),
            metric: metric(configuration),
            dimensions: dimensions(contributor.at("attributes"), configuration),
            tags: named(detail.at("alarmTags").pairs()),
            // A muted alarm's actions wait as a suppressed composite's do.
            suppressed_by: state.at("actionsSuppressedBy").text().or(muted),
            triggered_by: state.at("reasonData").text().map(children).unwrap_or_default(),
            configuration: false,
        }
    }

    /// The alarm, if it has an identity, a state and a time.
    pub(super) fn alarm(self) -> Result<Alarm, Unreadable> {
        let Identity { arn, name, account, region } = Identity::of(self.claims)?;
        let state = match self.state {
            Some(state) => state_named(state)?,
            // What becomes of a configuration change does not depend on it.
            None if self.configuration => AlarmState::InsufficientData,
            None => return Err(Unreadable::Missing { what: "state" }),
        };
        let at = self.at.ok_or(Unreadable::Missing { what: "time" }).and_then(text::time)?;
        Ok(Alarm {
            source: self.source,
            arn,
            name,
            account,
            region,
            contributor: self.contributor.map(str::to_owned),
            state,
            at,
            reason: self.reason.unwrap_or_default().to_owned(),
            description: self.description.unwrap_or_default().to_owned(),
            metric: self.metric.map(str::to_owned),
            dimensions: self.dimensions,
            tags: self.tags,
            identity: None,
            suppressed_by: self.suppressed_by.map(str::to_owned),
            triggered_by: self.triggered_by,
            configuration: self.configuration,
        })
    }
}

/// The dimensions of a contributor and of all metrics in `configuration`. Where two differ in a
/// value, the contributor's comes first and then that of the metric whose id does: the shapes list
/// metrics in different orders, and a key rendered from a dimension must not depend on the door.
pub(super) fn dimensions(
    contributor: Part<'_>,
    configuration: Part<'_>,
) -> BTreeMap<String, String> {
    let mut metrics: Vec<Part<'_>> = configuration.at("metrics").each().collect();
    metrics.sort_by_key(|metric| metric.at("id").text());
    let of_metrics =
        metrics.iter().flat_map(|one| one.at("metricStat").at("metric").at("dimensions").pairs());
    let mut pairs = contributor.pairs();
    pairs.extend(of_metrics);
    // A message of an alarm on one metric has them at hand.
    pairs.extend(configuration.at("dimensions").pairs());
    named(pairs)
}

/// The metric that the alarm is about; none if it counts with several.
pub(super) fn metric<'a>(configuration: Part<'a>) -> Option<&'a str> {
    let listed = configuration.at("metrics");
    let name = |metric: Part<'a>| metric.at("name").text().or(metric.at("metricName").text());
    let mut names = listed.each().filter_map(|one| name(one.at("metricStat").at("metric")));
    let first = names.next().or_else(|| configuration.at("metricName").text());
    first.filter(|first| names.all(|other| other == *first))
}

/// The first value of each name.
pub(super) fn named(pairs: Vec<(&str, &str)>) -> BTreeMap<String, String> {
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    // The last of equal names wins in a map.
    pairs.into_iter().rev().map(own).collect()
}

/// The children that a composite's `reasonData` names: JSON in a string.
fn children(reason_data: &str) -> Vec<String> {
    let Ok(data) = text::json(reason_data) else { return Vec::new() };
    arns(Part(&data).at("triggeringAlarms"))
}

/// The ARNs of a list of alarms.
pub(super) fn arns(alarms: Part<'_>) -> Vec<String> {
    let arn = |alarm: Part<'_>| Identity::parse(alarm.at("arn").text()?).map(|child| child.arn);
    alarms.each().filter_map(arn).collect()
}

fn state_named(name: &str) -> Result<AlarmState, Unreadable> {
    [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData]
        .into_iter()
        .find(|state| state.name() == name)
        .ok_or_else(|| Unreadable::State { value: shown(name) })
}
