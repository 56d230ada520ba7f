//! The faults that come as an answer, in DynamoDB's words.

use super::answer::Refusal;
use crate::faults::Fault;
use serde_json::Value;

const THROTTLED: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is \
                         automatically scaling your table or index so please try again shortly.";
const SATURATED: &str = "The level of configured provisioned throughput for the table was exceeded. \
                         Consider increasing your provisioning level with the UpdateTable API.";
const CONFLICT: &str = "Transaction is ongoing for the item";

/// What a fault answers to an operation; `None` where it has no such answer.
pub(super) fn refusal(fault: Fault, operation: &str, body: &Value) -> Option<Refusal> {
    let transaction = operation.starts_with("Transact");
    match fault {
        Fault::Throttled => Some(Refusal::named(400, "ThrottlingException", THROTTLED)),
        Fault::Saturated if transaction => {
            Some(Refusal::cancelled(actions(body), "ThrottlingError", THROTTLED))
        }
        Fault::Saturated => {
            Some(Refusal::named(400, "ProvisionedThroughputExceededException", SATURATED))
        }
        Fault::ServerError { .. } => Some(Refusal::failed("Internal server error")),
        Fault::Conflict if transaction => {
            Some(Refusal::cancelled(actions(body), "TransactionConflict", CONFLICT))
        }
        Fault::Conflict => matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem")
            .then(|| Refusal::named(400, "TransactionConflictException", CONFLICT)),
        Fault::NotSent
        | Fault::AnswerLost
        | Fault::Duplicate { .. }
        | Fault::TimedOut { .. }
        | Fault::Stale { .. }
        | Fault::Killed { .. } => None,
    }
}

fn actions(body: &Value) -> usize {
    body.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len)
}
