//! What goes wrong while measuring.

use std::io;

/// Why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Something did not happen in time.
    #[error("gave up after {seconds} s: {what}")]
    Late {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// What was measured did not behave.
    #[error("{0}")]
    Odd(String),
}

/// Says what was being done when the system refused.
pub trait Doing<T> {
    /// Names it.
    fn doing(self, what: &str) -> Result<T, Trouble>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &str) -> Result<T, Trouble> {
        self.map_err(|source| Trouble::Io { doing: what.to_owned(), source })
    }
}

/// A [`Trouble::Odd`] of these words.
pub fn odd(words: impl Into<String>) -> Trouble {
    Trouble::Odd(words.into())
}
