//! Step Functions: executions and the tokens that wait.

use super::{Answer, done, error, refused, text};
use serde_json::{Value, json};
use watchfire_fakes::World;
use watchfire_ports::{TokenAnswer, Workflow as _};

pub(super) async fn answer(world: &World, operation: &str, body: &Value) -> Answer {
    match operation {
        "StartExecution" => {
            let (machine, name) = (text(body, "stateMachineArn"), text(body, "name"));
            let input = serde_json::from_str(text(body, "input")).unwrap_or_default();
            if !world.workflow.start(name, &input).await.map_err(|why| refused(&why))? {
                return Err(error(400, "ExecutionAlreadyExists", name));
            }
            let arn = format!("{}:{name}", machine.replace(":stateMachine:", ":execution:"));
            Ok(done(&json!({ "executionArn": arn, "startDate": 1 })))
        }
        "DescribeExecution" => {
            let arn = text(body, "executionArn");
            let name = arn.rsplit(':').next().unwrap_or_default();
            let status = match world.workflow.running(name).await.map_err(|why| refused(&why))? {
                Some(true) => "RUNNING",
                Some(false) => "SUCCEEDED",
                None => return Err(error(400, "ExecutionDoesNotExist", name)),
            };
            let machine = arn.replace(":execution:", ":stateMachine:");
            Ok(done(&json!({
                "executionArn": arn, "stateMachineArn": machine, "status": status, "startDate": 1,
            })))
        }
        "SendTaskSuccess" => {
            let output = serde_json::from_str(text(body, "output")).unwrap_or_default();
            told(world, body, TokenAnswer::Success(output)).await
        }
        "SendTaskFailure" => {
            // The port names errors by constants; a text from the wire becomes one for good.
            let error: &'static str = text(body, "error").to_owned().leak();
            let cause = text(body, "cause").to_owned();
            told(world, body, TokenAnswer::Failure { error, cause }).await
        }
        other => Err(error(400, "InvalidAction", other)),
    }
}

async fn told(world: &World, body: &Value, answer: TokenAnswer) -> Answer {
    let token = text(body, "taskToken");
    if world.workflow.answer(token, &answer).await.map_err(|why| refused(&why))? {
        return Ok(done(&json!({})));
    }
    Err(error(400, "TaskTimedOut", "nobody waits with this token"))
}
