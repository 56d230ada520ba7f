//! The operations of the data plane that the product may use.

use super::answer::{Answer, Refusal};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(super) fn run(database: &Database, operation: &str, body: &Value) -> Answer {
    match operation {
        "GetItem" => answer(database.get_item(request(body)?)),
        "PutItem" => answer(database.put_item(request(body)?)),
        "UpdateItem" => answer(database.update_item(request(body)?)),
        "DeleteItem" => answer(database.delete_item(request(body)?)),
        "Query" => answer(database.query(request(body)?)),
        "Scan" => answer(database.scan(request(body)?)),
        "BatchGetItem" => answer(database.batch_get_item(request(body)?)),
        "BatchWriteItem" => answer(database.batch_write_item(request(body)?)),
        "TransactGetItems" => answer(database.transact_get_items(request(body)?)),
        "TransactWriteItems" => answer(database.transact_write_items(request(body)?)),
        "DescribeTable" => answer(database.describe_table(request(body)?)),
        "DescribeTimeToLive" => answer(database.describe_time_to_live(request(body)?)),
        unknown => Err(Refusal::named(
            400,
            "UnknownOperationException",
            &format!("`{unknown}` is not an operation that the product may use"),
        )),
    }
}

pub(super) fn is_write(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems"
    )
}

/// Reads a request. The engine marks its own refusals, which it makes while it reads, with a prefix.
pub(super) fn request<T: DeserializeOwned>(body: &Value) -> Result<T, Refusal> {
    serde_json::from_value(body.clone()).map_err(|error| {
        let text = error.to_string();
        let marked = ["VALIDATION:", "VALIDATION_REQUEST:"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .map(|rest| DynoxideError::ValidationException(rest.to_owned()));
        marked.unwrap_or_else(|| DynoxideError::SerializationException(text.clone())).into()
    })
}

fn answer(result: dynoxide::Result<impl Serialize>) -> Answer {
    serde_json::to_value(result?).map_err(|error| Refusal::failed(&error.to_string()))
}
