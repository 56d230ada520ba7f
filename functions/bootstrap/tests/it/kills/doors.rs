//! Events, as AWS makes them.

use serde_json::{Value, json};

const CALLER: &str = "arn:aws:sts::111122223333:assumed-role/ci/kills";

/// Messages of a queue.
pub(super) fn queued(bodies: &[String]) -> Value {
    let record =
        |(at, body): (usize, &String)| json!({ "messageId": format!("m-{at}"), "body": body });
    json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() })
}

/// A signed request to the API; under this key its repeat is known.
pub(super) fn signed(method: &str, path: &str, key: &str, body: &Value) -> Value {
    let headers = json!({ "content-type": "application/json", "idempotency-key": key });
    let mut event = request(method, &format!("/iam/v1{path}"), &headers, &body.to_string());
    event["requestContext"]["authorizer"] = json!({ "iam": { "userArn": CALLER } });
    event
}

/// A browser opens a link.
pub(super) fn opened(link: &str) -> Value {
    request("GET", &format!("/approvals/{link}"), &json!({}), "")
}

/// A browser sends the form of the page that it was shown.
pub(super) fn submitted(page: &Value, link: &str) -> Value {
    let text = page["body"].as_str().unwrap();
    let between = |before: &str, after: &str| {
        let (_, rest) = text.split_once(before).unwrap();
        rest.split_once(after).unwrap().0
    };
    let (csrf, code) = (between("name=\"csrf\" value=\"", "\""), between("<code>", "</code>"));
    let form = format!("link={link}&csrf={csrf}&code={code}&decision=grant");
    let headers = json!({
        "content-type": "application/x-www-form-urlencoded",
        "origin": "https://watchfire.example.org",
    });
    let mut event = request("POST", "/approvals/decide", &headers, &form);
    let cookie = page["cookies"][0].as_str().unwrap().split(';').next().unwrap();
    event["cookies"] = json!([cookie]);
    event
}

fn request(method: &str, path: &str, headers: &Value, body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "http": { "method": method, "path": path, "sourceIp": "192.0.2.1" },
            "requestId": "r-1", "stage": "$default",
        },
        "body": body, "isBase64Encoded": false,
    })
}
