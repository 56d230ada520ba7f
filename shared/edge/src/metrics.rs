//! Metrics as log lines: CloudWatch reads them from the log (Embedded Metric Format), so that no
//! function waits for an API or needs a right to it.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};
use watchfire_domain::{Severity, Timestamp};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Watchfire";

/// A metric. The names are the product's promise to dashboards (S3-82).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// How many incidents are open.
    IncidentsOpenTotal,
    /// How many incidents were opened, by severity.
    IncidentsBySeverity,
    /// From opening to resolution.
    IncidentsMttrSeconds,
    /// From opening to acknowledgement.
    IncidentsMttaSeconds,
    /// How often a policy said no.
    PolicyDenialsTotal,
    /// How often the policies could not be asked, which is a no as well.
    PolicyErrorsTotal,
    /// How many runbooks were started.
    RunbookExecutionsTotal,
    /// Of each step that ended, whether it failed: the average is the rate.
    RunbookStepFailureRate,
    /// Of each step of high risk, whether its approval was granted: the average is the rate.
    HighRiskStepApprovalRate,
    /// From an execution's start to its end.
    RunbookExecutionDurationSeconds,
    /// What was found in the account without a record, or in a record without what it says.
    OrphansFound,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::IncidentsOpenTotal,
        Self::IncidentsBySeverity,
        Self::IncidentsMttrSeconds,
        Self::IncidentsMttaSeconds,
        Self::PolicyDenialsTotal,
        Self::PolicyErrorsTotal,
        Self::RunbookExecutionsTotal,
        Self::RunbookStepFailureRate,
        Self::HighRiskStepApprovalRate,
        Self::RunbookExecutionDurationSeconds,
        Self::OrphansFound,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IncidentsOpenTotal => "incidents_open_total",
            Self::IncidentsBySeverity => "incidents_by_severity",
            Self::IncidentsMttrSeconds => "incidents_mttr_seconds",
            Self::IncidentsMttaSeconds => "incidents_mtta_seconds",
            Self::PolicyDenialsTotal => "policy_denials_total",
            Self::PolicyErrorsTotal => "policy_errors_total",
            Self::RunbookExecutionsTotal => "runbook_executions_total",
            Self::RunbookStepFailureRate => "runbook_step_failure_rate",
            Self::HighRiskStepApprovalRate => "high_risk_step_approval_rate",
            Self::RunbookExecutionDurationSeconds => "runbook_execution_duration_seconds",
            Self::OrphansFound => "orphans_found",
        }
    }

    /// Its unit, as CloudWatch names it.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::IncidentsOpenTotal
            | Self::IncidentsBySeverity
            | Self::PolicyDenialsTotal
            | Self::PolicyErrorsTotal
            | Self::RunbookExecutionsTotal
            | Self::OrphansFound => "Count",
            Self::RunbookStepFailureRate | Self::HighRiskStepApprovalRate => "None",
            Self::IncidentsMttrSeconds
            | Self::IncidentsMttaSeconds
            | Self::RunbookExecutionDurationSeconds => "Seconds",
        }
    }
}

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    metric: Metric,
    value: f64,
    severity: Option<Severity>,
    fields: Map<String, Value>,
}

impl Measured {
    /// `value` of `metric`.
    pub fn new(metric: Metric, value: f64) -> Self {
        Self { metric, value, severity: None, fields: Map::new() }
    }

    /// One more of `metric`.
    pub fn one(metric: Metric) -> Self {
        Self::new(metric, 1.0)
    }

    /// The time from `from` to `to`, in seconds; never negative.
    pub fn time(metric: Metric, from: Timestamp, to: Timestamp) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a double holds every time to the millisecond"
        )]
        let millis = to.since(from).max(0) as f64;
        Self::new(metric, millis / 1000.0)
    }

    /// Told apart by severity.
    #[must_use]
    pub fn by(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    /// With a field to search by, such as `tenant`. It is no dimension: each value of one is a metric
    /// that is paid for.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The log line, without its end. None for a value that is no number: CloudWatch would drop it
    /// and say nothing.
    pub fn line(&self, stage: &str, now: Timestamp) -> Option<String> {
        if !self.value.is_finite() {
            return None;
        }
        let mut dimensions = vec!["stage"];
        dimensions.extend(self.severity.map(|_| "severity"));
        let mut line = self.fields.clone();
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": now.millis(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [dimensions],
                    "Metrics": [{"Name": self.metric.name(), "Unit": self.metric.unit()}],
                }],
            }),
        );
        line.insert("stage".into(), stage.into());
        if let Some(severity) = self.severity {
            line.insert("severity".into(), severity.name().into());
        }
        line.insert(self.metric.name().into(), self.value.into());
        Some(Value::Object(line).to_string())
    }
}
