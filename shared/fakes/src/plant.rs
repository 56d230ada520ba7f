//! Bugs that are planted on purpose: a guard of the product is taken off its requests, to see that a
//! test misses it. `WATCHFIRE_PLANT` names the guard; without it nothing is planted.
//!
//! - `EV: attribute_not_exists(pk)`: this condition of writes to such items
//! - `GetItem: ConsistentRead`: what makes such a read see the newest
//! - `ecs:RunTask: clientToken` and its like: the token or name by which a service knows a repeat

use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The variable that names the guard.
const PLANT: &str = "WATCHFIRE_PLANT";

#[expect(clippy::disallowed_methods, reason = "a planted bug is no setting of ours")]
static PLANTED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var(PLANT).ok());

/// Whether this guard is gone.
pub(crate) fn is(guard: &str) -> bool {
    PLANTED.as_deref() == Some(guard)
}

/// The request as a product would send it that lacks the planted guard.
pub(crate) fn spoilt(operation: &str, mut body: Value) -> Value {
    let Some((what, guard)) = PLANTED.as_deref().and_then(|one| one.split_once(": ")) else {
        return body;
    };
    if what == operation {
        strike(&mut body, guard);
    }
    if let Some(parts) = body.get_mut("TransactItems").and_then(Value::as_array_mut) {
        parts.retain_mut(|part| {
            let Some((kind, ask)) = part.as_object_mut().and_then(|part| part.iter_mut().next())
            else {
                return true;
            };
            // A check that checks nothing is no part of a transaction.
            !(unguarded(ask, what, guard) && kind == "ConditionCheck")
        });
    } else {
        unguarded(&mut body, what, guard);
    }
    body
}

/// Takes the member off, wherever it stands.
fn strike(value: &mut Value, member: &str) {
    match value {
        Value::Object(members) => {
            members.remove(member);
            members.values_mut().for_each(|value| strike(value, member));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strike(item, member)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes the condition off a write of such an item; whether it had it.
fn unguarded(ask: &mut Value, item: &str, condition: &str) -> bool {
    let Some(ask) = ask.as_object_mut() else { return false };
    let has = ask.get("ConditionExpression").and_then(Value::as_str) == Some(condition);
    if !has || kind(ask).as_deref() != Some(item) {
        return false;
    }
    ask.remove("ConditionExpression");
    ask.remove("ReturnValuesOnConditionCheckFailure");
    let update = ask.get("UpdateExpression").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(values) = ask.get_mut("ExpressionAttributeValues").and_then(Value::as_object_mut) {
        // DynamoDB refuses values that nothing uses.
        values.retain(|name, _| {
            let mut words = update.split(|one: char| !(one.is_alphanumeric() || one == ':'));
            words.any(|word| word == name)
        });
        if values.is_empty() {
            ask.remove("ExpressionAttributeValues");
        }
    }
    true
}

/// What sort of item a write is about: `META`, `EV`, `ALARM`, `IDEM`.
fn kind(ask: &Map<String, Value>) -> Option<String> {
    let key = ask.get("Key").or_else(|| ask.get("Item"))?;
    let text = |name: &str| key.get(name)?.get("S")?.as_str();
    let pk: Vec<&str> = text("pk")?.split('#').collect();
    let first = |text: &str| text.split('#').next().map(str::to_owned);
    match pk.as_slice() {
        ["T", _, "INC", ..] => first(text("sk")?),
        ["T", _, kind, ..] | [kind, ..] => Some((*kind).to_owned()),
        [] => None,
    }
}
