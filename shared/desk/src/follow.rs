//! What ties the log lines of an incident together, from its alarm to its close (S3-83).

use crate::runs::Loaded;
use tracing::field::Empty;
use tracing::{Span, record_all};
use watchfire_domain::{Approval, Incident, Tenant};
use watchfire_runbook::Execution;
use watchfire_runbook::execution::Bound;

/// The span of one invocation of `function`: every line that is logged within shows its fields.
/// `request` is Lambda's request id, `trace` the trace header of the invocation.
pub fn invocation(function: &str, request: &str, trace: Option<&str>) -> Span {
    tracing::info_span!(
        "invocation",
        function,
        request.id = request,
        trace.id = trace.unwrap_or("none"),
        incident.id = Empty,
        incident.trace = Empty,
        execution.id = Empty,
    )
}

/// From here on no incident is worked on: an invocation handles several messages.
pub(crate) fn nobody() {
    let span = Span::current();
    // All at once: with each record the fields are read and written anew.
    record_all!(span, incident.id = "none", incident.trace = "none", execution.id = "none");
}

/// What is done for an incident is logged under its id and the trace that opened it; what is done
/// for an execution of a runbook, under its id too.
pub(crate) trait Follow {
    /// Puts them into the current span, in the place of those of another one.
    fn follow(&self);
}

impl Follow for Loaded {
    fn follow(&self) {
        Span::current().record("execution.id", self.execution.id.to_string());
        if let Some(incident) = &self.incident {
            incident.follow();
        }
    }
}

/// What is done for a question is logged under its incident's ids, and under the id of the execution
/// whose step it is about.
pub(crate) fn follow_question(incident: &Incident, approval: &Approval, tenant: &Tenant) {
    incident.follow();
    if let Some(bound) = Bound::of(approval, tenant) {
        Span::current().record("execution.id", bound.execution);
    }
}

/// Without a read of its incident, whose trace nobody knows then.
impl Follow for Execution {
    fn follow(&self) {
        let incident = self.incident.map_or_else(|| "none".to_owned(), |id| id.to_string());
        record_all!(Span::current(), execution.id = self.id.to_string(), incident.id = incident);
    }
}

impl Follow for Incident {
    fn follow(&self) {
        let (span, trace) = (Span::current(), self.trace.as_deref().unwrap_or("none"));
        record_all!(span, incident.id = self.id.to_string(), incident.trace = trace);
    }
}
