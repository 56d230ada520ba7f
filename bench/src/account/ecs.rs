//! ECS, as the adapter speaks to it.

use super::{Answer, done, error, list, pairs, refused, text};
use serde_json::{Value, json};
use watchfire_domain::Timestamp;
use watchfire_fakes::World;
use watchfire_ports::{DefinitionAsk, PortError, RunAsk, TaskStatus, Tasks as _};

pub(super) async fn answer(world: &World, operation: &str, body: &Value) -> Answer {
    let tasks = &world.tasks;
    match operation {
        "ListTaskDefinitions" => Ok(done(&json!({ "taskDefinitionArns": revisions(world, body) }))),
        "RegisterTaskDefinition" => {
            let arn = tasks.register(&definition(body)).map_err(|why| refused(&why))?;
            Ok(done(&json!({ "taskDefinition": { "taskDefinitionArn": arn } })))
        }
        "DeregisterTaskDefinition" => {
            let arn = text(body, "taskDefinition");
            tasks.deregister(arn);
            Ok(done(
                &json!({ "taskDefinition": { "taskDefinitionArn": arn, "status": "INACTIVE" } }),
            ))
        }
        "DeleteTaskDefinitions" => {
            let arns = list(body, "taskDefinitions").iter().filter_map(Value::as_str);
            arns.for_each(|arn| tasks.delete_definition(arn));
            Ok(done(&json!({ "taskDefinitions": [], "failures": [] })))
        }
        "RunTask" => run(world, body).await,
        "ListTasks" => Ok(done(&json!({ "taskArns": listed(world, body) }))),
        "DescribeTasks" => described(world, body).await,
        "StopTask" => {
            let (arn, reason) = (text(body, "task"), text(body, "reason"));
            tasks.stop(arn, reason).await.map_err(|why| refused(&why))?;
            Ok(done(&json!({ "task": { "taskArn": arn } })))
        }
        other => Err(error(400, "InvalidAction", other)),
    }
}

fn revisions(world: &World, body: &Value) -> Vec<String> {
    let (family, status) = (text(body, "familyPrefix"), text(body, "status"));
    let of_family = |arn: &str| {
        let name = arn.rsplit('/').next().and_then(|name| name.split(':').next());
        name == Some(family)
    };
    let all = world.tasks.definitions().into_iter();
    let fit = all.filter(|(arn, stands)| *stands == status && of_family(arn));
    fit.map(|(arn, _)| arn).collect()
}

fn definition(body: &Value) -> DefinitionAsk {
    let container = body.pointer("/containerDefinitions/0").unwrap_or(&Value::Null);
    let point = "/volumes/0/efsVolumeConfiguration/authorizationConfig/accessPointId";
    let point = body.pointer(point).and_then(Value::as_str).unwrap_or_default();
    DefinitionAsk {
        family: text(body, "family").to_owned(),
        environment: pairs(list(container, "environment"), "name", "value"),
        access_point: point.to_owned(),
        tags: pairs(list(body, "tags"), "key", "value"),
    }
}

async fn run(world: &World, body: &Value) -> Answer {
    let ask = RunAsk {
        definition: text(body, "taskDefinition").to_owned(),
        client_token: text(body, "clientToken").to_owned(),
        started_by: text(body, "startedBy").to_owned(),
        tags: pairs(list(body, "tags"), "key", "value"),
    };
    match world.tasks.run(&ask).await {
        Ok(arn) => Ok(done(&json!({ "tasks": [{ "taskArn": arn }], "failures": [] }))),
        Err(PortError::Conflict { what, .. }) => {
            let mut reply = error(400, "ConflictException", "the token was used for another task");
            let body = json!({ "__type": "ConflictException", "resourceIds": [what] });
            reply.body = body.to_string().into();
            Err(reply)
        }
        Err(why) => Err(refused(&why)),
    }
}

/// The tasks of one desired status, which is RUNNING if nothing is said.
fn listed(world: &World, body: &Value) -> Vec<String> {
    let desired = body.get("desiredStatus").and_then(Value::as_str).unwrap_or("RUNNING");
    let started_by = body.get("startedBy").and_then(Value::as_str);
    let fits = |arn: &String| {
        world.tasks.status(arn).is_some_and(|task| {
            task.desired_status == desired
                && started_by.is_none_or(|by| task.started_by.as_deref() == Some(by))
        })
    };
    world.tasks.arns().into_iter().filter(fits).collect()
}

async fn described(world: &World, body: &Value) -> Answer {
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for arn in list(body, "tasks").iter().filter_map(Value::as_str) {
        match world.tasks.describe(arn).await.map_err(|why| refused(&why))? {
            Some(status) => tasks.push(shown(&status)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(done(&json!({ "tasks": tasks, "failures": failures })))
}

fn shown(task: &TaskStatus) -> Value {
    let agent = if task.exec_ready { "RUNNING" } else { "PENDING" };
    json!({
        "taskArn": task.arn,
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "version": task.version,
        "startedBy": task.started_by,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
        "stoppedAt": task.stopped_at.map(Timestamp::seconds),
        "containers": [{
            "name": "rosa-boundary",
            "lastStatus": task.last_status,
            "exitCode": task.exit_code,
            "managedAgents": [{ "name": "ExecuteCommandAgent", "lastStatus": agent }],
        }],
    })
}
