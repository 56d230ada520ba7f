//! A part of what was delivered, whatever it is.

use serde_json::Value;

static NOTHING: Value = Value::Null;

/// A part of what was delivered. What is not there, or is of another type, reads as nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a>(pub(super) &'a Value);

impl<'a> Part<'a> {
    /// The field, whether its name is written as in events or as in messages (`alarmName` and
    /// `AlarmName`).
    pub(super) fn at(self, name: &str) -> Self {
        let field = self.0.as_object().and_then(|object| {
            let other = || object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            object.get(name).or_else(|| other().map(|(_, value)| value))
        });
        Self(field.unwrap_or(&NOTHING))
    }

    /// Whether the field is there.
    pub(super) fn has(self, name: &str) -> bool {
        !self.at(name).0.is_null()
    }

    /// The text that it is, unless it is empty.
    pub(super) fn text(self) -> Option<&'a str> {
        self.0.as_str().filter(|text| !text.is_empty())
    }

    /// The list that it is.
    pub(super) fn items(self) -> Option<&'a [Value]> {
        self.0.as_array().map(Vec::as_slice)
    }

    /// Each part of the list that it is.
    pub(super) fn each(self) -> impl Iterator<Item = Part<'a>> {
        self.items().unwrap_or_default().iter().map(Part)
    }

    /// Names and their values: an object of texts, or a list of `{name, value}` or `{key, value}`.
    pub(super) fn pairs(self) -> Vec<(&'a str, &'a str)> {
        match self.0 {
            Value::Object(object) => object
                .iter()
                .filter_map(|(name, value)| Some((name.as_str(), Part(value).text()?)))
                .collect(),
            Value::Array(_) => self
                .each()
                .filter_map(|pair| {
                    let name = pair.at("name").text().or_else(|| pair.at("key").text())?;
                    Some((name, pair.at("value").text()?))
                })
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        }
    }
}
