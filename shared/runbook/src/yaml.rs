//! Reading YAML, for the operator's tool: the part of YAML 1.2 that says the same as JSON.
//!
//! Anchors, aliases, tags, several documents and keys that are no text are refused, and so are the
//! words that YAML 1.1 took for truth values: whoever writes `no` should not have to know which
//! version reads it. What is left becomes a JSON value, and is read as one.

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Place, StrInput};
use serde_json::{Map, Number, Value};
use watchfire_domain::canon::DOOR_DEPTH;

/// A text that is not such YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct NotYaml {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

impl NotYaml {
    fn at(place: Place, problem: impl Into<String>) -> Self {
        let (line, column) = (place.start.line(), place.start.col().saturating_add(1));
        Self { line, column, problem: problem.into() }
    }
}

/// Reads one document.
pub fn read(text: &str) -> Result<Value, NotYaml> {
    if text.len() > crate::parse::LONGEST {
        let problem = format!("longer than {} bytes", crate::parse::LONGEST);
        return Err(NotYaml { line: 1, column: 1, problem });
    }
    let mut reader = Reader { events: Parser::new_from_str(text) };
    let mut document = None;
    loop {
        let (event, place) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            Event::StreamEnd => break,
            Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::MappingStart(..)
                if document.is_some() =>
            {
                return Err(NotYaml::at(place, "a second document: write one a file"));
            }
            Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::SequenceEnd
            | Event::MappingStart(..)
            | Event::MappingEnd => document = Some(reader.node(event, place, 0)?),
        }
    }
    document.ok_or_else(|| NotYaml { line: 1, column: 1, problem: "nothing in it".to_owned() })
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), NotYaml> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let mark = error.marker();
                let (line, column) = (mark.line(), mark.col().saturating_add(1));
                Err(NotYaml { line, column, problem: error.info().to_owned() })
            }
            None => Ok((Event::StreamEnd, Place::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Value, NotYaml> {
        if depth > DOOR_DEPTH {
            return Err(NotYaml::at(place, format!("nested deeper than {DOOR_DEPTH} levels")));
        }
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(anchor, tag)
            | Event::MappingStart(anchor, tag) => (*anchor, tag.is_some()),
            Event::Alias(_) => (1, false),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => (0, false),
        };
        if anchor != 0 {
            return Err(NotYaml::at(place, "anchors and aliases are not read: write it out"));
        }
        if tag {
            return Err(NotYaml::at(place, "tags are not read"));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text, place),
            Event::Scalar(text, ..) => Ok(Value::from(text.into_owned())),
            Event::SequenceStart(..) => self.sequence(depth),
            Event::MappingStart(..) => self.mapping(depth),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Alias(_)
            | Event::SequenceEnd
            | Event::MappingEnd => Err(NotYaml::at(place, "no value")),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, NotYaml> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::from(items)),
                (event, place) => items.push(self.node(event, place, depth.saturating_add(1))?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, NotYaml> {
        let mut fields = Map::new();
        loop {
            let (event, place) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Value::from(fields));
            }
            let Event::Scalar(name, _, 0, None) = event else {
                return Err(NotYaml::at(place, "a key must be a plain text"));
            };
            if fields.contains_key(name.as_ref()) {
                return Err(NotYaml::at(place, format!("the key `{name}` appears twice")));
            }
            if name == "<<" {
                return Err(NotYaml::at(place, "merge keys are not read: write it out"));
            }
            let (event, place) = self.next()?;
            let value = self.node(event, place, depth.saturating_add(1))?;
            fields.insert(name.into_owned(), value);
        }
    }
}

/// A scalar without quotes: JSON's words and numbers are those, everything else is text.
fn plain(text: &str, place: Place) -> Result<Value, NotYaml> {
    match text {
        "" | "~" | "null" => return Ok(Value::Null),
        "true" => return Ok(Value::Bool(true)),
        "false" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let old = ["yes", "no", "on", "off", "y", "n", "true", "false", "null"];
    if old.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        let problem = format!("`{text}` means different things to different readers: quote it");
        return Err(NotYaml::at(place, problem));
    }
    let signed = text.strip_prefix('-').unwrap_or(text);
    let based = ["0x", "0o", "0b"].iter().any(|base| signed.starts_with(base));
    let number = based
        || signed.bytes().next().is_some_and(|one| one.is_ascii_digit())
            && signed.bytes().all(|one| one.is_ascii_digit() || b".eE+-_xo:".contains(&one));
    match serde_json::from_str::<Number>(text) {
        Ok(number) => Ok(Value::Number(number)),
        // `010`, `0x1f`, `1_000`, `1:30`: a number to one reader and a text to the next.
        Err(_) if number && !text.contains('-') && !text.contains('.') => {
            let problem = format!("`{text}` means different things to different readers: quote it");
            Err(NotYaml::at(place, problem))
        }
        Err(_) => Ok(Value::from(text)),
    }
}
