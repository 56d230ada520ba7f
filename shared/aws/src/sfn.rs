//! The lifecycle's state machine.

use crate::Aws;
use crate::error::{corrupt, line, told};
use async_trait::async_trait;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::sync::Arc;
use watchfire_ports::{PortError, TokenAnswer, Workflow};

const SFN: &str = "Step Functions";
const STARTING: &str = "starting an execution";
const DESCRIBING: &str = "describing an execution";
const ANSWERING: &str = "answering a waiting state";

/// One state machine.
#[derive(Debug)]
pub struct SfnWorkflow {
    aws: Arc<Aws>,
    machine: String,
}

impl SfnWorkflow {
    /// The state machine of this ARN (`WATCHFIRE_LIFECYCLE_ARN`).
    pub const fn new(aws: Arc<Aws>, machine: String) -> Self {
        Self { aws, machine }
    }

    // `…:stateMachine:<machine>[:<version or alias>]` has executions `…:execution:<machine>:<name>`.
    fn execution(&self, name: &str) -> Option<String> {
        let (account, machine) = self.machine.split_once(":stateMachine:")?;
        let machine = machine.split(':').next()?;
        Some(format!("{account}:execution:{machine}:{name}"))
    }
}

#[async_trait]
impl Workflow for SfnWorkflow {
    // While an execution runs, its name with the same input is a success and starts nothing: the
    // answer cannot be told from a start, and both are true.
    async fn start(&self, name: &str, input: &serde_json::Value) -> Result<bool, PortError> {
        let started = self
            .aws
            .sfn()
            .start_execution()
            .state_machine_arn(&self.machine)
            .name(name)
            .input(input.to_string())
            .send()
            .await;
        match started {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(false),
                _ => Err(told(SFN, STARTING)(error)),
            },
        }
    }

    async fn running(&self, name: &str) -> Result<Option<bool>, PortError> {
        let Some(arn) = self.execution(name) else {
            let words = format!("`{}` is no ARN of a state machine", self.machine);
            return Err(corrupt("the configuration", DESCRIBING, &words));
        };
        match self.aws.sfn().describe_execution().execution_arn(arn).send().await {
            Ok(execution) => Ok(Some(matches!(
                execution.status(),
                ExecutionStatus::Running | ExecutionStatus::PendingRedrive
            ))),
            Err(error) => match error.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(None),
                _ => Err(told(SFN, DESCRIBING)(error)),
            },
        }
    }

    async fn answer(&self, token: &str, answer: &TokenAnswer) -> Result<bool, PortError> {
        let client = self.aws.sfn();
        let (nobody, answered) = match answer {
            TokenAnswer::Success(output) => {
                let call = client.send_task_success().task_token(token).output(output.to_string());
                let sent = call.send().await;
                (
                    sent.as_ref().is_err_and(nobody_waits),
                    sent.map(|_| ()).map_err(told(SFN, ANSWERING)),
                )
            }
            TokenAnswer::Failure { error, cause } => {
                let call =
                    client.send_task_failure().task_token(token).error(*error).cause(line(cause));
                let sent = call.send().await;
                (
                    sent.as_ref().is_err_and(nobody_waits),
                    sent.map(|_| ()).map_err(told(SFN, ANSWERING)),
                )
            }
        };
        match answered {
            Ok(()) => Ok(true),
            Err(_) if nobody => Ok(false),
            Err(error) => Err(without(error, token)),
        }
    }
}

fn nobody_waits(error: &impl ProvideErrorMetadata) -> bool {
    matches!(error.code(), Some("TaskTimedOut" | "TaskDoesNotExist" | "InvalidToken"))
}

// A validation error repeats the value, and the token is a secret.
fn without(error: PortError, token: &str) -> PortError {
    let PortError::Refused { service, doing, reason } = error else { return error };
    let start: String = token.chars().take(16).collect();
    let reason = match reason.split_once(&start) {
        Some((before, _)) if !start.is_empty() => format!("{before}…"),
        _ => reason,
    };
    PortError::Refused { service, doing, reason }
}
