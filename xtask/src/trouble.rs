//! What went wrong, in words, and what to do about it.

use std::fmt;

/// The outcome of something that makes nothing.
pub(crate) type Done = Result<(), Trouble>;

/// Something that went wrong.
#[derive(Debug)]
pub(crate) struct Trouble {
    what: String,
    advice: Option<String>,
}

impl Trouble {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), advice: None }
    }

    /// Adds what to do about it.
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        match &self.advice {
            Some(advice) => write!(out, "\n  -> {advice}"),
            None => Ok(()),
        }
    }
}

/// Says what was being done when an error came up.
pub(crate) trait Doing<T> {
    fn doing(self, what: &str) -> Result<T, Trouble>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: &str) -> Result<T, Trouble> {
        self.map_err(|error| Trouble::new(format!("{what}: {error}")))
    }
}

impl<T> Doing<T> for Option<T> {
    fn doing(self, what: &str) -> Result<T, Trouble> {
        self.ok_or_else(|| Trouble::new(what))
    }
}
