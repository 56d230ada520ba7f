//! What was decided, and why.

use crate::obligation::{ENGINE, Obligation};

/// An answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Everything required was met.
    Allow {
        /// What was required and met.
        satisfied: Vec<Obligation>,
    },
    /// Something required was not met, or could not be judged.
    Deny {
        /// What was not met; `engine` alone if the engine failed.
        missing: Vec<Obligation>,
        /// What was required and met.
        satisfied: Vec<Obligation>,
        /// Whether the engine failed, which is counted apart from a refusal.
        engine_error: bool,
        /// What the engine said when it failed: for the log, never for the caller.
        detail: Option<String>,
    },
}

impl Decision {
    pub(crate) fn failed(detail: impl std::fmt::Display) -> Self {
        let detail = Some(detail.to_string());
        Self::Deny { missing: vec![ENGINE], satisfied: Vec::new(), engine_error: true, detail }
    }

    /// Whether the action may go ahead.
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Allow { .. } => true,
            Self::Deny { .. } => false,
        }
    }

    /// What was not met; empty exactly if the action is allowed.
    pub fn missing(&self) -> &[Obligation] {
        match self {
            Self::Allow { .. } => &[],
            Self::Deny { missing, .. } => missing,
        }
    }

    /// What was required and met.
    pub fn satisfied(&self) -> &[Obligation] {
        match self {
            Self::Allow { satisfied } | Self::Deny { satisfied, .. } => satisfied,
        }
    }

    /// Whether the engine failed: counted and alarmed on apart from refusals.
    pub fn is_engine_error(&self) -> bool {
        match self {
            Self::Allow { .. } => false,
            Self::Deny { engine_error, .. } => *engine_error,
        }
    }

    /// Whether the record is none of the caller's business, and so must look absent.
    pub fn is_foreign(&self) -> bool {
        self.missing().iter().any(|obligation| obligation.code == "tenant")
    }
}
