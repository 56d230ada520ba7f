//! Whether a value has the shape that the published schema describes.
//!
//! The schema is what editors and other tools check against, so that it is what the reader checks
//! against too: one that drifted would be noticed here. Of JSON Schema it knows the words that the
//! schema uses; `every_word_of_the_schema_is_known` says so.

use super::problem::{Problem, Wrong};
use crate::Span;
use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Every way in which `value` is not as `schema` says.
pub(super) fn check(
    schema: &Value,
    forms: &BTreeMap<String, Regex>,
    value: &Value,
) -> Vec<Problem> {
    let mut shape = Shape { root: schema, forms, problems: Vec::new() };
    shape.fits(schema, value, "");
    shape.problems
}

/// Every pattern of a schema.
pub(super) fn forms(schema: &Value, into: &mut BTreeMap<String, Regex>) {
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && let Ok(regex) = Regex::new(pattern)
    {
        into.insert(pattern.to_owned(), regex);
    }
    let inner = schema.as_object().into_iter().flat_map(Map::values);
    inner.chain(schema.as_array().into_iter().flatten()).for_each(|one| forms(one, into));
}

struct Shape<'a> {
    root: &'a Value,
    forms: &'a BTreeMap<String, Regex>,
    problems: Vec<Problem>,
}

impl<'a> Shape<'a> {
    fn say(&mut self, path: &str, wrong: Wrong) {
        self.problems.push(Problem::new(path, wrong));
    }

    fn fits(&mut self, schema: &'a Value, value: &Value, path: &str) {
        // `true` allows all.
        let Some(schema) = schema.as_object() else { return };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            // The type itself reads it; its pattern would tell a reader nothing.
            if name == "#/$defs/Span" {
                return self.span(value, path);
            }
            let root = self.root;
            if let Some(target) = root.pointer(name.trim_start_matches('#')) {
                self.fits(target, value, path);
            }
        }
        if let Some(options) = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(*word)) {
            self.one_of(options.as_array().map_or(&[], Vec::as_slice), value, path);
        }
        if let Some(types) = schema.get("type").filter(|types| !has_type(types, value)) {
            return self.say(path, Wrong::Type { want: named(types) });
        }
        let words = schema.get("enum").and_then(Value::as_array);
        if let Some(words) = words.filter(|words| !words.contains(value)) {
            let choices = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            return self.say(path, Wrong::Choice { choices });
        }
        match value {
            Value::Object(fields) => self.object(schema, fields, path),
            Value::Array(items) => self.array(schema, items, path),
            Value::String(text) => self.text(schema, text, path),
            Value::Number(number) => self.number(schema, number.as_f64(), path),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn span(&mut self, value: &Value, path: &str) {
        if value.as_str().is_none_or(|text| text.parse::<Span>().is_err()) {
            let want = "a length of time with its unit, as `30s`, `5m` or `2h`".to_owned();
            self.say(path, Wrong::Type { want });
        }
    }

    fn one_of(&mut self, options: &'a [Value], value: &Value, path: &str) {
        let is_null = |option: &&Value| option.get("type") == Some(&Value::from("null"));
        if value.is_null() && options.iter().any(|option| is_null(&option)) {
            return;
        }
        let options: Vec<&'a Value> = options.iter().filter(|option| !is_null(option)).collect();
        let words: Vec<String> = options
            .iter()
            .filter_map(|option| option.get("const")?.as_str().map(str::to_owned))
            .collect();
        if words.len() == options.len() {
            if !value.as_str().is_some_and(|text| words.iter().any(|word| word == text)) {
                self.say(path, Wrong::Choice { choices: words });
            }
            return;
        }
        let tags: Vec<(&'a String, &'a Value)> = options
            .iter()
            .filter_map(|option| option.get("properties")?.as_object()?.iter().next())
            .collect();
        if tags.len() == options.len() {
            return self.tagged(&tags, value, path);
        }
        if let [only] = options.as_slice() {
            self.fits(only, value, path);
        }
    }

    /// An object whose one key says what it is.
    fn tagged(&mut self, tags: &[(&'a String, &'a Value)], value: &Value, path: &str) {
        let one = value.as_object().filter(|fields| fields.len() == 1);
        let found = one.and_then(|fields| fields.iter().next()).and_then(|(key, inner)| {
            tags.iter().find(|(tag, _)| *tag == key).map(|(_, schema)| (key, *schema, inner))
        });
        if let Some((key, schema, inner)) = found {
            self.fits(schema, inner, &below(path, key));
        } else {
            let choices = tags.iter().map(|(tag, _)| (*tag).clone()).collect();
            self.say(path, Wrong::OneOf { choices });
        }
    }

    fn object(&mut self, schema: &'a Map<String, Value>, fields: &Map<String, Value>, path: &str) {
        let known = schema.get("properties").and_then(Value::as_object);
        let more = schema.get("additionalProperties");
        for (name, value) in fields {
            let path = below(path, name);
            match (known.and_then(|known| known.get(name)), more) {
                (None, Some(Value::Bool(false))) => {
                    let names = known.into_iter().flat_map(Map::keys);
                    let near = names.filter(|known| is_near(known, name)).min().cloned();
                    self.say(&path, Wrong::Unknown { near });
                }
                (Some(schema), _) | (None, Some(schema)) => self.fits(schema, value, &path),
                (None, None) => {}
            }
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str().filter(|name| !fields.contains_key(*name)) {
                self.say(&below(path, name), Wrong::Missing);
            }
        }
    }

    fn array(&mut self, schema: &'a Map<String, Value>, items: &[Value], path: &str) {
        let length = u64::try_from(items.len()).ok();
        self.within(schema, ["minItems", "maxItems"], length, "items", path);
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            for (at, item) in items.iter().enumerate() {
                if items.iter().take(at).any(|other| other == item) {
                    self.say(&format!("{path}[{at}]"), Wrong::Twice);
                }
            }
        }
        if let Some(each) = schema.get("items") {
            for (at, item) in items.iter().enumerate() {
                self.fits(each, item, &format!("{path}[{at}]"));
            }
        }
    }

    fn text(&mut self, schema: &'a Map<String, Value>, text: &str, path: &str) {
        let length = u64::try_from(text.chars().count()).ok();
        self.within(schema, ["minLength", "maxLength"], length, "characters", path);
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && !self.forms.get(pattern).is_some_and(|form| form.is_match(text))
        {
            self.say(path, Wrong::Form { pattern: pattern.to_owned() });
        }
    }

    fn number(&mut self, schema: &'a Map<String, Value>, number: Option<f64>, path: &str) {
        let Some(number) = number else { return };
        let bound = |word: &str| schema.get(word).and_then(Value::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.say(path, Wrong::Bound { bound: format!("be at least {least}") });
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.say(path, Wrong::Bound { bound: format!("be at most {most}") });
        }
    }

    fn within(
        &mut self,
        schema: &'a Map<String, Value>,
        words: [&str; 2],
        length: Option<u64>,
        unit: &str,
        path: &str,
    ) {
        let Some(length) = length else { return };
        let [least, most] = words.map(|word| schema.get(word).and_then(Value::as_u64));
        if let Some(least) = least.filter(|least| length < *least) {
            let bound = match least {
                1 => "not be empty".to_owned(),
                _ => format!("have at least {least} {unit}"),
            };
            self.say(path, Wrong::Bound { bound });
        }
        if let Some(most) = most.filter(|most| length > *most) {
            self.say(path, Wrong::Bound { bound: format!("have at most {most} {unit}") });
        }
    }
}

fn below(path: &str, name: &str) -> String {
    let name = crate::words::clipped(name, 64);
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

fn has_type(types: &Value, value: &Value) -> bool {
    let is = |word: &str| match value {
        Value::Null => word == "null",
        Value::Bool(_) => word == "boolean",
        Value::Number(number) => word == "number" || word == "integer" && !number.is_f64(),
        Value::String(_) => word == "string",
        Value::Array(_) => word == "array",
        Value::Object(_) => word == "object",
    };
    match types.as_array() {
        Some(types) => types.iter().filter_map(Value::as_str).any(is),
        None => types.as_str().is_none_or(is),
    }
}

fn named(types: &Value) -> String {
    let first = types.as_str().or_else(|| types.get(0).and_then(Value::as_str));
    match first.unwrap_or_default() {
        "string" => "a text: put it in quotes",
        "integer" => "a whole number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "an object",
        _ => "of another type",
    }
    .to_owned()
}

/// Whether one is the other with a letter more, less or other, or two swapped.
fn is_near(known: &str, written: &str) -> bool {
    let (mut known, mut written) = (known.chars().peekable(), written.chars().peekable());
    while known.peek().is_some() && known.peek() == written.peek() {
        (_, _) = (known.next(), written.next());
    }
    let (known, written): (String, String) = (known.collect(), written.collect());
    let tail = |text: &str, cut: usize| text.chars().skip(cut).collect::<String>();
    [(1, 0), (0, 1), (1, 1), (2, 2)].into_iter().any(|(a, b)| tail(&known, a) == tail(&written, b))
}
