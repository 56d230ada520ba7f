//! The event that EventBridge carries when a task changes.
//!
//! Shape: Amazon ECS Developer Guide, "Amazon ECS task state change events". Tags and managed agents
//! are left out, since nothing promises them.

use super::life::{Stage, Task};
use crate::ids::FakeIds;
use serde_json::{Value, json};
use watchfire_domain::Timestamp;

/// Where all of it happens.
pub(super) const REGION: &str = "us-east-1";
pub(super) const ACCOUNT: &str = "111122223333";

pub(super) fn event(task: &Task, cluster: &str, ids: &FakeIds, now: Timestamp) -> Value {
    let family = super::engine::family(&task.ask.definition);
    let mut detail = json!({
        "attachments": [{
            "id": ids.uuid(),
            "type": "eni",
            "status": attachment(task.stage),
            "details": [
                {"name": "subnetId", "value": "subnet-0a1b2c3d"},
                {"name": "privateIPv4Address", "value": "10.0.0.139"},
            ],
        }],
        "availabilityZone": format!("{REGION}a"),
        "clusterArn": format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}"),
        "containers": [container(task)],
        "cpu": "256",
        "createdAt": task.created_at,
        "desiredStatus": task.desired(),
        "enableExecuteCommand": true,
        "group": format!("family:{family}"),
        "lastStatus": task.stage.name(),
        "launchType": "FARGATE",
        "memory": "512",
        "overrides": {"containerOverrides": [{"name": CONTAINER}]},
        "platformVersion": "1.4.0",
        "startedBy": task.ask.started_by,
        "taskArn": task.arn,
        "taskDefinitionArn": task.ask.definition,
        "updatedAt": now,
        "version": task.version,
    });
    let times = [
        ("startedAt", task.started_at),
        ("stoppingAt", task.stopping_at),
        ("stoppedAt", task.stopped_at),
    ];
    let words = [("stopCode", &task.stop_code), ("stoppedReason", &task.reason)];
    if let Some(detail) = detail.as_object_mut() {
        for (name, at) in times {
            detail.extend(at.map(|at| (name.to_owned(), json!(at))));
        }
        for (name, text) in words {
            detail.extend(text.as_ref().map(|text| (name.to_owned(), json!(text))));
        }
    }
    json!({
        "version": "0",
        "id": ids.uuid(),
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": ACCOUNT,
        "time": now,
        "region": REGION,
        "resources": [task.arn],
        "detail": detail,
    })
}

const CONTAINER: &str = "rosa-boundary";

fn attachment(stage: Stage) -> &'static str {
    match stage {
        Stage::Provisioning => "ATTACHING",
        Stage::Pending
        | Stage::Activating
        | Stage::Running
        | Stage::Deactivating
        | Stage::Stopping
        | Stage::Deprovisioning => "ATTACHED",
        Stage::Stopped => "DELETED",
    }
}

fn container(task: &Task) -> Value {
    let status = match task.stage {
        Stage::Provisioning | Stage::Pending => "PENDING",
        Stage::Activating | Stage::Running | Stage::Deactivating | Stage::Stopping => "RUNNING",
        Stage::Deprovisioning | Stage::Stopped => "STOPPED",
    };
    let mut container = json!({
        "containerArn": format!("arn:aws:ecs:{REGION}:{ACCOUNT}:container/{}", task.id()),
        "cpu": "0",
        "image": format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{CONTAINER}:latest"),
        "lastStatus": status,
        "name": CONTAINER,
        "networkInterfaces": [],
        "taskArn": task.arn,
    });
    if let (Some(code), Some(container)) = (task.exit_code, container.as_object_mut()) {
        container.insert("exitCode".to_owned(), json!(code));
    }
    container
}
