//! DynamoDB's requests, from JSON as it is on the wire to the SDK's types.

use aws_sdk_dynamodb::operation::batch_get_item::builders::BatchGetItemInputBuilder;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemInputBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemInputBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryInputBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsInputBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, TransactWriteItem, Update,
};
use base64ct::{Base64, Encoding as _};
use lambda_runtime::Error;
use serde_json::Value;
use std::collections::HashMap;

/// A request.
#[derive(Clone)]
pub(crate) enum Typed {
    Get(GetItemInputBuilder),
    Batch(BatchGetItemInputBuilder),
    Query(QueryInputBuilder),
    Put(PutItemInputBuilder),
    Update(UpdateItemInputBuilder),
    Transact(TransactWriteItemsInputBuilder),
}

type Item = HashMap<String, AttributeValue>;

/// The fields that writes have in common, set from a request.
macro_rules! conditional {
    ($builder:expr, $of:expr) => {
        $builder
            .set_table_name($of.text("TableName"))
            .set_condition_expression($of.text("ConditionExpression"))
            .set_expression_attribute_names($of.names())
            .set_expression_attribute_values($of.item("ExpressionAttributeValues")?)
            .set_return_values_on_condition_check_failure(
                $of.text("ReturnValuesOnConditionCheckFailure").map(|all| all.as_str().into()),
            )
    };
}

/// The request of this operation.
pub(crate) fn call(operation: &str, request: &Value) -> Result<Typed, Error> {
    let of = Of(request);
    Ok(match operation {
        "GetItem" => Typed::Get(
            GetItemInputBuilder::default()
                .set_table_name(of.text("TableName"))
                .set_key(of.item("Key")?)
                .set_consistent_read(of.yes("ConsistentRead"))
                .set_projection_expression(of.text("ProjectionExpression"))
                .set_expression_attribute_names(of.names()),
        ),
        "BatchGetItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            let tables = tables.map(|(table, ask)| {
                let keys = ask["Keys"].as_array().into_iter().flatten().map(item);
                let ask = KeysAndAttributes::builder()
                    .set_keys(Some(keys.collect::<Result<_, _>>()?))
                    .set_consistent_read(ask["ConsistentRead"].as_bool());
                Ok::<_, Error>((table.clone(), ask.build()?))
            });
            let tables = tables.collect::<Result<_, _>>()?;
            Typed::Batch(BatchGetItemInputBuilder::default().set_request_items(Some(tables)))
        }
        "Query" => Typed::Query(
            QueryInputBuilder::default()
                .set_table_name(of.text("TableName"))
                .set_index_name(of.text("IndexName"))
                .set_key_condition_expression(of.text("KeyConditionExpression"))
                .set_filter_expression(of.text("FilterExpression"))
                .set_expression_attribute_names(of.names())
                .set_expression_attribute_values(of.item("ExpressionAttributeValues")?)
                .set_consistent_read(of.yes("ConsistentRead"))
                .set_scan_index_forward(of.yes("ScanIndexForward"))
                .set_limit(of.0["Limit"].as_i64().and_then(|limit| limit.try_into().ok())),
        ),
        "PutItem" => {
            let put = PutItemInputBuilder::default().set_item(of.item("Item")?);
            Typed::Put(conditional!(put, of))
        }
        "UpdateItem" => {
            let update = UpdateItemInputBuilder::default().set_key(of.item("Key")?);
            let update = update.set_update_expression(of.text("UpdateExpression"));
            Typed::Update(conditional!(update, of))
        }
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let items = items.map(written).collect::<Result<_, _>>()?;
            Typed::Transact(
                TransactWriteItemsInputBuilder::default()
                    .set_transact_items(Some(items))
                    .set_client_request_token(of.text("ClientRequestToken")),
            )
        }
        other => return Err(format!("no part makes the call `{other}`").into()),
    })
}

fn written(one: &Value) -> Result<TransactWriteItem, Error> {
    let write = TransactWriteItem::builder();
    let (kind, body) = one.as_object().and_then(|one| one.iter().next()).ok_or("no write")?;
    let of = Of(body);
    let write = match kind.as_str() {
        "Put" => {
            let put = Put::builder().set_item(of.item("Item")?);
            write.put(conditional!(put, of).build()?)
        }
        "Update" => {
            let update = Update::builder().set_key(of.item("Key")?);
            let update = update.set_update_expression(of.text("UpdateExpression"));
            write.update(conditional!(update, of).build()?)
        }
        "Delete" => {
            let delete = Delete::builder().set_key(of.item("Key")?);
            write.delete(conditional!(delete, of).build()?)
        }
        "ConditionCheck" => {
            let check = ConditionCheck::builder().set_key(of.item("Key")?);
            write.condition_check(conditional!(check, of).build()?)
        }
        other => return Err(format!("no part writes by `{other}`").into()),
    };
    Ok(write.build())
}

/// A request's fields.
struct Of<'a>(&'a Value);

impl Of<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0[name].as_str().map(str::to_owned)
    }

    fn yes(&self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }

    fn item(&self, name: &str) -> Result<Option<Item>, Error> {
        self.0.get(name).map(item).transpose()
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        let names = self.0["ExpressionAttributeNames"].as_object()?;
        let name = |(short, name): (&String, &Value)| Some((short.clone(), name.as_str()?.into()));
        names.iter().map(name).collect()
    }
}

fn item(value: &Value) -> Result<Item, Error> {
    let fields = value.as_object().ok_or("an item is no object")?;
    fields.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

fn attribute(value: &Value) -> Result<AttributeValue, Error> {
    let (kind, value) = value.as_object().and_then(|one| one.iter().next()).ok_or("no value")?;
    let text = || value.as_str().unwrap_or_default().to_owned();
    let list = || value.as_array().into_iter().flatten();
    Ok(match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "B" => AttributeValue::B(Blob::new(Base64::decode_vec(&text())?)),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap_or_default()),
        "NULL" => AttributeValue::Null(true),
        "M" => AttributeValue::M(item(value)?),
        "L" => AttributeValue::L(list().map(attribute).collect::<Result<_, _>>()?),
        "SS" => AttributeValue::Ss(list().filter_map(Value::as_str).map(str::to_owned).collect()),
        other => return Err(format!("no part has a value of type `{other}`").into()),
    })
}
