//! The timeline: shown, and verified over the stored texts, by the rules of the domain alone.

use super::super::desk::{Desk, TENANT};
use super::super::record::{list, number, text};
use crate::run::note;
use crate::trouble::{Doing, Trouble};
use serde_json::Value;
use watchfire_domain::IncidentId;
use watchfire_domain::chain::{EPOCH, Stored, Verified, verify};

/// Shows the incident's timeline and verifies its chain.
pub(super) fn show(desk: &Desk, id: &str) -> Result<Verified, Trouble> {
    let mut stored = Vec::new();
    loop {
        let after = stored.len();
        let page =
            desk.get(&format!("/v1/timeline?incident_id={id}&after={after}&limit=100&raw=true"))?;
        let events = list(&page);
        if events.is_empty() {
            break;
        }
        for event in &events {
            stored.push(read(event)?);
        }
    }
    note("seq  time          type                     actor                        hash");
    for event in &stored {
        let body: Value = serde_json::from_str(&event.body).doing("reading an event")?;
        let hash = event.hash.to_string();
        let time = event.at.get(11..23).unwrap_or(&event.at);
        note(&format!(
            "{:>3}  {time}  {:<24} {:<28} {}",
            event.seq,
            event.kind,
            // An alarm is known by its name, which is the end of its ARN.
            text(&body, "/actor/id")?.rsplit(':').next().unwrap_or_default(),
            hash.get(..12).unwrap_or(&hash)
        ));
    }
    let incident: IncidentId = id.parse().doing("reading the incident's id")?;
    verify(TENANT, incident, stored).doing("the chain does not verify")
}

/// An event of the answer, as the verifier takes it.
fn read(event: &Value) -> Result<Stored, Trouble> {
    Ok(Stored {
        seq: number(event, "/seq")?,
        epoch: EPOCH,
        body: text(event, "/body")?.to_owned(),
        prev: text(event, "/prev_hash")?.parse().doing("reading a hash")?,
        hash: text(event, "/event_hash")?.parse().doing("reading a hash")?,
        kind: text(event, "/type")?.to_owned(),
        at: text(event, "/at")?.to_owned(),
    })
}
