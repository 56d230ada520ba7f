//! EventBridge's shape: our main door, and that of drills.

use super::Unreadable;
use super::identity::{Claims, Identity};
use super::part::Part;
use super::sighting::Sighting;
use super::text::shown;
use watchfire_domain::alarm::{Alarm, Source};

const TRANSITION: &str = "CloudWatch Alarm State Change";
const OF_CONTRIBUTOR: &str = "CloudWatch Alarm Contributor State Change";
const CONFIGURATION: &str = "CloudWatch Alarm Configuration Change";

/// The alarm of an event.
pub(super) fn alarm(event: Part<'_>) -> Result<Alarm, Unreadable> {
    let [kind, name] = ["detail-type", "source"].map(|field| event.at(field).text().unwrap_or(""));
    let unknown = || Unreadable::Event { kind: shown(kind), source_name: shown(name) };
    let source = source(name).ok_or_else(unknown)?;
    let detail = event.at("detail");
    let claims = Claims {
        arn: arn(event),
        name: None,
        account: event.at("account").text(),
        region: event.at("region").text(),
    };
    let mut sighting = Sighting::of_detail(source, claims, detail);
    match kind {
        TRANSITION => sighting.at = sighting.at.or(event.at("time").text()),
        OF_CONTRIBUTOR => {
            // Without it this would pass for the alarm itself.
            if sighting.contributor.is_none() {
                return Err(Unreadable::Missing { what: "contributor" });
            }
            sighting.at = sighting.at.or(event.at("time").text());
        }
        CONFIGURATION => {
            sighting.configuration = true;
            // The state is older than the change, and a deletion repeats the time of its creation:
            // only the event's own time tells changes apart.
            sighting.at = event.at("time").text().or(sighting.at);
        }
        _ => return Err(unknown()),
    }
    sighting.alarm()
}

/// The source with this name.
pub(super) fn source(name: &str) -> Option<Source> {
    match name {
        "aws.cloudwatch" => Some(Source::Cloudwatch),
        "watchfire.drill" => Some(Source::Drill),
        _ => None,
    }
}

/// The ARN among the event's resources, or of its detail.
fn arn(event: Part<'_>) -> Option<&str> {
    let resources = || event.at("resources").each().filter_map(Part::text);
    resources()
        .find(|text| Identity::parse(text).is_some())
        .or_else(|| event.at("detail").at("alarmArn").text())
        .or_else(|| resources().next())
}
