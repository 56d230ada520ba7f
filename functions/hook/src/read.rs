//! What a webhook says, whatever system it came from, in one shape. It is read tolerantly: what is
//! absent or of another type than documented is left out, and what is unknown is not kept.

mod alertmanager;
mod datadog;
mod field;
mod generic;
pub(crate) mod pagerduty;

use field::Labels;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use watchfire_domain::integration::{IntegrationKind, Notice, Said};
use watchfire_domain::{Timestamp, hex};
use watchfire_edge::Fault;

/// A webhook, and when it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) at: Timestamp,
}

impl Came<'_> {
    fn json(&self) -> Result<Value, Fault> {
        serde_json::from_slice(self.body)
            .map_err(|wrong| Fault::Malformed { reason: format!("the body is not JSON: {wrong}") })
    }
}

/// What a webhook said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) notices: Vec<Notice>,
    /// How many alerts of it are none: the others must not be lost for them.
    pub(crate) unreadable: usize,
}

impl Told {
    fn one(notice: Notice) -> Self {
        Self { notices: vec![notice], unreadable: 0 }
    }

    /// Each alert of a list, as `read` understands it.
    fn each(alerts: &[Value], read: impl Fn(&Value) -> Option<Notice>) -> Result<Self, Fault> {
        let notices: Vec<Notice> = alerts.iter().filter_map(read).collect();
        let unreadable = alerts.len().saturating_sub(notices.len());
        if notices.is_empty() && unreadable > 0 {
            return Err(Fault::invalid("alerts", "has no alert that can be read"));
        }
        Ok(Self { notices, unreadable })
    }
}

/// What a webhook of such a sender says.
pub(crate) fn notices(kind: IntegrationKind, came: &Came<'_>) -> Result<Told, Fault> {
    let body = came.json()?;
    match kind {
        IntegrationKind::Alertmanager | IntegrationKind::Grafana => {
            alertmanager::read(&body, came.at)
        }
        IntegrationKind::Datadog => datadog::read(&body, came.at),
        IntegrationKind::Generic => generic::read(&body, came.at),
        IntegrationKind::Pagerduty => pagerduty::Event::read(came)?.notice(came).map(Told::one),
    }
}

/// A notice, as far as a sender told it.
#[derive(Debug)]
struct Draft<'a> {
    said: Said,
    key: Option<&'a str>,
    name: Option<&'a str>,
    /// The sender's own time of this.
    at: Option<Timestamp>,
    reason: Option<&'a str>,
    description: Option<&'a str>,
    labels: Labels,
}

impl Draft<'_> {
    /// The notice of what came at `now`. The sender's time counts, as far as it has passed: a clock
    /// that is fast must not make an alarm newer than its end.
    fn notice(self, now: Timestamp) -> Notice {
        let Self { said, key, name, at, reason, description, labels } = self;
        let name = field::line(name.unwrap_or_default(), 255);
        let key = key.map(field::key).filter(|key| !key.is_empty());
        let labels = labels.done();
        // An alert without an identity of its own is known by what it is called and labelled.
        let key = key.unwrap_or_else(|| {
            let words = labels.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
            digest(std::iter::once(name.as_str()).chain(words))
        });
        Notice {
            name: if name.is_empty() { key.clone() } else { name },
            key,
            said,
            at: at.map_or(now, |at| at.min(now)),
            identity: at.map(|at| at.to_string()),
            reason: field::line(reason.unwrap_or_default(), 1_000),
            description: field::line(description.unwrap_or_default(), 1_000),
            labels,
        }
    }
}

/// The first 16 bytes of SHA-256, in hex.
fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    digest.update("hook/v1");
    for part in parts {
        digest.update([0]);
        digest.update(part);
    }
    hex(digest.finalize().first_chunk::<16>().map_or(&[], |first| first.as_slice()))
}
