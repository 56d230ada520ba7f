//! A JSON value as a type of ours, or all that keeps it from being one.

use crate::{Fault, Problem};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

// Enough to correct a request by; a hundred wrong items of a list need not all be named.
const MOST_PROBLEMS: usize = 20;

// Texts that types of ours take where no plain text will do: an id, a time, a date.
const STAND_INS: [&str; 5] = [
    "00000000-0000-7000-8000-000000000000",
    "2000-01-01T00:00:00.000Z",
    "2000-01-01",
    "09:00",
    "0",
];

/// `value` as a `T`. Deserializing stops at the first problem; here that one is noted and put out
/// of the way, and the rest is tried again, so that a caller hears of all of them at once.
pub fn shaped<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    shaped_by(value, |_| Vec::new())
}

/// The same, and what `check` finds wrong beyond the shape: told together.
pub fn shaped_by<T: DeserializeOwned>(
    value: Value,
    check: impl Fn(&T) -> Vec<Problem>,
) -> Result<T, Fault> {
    let mut value = value;
    let mut problems: Vec<Problem> = Vec::new();
    loop {
        let goes_on = match read::<T>(&value) {
            Ok(read) => {
                add(&mut problems, check(&read));
                if problems.is_empty() {
                    return Ok(read);
                }
                false
            }
            Err(misfit) => note(&mut problems, misfit, &mut value, &|value| read::<T>(value).err()),
        };
        if !goes_on {
            return Err(Fault::Invalid { problems });
        }
    }
}

/// Why a value is not read: where, in serde's steps, and in serde's words.
struct Misfit {
    at: Vec<String>,
    text: String,
}

/// The only part that is compiled for every type.
fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    serde_path_to_error::deserialize(value).map_err(|error| misfit(error.path(), error.inner()))
}

fn misfit(path: &serde_path_to_error::Path, error: &serde_json::Error) -> Misfit {
    Misfit { at: steps(path), text: error.to_string() }
}

/// Adds what was found in a value that was read. What stands in for a wrong value is no fault of the
/// caller's.
fn add(problems: &mut Vec<Problem>, found: Vec<Problem>) {
    let told = |one: &Problem| problems.iter().any(|other| overlap(one, other));
    let more: Vec<Problem> = found.into_iter().filter(|one| !told(one)).collect();
    problems.extend(more);
}

/// Notes why the value was not read, and puts that out of the way. Answers whether there is a way on.
fn note(
    problems: &mut Vec<Problem>,
    misfit: Misfit,
    value: &mut Value,
    again: &dyn Fn(&Value) -> Option<Misfit>,
) -> bool {
    let Misfit { mut at, text } = misfit;
    let missing = quoted(&text, "missing field `");
    let unknown = quoted(&text, "unknown field `");
    // Serde tells of these two from the object, where it does not name the field.
    if let Some(field) = missing.or(unknown)
        && at.last().is_none_or(|last| last != field)
    {
        at.push(field.to_owned());
    }
    let problem = if missing.is_some() {
        "is missing".to_owned()
    } else if unknown.is_some() {
        "is not known here".to_owned()
    } else {
        worded(&text)
    };
    let problem = Problem { field: written(&at), problem };
    // The same place again: a stand-in did not do. There is no way on from here.
    let stuck = problems.iter().any(|one| one.field == problem.field);
    if !stuck {
        problems.push(problem);
    }
    let moved = !stuck && put_aside(value, &at, unknown.is_some(), again);
    moved && problems.len() < MOST_PROBLEMS
}

/// Whether one is about a part of what the other is about.
fn overlap(one: &Problem, other: &Problem) -> bool {
    let within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(&one.field, &other.field) || within(&other.field, &one.field)
}

/// Takes the value at the path away if it is unknown, or puts one there that is taken.
fn put_aside(
    value: &mut Value,
    at: &[String],
    unknown: bool,
    again: &dyn Fn(&Value) -> Option<Misfit>,
) -> bool {
    let Some((last, above)) = at.split_last() else { return false };
    let Some(parent) = value.pointer_mut(&pointer(above)) else { return false };
    if unknown {
        return parent.as_object_mut().is_some_and(|fields| fields.remove(last).is_some());
    }
    let here = pointer(at);
    let mut present = true;
    if let Value::Object(fields) = parent {
        present = fields.contains_key(last);
        fields.entry(last.clone()).or_insert(Value::Null);
    }
    let mut stand_ins: Vec<Value> = STAND_INS.iter().map(|one| json!(one)).collect();
    stand_ins.extend([json!(null), json!(0), json!(false), json!([]), json!({})]);
    while let Some(stand_in) = stand_ins.pop() {
        let Some(place) = value.pointer_mut(&here) else { return false };
        *place = stand_in;
        match again(value) {
            // One of a few words: the error names them.
            Some(misfit) if misfit.at.starts_with(at) => {
                let word = misfit.text.strip_prefix("unknown variant `0`, expected ");
                stand_ins.extend(word.and_then(|text| text.split('`').nth(1)).map(Value::from));
            }
            Some(_) | None => return true,
        }
    }
    // Nothing is taken there. Without it, the fields that stand behind it are still looked at.
    let parent = value.pointer_mut(&pointer(above)).and_then(Value::as_object_mut);
    parent.is_some_and(|fields| fields.remove(last).is_some()) && present
}

fn steps(path: &serde_path_to_error::Path) -> Vec<String> {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn pointer(at: &[String]) -> String {
    at.iter()
        .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
        .collect::<Vec<_>>()
        .concat()
}

/// `notify[0].email`, and `.` for the body itself.
fn written(at: &[String]) -> String {
    let mut text = String::new();
    for step in at {
        if step.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            text.extend(["[", step, "]"]);
        } else {
            text.extend([if text.is_empty() { "" } else { "." }, step]);
        }
    }
    if text.is_empty() { ".".to_owned() } else { text.chars().take(128).collect() }
}

fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.split('`').next()
}

/// Serde's words, less the names of Rust's types and of ours.
fn worded(text: &str) -> String {
    let text = ["invalid type: ", "invalid value: ", "unknown variant "]
        .iter()
        .find_map(|before| text.strip_prefix(before))
        .map_or_else(|| text.to_owned(), |rest| format!("is {rest}"));
    let text = match text.split_once("expected ") {
        Some((before, wanted)) => format!("{before}expected {}", plain(wanted)),
        None => text,
    };
    text.chars().take(256).collect()
}

fn plain(wanted: &str) -> &str {
    match wanted {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        struct_name if struct_name.starts_with("struct ") => "an object",
        other => other,
    }
}
