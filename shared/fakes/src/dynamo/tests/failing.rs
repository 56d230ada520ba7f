use super::{Dynamo, Item, TABLE, item, note, once, reasons, seed, text};
use crate::faults::{Fault, Faults, Killed};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use std::fmt::{Debug, Write};

const ITEM: [(&str, &str); 3] = [("pk", "a"), ("sk", "1"), ("note", "new")];

/// What a caller sees of an answer, in one word.
fn seen<T, E: Debug + ProvideErrorMetadata + 'static>(answer: Result<T, SdkError<E>>) -> String {
    match answer {
        Ok(_) => "done".to_owned(),
        Err(SdkError::ServiceError(refused)) => refused.err().code().unwrap_or("?").to_owned(),
        Err(SdkError::DispatchFailure(failure)) => {
            let error = failure.as_connector_error().unwrap();
            let word = if error.is_io() {
                "lost"
            } else if error.is_timeout() {
                "late"
            } else {
                "killed"
            };
            assert_eq!(word == "killed", Killed::caused(error));
            word.to_owned()
        }
        Err(other) => format!("{other:?}"),
    }
}

async fn put(dynamo: &Dynamo, attempts: u32, item: Item) -> String {
    let client = dynamo.client_with_attempts(attempts);
    seen(client.put_item().table_name(TABLE).set_item(Some(item)).send().await)
}

#[tokio::test]
async fn each_fault_shows_itself_to_a_caller_that_tries_once() {
    let mut table = String::new();
    for fault in Fault::ALL {
        let single = Dynamo::new();
        single.faults().at(0, fault);
        let answer = put(&single, 1, item(&ITEM)).await;
        let transaction = Dynamo::new();
        transaction.faults().at(0, fault);
        let client = transaction.client_with_attempts(1);
        let pair = [once(&ITEM), once(&[("pk", "b"), ("sk", "1")])];
        let request = client.transact_write_items().set_transact_items(Some(pair.to_vec()));
        let answers = seen(request.send().await);
        let (one, two) = (single.items().len(), transaction.items().len());
        let mode = fault.mode();
        writeln!(table, "{mode} {fault:?}: {answer} {one}, {answers} {two}").unwrap();
    }
    expect_test::expect![[r#"
        F1 NotSent: lost 0, lost 0
        F2 AnswerLost: lost 1, lost 2
        F3 Duplicate { after: 0 }: done 1, done 2
        F3 Duplicate { after: 2 }: done 1, done 2
        F4 Throttled: ThrottlingException 0, ThrottlingException 0
        F4 Saturated: ProvisionedThroughputExceededException 0, TransactionCanceledException 0
        F5 ServerError { applied: false }: InternalServerError 0, InternalServerError 0
        F5 ServerError { applied: true }: InternalServerError 1, InternalServerError 2
        F6 Conflict: TransactionConflictException 0, TransactionCanceledException 0
        F7 TimedOut { applied: false }: late 0, late 0
        F7 TimedOut { applied: true }: late 1, late 2
        F8 Stale { writes: 1 }: done 1, done 2
        F9 Killed { applied: false }: killed 0, killed 0
        F9 Killed { applied: true }: killed 1, killed 2
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn the_clients_own_retries_get_over_what_can_be_retried() {
    let mut table = String::new();
    for fault in Fault::ALL {
        let dynamo = Dynamo::new();
        dynamo.faults().at(0, fault);
        let answer = put(&dynamo, 3, item(&ITEM)).await;
        writeln!(table, "{fault:?}: {answer} after {}", dynamo.faults().calls()).unwrap();
    }
    expect_test::expect![[r#"
        NotSent: done after 2
        AnswerLost: done after 2
        Duplicate { after: 0 }: done after 1
        Duplicate { after: 2 }: done after 1
        Throttled: done after 2
        Saturated: done after 2
        ServerError { applied: false }: done after 2
        ServerError { applied: true }: done after 2
        Conflict: TransactionConflictException after 1
        TimedOut { applied: false }: done after 2
        TimedOut { applied: true }: done after 2
        Stale { writes: 1 }: done after 1
        Killed { applied: false }: killed after 1
        Killed { applied: true }: killed after 1
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn retries_do_not_run_out_over_a_long_storm() {
    let dynamo = Dynamo::new();
    dynamo.faults().rate(3, 40, &[Fault::NotSent, Fault::Throttled, Fault::AnswerLost]);
    for _ in 0..500 {
        assert_eq!(put(&dynamo, 12, item(&ITEM)).await, "done");
    }
}

#[tokio::test]
async fn the_reasons_of_a_conflict_are_there_to_be_read() {
    let dynamo = Dynamo::new();
    dynamo.faults().at(0, Fault::Conflict);
    let request = dynamo.client().transact_write_items();
    let pair = [once(&ITEM), once(&[("pk", "b"), ("sk", "1")])];
    let sent = request.set_transact_items(Some(pair.to_vec())).send().await;
    let refused = sent.unwrap_err().into_service_error();
    let reasons = reasons(refused);
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
}

async fn add(dynamo: &Dynamo) {
    let client = dynamo.client_with_attempts(1);
    let request = client.update_item().table_name(TABLE).key("pk", text("a")).key("sk", text("1"));
    let one = AttributeValue::N("1".to_owned());
    let request = request.update_expression("ADD n :one").expression_attribute_values(":one", one);
    request.send().await.unwrap();
}

#[tokio::test]
async fn a_duplicate_is_carried_out_behind_the_answer_or_later() {
    let count = |dynamo: &Dynamo| dynamo.items()[0]["n"]["N"].as_str().unwrap().to_owned();
    let dynamo = Dynamo::new();
    dynamo.faults().at(0, Fault::Duplicate { after: 0 });
    add(&dynamo).await;
    assert_eq!(count(&dynamo), "2");

    let dynamo = Dynamo::new();
    dynamo.faults().at(0, Fault::Duplicate { after: 2 });
    put(&dynamo, 1, item(&ITEM)).await;
    seed(&dynamo, &[("pk", "a"), ("sk", "1"), ("note", "newer")]).await;
    assert_eq!(note(&dynamo, 1, true).await, Ok(Some("newer".to_owned())), "not yet");
    assert_eq!(note(&dynamo, 1, true).await, Ok(Some("new".to_owned())), "the twin came late");

    let dynamo = Dynamo::new();
    dynamo.faults().at(0, Fault::Duplicate { after: 200 });
    add(&dynamo).await;
    assert_eq!(count(&dynamo), "2", "a listing waits for every twin");
}

#[tokio::test]
async fn a_stale_read_misses_the_last_writes_and_leaves_the_table_as_it_is() {
    let dynamo = Dynamo::new();
    for text in ["one", "two", "three"] {
        seed(
            &dynamo,
            &[("pk", "a"), ("sk", "1"), ("note", text), ("gsi1pk", text), ("gsi1sk", "s")],
        )
        .await;
    }
    let before = dynamo.dump();
    let stale = |writes| {
        dynamo.faults().restart().none().at(0, Fault::Stale { writes });
    };
    for (writes, expected) in [(1, Some("two")), (2, Some("one")), (3, None), (9, None)] {
        stale(writes);
        assert_eq!(note(&dynamo, 1, false).await, Ok(expected.map(str::to_owned)), "{writes}");
    }
    stale(1);
    assert_eq!(note(&dynamo, 1, true).await, Ok(Some("three".to_owned())), "a consistent read");
    let members = |index: &'static str| {
        let query = dynamo.client().query().table_name(TABLE).index_name("gsi1");
        let query = query.key_condition_expression("gsi1pk = :pk");
        query.expression_attribute_values(":pk", text(index)).send()
    };
    stale(1);
    assert_eq!(members("two").await.unwrap().count, 1, "an index lags too");
    assert_eq!(members("two").await.unwrap().count, 0);
    assert_eq!(dynamo.dump(), before);
}

#[tokio::test]
async fn a_killed_process_fails_until_revived_while_others_live() {
    let dynamo = Dynamo::new();
    let other = dynamo.with_faults(Faults::new());
    dynamo.faults().at(1, Fault::Killed { applied: true });
    assert_eq!(put(&dynamo, 3, item(&[("pk", "a"), ("sk", "0")])).await, "done");
    assert_eq!(put(&dynamo, 3, item(&ITEM)).await, "killed");
    assert_eq!(put(&dynamo, 3, item(&[("pk", "a"), ("sk", "2")])).await, "killed");
    assert_eq!(put(&other, 3, item(&[("pk", "a"), ("sk", "3")])).await, "done");
    assert_eq!(dynamo.items().len(), 3);
    dynamo.faults().revive();
    assert_eq!(note(&dynamo, 1, true).await, Ok(Some("new".to_owned())), "it had left before");
}

#[tokio::test]
async fn a_killed_handler_is_dropped_where_it_stood() {
    for applied in [false, true] {
        let dynamo = Dynamo::new();
        dynamo.faults().at(1, Fault::Killed { applied });
        let handler = async {
            put(&dynamo, 3, item(&[("pk", "a"), ("sk", "0")])).await;
            put(&dynamo, 3, item(&ITEM)).await;
            panic!("nothing runs after the kill");
        };
        assert_eq!(dynamo.faults().survive(handler).await, None::<()>);
        assert_eq!(dynamo.items().len(), if applied { 2 } else { 1 });
    }
}

#[tokio::test]
async fn writers_interleave_so_that_a_lost_update_can_be_seen() {
    let dynamo = Dynamo::new();
    dynamo.faults().interleave(5);
    let client = dynamo.client();
    let writer = || async {
        for _ in 0..10 {
            let get = client.get_item().table_name(TABLE).key("pk", text("a")).key("sk", text("1"));
            let found = get.consistent_read(true).send().await.unwrap().item.unwrap_or_default();
            let count = found.get("n").map_or(0, |n| n.as_s().unwrap().parse::<u32>().unwrap());
            let next = item(&[("pk", "a"), ("sk", "1"), ("n", &(count + 1).to_string())]);
            client.put_item().table_name(TABLE).set_item(Some(next)).send().await.unwrap();
        }
    };
    tokio::join!(writer(), writer(), writer());
    let count: u32 = dynamo.items()[0]["n"]["S"].as_str().unwrap().parse().unwrap();
    assert!(count < 30, "no update was lost: the tasks ran one after another");
}
