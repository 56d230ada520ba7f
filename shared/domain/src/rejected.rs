//! What the rules refuse, with what a caller needs to do better.

use crate::{Severity, Status, Timestamp};

/// A rule said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// No such transition.
    #[error("an incident cannot go from `{}` to `{}`", from.name(), to.name())]
    Transition {
        /// Where it stands.
        from: Status,
        /// Where it should go.
        to: Status,
    },
    /// A reason must be given.
    #[error("{what} needs a rationale")]
    RationaleMissing {
        /// What was asked.
        what: &'static str,
    },
    /// The severity is that already.
    #[error("the severity is `{}` already", severity.name())]
    SeveritySame {
        /// The severity.
        severity: Severity,
    },
    /// A closed incident takes no more changes.
    #[error("the incident is closed")]
    Closed,
    /// The environment's state does not allow it.
    #[error("the environment is `{state}`: it cannot {cannot}")]
    Environment {
        /// Its state.
        state: &'static str,
        /// What it cannot do.
        cannot: &'static str,
    },
    /// A task runs already.
    #[error("task `{task}` runs already")]
    Running {
        /// Its ARN.
        task: String,
    },
    /// Tasks still live.
    #[error("{} of the environment's tasks still live: {}", tasks.len(), tasks.join(", "))]
    Alive {
        /// Their ARNs.
        tasks: Vec<String>,
    },
    /// Nobody could ever grant it.
    #[error("{reachable} approvers can be asked, and {need} are needed")]
    NoApprovers {
        /// How many are needed.
        need: u8,
        /// How many remain after exclusions.
        reachable: usize,
    },
    /// Nobody is told of a question.
    #[error("no approver can be asked: no mail is sent (`MailFrom`)")]
    NoSender,
    /// Whose agreement is needed agrees too late.
    #[error("the question ends at {ends}, and the hours of its approvers begin at {opens}")]
    NoHours {
        /// When those who could agree in time the least may agree.
        opens: Timestamp,
        /// When the question ends.
        ends: Timestamp,
    },
    /// Whoever is asked agrees at another time of the day.
    #[error("this approver agrees within certain hours, which begin again at {opens}")]
    OutsideHours {
        /// When they begin again.
        opens: Timestamp,
    },
    /// The approval is decided.
    #[error("the approval is `{state}` already")]
    Decided {
        /// Its state.
        state: &'static str,
    },
    /// The approval was superseded: what it was about is asked anew.
    #[error("a newer question took its place: this one is answered no more")]
    Superseded,
    /// The approver answered already, and differently.
    #[error("this approver answered already")]
    AnsweredOtherwise,
    /// Not one of the approvers, or excluded.
    #[error("not an approver of this request")]
    NotApprover,
    /// An override was reviewed already.
    #[error("the override was reviewed already, and otherwise")]
    Reviewed,
    /// Who had a part in an override does not review it.
    #[error("whoever went ahead, or has a part in the step, does not review it")]
    OwnOverride,
    /// The approval's time is over.
    #[error("the approval has expired")]
    Expired,
    /// The link is of an earlier generation or another subject.
    #[error("the link is no longer valid")]
    LinkStale,
    /// The typed code is not the approval's.
    #[error("the code is not the one of this request")]
    WrongCode,
    /// What is dangerous is not granted by a link alone.
    #[error("this is of high risk: sign in as the approver whom the link was sent to, to grant it")]
    SignInNeeded,
    /// A field is not as it must be.
    #[error("`{field}` {problem}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}
