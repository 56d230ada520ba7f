//! What was delivered, as alarms.
//!
//! CloudWatch speaks of one transition in three shapes, one for each of its doors. They are read
//! tolerantly: what is absent or of another type than documented is left out, and what is unknown
//! is not kept. Only without an identity, a state or a time there is no alarm.

mod action;
mod event;
mod identity;
mod notification;
mod part;
mod sighting;
#[cfg(test)]
mod tests;
mod text;

use part::Part;
use serde_json::Value;
use watchfire_domain::alarm::Alarm;
use watchfire_domain::canon::NotCanonical;
use watchfire_ports::Delivery;

/// How large a delivery may be. CloudWatch's are of a few kilobytes.
pub(crate) const LARGEST: usize = 256 * 1024;

/// Why a delivery is no alarm. The text is what the log says of it, once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than any alarm has to say.
    #[error("the delivery is larger than {limit} bytes")]
    TooLarge {
        /// How large it may be.
        limit: usize,
    },
    /// No JSON, or none that two readers would understand alike.
    #[error(transparent)]
    Json(#[from] NotCanonical),
    /// JSON, but nothing that we know.
    #[error("it has none of the shapes of an alarm")]
    Shape,
    /// An event of something else.
    #[error("an event `{kind}` of `{source_name}` is no alarm")]
    Event {
        /// Its detail type.
        kind: String,
        /// Its source.
        source_name: String,
    },
    /// A message of the topic itself.
    #[error("a topic's message of the type `{kind}` carries no alarm")]
    Message {
        /// Its type.
        kind: String,
    },
    /// What our own door handed over, in a form that this program does not know.
    #[error("what a webhook said is not in the form of version {version}")]
    Hook {
        /// The version that is known.
        version: u32,
    },
    /// Something is absent without which it is no alarm.
    #[error("the alarm has no {what}")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// The ARN is not an alarm's.
    #[error("`{value}` is not the ARN of an alarm")]
    Arn {
        /// What stands there, or its beginning.
        value: String,
    },
    /// No name that CloudWatch gives an alarm.
    #[error("`{value}` is not the name of an alarm")]
    Name {
        /// What stands there, or its beginning.
        value: String,
    },
    /// No state of an alarm.
    #[error("`{value}` is not a state of an alarm")]
    State {
        /// What stands there, or its beginning.
        value: String,
    },
    /// No time.
    #[error("`{value}` is not a time")]
    Time {
        /// What stands there, or its beginning.
        value: String,
    },
}

/// The body of a queue's message.
#[derive(Debug)]
pub(crate) enum Delivered {
    /// Alarms of CloudWatch's shapes.
    Alarms(Vec<Alarm>),
    /// What a webhook said.
    Hook(Delivery),
}

/// Reads the body of a queue's message. What our own door handed over stands there bare: in an
/// envelope of a topic, or of a caller of the function, it is nothing that we know.
pub(crate) fn delivered(body: &str) -> Result<Delivered, Unreadable> {
    if body.len() > LARGEST {
        return Err(Unreadable::TooLarge { limit: LARGEST });
    }
    let value = text::json(body)?;
    if value.get("watchfire_hook").is_none() {
        return read(&value).map(Delivered::Alarms);
    }
    let known = Delivery::VERSION;
    let delivery = serde_json::from_value(value).ok();
    let delivery = delivery.filter(|one: &Delivery| one.watchfire_hook == known);
    delivery.map(Delivered::Hook).ok_or(Unreadable::Hook { version: known })
}

/// The alarms of one delivery: the body of a queue's message.
pub fn alarms(body: &str) -> Result<Vec<Alarm>, Unreadable> {
    if body.len() > LARGEST {
        return Err(Unreadable::TooLarge { limit: LARGEST });
    }
    read(&text::json(body)?)
}

/// The alarms of one delivery that the runtime has read already.
pub(crate) fn read(delivery: &Value) -> Result<Vec<Alarm>, Unreadable> {
    let delivery = Part(delivery);
    let records = delivery.at("Records");
    if records.each().next().is_some() {
        return records.each().map(|record| notification::enveloped(record.at("Sns"))).collect();
    }
    if delivery.at("Message").text().is_some() {
        return Ok(vec![notification::enveloped(delivery)?]);
    }
    // With raw delivery the topic's envelope is not there.
    Ok(vec![bare(delivery, None)?])
}

/// An alarm that is in no envelope, or was taken out of that of the topic with this ARN.
fn bare(part: Part<'_>, topic: Option<&str>) -> Result<Alarm, Unreadable> {
    if part.has("detail-type") {
        event::alarm(part)
    } else if part.has("alarmData") {
        action::alarm(part)
    } else if part.has("NewStateValue") {
        notification::alarm(part, topic)
    } else {
        Err(Unreadable::Shape)
    }
}
