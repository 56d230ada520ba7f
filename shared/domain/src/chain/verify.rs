//! Verification, over the stored bytes and nothing else, one event at a time.

use super::{Body, Broken, Class, Digest, EPOCH, VERSION, event_hash, genesis};
use crate::IncidentId;
use crate::canon::{canonical, parse_body};
use serde::{Deserialize, Serialize};

/// An event as it stands in the table, or in an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// The place that its key gives it.
    pub seq: u64,
    /// The writer epoch that its key gives it.
    pub epoch: u16,
    /// The exact text that was hashed.
    pub body: String,
    /// The hash before it.
    pub prev: Digest,
    /// Its hash.
    pub hash: Digest,
    /// Its type, for queries: believed by nobody, checked against the body.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its time, for queries: believed by nobody, checked against the body.
    pub at: String,
}

/// A chain that verifies. Whoever can write the whole table can write a new chain: what that proves
/// ends where no outsider holds a head (docs/security).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// How many events there are.
    pub events: u64,
    /// The hash of the last one; the genesis, if there is none.
    pub head: Digest,
    /// The place of the last one; 0, if there is none.
    pub seq: u64,
}

impl Verified {
    /// Compares the end of the chain with a head that somebody else kept.
    pub fn ends_at(&self, seq: u64, head: &Digest) -> Result<(), Broken> {
        if self.seq == seq && self.head == *head {
            return Ok(());
        }
        let what = match self.seq.cmp(&seq) {
            std::cmp::Ordering::Less => "is the last one: later ones are gone",
            std::cmp::Ordering::Equal => "is not the one that was kept as head",
            std::cmp::Ordering::Greater => "lies behind the head that was kept",
        };
        Err(Broken { seq: self.seq, class: Class::Head, what })
    }
}

/// Verifies a chain while it is read.
#[derive(Debug, Clone)]
pub struct Verifier {
    tenant: String,
    incident: IncidentId,
    so_far: Verified,
}

impl Verifier {
    /// At the beginning of `incident`'s chain.
    pub fn new(tenant: &str, incident: IncidentId) -> Self {
        let head = genesis(tenant, incident);
        let so_far = Verified { events: 0, head, seq: 0 };
        Self { tenant: tenant.to_owned(), incident, so_far }
    }

    /// Takes the next event. After an error, the rest of the chain means nothing.
    pub fn push(&mut self, event: &Stored) -> Result<(), Broken> {
        let seq = self.so_far.seq.saturating_add(1);
        let broken = |(class, what)| Broken { seq, class, what };
        self.check(seq, event).map_err(broken)?;
        self.so_far =
            Verified { events: self.so_far.events.saturating_add(1), head: event.hash, seq };
        Ok(())
    }

    /// The chain up to here.
    pub fn finish(self) -> Verified {
        self.so_far
    }

    fn check(&self, seq: u64, event: &Stored) -> Result<(), (Class, &'static str)> {
        if event.seq != seq || event.epoch != EPOCH {
            return Err((Class::GapOrOrder, "is not in its place"));
        }
        let whole = event_hash(&event.prev, event.body.as_bytes()) == event.hash;
        if event.prev != self.so_far.head {
            // A whole event under another one's key was moved, not rewritten.
            let moved = whole && read(&event.body).is_some_and(|body| body.seq != seq);
            return Err(if moved {
                (Class::GapOrOrder, "holds an event of another place")
            } else {
                (Class::Link, "does not follow the one before it")
            });
        }
        if !whole {
            return Err((Class::Body, "is not what was hashed"));
        }
        let body = read(&event.body).ok_or((Class::Malformed, "cannot be read"))?;
        if body.tenant != self.tenant || body.incident_id != self.incident {
            return Err((Class::Link, "belongs to another incident"));
        }
        if body.seq != seq {
            return Err((Class::GapOrOrder, "says that it has another place"));
        }
        if body.kind != event.kind || body.at.to_string() != event.at {
            return Err((Class::Body, "is listed as something that it is not"));
        }
        Ok(())
    }
}

/// Reads a body. Text that is not canonical is refused, since it might be read in two ways.
fn read(text: &str) -> Option<Body> {
    let value = parse_body(text).ok()?;
    if canonical(&value).ok()? != text {
        return None;
    }
    let body: Body = serde_json::from_value(value).ok()?;
    (body.v == VERSION && body.payload.is_object()).then_some(body)
}

/// Verifies a whole chain.
pub fn verify(
    tenant: &str,
    incident: IncidentId,
    stored: impl IntoIterator<Item = Stored>,
) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(tenant, incident);
    stored.into_iter().try_for_each(|event| verifier.push(&event))?;
    Ok(verifier.finish())
}
