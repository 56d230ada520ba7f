//! Answers, in the words that each sender understands.

use serde_json::{Value, json};
use watchfire_edge::Fault;
use watchfire_edge::http::Response;

/// What was said is queued.
pub(crate) fn accepted(alerts: usize, unreadable: usize) -> Response {
    let mut body = json!({ "status": "accepted", "alerts": alerts });
    if unreadable > 0
        && let Value::Object(fields) = &mut body
    {
        fields.insert("unreadable".to_owned(), unreadable.into());
    }
    Response::json(202, &body)
}

/// A fault, as the API tells it. Whatever is our fault may be tried again: nothing was lost by it.
pub(crate) fn refused(fault: &Fault, request_id: &str) -> Response {
    again(fault, Response::fault(fault, request_id))
}

/// What `PagerDuty` answers to an event that it took.
pub(crate) fn enqueued(dedup_key: &str) -> Response {
    let dedup_key = json!(dedup_key);
    text(
        202,
        format!(r#"{{"status":"success","message":"Event processed","dedup_key":{dedup_key}}}"#),
    )
}

/// What `PagerDuty` answers to one that it did not take. A client of its knows 400, which it does
/// not send again, and 429 and 500, which it does.
pub(crate) fn enqueue_refused(fault: &Fault) -> Response {
    let errors = if let Fault::Invalid { problems } = fault {
        problems.iter().map(|one| format!("'{}' {}", one.field, one.problem)).collect()
    } else if let Fault::Malformed { reason } = fault {
        vec![reason.clone()]
    } else if fault.status() == 401 {
        vec!["'routing_key' is not one of an integration".to_owned()]
    } else {
        vec![fault.public()]
    };
    let errors = json!(errors);
    let invalid = |status: u16, message: &str| {
        text(
            status,
            format!(r#"{{"status":"invalid event","message":"{message}","errors":{errors}}}"#),
        )
    };
    match fault.status() {
        413 => invalid(413, "Event object is too large"),
        status @ (404 | 405) => invalid(status, "There is nothing here"),
        status if status < 500 => invalid(400, "Event object is invalid"),
        _ => {
            let body =
                r#"{"status":"internal error","message":"The event was not taken: send it again"}"#;
            again(fault, text(500, body.to_owned()))
        }
    }
}

fn again(fault: &Fault, response: Response) -> Response {
    if fault.status() >= 500 { response.with("retry-after", "5") } else { response }
}

/// JSON whose fields stand in the order of the text.
fn text(status: u16, body: String) -> Response {
    let mut response = Response::json(status, &Value::Null);
    response.body = body.into_bytes();
    response
}
