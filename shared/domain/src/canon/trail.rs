//! A walk over JSON that knows where it is, and what it will not take.

use super::{NotCanonical, is_exact, is_reserved};
use serde_json::{Number, Value};

/// Where a walk is: a JSON pointer that grows and shrinks.
pub(super) struct Trail {
    path: String,
    depth: usize,
    limit: usize,
}

/// How long the path was one step further up.
pub(super) struct Mark(usize);

impl Trail {
    pub(super) fn new(limit: usize) -> Self {
        Self { path: String::new(), depth: 0, limit }
    }

    /// Goes into an array or object.
    pub(super) fn enter(&mut self) -> Result<(), NotCanonical> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.limit {
            return Err(NotCanonical::TooDeep { path: self.shown(), limit: self.limit });
        }
        Ok(())
    }

    /// Comes out of it.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Goes down to a key or place.
    pub(super) fn down(&mut self, step: &str) -> Mark {
        let mark = Mark(self.path.len());
        self.path.push('/');
        self.path.push_str(&step.replace('~', "~0").replace('/', "~1"));
        mark
    }

    /// Comes back up.
    pub(super) fn up(&mut self, mark: Mark) {
        self.path.truncate(mark.0);
    }

    /// Whether there may be such a key here, where the walk has come down to it.
    pub(super) fn key(&self, key: &str) -> Result<(), NotCanonical> {
        if is_reserved(key) {
            Err(NotCanonical::ReservedKey { path: self.shown() })
        } else {
            Ok(())
        }
    }

    /// Whether there may be such a number.
    pub(super) fn number(&self, number: &Number) -> Result<(), NotCanonical> {
        if is_exact(number) { Ok(()) } else { Err(NotCanonical::Number { path: self.shown() }) }
    }

    /// The path for a message: its ends, if it is long.
    pub(super) fn shown(&self) -> String {
        const ENDS: usize = 60;
        let length = self.path.chars().count();
        if length <= ENDS.saturating_mul(2) {
            return self.path.clone();
        }
        let head: String = self.path.chars().take(ENDS).collect();
        let tail: String = self.path.chars().skip(length.saturating_sub(ENDS)).collect();
        format!("{head}…{tail}")
    }
}

/// Looks through a value that is in memory already.
pub(super) fn walk(value: &Value, trail: &mut Trail) -> Result<(), NotCanonical> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => {}
        Value::Number(number) => trail.number(number)?,
        Value::Array(items) => {
            trail.enter()?;
            for (at, item) in items.iter().enumerate() {
                let mark = trail.down(&at.to_string());
                walk(item, trail)?;
                trail.up(mark);
            }
            trail.leave();
        }
        Value::Object(fields) => {
            trail.enter()?;
            for (key, field) in fields {
                let mark = trail.down(key);
                trail.key(key)?;
                walk(field, trail)?;
                trail.up(mark);
            }
            trail.leave();
        }
    }
    Ok(())
}
