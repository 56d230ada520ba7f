//! The strict reader: what it refuses is told with its path, before anything behind it is read.

use super::NotCanonical;
use super::trail::Trail;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads `text`, which may nest `limit` levels.
pub(super) fn parse(text: &str, limit: usize) -> Result<Value, NotCanonical> {
    let mut reading = Reading { trail: Trail::new(limit), refused: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Strict(&mut reading).deserialize(&mut reader).and_then(|value| {
        reader.end()?;
        Ok(value)
    });
    read.map_err(|source| {
        reading.refused.unwrap_or_else(|| NotCanonical::NotJson { problem: source.to_string() })
    })
}

struct Reading {
    trail: Trail,
    /// What was refused: the reader's own error has no room for it.
    refused: Option<NotCanonical>,
}

struct Strict<'a>(&'a mut Reading);

impl Strict<'_> {
    fn note<T, E: Error>(&mut self, tried: Result<T, NotCanonical>) -> Result<T, E> {
        tried.map_err(|problem| {
            let told = E::custom(&problem);
            self.0.refused = Some(problem);
            told
        })
    }

    fn number<E: Error>(mut self, number: Number) -> Result<Value, E> {
        let tried = self.0.trail.number(&number);
        self.note(tried).map(|()| Value::Number(number))
    }

    /// A new key, where the walk has come down to it.
    fn key<E: Error>(&mut self, key: &str, object: &Map<String, Value>) -> Result<(), E> {
        let trail = &self.0.trail;
        let tried = if object.contains_key(key) {
            Err(NotCanonical::DuplicateKey { path: trail.shown() })
        } else {
            trail.key(key)
        };
        self.note(tried)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.number(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.number(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        self.number(number)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let entered = self.0.trail.enter();
        self.note(entered)?;
        let mut array = Vec::new();
        loop {
            let mark = self.0.trail.down(&array.len().to_string());
            let item = items.next_element_seed(Strict(self.0))?;
            self.0.trail.up(mark);
            match item {
                Some(item) => array.push(item),
                None => break,
            }
        }
        self.0.trail.leave();
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let entered = self.0.trail.enter();
        self.note(entered)?;
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let mark = self.0.trail.down(&key);
            self.key(&key, &object)?;
            let value = fields.next_value_seed(Strict(self.0))?;
            self.0.trail.up(mark);
            object.insert(key, value);
        }
        self.0.trail.leave();
        Ok(Value::Object(object))
    }
}
