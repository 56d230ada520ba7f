//! The fake through the real client: what DynamoDB promises, and each fault as its caller sees it.

mod capacity;
mod failing;
mod promises;

use super::{Dynamo, TABLE};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::collections::HashMap;

type Item = HashMap<String, AttributeValue>;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn item(attributes: &[(&str, &str)]) -> Item {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect()
}

fn put(attributes: &[(&str, &str)]) -> Put {
    Put::builder().table_name(TABLE).set_item(Some(item(attributes))).build().unwrap()
}

fn once(attributes: &[(&str, &str)]) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item(attributes)))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn reasons(refused: TransactWriteItemsError) -> Vec<CancellationReason> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = refused else {
        panic!("{refused:?}");
    };
    cancelled.cancellation_reasons.unwrap()
}

async fn seed(dynamo: &Dynamo, attributes: &[(&str, &str)]) {
    let request = dynamo.client().put_item().table_name(TABLE);
    request.set_item(Some(item(attributes))).send().await.unwrap();
}

async fn note(dynamo: &Dynamo, attempts: u32, consistent: bool) -> Result<Option<String>, String> {
    let client = dynamo.client_with_attempts(attempts);
    let request =
        client.get_item().table_name(TABLE).set_key(Some(item(&[("pk", "a"), ("sk", "1")])));
    let found = request.consistent_read(consistent).send().await;
    let found = found.map_err(|error| format!("{error:?}"))?;
    Ok(found.item.and_then(|item| item.get("note")?.as_s().ok().cloned()))
}
