//! What lies in the bucket at every moment, wherever a run was killed: what is signed is whole.

use super::faults::{grown, until_done, whole};
use super::{checkpoint, keys, note, verified};
use crate::world::{TENANT, World, storage_plan};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use watchfire_domain::{DAY, IncidentId};
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::SealAsk;
use watchfire_seal::bundle::{Ask, verify};
use watchfire_seal::edge::{self, Edge};
use watchfire_seal::{Checkpoint, Note, root};

/// Every signed checkpoint is the root of the tiles that lie there, and every bundle that has its
/// manifest verifies.
fn nothing_half_done(world: &World, at: &str) {
    for (size, bytes) in world.vault.below("checkpoints/") {
        let note: Note = String::from_utf8(bytes).unwrap().parse().unwrap();
        let checkpoint: Checkpoint = note.text().parse().unwrap();
        let tile = |tile: &watchfire_seal::tiles::Tile| world.vault.newest(&tile.path());
        let tiles: Option<Vec<_>> = edge::tiles(checkpoint.size).iter().map(tile).collect();
        let edge = tiles.and_then(|tiles| Edge::open(checkpoint.size, &tiles));
        let found = edge.and_then(|edge| root(&edge, checkpoint.size));
        assert_eq!(found, Some(checkpoint.root), "{at}: the tiles of checkpoint {size}");
    }
    let files = world.vault.below("bundles/");
    let finished = files.keys().filter_map(|name| name.strip_suffix("manifest.json"));
    let finished: BTreeSet<_> = finished.collect();
    for folder in finished {
        let ask = Ask { trusted: keys(world), receipts: BTreeMap::new() };
        let read = verify(&world.vault.below(&format!("bundles/{folder}")), &ask, &mut |_, _| {});
        assert!(read.is_ok(), "{at}: the bundle {folder}: {read:?}");
    }
}

#[tokio::test]
async fn wherever_a_run_is_killed_what_is_signed_is_whole() {
    let (mut killed, mut at) = (0, 0);
    loop {
        let (world, ids) = grown().await;
        let call = world.faults.calls() + at;
        world.faults.at(call, Fault::Killed { applied: true });
        let run = Box::pin(checkpoint(&world));
        if world.faults.survive(run).await.is_some() {
            break;
        }
        world.faults.revive();
        nothing_half_done(&world, &format!("call {at}"));
        until_done(&world).await;
        whole(&world, ids).await;
        killed += 1;
        at += 1;
    }
    assert!(killed > 40, "{killed}");
}

/// What a killed run had chosen is sealed as it was chosen, though its incident has grown since.
#[tokio::test]
async fn what_is_pending_is_sealed_before_what_came_meanwhile() {
    for at in 0.. {
        let (world, ids) = grown().await;
        let call = world.faults.calls() + at;
        world.faults.at(call, Fault::Killed { applied: true });
        let run = Box::pin(checkpoint(&world));
        if world.faults.survive(run).await.is_some() {
            assert!(at > 40, "{at}");
            break;
        }
        world.faults.revive();
        note(&world, ids[0], "meanwhile").await;
        for _ in 0..2 {
            until_done(&world).await;
            world.forward(DAY);
        }
        nothing_half_done(&world, &format!("call {at}"));
        for id in ids {
            assert_eq!(verified(&world, id).await.unwrap().window_from, None, "call {at}");
        }
    }
}

/// A message of the queue comes while a run lies killed: it finishes that one first.
#[tokio::test]
async fn a_message_finishes_what_a_killed_run_left_pending() {
    for at in 0.. {
        let (world, ids) = grown().await;
        let call = world.faults.calls() + at;
        world.faults.at(call, Fault::Killed { applied: true });
        let run = Box::pin(checkpoint(&world));
        if world.faults.survive(run).await.is_some() {
            assert!(at > 40, "{at}");
            break;
        }
        world.faults.revive();
        for incident in ids {
            let ask = SealAsk { tenant: TENANT.to_owned(), incident, approval: None };
            world.desk.seal(&ask).await.unwrap().unwrap();
        }
        whole(&world, ids).await;
    }
}

/// Two runs that see different chains: the slower one is told so, and signs nothing else.
#[tokio::test]
async fn two_runs_that_see_different_chains_do_not_disturb_each_other() {
    for seed in 0..40 {
        let (world, id) = if seed % 2 == 0 {
            let (world, [id, _]) = grown().await;
            (world, id)
        } else {
            never_sealed().await
        };
        let other = world.process(Faults::new());
        world.faults.interleave(seed);
        other.faults.interleave(seed + 1_000);
        let later = async {
            note(&other, id, "meanwhile").await;
            checkpoint(&other).await
        };
        let (one, two) = tokio::join!(checkpoint(&world), later);
        for told in [one, two] {
            let slower = matches!(told, Err(watchfire_edge::Fault::Conflict));
            assert!(told.is_ok() || slower, "{seed}: {told:?}");
        }
        checkpoint(&world).await.unwrap();
        nothing_half_done(&world, &format!("seed {seed}"));
    }
}

/// Lets the run go on until it has made so many calls; whether it ended before.
async fn ended<T>(world: &World, calls: u64, mut run: Pin<&mut impl Future<Output = T>>) -> bool {
    poll_fn(|context| match run.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if world.faults.calls() > calls => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// At every moment of a run a note may come: the bundle that is written ends at its newest leaf.
#[tokio::test]
async fn whenever_a_note_comes_a_bundle_ends_at_its_newest_leaf() {
    for at in 0.. {
        let (world, ids) = grown().await;
        let (other, from) = (world.process(Faults::new()), world.faults.calls());
        let mut run = Box::pin(checkpoint(&world));
        if ended(&world, from + at, run.as_mut()).await {
            assert!(at > 40, "{at}");
            break;
        }
        note(&other, ids[0], "meanwhile").await;
        run.await.unwrap();
        assert_eq!(verified(&world, ids[0]).await.unwrap().window_from, None, "call {at}");
    }
}

/// And another run may pass: this one ends well, or is told that it was slower.
#[tokio::test]
async fn whenever_another_run_passes_no_run_finds_fault() {
    for at in 0.. {
        let (world, ids) = grown().await;
        let (other, from) = (world.process(Faults::new()), world.faults.calls());
        let mut run = Box::pin(checkpoint(&world));
        if ended(&world, from + at, run.as_mut()).await {
            assert!(at > 40, "{at}");
            break;
        }
        note(&other, ids[0], "meanwhile").await;
        let passed = checkpoint(&other).await;
        for told in [passed, run.await] {
            let slower = matches!(told, Err(watchfire_edge::Fault::Conflict));
            assert!(told.is_ok() || slower, "call {at}: {told:?}");
        }
    }
}

async fn never_sealed() -> (World, IncidentId) {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let id = world.raise().await;
    world.by_hand(&World::admin()).await;
    (world, id)
}

/// Whoever has an incident is listed: what looks at all of them finds it.
#[tokio::test]
async fn wherever_an_opening_fails_no_incident_is_missed() {
    let mut failed = 0;
    for fault in [Fault::NotSent, Fault::Killed { applied: false }, Fault::Killed { applied: true }]
    {
        for at in 0..12 {
            let world = World::new(1);
            world.faults.at(at, fault);
            let (caller, asked) = (World::admin(), crate::world::ask("POST /incidents"));
            let new = json!({ "title": "slow", "severity": "high" });
            let new = serde_json::from_value(new).unwrap();
            let opened = world.desk.create_incident(&caller, &asked, new);
            let done = world.faults.survive(opened).await;
            failed += usize::from(done.is_none_or(|done| done.is_err()));
            world.faults.none().revive();
            let opened =
                world.dynamo.items().iter().filter(|item| item["sk"]["S"] == "META").count();
            let sealed = checkpoint(&world).await.unwrap();
            assert_eq!(sealed["sealed"], opened, "{fault:?} at {at}");
        }
    }
    assert!(failed > 6, "{failed}");
}
