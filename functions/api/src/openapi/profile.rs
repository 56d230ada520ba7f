//! Severity profiles, which are both taken and answered with.

use super::schema::{
    about, body, count, form, list, may, need, or_null, refer, string, text, whole, words,
};
use super::terms;
use serde_json::{Value, json};

/// By name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let minutes = |least| or_null(whole(least, 43_200));
    let lines = || json!({ "type": "array", "maxItems": 20, "items": text(1, 200) });
    vec![
        (
            "Profile",
            body(
                "What the four severities are called, and which clocks they start.",
                [
                    may(
                        "name",
                        about(
                            "The path's; may be left out of a request.",
                            form("^[a-z0-9-]{1,40}$"),
                        ),
                    ),
                    may(
                        "version",
                        about("Counted by the store; of no meaning in a request.", count(0)),
                    ),
                    need("levels", {
                        let levels = list(refer("Level"));
                        let mut levels = about("`critical` first.", levels);
                        if let Value::Object(fields) = &mut levels {
                            fields.insert("minItems".into(), json!(4));
                            fields.insert("maxItems".into(), json!(4));
                        }
                        levels
                    }),
                    need("calendar", refer("Calendar")),
                ],
            ),
        ),
        (
            "Level",
            body(
                "What a profile says of one severity.",
                [
                    need("severity", words(&terms::severities())),
                    need("label", about("What people say and write: `Sev1`.", text(1, 20))),
                    need("name", text(1, 40)),
                    need("impact", text(1, 500)),
                    may("examples", lines()),
                    need(
                        "response",
                        json!({
                            "description": "How soon somebody must have responded.",
                            "oneOf": [
                                body("Within so many minutes.", [need(
                                    "within",
                                    body("So many.", [need("minutes", whole(1, 43_200))]),
                                )]),
                                words(&["next_business_day"]),
                            ],
                        }),
                    ),
                    may("update_every_minutes", or_null(whole(1, 1_440))),
                    may("escalation", about("Who is called, one after the other.", lines())),
                    may("team", or_null(text(1, 200))),
                    may("notice", or_null(refer("Notice"))),
                ],
            ),
        ),
        (
            "Notice",
            body(
                "The duty to tell somebody.",
                [
                    need("audience", words(terms::AUDIENCES)),
                    may("within_minutes", about("0 is at once.", minutes(0))),
                    may("update_every_minutes", or_null(whole(1, 1_440))),
                ],
            ),
        ),
        (
            "Calendar",
            body(
                "When a team works.",
                [
                    need(
                        "utc_offset_minutes",
                        json!({ "type": "integer", "minimum": -720, "maximum": 840 }),
                    ),
                    need("workdays", list(words(terms::WORKDAYS))),
                    need("opens", form("^[0-9]{2}:[0-9]{2}$")),
                    need("closes", form("^[0-9]{2}:[0-9]{2}$")),
                    may("holidays", list(about("A date.", string()))),
                ],
            ),
        ),
    ]
}
