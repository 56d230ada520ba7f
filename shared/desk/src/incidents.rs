//! Incidents, as callers read and change them (S3-47..53, S3-61).

mod create;
mod deed;
mod read;

pub use create::NewIncident;
pub use deed::Deed;
pub use read::{Filter, ListAsk};
pub(crate) use read::{PAGE, event_shown};

use crate::opening::marked;
use crate::settle::fault;
use crate::{Caller, Desk};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfire_domain::{Incident, IncidentId, hex};
use watchfire_edge::Fault;
use watchfire_store::{Head, Refused, Repo, Stored};

/// A write, as a caller asked for it: for its idempotency mark and its precondition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Method and path: the same key on another route is another request.
    pub route: String,
    /// The caller's `Idempotency-Key`.
    pub key: Option<String>,
    /// Digest of the body, hex.
    pub body: String,
    /// The version that the caller expects (`If-Match`).
    pub expect: Option<u64>,
}

impl Ask {
    /// Key and body digest of the mark, if the caller gave a key. The key is the caller's own:
    /// another caller's equal key is another mark.
    pub(crate) fn mark(&self, caller: &Caller) -> Option<(String, String)> {
        let key = self.key.as_deref()?;
        let tenant = caller.tenant.as_str();
        let parts = ["idempotency/v1", &self.route, tenant, &caller.actor.id, key].join("\0");
        let digest = Sha256::digest(parts);
        Some((hex(&digest), self.body.clone()))
    }
}

/// A write's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON.
    pub body: String,
    /// Whether it was answered before, under the same idempotency key.
    pub replayed: bool,
}

impl Written {
    pub(crate) fn new(status: u16, body: String) -> Self {
        Self { status, body, replayed: false }
    }

    /// The incident that the answer shows.
    fn incident(&self) -> Option<IncidentId> {
        let answer: Value = serde_json::from_str(&self.body).ok()?;
        answer.pointer("/incident/id")?.as_str()?.parse().ok()
    }

    /// The stored answer, if it answers this request.
    pub(crate) fn replay(stored: Stored, body: &str) -> Result<Self, Fault> {
        if stored.answers(body) {
            Ok(Self { status: stored.status, body: stored.answer, replayed: true })
        } else {
            Err(Fault::KeyReused)
        }
    }
}

impl Desk {
    /// The answer that this request got before, if it did.
    pub(crate) async fn replayed(
        &self,
        repo: &Repo,
        mark: Option<&(String, String)>,
    ) -> Result<Option<Written>, Fault> {
        let Some((key, body)) = mark else { return Ok(None) };
        let stored = repo.stored(key).await?;
        stored.map(|stored| Written::replay(stored, body)).transpose()
    }

    /// The answer to a request that changes nothing: its key is used all the same.
    pub(crate) async fn unchanged(
        &self,
        repo: &Repo,
        mark: Option<(String, String)>,
        answer: String,
    ) -> Result<Written, Fault> {
        let stored = answer.clone();
        let Some(mark) = marked(mark, 200, move |_| stored.clone()) else {
            return Ok(Written::new(200, answer));
        };
        match repo.keep_answer(&mark).await {
            Ok(()) => Ok(Written::new(200, answer)),
            Err(Refused::Repeat(stored)) => Written::replay(stored, &mark.body),
            Err(refused) => Err(fault(refused)),
        }
    }
}

/// An incident as callers see it: the record, and what follows from it and its chain's head.
pub(crate) fn shown(incident: &Incident, head: Option<&Head>) -> Value {
    let mut value = serde_json::to_value(incident).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("rationale_required".into(), json!(incident.rationale_required()));
        let word = incident.status.public_word(incident.root_cause.is_some());
        fields.insert("public_status".into(), json!(word));
        if let Some(head) = head {
            fields.insert("updated_at".into(), json!(head.at));
            fields.insert("provenance_hash".into(), json!(head.hash.to_string()));
        }
    }
    value
}
