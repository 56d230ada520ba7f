//! A fuzz target for each parser. In the suite each runs for a moment; `cargo bolero test` runs one for
//! as long as you like.

mod cursors;
mod envelopes;
mod forms;
mod lines;

use bolero::check;
use std::str::from_utf8;
use watchfire_domain::canon::{canonical, parse_body};
use watchfire_domain::link::{LinkKeys, normalise};
use watchfire_domain::{
    ApprovalId, EnvironmentId, IncidentId, Plan, Profile, Tenant, Timestamp, Voucher,
};
use watchfire_seal::{Checkpoint, Note, VerifierKey};

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);
const ROUNDS: usize = 2_000;

#[test]
fn a_body_is_canonical_or_refused() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        if let Ok(text) = from_utf8(bytes)
            && let Ok(value) = parse_body(text)
        {
            let once = canonical(&value).unwrap();
            assert_eq!(canonical(&parse_body(&once).unwrap()).unwrap(), once);
        }
    });
}

#[test]
fn bytes_are_no_link() {
    let keys = LinkKeys::new("k1".to_owned(), [("k1".to_owned(), [1; 32])].into()).unwrap();
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        if let Ok(text) = from_utf8(bytes) {
            assert!(keys.open(text, NOW).is_err());
            assert!(keys.open(&format!("v1.k1.{text}"), NOW).is_err());
        }
    });
}

#[test]
fn an_address_has_one_spelling() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        if let Some(address) = from_utf8(bytes).ok().and_then(normalise) {
            assert_eq!(normalise(&address), Some(address));
        }
    });
}

#[test]
fn a_name_is_read_as_it_is_written_or_refused() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        let Ok(text) = from_utf8(bytes) else { return };
        if let Ok(id) = text.parse::<IncidentId>() {
            assert_eq!(id.to_string().parse::<IncidentId>().unwrap(), id);
        }
        if let Ok(id) = text.parse::<EnvironmentId>() {
            assert_eq!(id.to_string().parse::<EnvironmentId>().unwrap(), id);
        }
        if let Ok(id) = text.parse::<ApprovalId>() {
            assert_eq!(id.to_string().parse::<ApprovalId>().unwrap(), id);
        }
        if let Some(at) = Timestamp::parse(text) {
            assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        }
        if let Ok(tenant) = Tenant::vouched(text, Voucher::Claims) {
            assert_eq!(tenant.as_str(), text);
        }
    });
}

#[test]
fn a_plan_or_a_profile_is_read_or_refused() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        if let Ok(plan) = serde_json::from_slice::<Plan>(bytes) {
            let again: Plan = serde_json::from_value(serde_json::to_value(&plan).unwrap()).unwrap();
            assert_eq!(again, plan);
        }
        drop(serde_json::from_slice::<Profile>(bytes));
    });
}

#[test]
fn what_the_queue_brings_is_an_alarm_or_refused() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        if let Ok(text) = from_utf8(bytes) {
            drop(watchfire_alarm::alarms(text));
        }
    });
}

#[test]
fn a_note_is_read_as_it_is_written_or_refused() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        let Ok(text) = from_utf8(bytes) else { return };
        if let Ok(note) = text.parse::<Note>() {
            assert_eq!(note.to_string(), text);
        }
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), text);
        }
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            assert_eq!(checkpoint.to_string(), text);
        }
    });
}

/// A text of these pieces, as the bytes choose them: what no byte string would hit upon by chance.
/// A byte behind the pieces stands for itself.
fn pieced(bytes: &[u8], pieces: &[&str]) -> String {
    let piece = |byte: &u8| {
        let own = char::from(*byte).to_string();
        pieces.get(usize::from(*byte)).map_or(own, |piece| (*piece).to_owned())
    };
    bytes.iter().map(piece).collect()
}
