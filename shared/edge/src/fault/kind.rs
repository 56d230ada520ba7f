//! The table of faults: one row each. What stands here is a promise to callers, to state machines
//! and to alarms; a row may be added, none may change its meaning.

use serde_json::{Value, json};
use watchfire_domain::Rejected;
use watchfire_ports::PortError;

/// What a kind of fault looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The stable name, as state machines match it.
    pub name: &'static str,
    /// The stable code, as documents name it.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Whether the same request, unchanged, may succeed later.
    pub retryable: bool,
    /// What the caller reads if there is nothing more precise that it may know.
    pub text: &'static str,
}

impl Row {
    /// The address of its page.
    pub fn help(&self) -> String {
        let code = self.code;
        format!("{}/blob/main/docs/errors/{code}.md", env!("CARGO_PKG_REPOSITORY"))
    }
}

const fn once(name: &'static str, code: &'static str, status: u16, text: &'static str) -> Row {
    Row { name, code, status, retryable: false, text }
}

const fn again(name: &'static str, code: &'static str, status: u16, text: &'static str) -> Row {
    Row { name, code, status, retryable: true, text }
}

macro_rules! kinds {
    ($($kind:ident = $row:expr,)+) => {
        /// The kinds of faults.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = concat!("See [`Kind::row`], `", stringify!($kind), "`.")] $kind,)+
        }

        impl Kind {
            /// All of them, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// Its row of the table.
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$kind => $row,)+
                }
            }
        }

        pub(super) const fn names() -> [&'static str; Kind::ALL.len()] {
            [$(Kind::$kind.row().name,)+]
        }
    };
}

kinds! {
    Malformed = once("Request.Malformed", "WF-0001", 400, "the request cannot be read"),
    Invalid = once("Request.Invalid", "WF-0002", 422, "some fields are not as they must be"),
    TooLarge = once("Request.TooLarge", "WF-0003", 413, "the request is too large"),
    Unauthenticated = once("Request.Unauthenticated", "WF-0004", 401, "sign in first: there is no valid token or signature"),
    Denied = once("Policy.Denied", "WF-0005", 403, "the policy does not allow it"),
    NotFound = once("Record.NotFound", "WF-0006", 404, "no such record"),
    Conflict = again("Incident.Conflict", "WF-0007", 409, "the incident was changed by others meanwhile: try again"),
    Stale = once("Request.Stale", "WF-0008", 412, "the record has another version than `If-Match` says: read it again"),
    KeyReused = once("Idempotency.KeyReused", "WF-0009", 422, "the idempotency key was used for another request: take a new one"),
    MethodNotAllowed = once("Request.MethodNotAllowed", "WF-0010", 405, "the method is not allowed here"),
    ConditionMissing = once("Request.ConditionMissing", "WF-0011", 428, "say in `If-Match` which version you change"),
    Forged = once("Request.Forged", "WF-0012", 403, "open the page again, and send the form from there"),
    Transition = once("Incident.Transition", "WF-0013", 409, "the incident cannot go there from where it stands"),
    IncidentClosed = once("Incident.Closed", "WF-0014", 409, "the incident is closed"),
    EnvironmentState = once("Environment.State", "WF-0015", 409, "the environment's state does not allow it"),
    Running = once("Environment.Running", "WF-0016", 409, "a task runs already"),
    Alive = once("Environment.Alive", "WF-0017", 409, "some tasks of the environment still live"),
    SlotTaken = once("Environment.SlotTaken", "WF-0018", 409, "this cluster and number have an environment that is not closed, or belong to others: choose another number"),
    EnvironmentClosed = once("Environment.Closed", "WF-0019", 409, "the environment is closed, or a newer attempt drives it"),
    LaunchFailed = once("Environment.LaunchFailed", "WF-0020", 502, "the task did not come up"),
    LaunchTimedOut = once("Environment.LaunchTimedOut", "WF-0021", 504, "the task was not ready in time"),
    StopFailed = once("Environment.StopFailed", "WF-0022", 502, "the task did not stop"),
    EvidenceMissing = once("Environment.EvidenceMissing", "WF-0023", 409, "the evidence is not complete"),
    NoApprovers = once("Approval.NoApprovers", "WF-0024", 422, "not enough approvers can be asked"),
    Decided = once("Approval.Decided", "WF-0025", 409, "the approval is decided already"),
    AnsweredOtherwise = once("Approval.AnsweredOtherwise", "WF-0026", 409, "this approver answered already"),
    NotApprover = once("Approval.NotApprover", "WF-0027", 403, "not an approver of this request"),
    Expired = once("Approval.Expired", "WF-0028", 410, "the approval has expired"),
    LinkStale = once("Approval.LinkStale", "WF-0029", 410, "the link is no longer valid"),
    WrongCode = once("Approval.WrongCode", "WF-0030", 422, "the code is not the one of this request"),
    Unavailable = again("Dependency.Unavailable", "WF-0031", 503, "a service that we need does not answer: try again later"),
    Refused = once("Dependency.Refused", "WF-0032", 502, "a service that we need refused: an operator has to look"),
    Missing = once("Dependency.Missing", "WF-0033", 502, "something that we need in another service is not there: an operator has to look"),
    InTheWay = once("Dependency.Conflict", "WF-0034", 409, "something in another service is in the way: an operator has to look"),
    Corrupt = once("Dependency.Corrupt", "WF-0035", 500, "what is stored cannot be read: an operator has to look"),
    Misconfigured = once("Config.Invalid", "WF-0036", 500, "the configuration is wrong: an operator has to look"),
    Internal = once("Internal.Failure", "WF-0037", 500, "something went wrong on our side"),
    Execution = once("Execution.State", "WF-0038", 409, "the execution stands elsewhere: read it again"),
    Unapproved = once("Execution.Unapproved", "WF-0039", 403, "the step needs an approval that is granted and is its own"),
    SignInNeeded = once("Approval.SignInNeeded", "WF-0040", 403, "sign in as the approver whom the link was sent to"),
    NotKept = again("Approval.NotKept", "WF-0041", 409, "the approval's evidence is not kept yet"),
    OutsideHours = once("Approval.OutsideHours", "WF-0042", 403, "this approver agrees within certain hours, and it is outside them"),
    NoHours = once("Approval.NoHours", "WF-0043", 422, "the hours of the approvers begin after the question has ended"),
}

/// The kind of what a rule said. Rules about one field are problems of the request.
pub(super) fn of_rejected(rejected: &Rejected) -> Kind {
    match rejected {
        Rejected::Transition { .. } => Kind::Transition,
        Rejected::RationaleMissing { .. }
        | Rejected::SeveritySame { .. }
        | Rejected::Field { .. } => Kind::Invalid,
        Rejected::Closed => Kind::IncidentClosed,
        Rejected::Environment { .. } => Kind::EnvironmentState,
        Rejected::Running { .. } => Kind::Running,
        Rejected::Alive { .. } => Kind::Alive,
        Rejected::NoApprovers { .. } | Rejected::NoSender => Kind::NoApprovers,
        Rejected::Decided { .. } | Rejected::Superseded | Rejected::Reviewed => Kind::Decided,
        Rejected::AnsweredOtherwise => Kind::AnsweredOtherwise,
        Rejected::NotApprover | Rejected::OwnOverride => Kind::NotApprover,
        Rejected::Expired => Kind::Expired,
        Rejected::LinkStale => Kind::LinkStale,
        Rejected::WrongCode => Kind::WrongCode,
        Rejected::SignInNeeded => Kind::SignInNeeded,
        Rejected::OutsideHours { .. } => Kind::OutsideHours,
        Rejected::NoHours { .. } => Kind::NoHours,
    }
}

/// The kind of a dependency's failure.
pub(super) fn of_port(error: &PortError) -> Kind {
    match error {
        PortError::NotFound { .. } => Kind::Missing,
        PortError::Conflict { .. } => Kind::InTheWay,
        PortError::Unavailable { .. } => Kind::Unavailable,
        PortError::Refused { .. } => Kind::Refused,
        PortError::Corrupt { .. } => Kind::Corrupt,
    }
}

/// What a program needs of what a rule said, under its name in the body.
pub(super) fn facts(rejected: &Rejected) -> Option<(&'static str, Value)> {
    let problem = |field: &str, problem: &str| {
        Some(("problems", json!([{ "field": field, "problem": problem }])))
    };
    match rejected {
        Rejected::RationaleMissing { .. } => problem("rationale", "is needed for this change"),
        Rejected::SeveritySame { .. } => problem("severity", "is that already"),
        Rejected::Field { field, problem: text } => problem(field, text),
        Rejected::Running { task } => Some(("task", json!(task))),
        Rejected::Alive { tasks } => Some(("tasks", json!(tasks))),
        Rejected::OutsideHours { opens } | Rejected::NoHours { opens, .. } => {
            Some(("opens_at", json!(opens)))
        }
        Rejected::Transition { .. }
        | Rejected::Closed
        | Rejected::Environment { .. }
        | Rejected::NoApprovers { .. }
        | Rejected::NoSender
        | Rejected::Decided { .. }
        | Rejected::Superseded
        | Rejected::AnsweredOtherwise
        | Rejected::NotApprover
        | Rejected::Reviewed
        | Rejected::OwnOverride
        | Rejected::Expired
        | Rejected::LinkStale
        | Rejected::WrongCode
        | Rejected::SignInNeeded => None,
    }
}
