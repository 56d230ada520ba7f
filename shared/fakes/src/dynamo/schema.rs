//! The table of the template, and its time to live.

use super::actions;
use super::answer::Refusal;
use dynoxide::Database;
use serde_json::{Value, json};

pub(super) const TABLE: &str = "watchfire";

/// The attributes that make up a primary key.
pub(super) const KEY: [&str; 2] = ["pk", "sk"];

pub(super) fn create(database: &Database) -> Result<(), Refusal> {
    let attributes = ["pk", "sk", "gsi1pk", "gsi1sk", "duepk", "duesk"];
    let attributes = attributes.map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    let request = actions::request(&json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            index("gsi1", keys("gsi1pk", "gsi1sk")),
            index("due", keys("duepk", "duesk")),
        ],
    }))?;
    database.create_table(request)?;
    let request = actions::request(&json!({
        "TableName": TABLE,
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
    }))?;
    database.update_time_to_live(request)?;
    Ok(())
}

fn keys(hash: &str, range: &str) -> Value {
    json!([
        {"AttributeName": hash, "KeyType": "HASH"},
        {"AttributeName": range, "KeyType": "RANGE"},
    ])
}

fn index(name: &str, keys: Value) -> Value {
    json!({"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "KEYS_ONLY"}})
}
