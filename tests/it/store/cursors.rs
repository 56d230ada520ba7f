//! Page cursors: ours, for this tenant and query, for an hour.

use crate::world::tenant;
use watchfire_domain::{HOUR, IncidentId, Timestamp};
use watchfire_store::{CursorKey, CursorRefused};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap()
}

fn id() -> IncidentId {
    IncidentId::at(now(), [7; 10])
}

#[test]
fn a_cursor_goes_on_where_it_was_made() {
    let key = CursorKey::new([1; 32]);
    let cursor = key.seal(&tenant("acme"), "limit=2", id(), now());
    let last = now().plus(HOUR - 1);
    assert_eq!(key.open(&tenant("acme"), "limit=2", &cursor, now()), Ok(id()));
    assert_eq!(key.open(&tenant("acme"), "limit=2", &cursor, last), Ok(id()));
    let hex: String = id().0.simple().to_string();
    assert!(!cursor.contains(&hex), "it is opaque");
}

#[test]
fn no_other_key_tenant_query_or_time_opens_it() {
    let key = CursorKey::new([1; 32]);
    let cursor = key.seal(&tenant("acme"), "limit=2", id(), now());
    let other = CursorKey::new([2; 32]);
    for (name, refused) in [
        ("key", other.open(&tenant("acme"), "limit=2", &cursor, now())),
        ("tenant", key.open(&tenant("acme2"), "limit=2", &cursor, now())),
        ("query", key.open(&tenant("acme"), "limit=3", &cursor, now())),
        ("no query", key.open(&tenant("acme"), "", &cursor, now())),
        // The same bytes, divided at another place.
        ("split", key.open(&tenant("acmel"), "imit=2", &cursor, now())),
        ("time", key.open(&tenant("acme"), "limit=2", &cursor, now().plus(HOUR))),
    ] {
        assert_eq!(refused, Err(CursorRefused), "{name}");
    }
}

#[test]
fn no_altered_cursor_opens() {
    let key = CursorKey::new([1; 32]);
    let (tenant, query) = (tenant("acme"), "limit=2");
    let cursor = key.seal(&tenant, query, id(), now());
    let mut tried = 0;
    let mut refuse = |text: &str| {
        tried += 1;
        assert_eq!(key.open(&tenant, query, text, now()), Err(CursorRefused), "{text}");
    };
    let letters: Vec<char> = "ABCXYZabcxyz0189-_=+/ .".chars().collect();
    for at in 0..cursor.len() {
        refuse(&cursor[..at]);
        refuse(&format!("{}{}", &cursor[..at], &cursor[at + 1..]));
        for letter in &letters {
            let altered = format!("{}{letter}{}", &cursor[..at], &cursor[at + 1..]);
            if altered != cursor {
                refuse(&altered);
            }
            refuse(&format!("{}{letter}{}", &cursor[..at], &cursor[at..]));
        }
    }
    for text in ["", "=", "é", "AAAA", &cursor.repeat(2), &format!("{cursor}="), &"A".repeat(54)] {
        refuse(text);
    }
    assert!(tried > 2_000, "{tried}");
}
