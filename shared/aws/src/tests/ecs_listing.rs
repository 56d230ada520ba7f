use super::Script;
use super::ecs::tasks;
use serde_json::json;
use watchfire_domain::Timestamp;
use watchfire_ports::{PortError, Tasks};

const REFUSED: &str = r#","message":"startedBy must be the only filter""#;

fn task(arn: &str, status: &str, started_by: &str) -> serde_json::Value {
    json!({"taskArn": arn, "lastStatus": status, "startedBy": started_by})
}

#[tokio::test]
async fn a_missing_task_is_none() {
    let script =
        Script::default().ok(r#"{"tasks":[],"failures":[{"arn":"arn:1","reason":"MISSING"}]}"#);
    assert_eq!(tasks(&script).describe("arn:1").await.unwrap(), None);
    let script =
        Script::default().ok(r#"{"tasks":[],"failures":[{"arn":"arn:1","reason":"OTHER"}]}"#);
    let error = tasks(&script).describe("arn:1").await.unwrap_err();
    assert_eq!(error.to_string(), "ECS refused while describing tasks: OTHER: arn:1");
}

#[tokio::test]
async fn a_task_is_ready_with_its_exec_agent() {
    let described = |agent: &str| {
        json!({"tasks": [{
            "taskArn": "arn:1", "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "version": 4,
            "startedBy": "wf-1", "stopCode": "", "stoppedReason": "",
            "containers": [
                {"name": "sidecar", "exitCode": 9},
                {"name": "rosa-boundary",
                 "managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": agent}]},
            ],
        }]})
        .to_string()
    };
    let script = Script::default().ok(&described("PENDING")).ok(&described("RUNNING"));
    let tasks = tasks(&script);
    assert!(!tasks.describe("arn:1").await.unwrap().unwrap().ready());
    let ready = tasks.describe("arn:1").await.unwrap().unwrap();
    assert!(ready.ready());
    assert_eq!((ready.version, ready.exit_code), (4, None));
    assert_eq!((ready.stop_code, ready.stopped_reason), (None, None));
}

#[tokio::test]
async fn a_stopped_task_tells_how_it_ended() {
    let script = Script::default().ok(&json!({"tasks": [{
        "taskArn": "arn:1", "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "version": 7,
        "stopCode": "UserInitiated", "stoppedReason": "closed", "stoppedAt": 1_767_225_600.5,
        "containers": [{"name": "rosa-boundary", "exitCode": 0}],
    }]})
    .to_string());
    let task = tasks(&script).describe("arn:1").await.unwrap().unwrap();
    assert!(task.stopped());
    assert_eq!(task.exit_code, Some(0));
    assert_eq!(task.stop_code.as_deref(), Some("UserInitiated"));
    assert_eq!(task.stopped_reason.as_deref(), Some("closed"));
    assert_eq!(task.stopped_at, Timestamp::parse("2026-01-01T00:00:00.500Z"));
}

#[tokio::test]
async fn those_that_are_stopping_still_live() {
    let described = json!({"tasks": [
        task("arn:1", "RUNNING", "wf-1"),
        task("arn:2", "DEPROVISIONING", "wf-1"),
        task("arn:3", "STOPPED", "wf-1"),
        task("arn:5", "RUNNING", "wf-2"),
    ]});
    let script = Script::default()
        .ok(r#"{"taskArns":["arn:1"],"nextToken":"more"}"#)
        .ok(r#"{"taskArns":["arn:4"]}"#)
        .ok(r#"{"taskArns":["arn:2","arn:3","arn:5"]}"#)
        .ok(&described.to_string());
    // arn:4 was listed as running and is not described yet; arn:5 is somebody else's.
    assert_eq!(tasks(&script).living("wf-1").await.unwrap(), ["arn:1", "arn:2", "arn:4"]);
    assert_eq!(script.json(0), json!({"cluster": "prod", "startedBy": "wf-1"}));
    assert_eq!(
        script.json(2),
        json!({"cluster": "prod", "startedBy": "wf-1", "desiredStatus": "STOPPED"})
    );
}

#[tokio::test]
async fn where_the_filters_do_not_fit_all_stopped_tasks_are_looked_at() {
    let script = Script::default()
        .ok(r#"{"taskArns":[]}"#)
        .error(400, "InvalidParameterException", REFUSED)
        .ok(r#"{"taskArns":["arn:2","arn:6"]}"#)
        .ok(&json!({"tasks": [
            task("arn:2", "STOPPING", "wf-1"), task("arn:6", "STOPPING", "wf-2"),
        ]})
        .to_string());
    assert_eq!(tasks(&script).living("wf-1").await.unwrap(), ["arn:2"]);
    assert_eq!(script.json(2), json!({"cluster": "prod", "desiredStatus": "STOPPED"}));
}

#[tokio::test]
async fn nothing_listed_is_nothing_described() {
    let script = Script::default().ok(r#"{"taskArns":[]}"#).ok(r#"{"taskArns":[]}"#);
    assert_eq!(tasks(&script).living("wf-1").await.unwrap(), Vec::<String>::new());
    assert_eq!(script.operations(), ["ListTasks", "ListTasks"]);
}

fn arn(revision: u32) -> String {
    format!("arn:aws:ecs:r:a:task-definition/fam:{revision}")
}

#[tokio::test]
async fn every_revision_is_forgotten_ten_at_once() {
    let inactive: Vec<String> = (1..=11).map(arn).collect();
    let mut first = inactive.clone();
    first.push("arn:aws:ecs:r:a:task-definition/fam-2:1".to_owned());
    let script = Script::default()
        .ok(&json!({"taskDefinitionArns": [arn(12)]}).to_string())
        .ok("{}")
        .ok(&json!({"taskDefinitionArns": first, "nextToken": "more"}).to_string())
        // The deregistered one is listed by now.
        .ok(&json!({"taskDefinitionArns": [arn(12)]}).to_string())
        .ok(&json!({"failures": [{"arn": arn(1), "reason": "MISSING"}]}).to_string())
        .ok("{}");
    assert_eq!(tasks(&script).forget("fam").await.unwrap(), 12);
    assert_eq!(
        script.operations(),
        [
            "ListTaskDefinitions",
            "DeregisterTaskDefinition",
            "ListTaskDefinitions",
            "ListTaskDefinitions",
            "DeleteTaskDefinitions",
            "DeleteTaskDefinitions"
        ]
    );
    assert_eq!(script.json(4)["taskDefinitions"].as_array().unwrap().len(), 10);
    assert_eq!(script.json(5)["taskDefinitions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_revision_that_is_left_is_an_error() {
    let script = Script::default()
        .ok("{}")
        .ok(&json!({"taskDefinitionArns": [arn(1)]}).to_string())
        .ok(&json!({"failures": [{"arn": arn(1), "reason": "ACCESS_DENIED"}]}).to_string());
    let error = tasks(&script).forget("fam").await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}
