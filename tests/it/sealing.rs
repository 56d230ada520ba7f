//! Timelines, sealed: the log grows whatever fails, a bundle of a real life verifies, and what
//! somebody who can write the whole table does is seen.

mod approvals;
mod chains;
mod crashes;
mod faults;
mod guards;
mod lives;
mod tampered;

use crate::world::{World, batch};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watchfire_desk::Deed;
use watchfire_domain::IncidentId;
use watchfire_edge::Fault;
use watchfire_seal::bundle::{Ask, Failure, Report, verify};
use watchfire_seal::{Checkpoint, Note, VerifierKey};
use watchfire_store::Exported;

/// What the schedule does.
async fn checkpoint(world: &World) -> Result<Value, Fault> {
    let run = Box::pin(watchfire_checkpoint::handle(&world.desk, json!({})));
    world.acting("checkpoint", run).await
}

/// Delivers the queue of what shall be sealed; how many failed, which stay in it.
pub(crate) async fn deliver(world: &World) -> usize {
    let mut failed = 0_usize;
    for ask in world.seals.take() {
        let event = batch(&[serde_json::to_string(&ask).unwrap()]);
        let run = Box::pin(watchfire_checkpoint::handle(&world.desk, event));
        let answer = world.acting("checkpoint", run).await.unwrap();
        if answer != json!({ "batchItemFailures": [] }) {
            world.seals.again(&ask);
            failed = failed.saturating_add(1);
        }
    }
    failed
}

/// The log's keys, as an auditor finds them.
fn keys(world: &World) -> Vec<VerifierKey> {
    let published = world.vault.below("keys/").into_values();
    published.map(|key| String::from_utf8(key).unwrap().trim().parse().unwrap()).collect()
}

/// The newest checkpoint, and that it is signed.
fn newest(world: &World) -> Checkpoint {
    let note = String::from_utf8(world.vault.newest("checkpoint").unwrap()).unwrap();
    let note: Note = note.parse().unwrap();
    note.signed_by(&keys(world)).unwrap();
    note.text().parse().unwrap()
}

async fn exported(world: &World, id: IncidentId) -> Exported {
    world.repo().export(id).await.unwrap().unwrap()
}

/// The files of the incident's newest bundle.
async fn bundle(world: &World, id: IncidentId) -> BTreeMap<String, Vec<u8>> {
    let location = exported(world, id).await.location;
    world.vault.below(location.strip_prefix("s3://watchfire-checkpoints/").unwrap())
}

/// The bundle, as an auditor who got the key from elsewhere sees it.
pub(crate) async fn verified(world: &World, id: IncidentId) -> Result<Report, Failure> {
    let ask = Ask { trusted: keys(world), receipts: BTreeMap::new() };
    verify(&bundle(world, id).await, &ask, &mut |_, _| {})
}

async fn note(world: &World, id: IncidentId, text: &str) {
    world.deed(id, Deed::Note(text.to_owned())).await.unwrap();
}
