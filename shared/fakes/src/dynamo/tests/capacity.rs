use super::{Dynamo, Item, TABLE, item, once, seed, text};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

async fn write_units(dynamo: &Dynamo, item: Item) -> f64 {
    dynamo.reset_counts();
    let request = dynamo.client().put_item().table_name(TABLE).set_item(Some(item));
    request.send().await.unwrap();
    dynamo.counts().write_units
}

#[tokio::test]
#[expect(clippy::float_cmp, reason = "units are multiples of a half, which floats hold exactly")]
async fn index_writes_are_counted_as_dynamodb_counts_them() {
    let dynamo = Dynamo::new();
    let plain = item(&[("pk", "a"), ("sk", "1"), ("note", "x")]);
    let with = |gsi: &str, note: &str| {
        item(&[("pk", "a"), ("sk", "1"), ("note", note), ("gsi1pk", gsi), ("gsi1sk", "s")])
    };
    let steps = [
        ("a put outside the indexes", plain.clone(), 1.0),
        ("it joins an index", with("open", "x"), 2.0),
        ("it changes what the index does not hold", with("open", "y"), 1.0),
        ("it moves within the index", with("done", "y"), 3.0),
        ("it leaves the index", plain, 2.0),
    ];
    for (step, item, units) in steps {
        assert_eq!(write_units(&dynamo, item).await, units, "{step}");
    }
    let large = "x".repeat(1500);
    let item = item(&[("pk", "a"), ("sk", "1"), ("note", &large)]);
    assert_eq!(write_units(&dynamo, item).await, 2.0, "each begun KB counts");
}

#[tokio::test]
#[expect(clippy::float_cmp, reason = "units are multiples of a half, which floats hold exactly")]
async fn a_transaction_doubles_the_table_and_not_the_index() {
    let dynamo = Dynamo::new();
    let transact = |first: &'static [(&str, &str)], token: &'static str| {
        let request = dynamo.client().transact_write_items().client_request_token(token);
        request
            .transact_items(once(first))
            .transact_items(once(&[("pk", "e"), ("sk", token)]))
            .send()
    };
    transact(&[("pk", "a"), ("sk", "1")], "one").await.unwrap();
    assert_eq!(dynamo.counts().write_units, 4.0);

    dynamo.reset_counts();
    let member = &[("pk", "b"), ("sk", "1"), ("gsi1pk", "open"), ("gsi1sk", "s")];
    transact(member, "two").await.unwrap();
    assert_eq!(dynamo.counts().write_units, 5.0);

    dynamo.reset_counts();
    transact(member, "two").await.unwrap();
    let repeated = dynamo.counts();
    assert_eq!((repeated.write_units, repeated.read_units), (0.0, 4.0), "a repeated token reads");

    dynamo.reset_counts();
    transact(member, "three").await.unwrap_err();
    let refused = dynamo.counts();
    assert_eq!((refused.write_units, refused.refused_units), (0.0, 4.0));
}

#[tokio::test]
#[expect(clippy::float_cmp, reason = "units are multiples of a half, which floats hold exactly")]
async fn reads_and_calls_are_counted() {
    let dynamo = Dynamo::new();
    seed(&dynamo, &[("pk", "a"), ("sk", "1")]).await;
    let client = dynamo.client();
    let get = client.get_item().table_name(TABLE).key("pk", text("a")).key("sk", text("1"));
    get.clone().send().await.unwrap();
    assert_eq!(dynamo.counts().read_units, 0.5);
    get.consistent_read(true).send().await.unwrap();
    assert_eq!(dynamo.counts().read_units, 1.5);
    client.scan().table_name(TABLE).send().await.unwrap();
    let counts = dynamo.counts();
    let calls: Vec<_> =
        counts.by_operation.iter().map(|(name, calls)| format!("{name} {calls}")).collect();
    assert_eq!(calls, ["GetItem 2", "PutItem 1", "Scan 1"]);
    assert_eq!(counts.scans, 1);
}

#[tokio::test]
async fn the_caller_sees_only_the_capacity_it_asked_for() {
    let dynamo = Dynamo::new();
    let put = |asked: Option<ReturnConsumedCapacity>| {
        let member = item(&[("pk", "a"), ("sk", "1"), ("gsi1pk", "open"), ("gsi1sk", "s")]);
        let request = dynamo.client().put_item().table_name(TABLE).set_item(Some(member));
        request.item("n", AttributeValue::Bool(true)).set_return_consumed_capacity(asked).send()
    };
    assert_eq!(put(None).await.unwrap().consumed_capacity, None);
    let total = put(Some(ReturnConsumedCapacity::Total)).await.unwrap().consumed_capacity.unwrap();
    assert_eq!((total.capacity_units, total.table), (Some(1.0), None));
    let full = put(Some(ReturnConsumedCapacity::Indexes)).await.unwrap().consumed_capacity.unwrap();
    assert!(full.table.is_some());
}
