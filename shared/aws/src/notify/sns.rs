//! Topics, by SNS.

use super::Messages;
use crate::error::{Cause, refused, told};
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::MessageAttributeValue;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::collections::HashMap;
use watchfire_ports::{Message, PortError, Sent};

const SNS: &str = "SNS";
const DOING: &str = "publishing a message";
// A queue that takes raw messages drops those with more than ten attributes: ours, and nine.
const MOST_FIELDS: usize = 9;
const LONGEST_SUBJECT: usize = 99;

impl Messages {
    pub(super) async fn publish(&self, topic: &str, message: &Message) -> Result<Sent, PortError> {
        let attributes = attributes(message)
            .map_err(|error| refused(SNS, DOING, &Cause::of(&error).to_string()))?;
        let call = self
            .aws
            .sns()
            .publish()
            .topic_arn(topic)
            .set_subject(subject(&message.subject))
            .message(&message.text)
            .set_message_attributes(Some(attributes));
        // A FIFO topic drops repeats by itself; other topics refuse these two.
        let call = if topic.rsplit('.').next() == Some("fifo") {
            let hash = digest(&SHA256, message.id.as_bytes());
            call.message_group_id("watchfire").message_deduplication_id(super::webhook::hex(hash))
        } else {
            call
        };
        let sent = call.send().await.map_err(told(SNS, DOING))?;
        Ok(Sent { receipt: sent.message_id })
    }
}

/// `watchfire_id`, by which a receiver drops a repeat, and the plain fields of the data, by which a
/// subscription filters.
fn attributes(message: &Message) -> Result<HashMap<String, MessageAttributeValue>, BuildError> {
    let value = |kind: &str, text: &str| {
        MessageAttributeValue::builder().data_type(kind).string_value(text).build()
    };
    let mut attributes = HashMap::new();
    let fields = message.data.as_object().into_iter().flatten();
    for (name, field) in fields.filter(|(name, _)| is_name(name)) {
        let (kind, text) = match field {
            Value::String(text) if !text.is_empty() => ("String", text.clone()),
            Value::Bool(truth) => ("String", truth.to_string()),
            Value::Number(number) => ("Number", number.to_string()),
            Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        if attributes.len() < MOST_FIELDS {
            attributes.insert(name.clone(), value(kind, &text)?);
        }
    }
    attributes.insert("watchfire_id".to_owned(), value("String", &message.id)?);
    Ok(attributes)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
}

/// SNS takes fewer than 100 ASCII characters, beginning with no blank.
fn subject(subject: &str) -> Option<String> {
    let ascii = |letter: char| match letter {
        ' '..='~' => letter,
        _ if letter.is_control() => ' ',
        _ => '?',
    };
    let subject: String = subject.trim().chars().map(ascii).take(LONGEST_SUBJECT).collect();
    Some(subject).filter(|subject| !subject.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_domain::plan::Target;

    #[test]
    fn subjects_are_made_fit() {
        assert_eq!(subject(" Störung\nin ü ").as_deref(), Some("St?rung in ?"));
        assert_eq!(subject(&"x".repeat(200)).map(|subject| subject.len()), Some(99));
        assert_eq!(subject(" \n"), None);
    }

    #[test]
    fn plain_fields_become_attributes_ten_at_most() {
        let mut data =
            serde_json::json!({"a": 1, "b": true, "c": "x", "d": [1], "e": "", "f g": 1});
        let message = |data: Value| Message {
            id: "m-1".to_owned(),
            to: Target::Sns("t".to_owned()),
            subject: String::new(),
            text: String::new(),
            data,
        };
        let mut names: Vec<_> = attributes(&message(data.clone())).unwrap().into_keys().collect();
        names.sort();
        assert_eq!(names, ["a", "b", "c", "watchfire_id"]);
        for field in 0..20 {
            data[format!("n{field}")] = field.into();
        }
        let many = attributes(&message(data)).unwrap();
        assert_eq!(many.len(), 10);
        assert_eq!(many["watchfire_id"].string_value(), Some("m-1"));
    }
}
