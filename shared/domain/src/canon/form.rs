//! Whether a value's usual text is its canonical one.

use super::{is_exact, is_reserved};
use serde_json::{Map, Value};

/// How a value that may be written is written: as the most demanding of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// As `serde_json` writes it: it escapes what RFC 8785, section 3.2.2.2, escapes, and as that
    /// does.
    Usual,
    /// Numbers with a fraction have a form of their own there (section 3.2.2.3), and keys are in
    /// the order of their UTF-16 units (section 3.2.3).
    Other,
}

/// The form of `value`, which may nest `room` levels. None if it may not be written.
pub(super) fn of(value: &Value, room: usize) -> Option<Form> {
    match value {
        Value::Number(number) if !is_exact(number) => None,
        Value::Number(number) if number.is_f64() => Some(Form::Other),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Number(_) => Some(Form::Usual),
        Value::Array(items) => {
            let room = room.checked_sub(1)?;
            items.iter().try_fold(Form::Usual, |form, item| Some(form.max(of(item, room)?)))
        }
        Value::Object(fields) => object(fields, room.checked_sub(1)?),
    }
}

fn object(fields: &Map<String, Value>, room: usize) -> Option<Form> {
    fields.iter().try_fold(Form::Usual, |form, (key, value)| {
        // The map keeps its keys in order, and in ASCII the order by UTF-8 is that by UTF-16.
        let own = match key {
            _ if is_reserved(key) => return None,
            _ if key.is_ascii() => Form::Usual,
            _ => Form::Other,
        };
        Some(form.max(own).max(of(value, room)?))
    })
}
