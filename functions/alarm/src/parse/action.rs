//! The shape of an alarm action that calls a function.

use super::Unreadable;
use super::event::source;
use super::identity::Claims;
use super::part::Part;
use super::sighting::Sighting;
use super::text::shown;
use watchfire_domain::alarm::{Alarm, Source};

/// The alarm of an action.
pub(super) fn alarm(action: Part<'_>) -> Result<Alarm, Unreadable> {
    let source = match action.at("source").text() {
        None => Source::Cloudwatch,
        Some(name) => source(name).ok_or_else(|| Unreadable::Event {
            kind: "alarmData".into(),
            source_name: shown(name),
        })?,
    };
    let claims = Claims {
        arn: action.at("alarmArn").text(),
        name: None,
        account: action.at("accountId").text(),
        region: action.at("region").text(),
    };
    let mut sighting = Sighting::of_detail(source, claims, action.at("alarmData"));
    sighting.at = sighting.at.or(action.at("time").text());
    sighting.alarm()
}
