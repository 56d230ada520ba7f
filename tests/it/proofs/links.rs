//! Forged approval links.

use super::asked::{Asked, tell};
use super::chance::Chance;
use serde::Serialize;
use std::collections::BTreeSet;
use watchfire_domain::link::{Link, LinkKeys, approver_key};
use watchfire_domain::{ApprovalId, HOUR, IncidentId, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";

/// What `cargo xtask links --json` answers.
#[derive(Debug, Default, Serialize)]
struct Tally {
    seed: u64,
    forgeries: u64,
    accepted: u64,
    /// The links that they were made of; all of these open.
    good: usize,
}

fn keys(byte: u8) -> LinkKeys {
    let keys = [("k1".to_owned(), [byte; 32]), ("k2".to_owned(), [byte + 1; 32])];
    LinkKeys::new("k2".to_owned(), keys.into()).unwrap()
}

fn link(chance: &mut Chance) -> Link {
    let mut bytes = || u8::try_from(chance.below(256)).unwrap();
    Link {
        tenant: crate::world::tenant(["acme", "globex"][usize::from(bytes() % 2)]),
        approval: ApprovalId { incident: IncidentId::at(NOW, [bytes(); 10]), n: 1 },
        approver: approver_key(b"pepper", &format!("somebody-{}@example.com", bytes())),
        subject: [bytes(); 32],
        expires_at: NOW.plus(HOUR),
        nonce: std::array::from_fn(|_| bytes()),
    }
}

/// One way of making another link of a good one.
fn forge(good: &[String], chance: &mut Chance) -> String {
    let token = chance.pick(good).clone();
    let at = chance.below(token.len());
    let letter = char::from(*chance.pick(LETTERS));
    let (head, tail) = token.split_at(at);
    let parts: Vec<&str> = token.split('.').collect();
    let other: Vec<&str> = chance.pick(good).split('.').collect();
    match chance.below(10) {
        0 => format!("{head}{letter}{}", &tail[1..]),
        1 => format!("{head}{letter}{tail}"),
        2 => format!("{head}{}", &tail[1..]),
        3 => head.to_owned(),
        4 => tail.to_owned(),
        // The payload of one with the MAC of another.
        5 => [parts[0], parts[1], parts[2], other[3]].join("."),
        6 => [parts[0], "k1", parts[2], parts[3]].join("."),
        // Signed under keys that are not ours.
        7 => keys(u8::try_from(3 + chance.below(200)).unwrap()).sign(&link(chance)),
        8 => {
            let mut bytes = token.into_bytes();
            for _ in 0..=chance.below(8) {
                let at = chance.below(bytes.len());
                bytes[at] = *chance.pick(LETTERS);
            }
            String::from_utf8(bytes).unwrap()
        }
        _ => format!("{token}{}", "=".repeat(1 + chance.below(3))),
    }
}

#[test]
fn no_forgery_opens() {
    let asked = Asked::read();
    let mut chance = Chance::new(asked.seed());
    let keys = keys(1);
    let good: Vec<String> = (0..200).map(|_| keys.sign(&link(&mut chance))).collect();
    assert!(good.iter().all(|token| keys.open(token, NOW).is_ok()));
    let known: BTreeSet<&String> = good.iter().collect();
    let mut tally = Tally { seed: asked.seed(), good: good.len(), ..Tally::default() };
    let mut first = None;
    while tally.forgeries < asked.number("forgeries", 24_000) {
        let forged = forge(&good, &mut chance);
        if known.contains(&forged) {
            continue;
        }
        tally.forgeries += 1;
        if keys.open(&forged, NOW).is_ok() {
            tally.accepted += 1;
            first.get_or_insert(forged);
        }
    }
    tell(&tally);
    assert_eq!((tally.accepted, first), (0, None), "{tally:?}");
}
