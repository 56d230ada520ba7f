//! An event of `PagerDuty`'s Events API v2. What its API needs and we can do without may be absent.

use super::field::{self, Labels};
use super::{Came, Draft, digest};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use watchfire_domain::hex;
use watchfire_domain::integration::{Notice, Said};
use watchfire_edge::Fault;

/// An event.
#[derive(Debug)]
pub(crate) struct Event(Value);

impl Event {
    /// Reads the body.
    pub(crate) fn read(came: &Came<'_>) -> Result<Self, Fault> {
        let body = came.json()?;
        if body.is_object() {
            return Ok(Self(body));
        }
        Err(Fault::Malformed { reason: "the event must be an object".to_owned() })
    }

    /// The routing key, or nothing.
    pub(crate) fn routing_key(&self) -> &str {
        field::text(&self.0, &["routing_key"]).unwrap_or_default()
    }

    /// What tells its alert from others, if the sender says so.
    pub(crate) fn dedup_key(&self) -> Option<&str> {
        field::text(&self.0, &["dedup_key"])
    }

    /// What it says, or what is wrong with it.
    ///
    /// Only a trigger may tell its time, and its end never does: so what orders them is when they
    /// came. The sender's time, with the whole body, only tells one trigger from another.
    pub(crate) fn notice(&self, came: &Came<'_>) -> Result<Notice, Fault> {
        let blank = "is missing or blank";
        let said = match field::text(&self.0, &["event_action"]) {
            Some("trigger") => Said::Firing,
            Some("acknowledge") => Said::Acknowledged,
            Some("resolve") => Said::Resolved,
            Some(_) | None => {
                let words = "is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')";
                return Err(Fault::invalid("event_action", words));
            }
        };
        let payload = self.0.get("payload").unwrap_or(&Value::Null);
        let (key, summary) = (self.dedup_key(), field::text(payload, &["summary"]));
        if key.is_some_and(|key| key.chars().count() > 255) {
            return Err(Fault::invalid("dedup_key", "is too long (255 characters at most)"));
        }
        if said == Said::Firing && key.is_none() && summary.is_none() {
            return Err(Fault::invalid("payload.summary", blank));
        }
        if said != Said::Firing && key.is_none() {
            return Err(Fault::invalid("dedup_key", blank));
        }
        let body = hex(&Sha256::digest(came.body));
        // The same event sent twice is one, whoever lost the first answer.
        let made = key.is_none().then(|| digest([body.as_str()].into_iter()));
        let url = self.0.pointer("/links/0/href").and_then(Value::as_str);
        let draft = Draft {
            said,
            key: key.or(made.as_deref()),
            name: summary,
            at: None,
            reason: summary,
            description: field::text(&self.0, &["client"]),
            labels: Labels::default()
                .one("severity", field::text(payload, &["severity"]))
                .one("source", field::text(payload, &["source"]))
                .one("component", field::text(payload, &["component"]))
                .one("group", field::text(payload, &["group"]))
                .one("class", field::text(payload, &["class"]))
                .one("url", url.or_else(|| field::text(&self.0, &["client_url"])))
                .with(payload.get("custom_details")),
        };
        let identity = field::time(payload, &["timestamp"]).map(|_| body);
        Ok(Notice { identity, ..draft.notice(came.at) })
    }
}
