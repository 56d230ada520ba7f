//! How fast a chain is verified beside raw SHA-256 over the same bytes, alternating in one process:
//! `cargo xtask bench --only chain` reads what this prints, one JSON object.
#![expect(clippy::print_stdout, reason = "a measurement is told")]

use sha2::{Digest as _, Sha256};
use std::hint::black_box;
use std::time::{Duration, Instant};
use watchfire_domain::chain::{Body, Digest, Stored, Verifier, event_hash, genesis};
use watchfire_domain::{Actor, IncidentId, Timestamp};

const EVENTS: u64 = 4_000;
const ROUNDS: usize = 41;
/// A chain ten times as long, in fewer rounds.
const LONG: u64 = 40_000;
const TIMES: f64 = 10.0;
const LONG_ROUNDS: usize = 9;
const TENANT: &str = "acme";

fn main() {
    let incident = IncidentId::at(Timestamp::from_millis(1_795_230_720_000), [7; 10]);
    let (chain, long) = (stored(incident, EVENTS), stored(incident, LONG));
    let bytes: usize = chain.iter().map(|event| event.body.len()).sum();
    let (mut links, mut whole, mut raw_ns) = (Vec::new(), Vec::new(), Vec::new());
    let mut growth = Vec::new();
    for round in 0..ROUNDS {
        let raw = || timed(|| raw(&chain));
        let linked = || timed(|| linked(&chain, incident));
        // Whoever comes first pays for cold caches: they take turns.
        let (raw, linked) = if round % 2 == 0 {
            (raw(), linked())
        } else {
            let linked = linked();
            (raw(), linked)
        };
        links.push(raw.as_secs_f64() / linked.as_secs_f64());
        let short = timed(|| verified(&chain, incident)).as_secs_f64();
        whole.push(raw.as_secs_f64() / short);
        if round < LONG_ROUNDS {
            // For each event, in what it takes in the shorter chain.
            let long = timed(|| verified(&long, incident)).as_secs_f64();
            growth.push(long / short / TIMES);
        }
        raw_ns.push(raw.as_secs_f64() * 1e9);
    }
    let (links, whole, raw_ns) = (median(links), median(whole), median(raw_ns));
    let growth = median(growth);
    println!(
        "{{\"events\":{EVENTS},\"bytes\":{bytes},\"rounds\":{ROUNDS},\"raw_ns\":{raw_ns:.0},\
         \"links_of_raw\":{links:.4},\"verify_of_raw\":{whole:.4},\"growth\":{growth:.4}}}"
    );
}

/// Events as large as most are, each after the one before it.
fn stored(incident: IncidentId, events: u64) -> Vec<Stored> {
    let mut head = genesis(TENANT, incident);
    let event = |seq: u64| {
        let text = format!("note {seq}: {}", "latency of the node is back under 20 ms; ".repeat(3));
        let body = Body {
            v: 1,
            tenant: TENANT.to_owned(),
            incident_id: incident,
            seq,
            event_id: format!("01939c2a-0000-7000-8000-{seq:012}"),
            kind: "note_added".to_owned(),
            actor: Actor::service("bench"),
            at: Timestamp::from_millis(1_795_230_720_000),
            payload: serde_json::json!({ "text": text }),
            refs: Vec::new(),
            idem: None,
        };
        let stored = body.after(head).ok()?;
        head = stored.hash;
        Some(stored)
    };
    (1..=events).map_while(event).collect()
}

/// The bytes alone.
fn raw(chain: &[Stored]) -> bool {
    let hash = |event: &Stored| -> [u8; 32] { Sha256::digest(event.body.as_bytes()).into() };
    chain.iter().all(|event| black_box(hash(event)) != [0; 32])
}

/// Every link over the stored bytes.
fn linked(chain: &[Stored], incident: IncidentId) -> bool {
    let mut head: Digest = genesis(TENANT, incident);
    chain.iter().all(|event| {
        let whole = event.prev == head && event_hash(&head, event.body.as_bytes()) == event.hash;
        head = event.hash;
        whole
    })
}

/// All that the verifier looks at: links, places, and that each text can be read in one way only.
fn verified(chain: &[Stored], incident: IncidentId) -> bool {
    let mut verifier = Verifier::new(TENANT, incident);
    chain.iter().all(|event| verifier.push(event).is_ok())
}

fn timed(work: impl FnOnce() -> bool) -> Duration {
    let begun = Instant::now();
    assert!(black_box(work()), "the chain does not verify");
    begun.elapsed()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
