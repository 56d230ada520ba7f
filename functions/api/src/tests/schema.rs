//! As much of JSON Schema as our document uses. An object takes the properties that its schema
//! lists and no others: an answer with a field that nobody described is a mistake.

use serde_json::Value;

/// All that `value` breaks of `schema`.
pub(super) fn broken(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    walk(document, schema, value, "", &mut wrong);
    wrong
}

fn walk(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let found = document.pointer(name.trim_start_matches('#'));
        return walk(document, found.unwrap_or_else(|| panic!("no {name}")), value, at, wrong);
    }
    for several in ["anyOf", "oneOf"] {
        if let Some(all) = schema.get(several).and_then(Value::as_array) {
            let fits = all.iter().filter(|one| broken(document, one, value).is_empty()).count();
            if fits == 0 || (several == "oneOf" && fits > 1) {
                wrong.push(format!("{at}: {value} fits {fits} of {several}"));
            }
        }
    }
    let mut say = |what: &str| wrong.push(format!("{at}: {value} {what}"));
    let is = match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some(other) => panic!("the type {other} is not known here"),
        None => true,
    };
    if !is {
        return say("has another type");
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        say("is none of the words");
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let length = value.as_str().map(|text| text.chars().count());
    #[expect(clippy::cast_precision_loss, reason = "texts are short")]
    let size = length.map(|length| length as f64);
    let below = |size: Option<f64>, least: &str| size.zip(bound(least)).is_some_and(|(s, b)| s < b);
    let above = |size: Option<f64>, most: &str| size.zip(bound(most)).is_some_and(|(s, b)| s > b);
    if below(size, "minLength") || above(size, "maxLength") {
        say("is too short or too long");
    }
    if below(value.as_f64(), "minimum") || above(value.as_f64(), "maximum") {
        say("is too small or too large");
    }
    members(document, schema, value, at, wrong);
}

fn members(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (index, one) in values.iter().enumerate() {
            walk(document, items, one, &format!("{at}[{index}]"), wrong);
        }
    }
    let (Some(values), Some(_)) = (value.as_object(), schema.get("type")) else { return };
    for needed in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !values.contains_key(needed.as_str().unwrap()) {
            wrong.push(format!("{at}: {needed} is missing"));
        }
    }
    for (name, one) in values {
        let at = format!("{at}.{name}");
        let listed = schema.get("properties").and_then(|all| all.get(name));
        match (listed, schema.get("additionalProperties"), schema.get("properties")) {
            (Some(listed), ..) => walk(document, listed, one, &at, wrong),
            (None, Some(any @ Value::Object(_)), _) => walk(document, any, one, &at, wrong),
            // An object of which nothing is said may hold anything.
            (None, None, None) => {}
            (None, ..) => wrong.push(format!("{at}: is not described")),
        }
    }
}

/// The properties of `schema` that `value` does not have, at any depth: of a record with every
/// field set, there are none.
pub(super) fn absent(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let mut absent = Vec::new();
    for (name, one) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        match value.get(name) {
            None => absent.push(name.clone()),
            Some(value) => {
                let below = self::absent(document, one, value);
                absent.extend(below.iter().map(|below| format!("{name}.{below}")));
            }
        }
    }
    if let (Some(items), Some(first)) = (schema.get("items"), value.get(0)) {
        absent.extend(self::absent(document, items, first));
    }
    absent
}
