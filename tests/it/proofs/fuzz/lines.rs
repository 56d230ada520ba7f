//! The lines of a bundle's events.

use super::{ROUNDS, pieced};
use bolero::check;
use std::collections::BTreeMap;
use watchfire_seal::bundle::{Ask, Class, EVENTS, events, verify};

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const PIECES: [&str; 20] = [
    "{\"seq\":1,",
    "\"epoch\":1,",
    "\"body\":\"{}\",",
    "\"prev\":\"",
    "\"hash\":\"",
    ZEROS,
    "\",",
    "\"type\":\"note_added\",",
    "\"at\":\"2026-11-21T03:12:00.000Z\"}",
    "\n",
    "\n\n",
    "\r\n",
    "{",
    "}",
    "[",
    "null",
    "1e999",
    "\"\\ud800\"",
    "\u{feff}",
    "\"seq\":18446744073709551616,",
];

/// The same pieces in their right order, so that there are events as well.
const WHOLE: [u8; 11] = [0, 1, 2, 3, 5, 6, 4, 5, 6, 7, 8];

#[test]
fn a_line_is_an_event_or_is_named() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        let mut chosen = WHOLE.to_vec();
        chosen.push(9);
        chosen.extend(bytes);
        let text = pieced(&chosen, &PIECES);
        let bundle = BTreeMap::from([(EVENTS.to_owned(), text.clone().into_bytes())]);
        for (line, found) in (1..).zip(events(&bundle).unwrap()) {
            match found {
                Ok(event) => {
                    let again = serde_json::to_string(&event).unwrap();
                    assert_eq!(
                        serde_json::from_str::<watchfire_domain::chain::Stored>(&again).unwrap(),
                        event
                    );
                }
                Err(failure) => {
                    assert_eq!(
                        (failure.class, failure.seq),
                        (Class::Malformed, Some(line)),
                        "{text:?}"
                    );
                    break;
                }
            }
        }
        assert!(verify(&bundle, &Ask::default(), &mut |_, _| {}).is_err(), "it has no manifest");
    });
}
