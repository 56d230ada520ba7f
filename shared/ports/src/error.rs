//! How the world can fail us.

/// An error of a dependency, in words; the adapter's own error is its source.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// What was asked for does not exist.
    #[error("{what} does not exist")]
    NotFound {
        /// What.
        what: String,
    },
    /// It is there already, or changed meanwhile.
    #[error("{what} is in the way while {doing}")]
    Conflict {
        /// What is in the way: an id where there is one.
        what: String,
        /// What we were doing.
        doing: &'static str,
    },
    /// The dependency is down, slow or throttling: trying again may help.
    #[error("{service} is unavailable while {doing}")]
    Unavailable {
        /// The dependency.
        service: &'static str,
        /// What we were doing.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The dependency said no, and will say it again.
    #[error("{service} refused while {doing}: {reason}")]
    Refused {
        /// The dependency.
        service: &'static str,
        /// What we were doing.
        doing: &'static str,
        /// Its words, without secrets.
        reason: String,
    },
    /// What it holds cannot be read.
    #[error("what {service} holds cannot be read while {doing}: {reason}")]
    Corrupt {
        /// The dependency.
        service: &'static str,
        /// What we were doing.
        doing: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl PortError {
    /// Whether trying again may help.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::Refused { .. }
            | Self::Corrupt { .. } => false,
        }
    }
}
