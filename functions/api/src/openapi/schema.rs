//! Small words to write JSON Schema with (draft 2020-12, as OpenAPI 3.1 takes it).

use serde_json::{Map, Value, json};

/// A field of an object.
pub(super) struct Field {
    name: &'static str,
    schema: Value,
    needed: bool,
}

/// A field that is always there.
pub(super) fn need(name: &'static str, schema: Value) -> Field {
    Field { name, schema, needed: true }
}

/// A field that may be left out.
pub(super) fn may(name: &'static str, schema: Value) -> Field {
    Field { name, schema, needed: false }
}

fn fields(about: &str, fields: impl IntoIterator<Item = Field>) -> Map<String, Value> {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in fields {
        if field.needed {
            required.push(field.name);
        }
        properties.insert(field.name.to_owned(), field.schema);
    }
    let mut object = Map::new();
    object.insert("type".into(), json!("object"));
    object.insert("description".into(), json!(about));
    if !required.is_empty() {
        object.insert("required".into(), json!(required));
    }
    object.insert("properties".into(), Value::Object(properties));
    object
}

/// An object that we answer with: it may learn more fields.
pub(super) fn answer<const N: usize>(about: &str, all: [Field; N]) -> Value {
    Value::Object(fields(about, all))
}

/// An object that we are sent: what is not listed is refused.
pub(super) fn body<const N: usize>(about: &str, all: [Field; N]) -> Value {
    let mut object = fields(about, all);
    object.insert("additionalProperties".into(), json!(false));
    Value::Object(object)
}

/// The schema of this name.
pub(super) fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// `schema`, with what it is about.
pub(super) fn about(text: &str, mut schema: Value) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert("description".into(), json!(text));
    }
    schema
}

/// `schema`, with what it is if nothing is said.
pub(super) fn or(default: impl Into<Value>, mut schema: Value) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert("default".into(), default.into());
    }
    schema
}

/// Any text.
pub(super) fn string() -> Value {
    json!({ "type": "string" })
}

/// A text of so many characters.
pub(super) fn text(least: u32, most: u32) -> Value {
    json!({ "type": "string", "minLength": least, "maxLength": most })
}

/// A text of this form.
pub(super) fn form(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

/// One of these words.
pub(super) fn words(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// A moment.
pub(super) fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A whole number within bounds.
pub(super) fn whole(least: i64, most: u64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

/// A count: no reader of JSON tells larger numbers apart.
pub(super) fn count(least: i64) -> Value {
    whole(least, 9_007_199_254_740_991)
}

/// True or false.
pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// A list.
pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// Text by text.
pub(super) fn labels() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

/// The schema, or null.
pub(super) fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// A SHA-256, in hex.
pub(super) fn digest() -> Value {
    form("^[0-9a-f]{64}$")
}

/// The beginning of a text.
pub(super) fn excerpt(about: &str) -> Value {
    let whole = |said: &str, schema| self::about(said, schema);
    answer(
        about,
        [
            need("text", string()),
            need("sha256", whole("Of the whole.", digest())),
            need("bytes", whole("Of the whole.", count(0))),
            may("cut", whole("Whether `text` ends before the whole does.", flag())),
            may("redacted", whole("Whether a secret was taken out of `text`.", flag())),
        ],
    )
}

/// An incident's id.
pub(super) fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// An environment's id.
pub(super) fn environment_id() -> Value {
    form("^env-[0-9a-f]{32}-[0-9]{1,5}$")
}

/// An approval's id.
pub(super) fn approval_id() -> Value {
    form("^apr-[0-9a-f]{32}-[0-9]{1,5}$")
}

/// An integration's id.
pub(super) fn integration_id() -> Value {
    form("^int_[a-z2-7]{16}$")
}

/// A tenant's name.
pub(super) fn tenant() -> Value {
    form("^[A-Za-z0-9._-]{1,64}$")
}
