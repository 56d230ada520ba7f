use super::{Dynamo, TABLE, item, once, put, reasons, seed, text};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    Get, KeysAndAttributes, PutRequest, TransactGetItem, TransactWriteItem, Update, WriteRequest,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const FIRST: [(&str, &str); 3] = [("pk", "a"), ("sk", "1"), ("note", "first")];

#[tokio::test]
async fn a_conditional_put_refuses_and_shows_what_stands_there() {
    let dynamo = Dynamo::new();
    seed(&dynamo, &FIRST).await;
    let put = once(&[("pk", "a"), ("sk", "1"), ("note", "second")]).put.unwrap();
    let refused = dynamo
        .client()
        .put_item()
        .table_name(TABLE)
        .set_item(Some(put.item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(
            put.return_values_on_condition_check_failure.unwrap(),
        )
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let PutItemError::ConditionalCheckFailedException(failed) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(failed.item, Some(item(&FIRST)));
}

#[tokio::test]
async fn a_failed_transaction_changes_nothing_and_gives_its_reasons_in_order() {
    let dynamo = Dynamo::new();
    seed(&dynamo, &FIRST).await;
    let before = dynamo.dump();
    let refused = dynamo
        .client()
        .transact_write_items()
        .transact_items(once(&[("pk", "b"), ("sk", "1")]))
        .transact_items(once(&[("pk", "a"), ("sk", "1"), ("note", "second")]))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let reasons = reasons(refused);
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(reasons[1].item, Some(item(&FIRST)));
    assert_eq!(dynamo.dump(), before);
}

async fn write(dynamo: &Dynamo, token: &str, note: &str) -> Result<(), String> {
    let count = Update::builder()
        .table_name(TABLE)
        .set_key(Some(item(&[("pk", "a"), ("sk", "1")])))
        .update_expression("ADD n :one SET note = :note")
        .expression_attribute_values(":one", aws_sdk_dynamodb::types::AttributeValue::N("1".into()))
        .expression_attribute_values(":note", text(note))
        .build()
        .unwrap();
    let request = dynamo.client().transact_write_items().client_request_token(token);
    let sent = request.transact_items(TransactWriteItem::builder().update(count).build()).send();
    let refused = sent.await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error);
    refused.map(drop).map_err(|error| error.meta().code().unwrap_or_default().to_owned())
}

fn count(dynamo: &Dynamo) -> String {
    let items = dynamo.items();
    items.first().map(|item| item["n"]["N"].to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_repeated_token_does_nothing_and_a_reused_one_is_refused() {
    let dynamo = Dynamo::new();
    write(&dynamo, "token", "x").await.unwrap();
    write(&dynamo, "token", "x").await.unwrap();
    assert_eq!(count(&dynamo), r#""1""#);
    let reused = write(&dynamo, "token", "y").await;
    assert_eq!(reused, Err("IdempotentParameterMismatchException".to_owned()));
    assert_eq!(count(&dynamo), r#""1""#);
}

#[tokio::test]
async fn a_token_is_forgotten_after_ten_minutes_of_the_test_clock() {
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = Arc::clone(&now);
    let dynamo = Dynamo::with_clock(move || clock.load(Ordering::Relaxed));
    write(&dynamo, "token", "x").await.unwrap();
    now.fetch_add(599, Ordering::Relaxed);
    write(&dynamo, "token", "x").await.unwrap();
    assert_eq!(count(&dynamo), r#""1""#);
    now.fetch_add(1, Ordering::Relaxed);
    write(&dynamo, "token", "x").await.unwrap();
    assert_eq!(count(&dynamo), r#""2""#, "the late twin is carried out");
    write(&dynamo, "token", "x").await.unwrap();
    assert_eq!(count(&dynamo), r#""2""#, "and begins a window of its own");
}

#[tokio::test]
async fn expired_items_stay_until_they_are_swept() {
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = Arc::clone(&now);
    let dynamo = Dynamo::with_clock(move || clock.load(Ordering::Relaxed));
    let mut mortal = item(&FIRST);
    let ttl = aws_sdk_dynamodb::types::AttributeValue::N("1800000060".into());
    mortal.insert("ttl".to_owned(), ttl);
    let put = dynamo.client().put_item().table_name(TABLE).set_item(Some(mortal));
    put.send().await.unwrap();
    assert_eq!(dynamo.expire(), Ok(0));
    now.fetch_add(61, Ordering::Relaxed);
    assert_eq!(dynamo.items().len(), 1);
    assert_eq!(dynamo.expire(), Ok(1));
    assert_eq!(dynamo.items().len(), 0);
}

#[tokio::test]
async fn a_query_by_prefix_reads_backwards_and_pages() {
    let dynamo = Dynamo::new();
    for sk in ["EV#1", "EV#2", "EV#3", "META"] {
        seed(&dynamo, &[("pk", "a"), ("sk", sk)]).await;
    }
    let query = dynamo
        .client()
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
        .expression_attribute_values(":pk", text("a"))
        .expression_attribute_values(":prefix", text("EV#"))
        .scan_index_forward(false)
        .limit(2);
    let first = query.clone().send().await.unwrap();
    let second = query.set_exclusive_start_key(first.last_evaluated_key.clone()).send();
    let second = second.await.unwrap();
    let keys = |items: &[super::Item]| -> Vec<String> {
        items.iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
    };
    assert_eq!(keys(first.items()), ["EV#3", "EV#2"]);
    assert_eq!(keys(second.items()), ["EV#1"]);
    assert_eq!(second.last_evaluated_key, None);
}

#[tokio::test]
async fn an_index_holds_its_members_only_and_their_keys_only() {
    let dynamo = Dynamo::new();
    seed(&dynamo, &[("pk", "a"), ("sk", "1"), ("note", "x"), ("duepk", "PEND#1"), ("duesk", "t2")])
        .await;
    seed(&dynamo, &[("pk", "b"), ("sk", "1"), ("duepk", "PEND#1"), ("duesk", "t1")]).await;
    seed(&dynamo, &[("pk", "c"), ("sk", "1"), ("duepk", "PEND#1")]).await;
    let due = dynamo
        .client()
        .query()
        .table_name(TABLE)
        .index_name("due")
        .key_condition_expression("duepk = :pk AND duesk <= :now")
        .expression_attribute_values(":pk", text("PEND#1"))
        .expression_attribute_values(":now", text("t9"))
        .send()
        .await
        .unwrap();
    let later = item(&[("pk", "a"), ("sk", "1"), ("duepk", "PEND#1"), ("duesk", "t2")]);
    let sooner = item(&[("pk", "b"), ("sk", "1"), ("duepk", "PEND#1"), ("duesk", "t1")]);
    assert_eq!(due.items(), [sooner, later]);
}

#[tokio::test]
async fn one_transaction_cannot_touch_an_item_twice() {
    let dynamo = Dynamo::new();
    let twice = TransactWriteItem::builder().put(put(&FIRST)).build();
    let request = dynamo.client().transact_write_items();
    let sent = request.transact_items(twice.clone()).transact_items(twice).send().await;
    let refused = sent.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("ValidationException"));
}

#[tokio::test]
async fn batches_transactional_reads_updates_and_deletes_are_served() {
    let dynamo = Dynamo::new();
    let client = dynamo.client();
    let key = item(&[("pk", "a"), ("sk", "1")]);
    let requests = vec![
        WriteRequest::builder()
            .put_request(PutRequest::builder().set_item(Some(item(&FIRST))).build().unwrap())
            .build(),
    ];
    client.batch_write_item().request_items(TABLE, requests).send().await.unwrap();

    let keys = KeysAndAttributes::builder().keys(key.clone()).build().unwrap();
    let batch = client.batch_get_item().request_items(TABLE, keys).send().await.unwrap();
    assert_eq!(batch.responses.unwrap()[TABLE], [item(&FIRST)]);

    let get = Get::builder().table_name(TABLE).set_key(Some(key.clone())).build().unwrap();
    let get = TransactGetItem::builder().get(get).build();
    let read = client.transact_get_items().transact_items(get).send().await.unwrap();
    assert_eq!(read.responses()[0].item, Some(item(&FIRST)));

    let remove = client.update_item().table_name(TABLE).set_key(Some(key.clone()));
    remove.update_expression("REMOVE note").send().await.unwrap();
    assert_eq!(dynamo.dump(), r#"{"pk":{"S":"a"},"sk":{"S":"1"}}"#);
    client.delete_item().table_name(TABLE).set_key(Some(key)).send().await.unwrap();
    assert_eq!(dynamo.dump(), "");

    let table = client.describe_table().table_name(TABLE).send().await.unwrap().table.unwrap();
    let mut indexes: Vec<_> =
        table.global_secondary_indexes().iter().filter_map(|index| index.index_name()).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, ["due", "gsi1"]);
}

#[tokio::test]
async fn an_operation_outside_the_list_is_refused() {
    let dynamo = Dynamo::new();
    let refused = dynamo.client().list_tables().send().await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn a_dump_is_the_same_for_the_same_items_in_any_order() {
    let (left, right) = (Dynamo::new(), Dynamo::new());
    for pk in ["a", "b", "c"] {
        seed(&left, &[("pk", pk), ("sk", "1"), ("x", "1"), ("y", "2")]).await;
    }
    for pk in ["c", "a", "b"] {
        seed(&right, &[("y", "2"), ("x", "1"), ("sk", "1"), ("pk", pk)]).await;
    }
    assert_eq!(left.dump(), right.dump());
    assert_eq!(
        left.dump().lines().next(),
        Some(r#"{"pk":{"S":"a"},"sk":{"S":"1"},"x":{"S":"1"},"y":{"S":"2"}}"#)
    );
    seed(&right, &[("pk", "c"), ("sk", "1"), ("x", "9")]).await;
    assert_ne!(left.dump(), right.dump());
}
