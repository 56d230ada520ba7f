//! What the rules of an execution refuse, with what a caller needs to do better.

use super::{Execution, Standing, State, Unfit};
use crate::bind::Unbound;
use crate::render::Refused;

/// A rule said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not the spec that the execution was started with.
    #[error("this is not the spec that the execution was started with")]
    OtherSpec,
    /// The inputs do not fit.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Inputs(Vec<Unbound>),
    /// The runbook cannot be carried out as it is.
    #[error("the runbook {0}")]
    Unfollowable(String),
    /// A step needs an incident, and there is none.
    #[error("the step `{step}` needs an incident: start the runbook on one")]
    NeedsIncident {
        /// The step.
        step: String,
    },
    /// No such step.
    #[error("the runbook has no step `{step}`")]
    NoSuchStep {
        /// What was asked for.
        step: String,
    },
    /// The execution's state does not allow it.
    #[error("the execution is `{}`: it cannot {cannot}", state.name())]
    Execution {
        /// Its state.
        state: State,
        /// What it cannot do.
        cannot: &'static str,
    },
    /// Another step's turn.
    #[error("it is not the turn of the step `{step}`; the run stands at {}", current.as_deref().map_or("its end".to_owned(), |one| format!("`{one}`")))]
    NotItsTurn {
        /// What was asked for.
        step: String,
        /// Where the run stands.
        current: Option<String>,
    },
    /// The step's state does not allow it.
    #[error("the step `{step}` is `{}`: it cannot {cannot}", state.name())]
    Step {
        /// The step.
        step: String,
        /// Its state.
        state: Standing,
        /// What it cannot do.
        cannot: &'static str,
    },
    /// An answer to another attempt.
    #[error("the step `{step}` is in its attempt {attempt}; this belongs to {given}")]
    Attempt {
        /// The step.
        step: String,
        /// The attempt that it is in.
        attempt: u32,
        /// The one that was meant.
        given: u32,
    },
    /// The step was tried too often, or was refused for good.
    #[error("the step `{step}` is not tried again: {why}")]
    NoMoreAttempts {
        /// The step.
        step: String,
        /// Why.
        why: &'static str,
    },
    /// A step of high risk without its approval (S3-58, S3-78).
    #[error("the step `{step}` is of high risk: it needs its granted approval first")]
    ApprovalNeeded {
        /// The step.
        step: String,
    },
    /// The approval does not fit.
    #[error("the approval does not open the step `{step}`: {why}")]
    Approval {
        /// The step.
        step: String,
        /// Why.
        why: Unfit,
    },
    /// The step is done with nothing to show.
    #[error("the step `{step}` needs a reference to its evidence: {shows}")]
    EvidenceMissing {
        /// The step.
        step: String,
        /// What the evidence must show.
        shows: String,
    },
    /// No such alternative.
    #[error("`{option}` is none of the alternatives of `{step}`")]
    NoSuchOption {
        /// The step.
        step: String,
        /// What was asked for.
        option: String,
    },
    /// Another alternative was chosen before.
    #[error("`{chosen}` was chosen in `{step}` already")]
    ChosenOtherwise {
        /// The step.
        step: String,
        /// What was chosen.
        chosen: String,
    },
    /// Nothing says when the step may be let be.
    #[error("the step `{step}` is not skipped: it has no condition that may not hold")]
    Unconditional {
        /// The step.
        step: String,
    },
    /// A text is not as it must be.
    #[error("`{field}` {problem}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The record would grow beyond its bound.
    #[error("the execution's record is full: write less, and keep the rest as evidence")]
    Full,
    /// Its parameters cannot be filled in.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Parameters(Vec<Refused>),
}

/// What kind of answer a refusal asks for, for whoever turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The request itself is wrong: it will not do later either.
    Invalid,
    /// The execution stands elsewhere: read it again.
    Conflict,
    /// It takes an approval that is not there, or not this one.
    Forbidden,
    /// There is no such thing.
    NotFound,
}

impl Refusal {
    /// What kind of answer it asks for.
    pub const fn kind(&self) -> RefusalKind {
        match self {
            Self::Inputs(_)
            | Self::Unfollowable(_)
            | Self::NeedsIncident { .. }
            | Self::EvidenceMissing { .. }
            | Self::NoSuchOption { .. }
            | Self::Unconditional { .. }
            | Self::Field { .. }
            | Self::Full
            | Self::Parameters(_) => RefusalKind::Invalid,
            Self::OtherSpec
            | Self::Execution { .. }
            | Self::NotItsTurn { .. }
            | Self::Step { .. }
            | Self::Attempt { .. }
            | Self::NoMoreAttempts { .. }
            | Self::ChosenOtherwise { .. } => RefusalKind::Conflict,
            Self::ApprovalNeeded { .. } | Self::Approval { .. } => RefusalKind::Forbidden,
            Self::NoSuchStep { .. } => RefusalKind::NotFound,
        }
    }
}

impl Execution {
    pub(super) fn cannot<T>(&self, cannot: &'static str) -> Result<T, Refusal> {
        Err(Refusal::Execution { state: self.state, cannot })
    }
}
