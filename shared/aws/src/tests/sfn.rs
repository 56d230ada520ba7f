use super::Script;
use crate::SfnWorkflow;
use serde_json::json;
use watchfire_ports::{PortError, TokenAnswer, Workflow};

fn workflow(script: &Script) -> SfnWorkflow {
    let machine = "arn:aws:states:eu-central-1:1:stateMachine:wf:live";
    SfnWorkflow::new(script.aws(), machine.to_owned())
}

#[tokio::test]
async fn a_name_that_was_used_starts_nothing() {
    let script = Script::default().ok(r#"{"executionArn":"arn:e","startDate":1}"#).error(
        400,
        "ExecutionAlreadyExists",
        "",
    );
    let workflow = workflow(&script);
    assert!(workflow.start("env-1", &json!({"tenant": "a"})).await.unwrap());
    assert!(!workflow.start("env-1", &json!({"tenant": "b"})).await.unwrap());
    assert_eq!(script.json(0)["input"], r#"{"tenant":"a"}"#);
    assert_eq!(script.json(0)["name"], "env-1");
}

#[tokio::test]
async fn an_execution_runs_or_ran_or_never_was() {
    let described = |status: &str| {
        json!({"executionArn": "arn:e", "stateMachineArn": "arn:m", "startDate": 1, "status": status})
            .to_string()
    };
    let script = Script::default().ok(&described("RUNNING")).ok(&described("TIMED_OUT")).error(
        400,
        "ExecutionDoesNotExist",
        "",
    );
    let workflow = workflow(&script);
    assert_eq!(workflow.running("env-1").await.unwrap(), Some(true));
    assert_eq!(workflow.running("env-1").await.unwrap(), Some(false));
    assert_eq!(workflow.running("env-1").await.unwrap(), None);
    let arn = "arn:aws:states:eu-central-1:1:execution:wf:env-1";
    assert_eq!(script.json(0)["executionArn"], arn);
}

#[tokio::test]
async fn a_token_that_nobody_waits_for_is_no_error() {
    let failure = TokenAnswer::Failure { error: "Environment.StopFailed", cause: "x".to_owned() };
    for code in ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"] {
        for answer in [TokenAnswer::Success(json!({})), failure.clone()] {
            let script = Script::default().error(400, code, "");
            assert!(!workflow(&script).answer("token", &answer).await.unwrap(), "{code}");
        }
    }
    let script = Script::default().ok("{}");
    assert!(workflow(&script).answer("token", &failure).await.unwrap());
    assert_eq!(script.operations(), ["SendTaskFailure"]);
    assert_eq!(script.json(0)["error"], "Environment.StopFailed");
}

#[tokio::test]
async fn an_error_does_not_tell_the_token() {
    let token = "AQDEAAAAKgAAAAMAAAAAAAAAAZ4rTI";
    let more = format!(r#","message":"Value '{token}' at 'taskToken' failed to satisfy""#);
    let script = Script::default().error(400, "ValidationException", &more);
    let answer = TokenAnswer::Success(json!({}));
    let error = workflow(&script).answer(token, &answer).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }));
    assert!(error.to_string().ends_with("ValidationException: Value '…"), "{error}");
}
