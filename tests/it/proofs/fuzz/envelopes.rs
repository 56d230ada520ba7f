//! The envelope in which API Gateway hands a request over: payload 2.0, with whatever stands in it.

use super::{ROUNDS, pieced};
use crate::world::World;
use bolero::check;
use serde_json::{Value, json};
use watchfire_edge::http::Request;

/// Where the pieces go.
const PLACES: [&str; 14] = [
    "/version",
    "/rawPath",
    "/rawQueryString",
    "/headers",
    "/headers/authorization",
    "/headers/content-type",
    "/headers/cookie",
    "/cookies",
    "/body",
    "/isBase64Encoded",
    "/requestContext/stage",
    "/requestContext/requestId",
    "/requestContext/http/method",
    "/requestContext/authorizer",
];

const PIECES: [&str; 22] = [
    "/v1/incidents",
    "/iam/v1/incidents",
    "/approvals/",
    "/",
    "//",
    "..",
    "%2f",
    "%",
    "%ff",
    "?",
    "&",
    "GET",
    "POST",
    "HEAD",
    "Bearer ",
    "e30.e30.",
    "__Host-ap=",
    ";",
    "{",
    "\"",
    "\u{7f}",
    "é",
];

/// Something of another sort than is expected, or a text of the pieces.
fn hostile(sort: u8, bytes: &[u8]) -> Value {
    let text = pieced(bytes, &PIECES);
    match sort % 10 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1.5e300),
        3 => json!([text, null, [text]]),
        4 => json!({ "iam": { "userArn": text }, "jwt": text }),
        5 => json!({ text.clone(): text }),
        6 => json!(text.repeat(64)),
        _ => json!(text),
    }
}

type Drawn = Vec<(u8, u8, Vec<u8>)>;

fn envelope(drawn: &Drawn) -> Value {
    let mut event = json!({
        "version": "2.0", "rawPath": "/v1/incidents", "rawQueryString": "limit=1",
        "headers": { "authorization": "Bearer x", "content-type": "application/json", "cookie": "a=b" },
        "cookies": ["a=b"], "body": "{}", "isBase64Encoded": false,
        "requestContext": {
            "stage": "$default", "requestId": "r-1", "http": { "method": "POST", "path": "/" },
            "authorizer": {},
        },
    });
    for (place, sort, bytes) in drawn {
        let place = PLACES[usize::from(*place) % PLACES.len()];
        if let Some(member) = event.pointer_mut(place) {
            *member = hostile(*sort, bytes);
        }
    }
    event
}

#[test]
fn an_envelope_is_read_within_its_limits_or_refused() {
    check!().with_iterations(ROUNDS).with_type::<Drawn>().for_each(
        |drawn| match Request::from_event(&envelope(drawn)) {
            Ok(request) => {
                drop((request.segments(), request.json(), request.form()));
                assert_eq!(request.method, request.method.to_ascii_uppercase());
                let lower = |name: &String| *name == name.to_ascii_lowercase();
                assert!(request.headers.keys().all(lower));
            }
            Err(fault) => assert!((400..500).contains(&fault.status()), "{fault:?}"),
        },
    );
}

/// The same, all the way: no answer is a failure of ours, and nothing is written.
#[test]
fn an_envelope_at_the_door_is_answered_and_writes_nothing() {
    check!().with_iterations(200).with_type::<Drawn>().for_each(|drawn| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let world = World::new(1);
        let before = world.dynamo.dump();
        let event = envelope(drawn);
        let sent = watchfire_api::handle(&world.desk, &*world.jwks, event.clone(), None);
        let answer = runtime.block_on(Box::pin(sent));
        let status = answer["statusCode"].as_u64().unwrap();
        assert!((200..500).contains(&status), "{event} {answer}");
        assert_eq!(world.dynamo.dump(), before, "{event}");
    });
}
