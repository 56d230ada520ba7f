//! Fifty people write into one incident at once.

use super::{note, opened, repo, sound};
use crate::world::tenant;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;
use watchfire_domain::{IncidentId, chain::Digest};
use watchfire_fakes::{Fault, Faults, World as Fakes, dynamo};
use watchfire_ports::Pause;
use watchfire_store::{Commit, Repo, Table};

const TENANT: &str = "acme";

/// A pause that lasts as many turns of the others as it would let calls pass: a call takes about
/// three turns, and on AWS some twelve milliseconds. Without it fifty writers would all try again at
/// once, which no backoff could help.
#[derive(Debug, Default)]
struct Turns {
    taken: AtomicU64,
}

#[async_trait::async_trait]
impl Pause for Turns {
    async fn pause(&self, millis: u64) {
        self.taken.fetch_add(1, Ordering::SeqCst);
        for _ in 0..millis.div_ceil(4) {
            tokio::task::yield_now().await;
        }
    }
}

/// What one writer was told: the text of each acknowledged note, and where it stands.
type Told = Vec<(String, u64, Digest)>;

/// Appends so many notes, one after the other. A writer that was killed, or told of a failure, does
/// not know whether its note stands: it writes another one.
async fn write(repo: Repo, faults: Faults, id: IncidentId, writer: usize, notes: usize) -> Told {
    let mut told = Told::new();
    let mut tries = 0usize;
    while told.len() < notes {
        let text = format!("{writer}-{tries}");
        tries = tries.saturating_add(1);
        assert!(tries < notes.saturating_mul(20), "writer {writer} gets nowhere");
        let sent = repo.commit(Commit::on(id).event(note(&text)));
        match faults.survive(sent).await {
            Some(Ok(receipt)) => {
                let (seq, hash) = receipt.events[0];
                told.push((text, seq, hash));
            }
            Some(Err(_)) => {}
            None => {
                faults.revive();
            }
        }
    }
    told
}

/// So many writers, each a process of its own; what the storm came to, in words.
async fn storm(seed: u64, writers: usize, notes: usize, kinds: &[Fault]) -> String {
    let fakes = Fakes::new(seed);
    let id = opened(&fakes, TENANT).await.id;
    let pause = Arc::new(Turns::default());
    let mut all = JoinSet::new();
    let mut plans = Vec::new();
    for writer in 0..writers {
        let faults = Faults::new();
        let own = seed.wrapping_mul(1_000).wrapping_add(u64::try_from(writer).unwrap());
        faults.interleave(own);
        if !kinds.is_empty() {
            faults.rate(own, 5, kinds);
        }
        let process = fakes.process(faults.clone());
        let (clock, ids, client) =
            (process.clock.clone(), process.ids.clone(), process.dynamo.client());
        let table = Table::new(client, dynamo::TABLE, clock, ids, pause.clone());
        plans.push(faults.clone());
        all.spawn(write(table.of(&tenant(TENANT)), faults, id, writer, notes));
    }
    let told: Told = all.join_all().await.into_iter().flatten().collect();
    fakes.settle();

    let verified = sound(&fakes, TENANT, id).await;
    let events = repo(&fakes, TENANT).events(id, 0, usize::MAX).await.unwrap();
    let mut stands: BTreeMap<String, Vec<(u64, Digest)>> = BTreeMap::new();
    for event in events.iter().skip(1) {
        let text = event.body.payload["detail"]["text"].as_str().unwrap().to_owned();
        stands.entry(text).or_default().push((event.stored.seq, event.stored.hash));
    }
    assert_eq!(told.len(), writers.saturating_mul(notes));
    for (text, seq, hash) in &told {
        assert_eq!(stands[text], [(*seq, *hash)], "acknowledged, and there once: {text}");
    }
    assert!(stands.values().all(|places| places.len() == 1), "no note stands twice");
    let failed: usize =
        plans.iter().flat_map(Faults::log).filter(|call| call.fault.is_some()).count();
    assert_eq!(failed == 0, kinds.is_empty(), "the storm blew");
    // Whoever was not told may have been heard all the same: at most one event for each failure.
    let unheard = stands.len().saturating_sub(told.len());
    assert!(unheard <= failed, "{unheard} of {failed}");
    assert!(pause.taken.load(Ordering::SeqCst) > 0, "the writers met");
    let stored = verified.events.saturating_sub(1);
    format!("{} acknowledged, {stored} stored, {failed} failures", told.len())
}

#[tokio::test]
async fn fifty_writers_append_twenty_notes_each_and_none_is_lost() {
    let told = storm(1, 50, 20, &[]).await;
    assert_eq!(told, "1000 acknowledged, 1000 stored, 0 failures");
}

#[tokio::test]
async fn the_same_in_a_storm_of_every_fault() {
    const KINDS: [Fault; 8] = [
        Fault::AnswerLost,
        Fault::Duplicate { after: 0 },
        Fault::Duplicate { after: 3 },
        Fault::Throttled,
        Fault::Saturated,
        Fault::Conflict,
        Fault::Killed { applied: true },
        Fault::Killed { applied: false },
    ];
    storm(2, 50, 20, &KINDS).await;
}

#[tokio::test]
async fn no_single_fault_loses_or_repeats_a_note() {
    for (seed, kind) in (10..).zip(Fault::ALL) {
        storm(seed, 8, 8, &[kind]).await;
    }
}

#[tokio::test]
async fn writers_who_are_only_slowed_down_are_all_heard_once() {
    let kinds = [Fault::Throttled, Fault::Conflict, Fault::AnswerLost];
    let told = storm(30, 12, 10, &kinds).await;
    assert!(told.starts_with("120 acknowledged, 120 stored"), "{told}");
}
