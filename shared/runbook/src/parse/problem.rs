//! What is wrong with a text that should be a spec.

use crate::template::BadTemplate;
use std::fmt;
use watchfire_domain::canon::NotCanonical;

/// A text that is no spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// No JSON, or not one that every reader takes for the same.
    #[error(transparent)]
    NotJson(#[from] NotCanonical),
    /// Too long.
    #[error("is {bytes} bytes long, and may be {}", super::LONGEST)]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Not a spec: every reason.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Wrong(Vec<Problem>),
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path, as `steps[3].do.command.argv[0]`; empty for the whole document.
    pub path: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong with a part of a spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It must be there.
    #[error("is missing")]
    Missing,
    /// There is no such field.
    #[error("is unknown{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    Unknown {
        /// A known one that looks like it.
        near: Option<String>,
    },
    /// Another type.
    #[error("must be {want}")]
    Type {
        /// What it must be.
        want: String,
    },
    /// None of the allowed words.
    #[error("must be one of {}", words(choices))]
    Choice {
        /// The allowed words.
        choices: Vec<String>,
    },
    /// Not exactly one of several fields.
    #[error("must have exactly one of {}", words(choices))]
    OneOf {
        /// The fields.
        choices: Vec<String>,
    },
    /// Too long, too short, too many, too few, too large, too small.
    #[error("must {bound}")]
    Bound {
        /// What it must, with its verb.
        bound: String,
    },
    /// Not of the form.
    #[error("must have the form `{pattern}`")]
    Form {
        /// The form, as a regular expression.
        pattern: String,
    },
    /// In a list that has each once.
    #[error("stands there twice")]
    Twice,
    /// No template.
    #[error(transparent)]
    Template(#[from] BadTemplate),
    /// A template where none is filled in.
    #[error("is taken as it stands: variables are not filled in here")]
    NoTemplateHere,
    /// Something else.
    #[error("{0}")]
    Other(String),
}

impl Problem {
    /// A problem at `path`.
    pub fn new(path: impl Into<String>, wrong: Wrong) -> Self {
        Self { path: path.into(), wrong }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(out, "the document {}", self.wrong),
            path => write!(out, "`{path}` {}", self.wrong),
        }
    }
}

fn words(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
