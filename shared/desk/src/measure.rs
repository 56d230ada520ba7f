//! Metrics, as changes are written (S3-82). What is open is told as +1 and −1: the running sum of
//! the metric is how many there are.

use crate::Desk;
use watchfire_domain::{Incident, Status};
use watchfire_edge::metrics::{Measured, Metric};

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
