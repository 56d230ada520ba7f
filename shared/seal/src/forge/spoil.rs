//! The tamperings of the matrix (reliability: §2), and the transplant: what somebody who can write
//! everything but the log and its key may do to a bundle, and what has to catch it.

use super::incident::Trouble;
use super::{Chance, Files, Forged};
use crate::bundle::{Class, MANIFEST};
use serde_json::{Value, json};
use watchfire_domain::canon::canonical;
use watchfire_domain::chain::{Digest, Stored, event_hash, genesis};

/// What the verifier has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This class, first seen at this place.
    Caught(Class, u64),
    /// Nothing, save that the chain is sealed only up to here, before what was done.
    Window(u64),
}

/// A bundle that was tampered with.
#[derive(Debug, Clone)]
pub struct Spoilt {
    /// Its files.
    pub files: Files,
    /// What has to catch it.
    pub expected: Expected,
    /// What was done, for a person who has to follow it.
    pub story: String,
}

/// What may be done. Each keeps the manifest's digests right: they are nobody's secret.
pub const OPERATORS: [&str; 10] = [
    "edit a body",
    "edit a body and its hash",
    "edit a body and rechain",
    "insert a forged event and rechain",
    "delete an event",
    "swap two events",
    "cut the end, head left",
    "cut the end below the checkpoint",
    "cut the end after the checkpoint",
    "transplant from another incident",
];

/// Does `operator` to a copy of `good`. `other` is another incident, for transplants.
pub fn spoil(
    operator: usize,
    good: &Forged,
    other: &Forged,
    chance: &mut Chance,
) -> Result<Spoilt, Trouble> {
    let mut bad = good.clone();
    let count = good.events.len() as u64;
    let any = chance.within(1, count);
    // Of those that have a successor.
    let inner = chance.within(1, count.saturating_sub(1));
    let sealed = good.sealed_at();
    let (expected, what) = match operator {
        0 => {
            edit(at(&mut bad, any)?, chance)?;
            (Expected::Caught(Class::Body, any), format!("edited {any}"))
        }
        1 => {
            let event = at(&mut bad, inner)?;
            edit(event, chance)?;
            event.hash = event_hash(&event.prev, event.body.as_bytes());
            let next = inner.saturating_add(1);
            (Expected::Caught(Class::Link, next), format!("edited {inner} and its hash"))
        }
        2 => {
            edit(at(&mut bad, any)?, chance)?;
            rechain(&mut bad)?;
            (rewritten(good, any), format!("edited {any} and rechained"))
        }
        3 => {
            let mut forged = at(&mut bad, any)?.clone();
            edit(&mut forged, chance)?;
            bad.events.insert(usize::try_from(any.saturating_sub(1))?, forged);
            rechain(&mut bad)?;
            (rewritten(good, any), format!("inserted a forged {any} and rechained"))
        }
        4 => {
            bad.events.remove(usize::try_from(inner.saturating_sub(1))?);
            (Expected::Caught(Class::GapOrOrder, inner), format!("deleted {inner}"))
        }
        5 => {
            let first = usize::try_from(inner.saturating_sub(1))?;
            bad.events.swap(first, usize::try_from(inner)?);
            (Expected::Caught(Class::GapOrOrder, inner), format!("swapped {inner} and the next"))
        }
        6 => {
            bad.events.truncate(usize::try_from(inner)?);
            let files = with_manifest_of(&bad, good)?;
            let story = format!("cut after {inner}, head left");
            return Ok(Spoilt { files, expected: Expected::Caught(Class::Head, inner), story });
        }
        7 => {
            let last = chance.within(1, sealed.saturating_sub(1));
            bad.events.truncate(usize::try_from(last)?);
            let expected = Expected::Caught(Class::Checkpoint, last);
            (expected, format!("cut after {last}, below {sealed}"))
        }
        8 => {
            let last = chance.within(sealed, count.saturating_sub(1));
            bad.events.truncate(usize::try_from(last)?);
            (Expected::Window(sealed), format!("cut after {last}, sealed to {sealed}"))
        }
        _ => return transplant(good, other, chance),
    };
    Ok(Spoilt { files: bad.files()?, expected, story: what })
}

/// What catches a chain that was written anew from `from` on: the first leaf that covers it.
fn rewritten(good: &Forged, from: u64) -> Expected {
    match good.sealed.iter().find(|seq| **seq >= from) {
        Some(seq) => Expected::Caught(Class::Checkpoint, *seq),
        None => Expected::Window(good.sealed_at()),
    }
}

/// Puts events of another incident in: one, all, or all with the manifest's names.
fn transplant(good: &Forged, other: &Forged, chance: &mut Chance) -> Result<Spoilt, Trouble> {
    let mut bad = good.clone();
    let both = good.events.len().min(other.events.len()) as u64;
    let place = chance.within(1, both);
    let (expected, story) = match chance.within(0, 3) {
        0 => {
            *at(&mut bad, place)? = at(&mut other.clone(), place)?.clone();
            (Expected::Caught(Class::Link, place), format!("took the other's {place}"))
        }
        1 => {
            let event = at(&mut other.clone(), place)?.clone();
            *at(&mut bad, place)? = event;
            rehash(&mut bad);
            (Expected::Caught(Class::Link, place), format!("took the other's {place}, rechained"))
        }
        2 => {
            bad.events.clone_from(&other.events);
            (Expected::Caught(Class::Link, 1), "took all of the other's events".to_owned())
        }
        _ => {
            bad = Forged { contents: good.contents.clone(), ..other.clone() };
            let first = good.sealed.first().copied().unwrap_or(1);
            let expected = Expected::Caught(Class::Checkpoint, first);
            (expected, "took the other whole, under this one's checkpoints".to_owned())
        }
    };
    Ok(Spoilt { files: bad.files()?, expected, story })
}

fn at(forged: &mut Forged, seq: u64) -> Result<&mut Stored, Trouble> {
    let place = usize::try_from(seq.saturating_sub(1))?;
    forged.events.get_mut(place).ok_or_else(|| "no such event".into())
}

/// Changes what an event says, in canonical text and with its projections kept.
fn edit(event: &mut Stored, chance: &mut Chance) -> Result<(), Trouble> {
    let mut body: Value = serde_json::from_str(&event.body)?;
    let mark = json!(chance.within(0, 1 << 40).to_string());
    match chance.within(0, 2) {
        0 => set(&mut body, "/actor", "id", mark),
        1 => set(&mut body, "/payload", "forged", mark),
        _ => set(&mut body, "", "event_id", mark),
    }
    event.body = canonical(&body)?;
    Ok(())
}

/// Gives every event its place, in its key and in its body, and chains them by the book.
fn rechain(forged: &mut Forged) -> Result<(), Trouble> {
    for (seq, event) in (1..).zip(&mut forged.events) {
        let mut body: Value = serde_json::from_str(&event.body)?;
        set(&mut body, "", "seq", json!(seq));
        event.seq = seq;
        event.body = canonical(&body)?;
    }
    rehash(forged);
    Ok(())
}

fn rehash(forged: &mut Forged) {
    let mut prev: Digest = genesis(&forged.tenant, forged.incident);
    for event in &mut forged.events {
        event.prev = prev;
        event.hash = event_hash(&prev, event.body.as_bytes());
        prev = event.hash;
    }
}

/// The files of `bad`, whose manifest still says how `good` ended.
fn with_manifest_of(bad: &Forged, good: &Forged) -> Result<Files, Trouble> {
    let mut files = bad.files()?;
    let mut manifest: Value = serde_json::from_slice(files.get(MANIFEST).ok_or("no manifest")?)?;
    set(&mut manifest, "", "events", json!(good.events.len()));
    let head = good.events.last().map(|event| event.hash);
    set(&mut manifest, "", "head", json!(head));
    files.insert(MANIFEST.to_owned(), serde_json::to_vec(&manifest)?);
    Ok(files)
}

/// Puts `value` under `key` of the object at `pointer`.
fn set(within: &mut Value, pointer: &str, key: &str, value: Value) {
    if let Some(object) = within.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(key.to_owned(), value);
    }
}
