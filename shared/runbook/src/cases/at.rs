//! Changing a value at a path.

use serde_json::Value;

/// There is nothing at this path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no `{0}`")]
pub struct NoSuchPlace(pub String);

/// A step of a path.
enum Hop<'a> {
    Field(&'a str),
    Item(usize),
}

fn hops(path: &str) -> Option<Vec<Hop<'_>>> {
    let mut hops = Vec::new();
    for part in path.split('.') {
        let (name, items) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        if !name.is_empty() {
            hops.push(Hop::Field(name));
        }
        for item in items.split('[').skip(1) {
            hops.push(Hop::Item(item.strip_suffix(']')?.parse().ok()?));
        }
    }
    Some(hops)
}

/// The value with another one at `path`, or without it. A field may be new, an item may not.
pub fn change(value: &Value, path: &str, to: Option<&Value>) -> Result<Value, NoSuchPlace> {
    let none = || NoSuchPlace(path.to_owned());
    let hops = hops(path).ok_or_else(none)?;
    let (last, way) = hops.split_last().ok_or_else(none)?;
    let mut changed = value.clone();
    let mut place = &mut changed;
    for hop in way {
        place = match hop {
            Hop::Field(name) => place.get_mut(*name),
            Hop::Item(at) => place.get_mut(*at),
        }
        .ok_or_else(none)?;
    }
    match (last, place, to) {
        (Hop::Field(name), Value::Object(fields), Some(to)) => {
            fields.insert((*name).to_owned(), to.clone());
        }
        (Hop::Field(name), Value::Object(fields), None) => {
            fields.remove(*name).ok_or_else(none)?;
        }
        (Hop::Item(at), Value::Array(items), Some(to)) => {
            *items.get_mut(*at).ok_or_else(none)? = to.clone();
        }
        (Hop::Item(at), Value::Array(items), None) if *at < items.len() => {
            items.remove(*at);
        }
        _ => return Err(none()),
    }
    Ok(changed)
}
