//! Cursors of pages.

use super::{NOW, ROUNDS, pieced};
use bolero::check;
use watchfire_domain::{HOUR, IncidentId, Tenant, Voucher};
use watchfire_store::CursorKey;

const PIECES: [&str; 8] = ["A", "_", "-", "=", "==", "AAAAAAAAAAAAAAAA", "%41", "\0"];

fn tenant(name: &str) -> Tenant {
    Tenant::vouched(name, Voucher::Claims).unwrap()
}

#[test]
fn a_text_is_no_cursor() {
    let key = CursorKey::new([7; 32]);
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        assert!(key.open(&tenant("acme"), "q", &pieced(bytes, &PIECES), NOW).is_err());
    });
}

/// An id, two queries, and a byte at a place of the cursor.
type Drawn = (u128, String, String, usize, u8);

#[test]
fn a_cursor_opens_where_it_was_made_and_as_it_was_made() {
    let key = CursorKey::new([7; 32]);
    check!().with_iterations(ROUNDS).with_type::<Drawn>().for_each(
        |(id, query, other, place, byte)| {
            let (id, here) = (IncidentId(uuid::Uuid::from_u128(*id)), tenant("acme"));
            let cursor = key.seal(&here, query, id, NOW);
            assert_eq!(key.open(&here, query, &cursor, NOW), Ok(id));
            let later = NOW.plus(HOUR + 1);
            assert!(key.open(&here, query, &cursor, later).is_err(), "it has an end");
            assert!(key.open(&tenant("acme2"), query, &cursor, NOW).is_err(), "its tenant's");
            if other != query {
                assert!(key.open(&here, other, &cursor, NOW).is_err(), "its query's");
            }
            let mut bytes = cursor.clone().into_bytes();
            let place = place % bytes.len();
            bytes[place] = *byte;
            if let Ok(spoilt) = String::from_utf8(bytes)
                && spoilt != cursor
            {
                assert!(key.open(&here, query, &spoilt, NOW).is_err(), "{spoilt}");
            }
        },
    );
}
