//! Alarms, in CloudWatch's own shape, and the response plans that turn them into incidents.

use super::stack::REGION;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use watchfire_domain::Timestamp;

pub(super) const DRILL: &str = "storage_latency_high";
pub(super) const METRIC: &str = "checkout_error_rate_high";
pub(super) const APPROVER: &str = "bob@example.com";

/// The ARN of an alarm in the local stack's account.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:{REGION}:000000000000:alarm:{name}")
}

/// The detail of CloudWatch's event about the drill's alarm, at this moment.
pub(super) fn drill() -> Value {
    let at = cloudwatch_time();
    json!({
        "alarmName": DRILL,
        "configuration": {
            "description": "The storage nodes of prod-east answer slowly",
            "metrics": [{
                "id": "30b6c6b2-a864-43a2-4877-c09a1afc3b87",
                "metricStat": {
                    "metric": {
                        "dimensions": {"Cluster": "prod-east"},
                        "name": "StorageLatency",
                        "namespace": "Watchfire/Demo",
                    },
                    "period": 60,
                    "stat": "p99",
                },
                "returnData": true,
            }],
        },
        "previousState": {"reason": "Threshold Crossed: 1 datapoint [12.0] was not greater than the threshold (100.0).", "timestamp": at, "value": "OK"},
        "state": {"reason": "Threshold Crossed: 1 datapoint [840.0] was greater than the threshold (100.0).", "timestamp": at, "value": "ALARM"},
    })
}

/// The plan for the drill: `high`, with an environment at once.
pub(super) fn drill_plan() -> Value {
    json!({
        "matches": [{"source": "drill", "name": DRILL}],
        "title": "{alarm.name} on {alarm.dimension.Cluster}",
        "severity": "high",
        "kind": "performance_degradation",
        "tags": {"team": "storage"},
        "environment": {
            "cluster_id": "prod-east", "oc_version": "4.20", "launch": "now", "approvers": [APPROVER],
        },
    })
}

/// The plan for the same alarm once its runbook is published: it is linked, and two people approve
/// what is dangerous.
pub(super) fn triage_plan(runbook: &str, approvers: [&str; 2]) -> Value {
    json!({
        "matches": [{"source": "drill", "name": DRILL}],
        "title": "{alarm.name} on {alarm.dimension.Cluster}",
        "severity": "high",
        "kind": "performance_degradation",
        "runbooks": [runbook],
        "approvers": {"people": approvers, "need": 2},
    })
}

/// Alertmanager's webhook (version 4) about one alert that fires now.
pub(super) fn alertmanager(alert: &str) -> Value {
    let labels = json!({ "alertname": alert, "severity": "critical", "job": "checkout" });
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{alertname=\"{alert}\"}}"),
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "watchfire",
        "groupLabels": { "alertname": alert },
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": [{
            "status": "firing",
            "labels": labels,
            "annotations": { "summary": "the 99th percentile of checkout is 2.3 s" },
            "startsAt": cloudwatch_time().replace("+0000", "Z"),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph",
            "fingerprint": "5f7a9c1e3b2d4860",
        }],
    })
}

/// The plan for the alarm that comes from a metric: only an incident.
pub(super) fn metric_plan() -> Value {
    json!({
        "matches": [{"source": "cloudwatch", "name": METRIC}],
        "title": "{alarm.name}",
        "severity": "medium",
        "kind": "service_outage",
    })
}

/// CloudWatch's way to write the time: milliseconds, and an offset without a colon.
fn cloudwatch_time() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "an alarm fires now, and a chore has no Clock port"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap_or_default());
    now.to_string().replace('Z', "+0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_cloudwatch_does() {
        let time = cloudwatch_time();
        assert!(time.len() == 28 && time.ends_with("+0000"), "{time}");
    }
}
