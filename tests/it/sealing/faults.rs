//! A run that fails anywhere is finished by the next one, and two at once do what one does.

use super::{checkpoint, deliver, keys, newest, note, verified};
use crate::world::{TENANT, World, storage_plan};
use serde_json::json;
use tokio::task::LocalSet;
use watchfire_domain::IncidentId;
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::SealAsk;
use watchfire_seal::{Checkpoint, Note};

/// Two incidents that have grown since they were sealed once.
pub(super) async fn grown() -> (World, [IncidentId; 2]) {
    let world = World::new(1);
    world.plan(&storage_plan(&json!({}))).await;
    let one = world.raise().await;
    let other = world.by_hand(&World::admin()).await;
    checkpoint(&world).await.unwrap();
    note(&world, one, "still slow").await;
    note(&world, other, "slower").await;
    world.forward(watchfire_domain::DAY);
    (world, [one, other])
}

/// All is sealed, exported and verified; every checkpoint is one growing log, signed once a size.
pub(super) async fn whole(world: &World, ids: [IncidentId; 2]) {
    for id in ids {
        let report = verified(world, id).await.unwrap();
        assert_eq!((report.window_from, report.events), (None, world.chain(id).await.events));
    }
    let notes = world.vault.below("checkpoints/");
    for (size, note) in &notes {
        let note: Note = String::from_utf8(note.clone()).unwrap().parse().unwrap();
        note.signed_by(&keys(world)).unwrap();
        let checkpoint: Checkpoint = note.text().parse().unwrap();
        assert_eq!(format!("{:020}", checkpoint.size), *size);
    }
    assert_eq!(newest(world).size, 4, "each growth is one leaf");
    let objects = world.vault.dump();
    let twice = objects.lines().filter(|line| !line.ends_with("×1"));
    let twice: Vec<_> = twice.filter(|line| !line.starts_with("checkpoint ")).collect();
    assert_eq!(twice, Vec::<&str>::new(), "what is sealed is written once");
    assert!(world.desk.table.log().await.unwrap().pending.is_empty());
}

/// Runs on until a run finds nothing that fails.
pub(super) async fn until_done(world: &World) {
    for _ in 0..5 {
        let run = Box::pin(checkpoint(world));
        match world.faults.survive(run).await {
            None => {
                world.faults.revive();
            }
            Some(Err(_)) => {}
            Some(Ok(_)) => return,
        }
    }
    panic!("five runs were not enough");
}

#[tokio::test]
async fn whatever_call_fails_in_whatever_way_the_next_run_finishes_it() {
    let (world, ids) = grown().await;
    let before = world.faults.calls();
    checkpoint(&world).await.unwrap();
    let calls: Vec<_> =
        world.faults.log().into_iter().filter(|call| call.index >= before).collect();
    whole(&world, ids).await;
    assert!(calls.len() > 40, "{}", calls.len());
    #[expect(clippy::disallowed_methods, reason = "how much a test does is no setting of ours")]
    let all = std::env::var("WATCHFIRE_SAGA").is_ok_and(|value| value == "all");
    let killed = |fault: &Fault| matches!(fault, Fault::Killed { .. });
    // What is read here is read consistently, save the list of incidents: what it does not show yet,
    // the next run seals.
    let fit = |fault: &Fault| !killed(fault) && !matches!(fault, Fault::Stale { .. });
    let others: Vec<Fault> = Fault::ALL.into_iter().filter(fit).collect();
    let (mut wrong, mut schedules) = (Vec::new(), 0);
    for (at, call) in calls.iter().enumerate() {
        // A kill at every call; every other way at some calls, and at all of them when asked to.
        let some = others.iter().copied().cycle().skip(at).take(if all { others.len() } else { 1 });
        for fault in Fault::ALL.into_iter().filter(killed).chain(some) {
            let (world, ids) = grown().await;
            world.faults.at(call.index, fault);
            schedules += 1;
            let lived = Box::pin(async move {
                until_done(&world).await;
                whole(&world, ids).await;
            });
            let local = LocalSet::new();
            let run = local.run_until(async { tokio::task::spawn_local(lived).await });
            if Box::pin(run).await.is_err() {
                wrong.push(format!("call {} {}: {fault:?}", call.index, call.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "of {schedules} schedules these went wrong: {wrong:#?}");
}

/// Another process on the same table, whose calls and the world's come in an order of the seed's.
fn beside(world: &World, seed: u64) -> World {
    let other = world.process(Faults::new());
    world.faults.interleave(seed);
    other.faults.interleave(!seed);
    other
}

#[tokio::test]
async fn two_runs_at_once_sign_one_log() {
    for seed in 0..20 {
        let (world, ids) = grown().await;
        let other = beside(&world, seed);
        let (one, two) = tokio::join!(checkpoint(&world), checkpoint(&other));
        // Who was slower is told so, and comes again.
        assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
        checkpoint(&world).await.unwrap();
        whole(&world, ids).await;
    }
}

/// As messages they would come again in hours only.
#[tokio::test]
async fn two_messages_at_once_are_both_done() {
    for seed in 0..20 {
        let (world, ids) = grown().await;
        let other = beside(&world, seed);
        let ask =
            |at: usize| SealAsk { tenant: TENANT.to_owned(), incident: ids[at], approval: None };
        let (one, two) = (ask(0), ask(1));
        let one = world.acting("checkpoint", world.desk.seal(&one));
        let two = other.acting("checkpoint", other.desk.seal(&two));
        let (one, two) = tokio::join!(one, two);
        assert!(one.is_ok() && two.is_ok(), "{seed}: {one:?} {two:?}");
        whole(&world, ids).await;
    }
}

/// What is written while an incident is exported is in the next bundle: none is left with a window
/// for good.
#[tokio::test]
async fn what_comes_while_a_bundle_is_written_is_in_the_next_one() {
    for seed in 0..20 {
        let (world, ids) = grown().await;
        let other = beside(&world, seed);
        let (run, ()) = tokio::join!(checkpoint(&world), note(&other, ids[0], "meanwhile"));
        run.unwrap();
        assert_eq!(verified(&world, ids[0]).await.unwrap().window_from, None, "{seed}");
        world.forward(watchfire_domain::DAY);
        checkpoint(&world).await.unwrap();
        let report = verified(&world, ids[0]).await.unwrap();
        assert_eq!((report.window_from, report.events), (None, world.chain(ids[0]).await.events));
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_handled_is_delivered_again() {
    let (world, ids) = grown().await;
    world.seals.again(&SealAsk { tenant: TENANT.to_owned(), incident: ids[0], approval: None });
    world.faults.rate(1, 100, &[Fault::NotSent]);
    assert_eq!(deliver(&world).await, 1);
    world.faults.none();
    assert_eq!(deliver(&world).await, 0);
    assert_eq!(verified(&world, ids[0]).await.unwrap().window_from, None);
}
