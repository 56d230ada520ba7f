//! Metrics, as changes are written (S3-82). What is open is told as +1 and −1: the running sum of
//! the metric is how many there are.

use crate::Desk;
use watchfire_domain::{Incident, Status};
use watchfire_edge::metrics::{Measured, Metric};
use watchfire_runbook::Execution;
use watchfire_runbook::execution::{Outcome, Standing, StepState};

impl Desk {
    /// Writes a metric line.
    pub(crate) fn measure(&self, measured: &Measured) {
        if let Some(line) = measured.line(self.config.stage.as_str(), self.clock.now()) {
            self.metrics.emit(&line);
        }
    }

    /// An incident was opened.
    pub(crate) fn measure_opened(&self, incident: &Incident) {
        self.measure(&Measured::one(Metric::IncidentsOpenTotal).field("tenant", incident.home()));
        self.measure(&Measured::one(Metric::IncidentsBySeverity).by(incident.severity));
    }

    /// An execution was started, or changed: what of it began or ended with the change.
    pub(crate) fn measure_run(&self, before: Option<&Execution>, after: &Execution) {
        let of = |measured: Measured| measured.field("runbook", after.runbook.clone());
        let Some(before) = before else {
            return self.measure(&of(Measured::one(Metric::RunbookExecutionsTotal)));
        };
        for (id, now) in &after.steps {
            let Some(was) = before.steps.get(id) else { continue };
            for (metric, value) in rates(was, now) {
                self.measure(&of(Measured::new(metric, value)).field("step", id.clone()));
            }
        }
        if let (true, Some(at)) = (before.state.is_open(), after.completed_at) {
            let metric = Metric::RunbookExecutionDurationSeconds;
            let took = Measured::time(metric, after.started_at, at);
            self.measure(&of(took).field("state", after.state.name()));
        }
    }

    /// An incident changed: time to acknowledge and to resolve, once each is known, and what is
    /// open.
    pub(crate) fn measure_change(&self, before: &Incident, after: &Incident) {
        let time = |metric, to| {
            let measured = Measured::time(metric, after.created_at, to).by(after.severity);
            self.measure(&measured.field("incident", after.display_id.clone()));
        };
        if before.acknowledged_at.is_none()
            && let Some(at) = after.acknowledged_at
        {
            time(Metric::IncidentsMttaSeconds, at);
        }
        if before.resolved_at.is_none()
            && let Some(at) = after.resolved_at
        {
            time(Metric::IncidentsMttrSeconds, at);
        }
        if before.severity != after.severity {
            self.measure(&Measured::new(Metric::IncidentsBySeverity, -1.0).by(before.severity));
            self.measure(&Measured::one(Metric::IncidentsBySeverity).by(after.severity));
        }
        if before.status != Status::Closed && after.status == Status::Closed {
            let closed = Measured::new(Metric::IncidentsOpenTotal, -1.0);
            self.measure(&closed.field("tenant", after.home()));
            self.measure(&Measured::new(Metric::IncidentsBySeverity, -1.0).by(after.severity));
        }
    }
}

/// What a step's change says of the rates of failures and approvals.
fn rates(was: &StepState, now: &StepState) -> Vec<(Metric, f64)> {
    let mut rates = Vec::new();
    // Somebody ended the run: this says nothing of the step, nor of its approvers.
    if matches!(now.outcome, Some(Outcome::Stopped | Outcome::Aborted)) {
        return rates;
    }
    let is_over = |state| matches!(state, Standing::Done | Standing::Failed);
    if !is_over(was.state) && is_over(now.state) {
        let failed = if now.state == Standing::Failed { 1.0 } else { 0.0 };
        rates.push((Metric::RunbookStepFailureRate, failed));
    }
    if was.state == Standing::Blocked {
        match now.state {
            // Whoever goes ahead without the approvers has no approval.
            Standing::Waiting | Standing::Running => {
                let approved = if now.overridden_by.is_none() { 1.0 } else { 0.0 };
                rates.push((Metric::HighRiskStepApprovalRate, approved));
            }
            Standing::Failed => rates.push((Metric::HighRiskStepApprovalRate, 0.0)),
            // Let be: nobody has decided.
            Standing::Pending | Standing::Blocked | Standing::Done | Standing::Skipped => {}
        }
    }
    rates
}
