use super::Script;
use crate::{EcsSettings, EcsTasks};
use serde_json::json;
use watchfire_ports::{DefinitionAsk, PortError, RunAsk, Tasks};

pub(super) fn tasks(script: &Script) -> EcsTasks {
    let settings = EcsSettings {
        cluster: "prod".to_owned(),
        subnets: vec!["subnet-1".to_owned(), "subnet-2".to_owned()],
        security_groups: vec!["sg-1".to_owned()],
        assign_public_ip: false,
        image: "registry/sre@sha256:0".to_owned(),
        container: "rosa-boundary".to_owned(),
        task_role: "arn:role/task".to_owned(),
        execution_role: "arn:role/execution".to_owned(),
        file_system: "fs-1".to_owned(),
        log_group: "/ecs/wf".to_owned(),
        cpu: "256".to_owned(),
        memory: "512".to_owned(),
        architecture: "ARM64".to_owned(),
    };
    EcsTasks::new(script.aws(), settings)
}

fn definition() -> DefinitionAsk {
    DefinitionAsk {
        family: "wf-c-1-20260101T000000".to_owned(),
        environment: vec![("CLUSTER_ID".to_owned(), "c".to_owned())],
        access_point: "fsap-1".to_owned(),
        tags: vec![("ManagedBy".to_owned(), "watchfire".to_owned())],
    }
}

fn run() -> RunAsk {
    RunAsk {
        definition: "arn:aws:ecs:r:a:task-definition/f:1".to_owned(),
        client_token: "token".to_owned(),
        started_by: "wf-1".to_owned(),
        tags: vec![("ManagedBy".to_owned(), "watchfire".to_owned())],
    }
}

#[tokio::test]
async fn a_definition_is_registered_as_fargate_with_the_home_mounted() {
    let script = Script::default()
        .ok(r#"{"taskDefinitionArns":[]}"#)
        .ok(r#"{"taskDefinition":{"taskDefinitionArn":"arn:1"}}"#);
    assert_eq!(tasks(&script).define(&definition()).await.unwrap(), "arn:1");
    assert_eq!(script.operations(), ["ListTaskDefinitions", "RegisterTaskDefinition"]);
    assert_eq!(
        script.json(1),
        json!({
            "family": "wf-c-1-20260101T000000",
            "taskRoleArn": "arn:role/task",
            "executionRoleArn": "arn:role/execution",
            "networkMode": "awsvpc",
            "containerDefinitions": [{
                "name": "rosa-boundary",
                "image": "registry/sre@sha256:0",
                "essential": true,
                "environment": [{"name": "CLUSTER_ID", "value": "c"}],
                "mountPoints": [
                    {"sourceVolume": "home", "containerPath": "/home/sre", "readOnly": false}
                ],
                "linuxParameters": {"initProcessEnabled": true},
                "stopTimeout": 120,
                "readonlyRootFilesystem": false,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "/ecs/wf",
                        "awslogs-region": "eu-central-1",
                        "awslogs-stream-prefix": "rosa-boundary",
                    },
                },
            }],
            "volumes": [{
                "name": "home",
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-1",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
                },
            }],
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "tags": [{"key": "ManagedBy", "value": "watchfire"}],
            "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        })
    );
}

#[tokio::test]
async fn a_family_that_has_a_revision_gives_it() {
    let family = definition().family;
    let script = Script::default().ok(&format!(
        r#"{{"taskDefinitionArns":["arn:task-definition/{family}:1","arn:task-definition/{family}0:9"]}}"#
    ));
    let arn = tasks(&script).define(&definition()).await.unwrap();
    assert_eq!(arn, format!("arn:task-definition/{family}:1"));
}

#[tokio::test]
async fn a_task_is_run_once_with_exec_and_tags() {
    let script = Script::default().ok(r#"{"tasks":[{"taskArn":"arn:task/1"}],"failures":[]}"#);
    assert_eq!(tasks(&script).run(&run()).await.unwrap(), "arn:task/1");
    assert_eq!(
        script.json(0),
        json!({
            "cluster": "prod",
            "count": 1,
            "enableECSManagedTags": true,
            "enableExecuteCommand": true,
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {
                "subnets": ["subnet-1", "subnet-2"],
                "securityGroups": ["sg-1"],
                "assignPublicIp": "DISABLED",
            }},
            "platformVersion": "1.4.0",
            "propagateTags": "TASK_DEFINITION",
            "startedBy": "wf-1",
            "tags": [{"key": "ManagedBy", "value": "watchfire"}],
            "taskDefinition": "arn:aws:ecs:r:a:task-definition/f:1",
            "clientToken": "token",
        })
    );
}

#[tokio::test]
async fn failures_in_a_200_are_errors() {
    let answer = |reason: &str| format!(r#"{{"tasks":[],"failures":[{{"reason":"{reason}"}}]}}"#);
    for passing in ["RESOURCE:ENI", "Capacity is unavailable at this time. Please try again later"]
    {
        let error = tasks(&Script::default().ok(&answer(passing))).run(&run()).await.unwrap_err();
        assert!(error.retryable(), "{error}");
    }
    let error = tasks(&Script::default().ok(&answer("AGENT"))).run(&run()).await.unwrap_err();
    assert_eq!(error.to_string(), "ECS refused while running a task: AGENT");
    let error = tasks(&Script::default().ok("{}")).run(&run()).await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { .. }));
}

#[tokio::test]
async fn a_changed_repeat_is_a_conflict_with_the_task_that_is_there() {
    let more = r#","message":"x","resourceIds":["arn:task/0"]"#;
    let script = Script::default().error(400, "ConflictException", more);
    let error = tasks(&script).run(&run()).await.unwrap_err();
    assert_eq!(error.to_string(), "arn:task/0 is in the way while running a task");
}

#[tokio::test]
async fn a_definition_that_is_not_seen_yet_may_be_seen_later() {
    let more = r#","message":"TaskDefinition not found.""#;
    let script = Script::default().error(400, "ClientException", more);
    assert!(tasks(&script).run(&run()).await.unwrap_err().retryable());
    let more = r#","message":"The security group was not found""#;
    let script = Script::default().error(400, "InvalidParameterException", more);
    assert!(!tasks(&script).run(&run()).await.unwrap_err().retryable());
    let more = r#","message":"Invalid tag""#;
    let script = Script::default().error(400, "InvalidParameterException", more);
    let error = tasks(&script).run(&run()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ECS refused while running a task: InvalidParameterException: Invalid tag"
    );
}

#[tokio::test(start_paused = true)]
async fn throttling_and_a_dead_connection_are_unavailable() {
    let script = (0..3).fold(Script::default(), |script, _| {
        script.error(400, "ThrottlingException", r#","message":"Rate exceeded""#)
    });
    let error = tasks(&script).run(&run()).await.unwrap_err();
    assert!(error.retryable());
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "ThrottlingException: Rate exceeded");
    let error = tasks(&Script::default()).run(&run()).await.unwrap_err();
    assert!(error.retryable());
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "dispatch failure: io error: connection refused");
}

#[tokio::test]
async fn stopping_a_task_that_is_forgotten_is_no_error() {
    let more = r#","message":"The referenced task was not found.""#;
    let script = Script::default().error(400, "InvalidParameterException", more);
    tasks(&script).stop("arn:task/1", "closed").await.unwrap();
    let script = Script::default().error(400, "ClusterNotFoundException", "");
    let error = tasks(&script).stop("arn:task/1", "closed").await.unwrap_err();
    assert!(matches!(error, PortError::NotFound { .. }));
}
