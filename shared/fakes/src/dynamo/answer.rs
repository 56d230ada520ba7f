//! What DynamoDB answers on the wire.

use dynoxide::DynoxideError;
use serde_json::{Value, json};

/// A refusal: an HTTP status and the error document.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
}

pub(super) type Answer = Result<Value, Refusal>;

impl Refusal {
    /// An error that DynamoDB's own model names.
    pub(super) fn named(status: u16, name: &str, message: &str) -> Self {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{name}");
        Self { status, body: json!({"__type": kind, "message": message}) }
    }

    pub(super) fn failed(message: &str) -> Self {
        Self::named(500, "InternalServerError", message)
    }

    /// A transaction cancelled for the sake of its first action.
    pub(super) fn cancelled(actions: usize, code: &str, message: &str) -> Self {
        let codes: Vec<&str> =
            std::iter::once(code).chain(std::iter::repeat("None")).take(actions.max(1)).collect();
        let reasons: Vec<Value> = codes
            .iter()
            .map(|one| match *one {
                "None" => json!({"Code": one}),
                named => json!({"Code": named, "Message": message}),
            })
            .collect();
        let text = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        Self {
            status: 400,
            body: json!({
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "Message": text,
                "CancellationReasons": reasons,
            }),
        }
    }

    /// The error's name, without its namespace.
    pub(super) fn name(&self) -> &str {
        let kind = self.body.get("__type").and_then(Value::as_str).unwrap_or_default();
        kind.rsplit('#').next().unwrap_or_default()
    }
}

impl From<DynoxideError> for Refusal {
    fn from(error: DynoxideError) -> Self {
        match serde_json::from_str(&error.to_json()) {
            Ok(body) => Self { status: error.status_code(), body },
            Err(unreadable) => Self::failed(&unreadable.to_string()),
        }
    }
}
