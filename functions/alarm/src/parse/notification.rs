//! The shape of a topic's message.

use super::identity::{Claims, region_code, region_of_topic};
use super::part::Part;
use super::sighting::{Sighting, arns, dimensions, metric, named};
use super::text::{self, shown};
use super::{Unreadable, bare};
use watchfire_domain::alarm::{Alarm, Source};

/// The alarm in a topic's envelope.
pub(super) fn enveloped(envelope: Part<'_>) -> Result<Alarm, Unreadable> {
    if let Some(kind) = envelope.at("Type").text()
        && kind != "Notification"
    {
        return Err(Unreadable::Message { kind: shown(kind) });
    }
    let message = envelope.at("Message").text().ok_or(Unreadable::Shape)?;
    // A rule may have a topic for its target: then this is an event.
    bare(Part(&text::json(message)?), envelope.at("TopicArn").text())
}

/// The alarm of a message that came through the topic with this ARN.
pub(super) fn alarm(message: Part<'_>, topic: Option<&str>) -> Result<Alarm, Unreadable> {
    let region = message.at("Region").text().and_then(region_code);
    let claims = Claims {
        arn: message.at("AlarmArn").text(),
        name: message.at("AlarmName").text(),
        account: message.at("AWSAccountId").text(),
        region: region.or_else(|| topic.and_then(region_of_topic)),
    };
    let attributes = message.at("AlarmContributorAttributes");
    Sighting {
        source: Source::Cloudwatch,
        claims,
        state: message.at("NewStateValue").text(),
        at: message.at("StateChangeTime").text(),
        reason: message.at("NewStateReason").text(),
        description: message.at("AlarmDescription").text(),
        contributor: message.at("AlarmContributorId").text(),
        metric: metric(message.at("Trigger")),
        dimensions: dimensions(attributes, message.at("Trigger")),
        tags: named(message.at("AlarmTags").pairs()),
        // Suppressed and muted alarms send no messages.
        suppressed_by: None,
        triggered_by: arns(message.at("TriggeringChildren")),
        configuration: false,
    }
    .alarm()
}
