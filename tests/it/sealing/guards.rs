//! What the bucket says counts, and counts only if it fits: whatever else lies there stops the log.

use super::tampered::{differs, get, put, sealed};
use super::{checkpoint, newest, note};
use crate::world::World;
use sha2::{Digest as _, Sha256};
use watchfire_seal::{Checkpoint, Ed25519Signer, Note};

const ORIGIN: &str = "watchfire-test";

fn bytes(note: &Note) -> Vec<u8> {
    note.to_string().into_bytes()
}

/// The checkpoint under the signature of whoever holds the key of this text.
fn signed(checkpoint: &Checkpoint, key: &str) -> Vec<u8> {
    let seed: [u8; 32] = Sha256::digest(key).into();
    let signer = Ed25519Signer::new(ORIGIN, &seed).unwrap();
    bytes(&Note::sign(&checkpoint.to_string(), &signer).unwrap())
}

/// The text of the key that the log of this world is signed with.
const OURS: &str = "checkpoint-secret of 1";

fn untouched(world: &World, before: &Checkpoint) {
    let objects = world.vault.below("checkpoints/");
    assert_eq!(objects.len(), usize::try_from(before.size).unwrap(), "nothing more is signed");
}

#[tokio::test]
async fn a_log_whose_newest_checkpoint_is_gone_is_not_signed() {
    let (world, id) = sealed().await;
    let before = newest(&world);
    world.vault.lose("checkpoint");
    note(&world, id, "three").await;
    differs(checkpoint(&world).await);
    untouched(&world, &before);
}

#[tokio::test]
async fn a_checkpoint_under_another_key_is_not_followed() {
    let (world, id) = sealed().await;
    let before = newest(&world);
    assert_eq!(world.vault.newest("checkpoint").unwrap(), signed(&before, OURS), "it is our key");
    world.vault.put("checkpoint", &signed(&before, "somebody else's"));
    note(&world, id, "three").await;
    differs(checkpoint(&world).await);
    untouched(&world, &before);
}

#[tokio::test]
async fn a_size_that_was_signed_otherwise_is_not_signed_again() {
    let (world, id) = sealed().await;
    let before = newest(&world);
    let other = Checkpoint { size: 2, ..before.clone() };
    world.vault.put(&format!("checkpoints/{:020}", 2), &signed(&other, OURS));
    note(&world, id, "three").await;
    differs(checkpoint(&world).await);
    assert_eq!(newest(&world), before);
}

#[tokio::test]
async fn what_lies_where_a_tile_belongs_is_not_signed_over() {
    for path in ["tile/0/000.p/2", "tile/entries/000.p/2"] {
        let (world, id) = sealed().await;
        let before = newest(&world);
        world.vault.put(path, &[7; 64]);
        note(&world, id, "three").await;
        differs(checkpoint(&world).await);
        untouched(&world, &before);
    }
}

/// The record was put back, and the tiles are no longer those that were signed: nobody can say what
/// the log was, so it does not go on.
#[tokio::test]
async fn a_record_that_was_put_back_does_not_follow_a_bucket_that_was_changed() {
    let (world, id) = sealed().await;
    let old = get(&world, "LOG#", "STATE").await;
    note(&world, id, "three").await;
    checkpoint(&world).await.unwrap();
    put(&world, old.clone()).await;
    world.vault.put("tile/0/000.p/2", &[7; 64]);
    note(&world, id, "four").await;
    differs(checkpoint(&world).await);
    let size = world.desk.table.log().await.unwrap().size;
    assert_eq!(size, 1, "the record says what it said");
}
