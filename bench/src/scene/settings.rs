//! What a deployment sets, as far as functions read it.

use serde_json::{Value, json};

/// Amazon's roots: beside the test's own, so that as many are read as in a deployment.
pub(super) const PINNED: [&str; 5] = [
    include_str!("../../../shared/aws/roots/amazon-root-ca-1.pem"),
    include_str!("../../../shared/aws/roots/amazon-root-ca-2.pem"),
    include_str!("../../../shared/aws/roots/amazon-root-ca-3.pem"),
    include_str!("../../../shared/aws/roots/amazon-root-ca-4.pem"),
    include_str!("../../../shared/aws/roots/starfield-services-g2.pem"),
];

/// How AWS is named, as a deployment's zip has it.
pub(super) const PARTITION: &str = include_str!("../../../infra/partitions/aws.json");

/// Who signs requests to the API.
pub(super) const CALLER: &str = "arn:aws:sts::111122223333:assumed-role/ci/bench";

const SETTINGS: [(&str, &str); 33] = [
    ("WATCHFIRE_TABLE", "watchfire"),
    ("WATCHFIRE_STAGE", "prod"),
    (
        "WATCHFIRE_LIFECYCLE_ARN",
        "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire-lifecycle",
    ),
    (
        "WATCHFIRE_RUNBOOK_ARN",
        "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire-runbook",
    ),
    (
        "WATCHFIRE_PROBE_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-probes",
    ),
    ("WATCHFIRE_ECS_CLUSTER", "watchfire"),
    ("WATCHFIRE_SUBNETS", "subnet-0a1b2c3d,subnet-1a1b2c3d"),
    ("WATCHFIRE_SECURITY_GROUPS", "sg-0a1b2c3d"),
    ("WATCHFIRE_IMAGE", "111122223333.dkr.ecr.us-east-1.amazonaws.com/investigation:1"),
    ("WATCHFIRE_TASK_ROLE_ARN", "arn:aws:iam::111122223333:role/watchfire-task"),
    ("WATCHFIRE_EXECUTION_ROLE_ARN", "arn:aws:iam::111122223333:role/watchfire-execution"),
    ("WATCHFIRE_FILE_SYSTEM", "fs-0a1b2c3d"),
    ("WATCHFIRE_TASK_LOG_GROUP", "/watchfire/tasks"),
    ("WATCHFIRE_EVIDENCE_BUCKET", "watchfire-evidence"),
    ("WATCHFIRE_TOKEN_SECRET", "token-secret"),
    ("WATCHFIRE_LINK_SECRET", "link-secret"),
    ("WATCHFIRE_CURSOR_SECRET", "cursor-secret"),
    ("WATCHFIRE_INTEGRATION_SECRET", "integration-secret"),
    (
        "WATCHFIRE_ALARM_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-alarms",
    ),
    (
        "WATCHFIRE_ALARM_LINE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-alarm-line.fifo",
    ),
    ("WATCHFIRE_CHECKPOINT_BUCKET", "watchfire-checkpoints"),
    ("WATCHFIRE_CHECKPOINT_SECRET", "checkpoint-secret"),
    ("WATCHFIRE_EVENT_BUS", "watchfire"),
    ("WATCHFIRE_LOG_ORIGIN", "watchfire-bench"),
    (
        "WATCHFIRE_SEAL_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-seals",
    ),
    ("WATCHFIRE_STEP_HOSTS", "evidence.example.com"),
    ("WATCHFIRE_STEP_PROFILES", "observer=watchfire-observer:1"),
    ("WATCHFIRE_PUBLIC_URL", "https://watchfire.example.org"),
    ("WATCHFIRE_MAIL_FROM", "watchfire@example.org"),
    ("WATCHFIRE_ISSUER", "https://issuer.example.org"),
    ("WATCHFIRE_AUDIENCE", "watchfire"),
    ("WATCHFIRE_APPROVAL_TTL_SECONDS", "86400"),
    (
        "WATCHFIRE_IAM_PRINCIPALS",
        r#"[{"arn_prefix":"arn:aws:iam::111122223333:role/ci","tenants":["acme"],"role":"commander"}]"#,
    ),
];

/// A setting's value.
pub(super) fn value(name: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
}

/// The settings of a function. It is not prewarmed: valgrind is slower than the time that prewarming
/// may take, and what it does is counted with the first event.
pub fn settings(handler: &str) -> Vec<(String, String)> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut all: Vec<_> = SETTINGS.iter().map(own).collect();
    all.push(("_HANDLER".to_owned(), handler.to_owned()));
    all.push(("WATCHFIRE_PREWARM".to_owned(), "0".to_owned()));
    all
}

/// How many plans there are beside the first: as many as events that are handled within a minute, so
/// that no two of them want the same cluster at the same time.
pub(super) const LANES: u64 = 6;

/// A plan for alarms whose names begin with `name`, with an environment on a cluster of its own.
pub(super) fn plan(name: &str) -> Value {
    json!({
        "name": name,
        "version": 1,
        "matches": [{ "name_prefix": name }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "high",
        "environment": { "cluster_id": format!("rosa-{name}"), "approvers": ["ana@example.org"] },
    })
}

/// A plan by which all alarms of an account are one incident, without an environment.
pub(super) fn shared() -> Value {
    json!({
        "name": "shared",
        "version": 1,
        "matches": [{ "name_prefix": "shared" }],
        "title": "{alarm.name} in {alarm.region}",
        "severity": "high",
        "dedup_key": "{alarm.account}",
    })
}

#[cfg(test)]
mod tests {
    use super::value;
    use watchfire_edge::config::{Otherwise, VARIABLES};

    #[test]
    fn whatever_a_function_must_be_told_is_set() {
        for variable in VARIABLES.iter().filter(|one| one.otherwise == Otherwise::Required) {
            assert!(value(variable.name).is_some(), "{}", variable.name);
        }
    }
}
