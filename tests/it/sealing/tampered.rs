//! Somebody who can write the whole table, or the bucket's record of it, and what is seen of it.

use super::{bundle, checkpoint, keys, newest, note, verified};
use crate::world::{World, storage_plan};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use watchfire_domain::chain::{Body, Digest, Stored, genesis};
use watchfire_domain::{DAY, IncidentId};
use watchfire_edge::Fault;
use watchfire_fakes::dynamo::TABLE;
use watchfire_ports::{PortError, SealAsk};
use watchfire_seal::bundle::Class;
use watchfire_store::SealedAt;

type Item = HashMap<String, AttributeValue>;

pub(super) async fn sealed() -> (World, IncidentId) {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    note(&world, id, "one").await;
    note(&world, id, "two").await;
    checkpoint(&world).await.unwrap();
    (world, id)
}

pub(super) async fn get(world: &World, pk: &str, sk: &str) -> Item {
    let client = world.dynamo.client();
    let call = client.get_item().table_name(TABLE).consistent_read(true);
    let call = call.key("pk", AttributeValue::S(pk.to_owned()));
    call.key("sk", AttributeValue::S(sk.to_owned())).send().await.unwrap().item.unwrap()
}

pub(super) async fn put(world: &World, item: Item) {
    let client = world.dynamo.client();
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
}

/// Rewrites the chain from event `from` on, as an insider would: every hash is right again.
async fn rewrite(world: &World, id: IncidentId, from: u64) {
    let pk = format!("T#acme#INC#{id}");
    let mut prev: Digest = genesis("acme", id);
    for event in world.repo().events(id, 0, 100).await.unwrap() {
        let mut body: Body = event.body.clone();
        if body.seq >= from {
            body.payload["detail"]["text"] = json!("all was well");
        }
        let stored: Stored = body.after(prev).unwrap();
        prev = stored.hash;
        let sk = format!("EV#{:010}#0001", stored.seq);
        let mut item = get(world, &pk, &sk).await;
        item.insert("body".into(), AttributeValue::S(stored.body.clone()));
        item.insert("prev".into(), AttributeValue::B(stored.prev.0.to_vec().into()));
        item.insert("hash".into(), AttributeValue::B(stored.hash.0.to_vec().into()));
        put(world, item).await;
    }
}

/// Rewritten and chained anew, at or below what is sealed: the next look sees it, says so, seals
/// nothing over it, and the bundle that was written before still tells what was.
#[tokio::test]
async fn a_history_that_was_rewritten_and_chained_anew_is_caught_by_what_was_sealed() {
    let (world, id) = sealed().await;
    let before = verified(&world, id).await.unwrap();
    let other = world.by_hand(&World::admin()).await;
    let head = world.chain(id).await.events;
    for (from, grown) in [(head, false), (2, true)] {
        rewrite(&world, id, from).await;
        if grown {
            note(&world, id, "three").await;
        }
        assert!(world.chain(id).await.events >= head, "the chain itself holds");
        world.forward(DAY);
        let told = checkpoint(&world).await;
        assert!(matches!(told, Err(Fault::Internal { .. })), "{told:?}");
        assert_eq!(verified(&world, id).await.unwrap(), before);
        let ask = SealAsk { tenant: "acme".to_owned(), incident: id, approval: None };
        differs(world.desk.seal(&ask).await.map(|_| json!({})));
    }
    // It keeps no other incident from its turn.
    assert_eq!(verified(&world, other).await.unwrap().window_from, None);
}

/// Whoever can write the whole table rewrites the mark of the seal as well: the bucket has it too.
#[tokio::test]
async fn a_history_that_was_rewritten_with_its_mark_is_caught_by_the_bucket() {
    for deleted in [false, true] {
        let (world, id) = sealed().await;
        let before = verified(&world, id).await.unwrap();
        rewrite(&world, id, 2).await;
        let mark = world.repo().noted_seal(id).await.unwrap().unwrap();
        if deleted {
            let call = world.dynamo.client().delete_item().table_name(TABLE);
            let call = call.key("pk", AttributeValue::S(format!("T#acme#INC#{id}")));
            call.key("sk", AttributeValue::S("SEAL".into())).send().await.unwrap();
        } else {
            let head = world.chain(id).await.head;
            world.repo().note_seal(id, &SealedAt { head, ..mark }).await.unwrap();
        }
        // Nothing has grown, and the mark fits: it is seen when the incident's turn comes.
        let mut days = 0;
        while checkpoint(&world).await.is_ok() {
            world.forward(DAY);
            days += 1;
            assert!(days <= 30, "nobody ever looks");
        }
        assert_eq!(deleted, days == 0);
        let ask = SealAsk { tenant: "acme".to_owned(), incident: id, approval: None };
        differs(world.desk.seal(&ask).await.map(|_| json!({})));
        note(&world, id, "three").await;
        assert!(matches!(checkpoint(&world).await, Err(Fault::Internal { .. })));
        assert_eq!(newest(&world).size, 1, "nothing was sealed over it");
        assert_eq!(verified(&world, id).await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_chain_whose_end_was_cut_off_is_not_sealed_over() {
    let (world, id) = sealed().await;
    let last = world.chain(id).await.events;
    let client = world.dynamo.client();
    let call = client.delete_item().table_name(TABLE);
    let call = call.key("pk", AttributeValue::S(format!("T#acme#INC#{id}")));
    let sk = format!("EV#{last:010}#0001");
    call.key("sk", AttributeValue::S(sk)).send().await.unwrap();
    assert!(matches!(checkpoint(&world).await, Err(Fault::Internal { .. })));
    note(&world, id, "another end").await;
    assert!(matches!(checkpoint(&world).await, Err(Fault::Internal { .. })));
    assert_eq!(newest(&world).size, 1);
}

#[tokio::test]
async fn what_was_rewritten_before_it_was_sealed_is_seen_by_nobody_but_a_receipt() {
    let (world, id) = sealed().await;
    note(&world, id, "in the window").await;
    let chain = world.chain(id).await;
    rewrite(&world, id, chain.events).await;
    world.forward(DAY);
    checkpoint(&world).await.unwrap();
    assert!(verified(&world, id).await.is_ok(), "the window is what docs/bundle.md says");
    let receipts = BTreeMap::from([(chain.events, chain.head)]);
    let ask = watchfire_seal::bundle::Ask { trusted: keys(&world), receipts };
    let files = bundle(&world, id).await;
    let failure = watchfire_seal::bundle::verify(&files, &ask, &mut |_, _| {}).unwrap_err();
    assert_eq!(failure.class, Class::Head);
}

pub(super) fn differs(result: Result<serde_json::Value, Fault>) {
    let corrupt = matches!(result, Err(Fault::Port(PortError::Corrupt { .. })));
    assert!(corrupt, "{result:?}");
}

/// The table was restored to an earlier time, or somebody put the log's record back: what is signed
/// stays signed, and the log goes on from there.
#[tokio::test]
async fn a_log_that_was_put_back_goes_on_from_what_is_signed() {
    let (world, id) = sealed().await;
    let old = get(&world, "LOG#", "STATE").await;
    note(&world, id, "three").await;
    checkpoint(&world).await.unwrap();
    let before = newest(&world);
    put(&world, old).await;
    note(&world, id, "four").await;
    // Nothing is signed over the difference; the next run knows.
    assert!(matches!(checkpoint(&world).await, Err(Fault::Conflict)));
    assert_eq!(newest(&world), before);
    world.forward(DAY);
    checkpoint(&world).await.unwrap();
    assert_eq!((before.size, newest(&world).size), (2, 3));
    // The bundle proves that the later log begins with the earlier one.
    let report = verified(&world, id).await.unwrap();
    assert_eq!((report.window_from, report.checkpoints), (None, 3));
}

#[tokio::test]
async fn a_log_whose_bucket_was_emptied_is_not_signed() {
    let (world, _) = sealed().await;
    let other = World::new(1);
    other.plan(&storage_plan(&json!({}))).await;
    put(&other, get(&world, "LOG#", "STATE").await).await;
    other.raise().await;
    differs(checkpoint(&other).await);
}

#[tokio::test]
async fn a_log_whose_tiles_were_changed_is_not_signed() {
    let (world, id) = sealed().await;
    world.vault.put("tile/0/000.p/1", &[7; 32]);
    note(&world, id, "three").await;
    differs(checkpoint(&world).await);
}

#[tokio::test]
async fn a_checkpoint_that_somebody_else_signed_is_not_followed() {
    let (world, id) = sealed().await;
    let note_text = String::from_utf8(world.vault.newest("checkpoint").unwrap()).unwrap();
    world.vault.put("checkpoint", note_text.replace("\n1\n", "\n9\n").as_bytes());
    note(&world, id, "three").await;
    differs(checkpoint(&world).await);
    let noted = world.repo().noted_seal(id).await.unwrap().unwrap();
    assert_eq!((noted.index, noted.size), (0, 1));
    assert_eq!(world.vault.below("seals/").len(), 1);
}
