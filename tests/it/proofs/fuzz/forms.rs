//! The form of an approval's answer.

use super::{ROUNDS, pieced};
use bolero::check;
use serde_json::json;
use std::fmt::Write as _;
use watchfire_edge::http::Request;

const PIECES: [&str; 24] = [
    "link=",
    "csrf=",
    "code=",
    "decision=",
    "grant",
    "deny",
    "&",
    "=",
    "+",
    "%",
    "%2",
    "%zz",
    "%00",
    "%26",
    "%3d",
    "%C3%A9",
    "%ff",
    "%F0%9F",
    "&&",
    "==",
    "123 456",
    "v1.k1.",
    "é",
    "\0",
];

fn request(kind: &str, body: &str) -> Request {
    let event = json!({
        "version": "2.0", "rawPath": "/approvals/decide",
        "headers": { "Content-Type": kind },
        "requestContext": { "http": { "method": "POST" } },
        "body": body,
    });
    Request::from_event(&event).unwrap()
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02x}").unwrap();
        text
    })
}

#[test]
fn a_form_has_the_fields_that_were_written_or_is_refused() {
    check!().with_iterations(ROUNDS).for_each(|bytes: &[u8]| {
        let body = pieced(bytes, &PIECES);
        assert!(request("text/plain", &body).form().is_err(), "no form is no form");
        let form = request("application/x-www-form-urlencoded; charset=utf-8", &body).form();
        match form {
            Ok(fields) => {
                let pair = |(name, value): &(String, String)| {
                    format!("{}={}", escaped(name), escaped(value))
                };
                let again: Vec<_> = fields.iter().map(pair).collect();
                let again = request("application/x-www-form-urlencoded", &again.join("&"));
                assert_eq!(again.form().unwrap(), fields);
            }
            Err(fault) => assert_eq!(fault.status(), 400, "{body:?}"),
        }
    });
}
