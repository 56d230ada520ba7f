//! SSM Automation documents.

use super::{AwsJobs, LOOKING, STARTING, STOPPING, unlisted};
use crate::error::{Cause, corrupt, line, refused, told, unavailable};
use aws_sdk_ssm::operation::start_automation_execution::StartAutomationExecutionError;
use aws_sdk_ssm::operation::stop_automation_execution::StopAutomationExecutionError;
use aws_sdk_ssm::types::{
    AutomationExecutionFilter, AutomationExecutionFilterKey, AutomationExecutionMetadata,
    AutomationExecutionStatus, StopType, Tag,
};
use std::collections::{BTreeMap, HashMap};
use watchfire_ports::{Ended, Job, PortError, Work};

const SSM: &str = "SSM";

impl AwsJobs {
    /// SSM promises that a token is used once, and not what it answers to a second use of it: so a
    /// job is looked for before it is started, and once more if SSM refuses.
    pub(super) async fn start_automation(
        &self,
        job: &Job,
        document: &str,
        parameters: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), PortError> {
        if !self.settings.documents.contains(document) {
            return Err(unlisted(SSM, document, "WATCHFIRE_STEP_DOCUMENTS"));
        }
        let token = uuid(&job.name)
            .ok_or_else(|| refused(SSM, STARTING, "a job's name has 32 hexadecimal digits"))?;
        let unfit = |error| refused(SSM, STARTING, &Cause::of(&error).to_string());
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        if self.execution(job, STARTING).await?.is_some() {
            return Ok(());
        }
        let parameters: HashMap<_, _> = parameters.clone().into_iter().collect();
        let started = self
            .aws
            .ssm()
            .start_automation_execution()
            .document_name(document)
            .set_parameters((!parameters.is_empty()).then_some(parameters))
            .client_token(token)
            .tags(tag(&tag_key(job), &job.tenant).map_err(unfit)?)
            .tags(tag("ManagedBy", "watchfire").map_err(unfit)?)
            .send()
            .await;
        let Err(error) = started else { return Ok(()) };
        let used = matches!(
            error.as_service_error(),
            Some(StartAutomationExecutionError::IdempotentParameterMismatch(_))
        );
        let error = told(SSM, STARTING)(error);
        if error.retryable() {
            return Err(error);
        }
        match self.execution(job, STARTING).await? {
            Some(_) => Ok(()),
            // It was started, and the list does not show it yet.
            None if used => Err(unavailable(SSM, STARTING, Cause::of(&error))),
            None => Err(error),
        }
    }

    pub(super) async fn look_at_automation(&self, job: &Job) -> Result<Work, PortError> {
        // The list tells all that is asked for, and has the outputs.
        let Some(execution) = self.execution(job, LOOKING).await? else {
            return Ok(Work::Unknown);
        };
        let Some(passed) = ended(execution.automation_execution_status()) else {
            return Ok(Work::Running);
        };
        Ok(Work::Over(Ended {
            passed,
            exit_code: None,
            status: Some(status(&execution).to_owned()),
            output: output(&execution)?,
            whole: None,
            // SSM itself keeps it, for thirty days; whoever records the end keeps it for longer.
            evidence: Vec::new(),
            problem: (!passed).then(|| problem(&execution)),
        }))
    }

    pub(super) async fn stop_automation(&self, job: &Job) -> Result<(), PortError> {
        let Some(execution) = self.execution(job, STOPPING).await? else { return Ok(()) };
        if ended(execution.automation_execution_status()).is_some() {
            return Ok(());
        }
        let Some(id) = execution.automation_execution_id else { return Ok(()) };
        let call = self.aws.ssm().stop_automation_execution().automation_execution_id(id);
        match call.r#type(StopType::Cancel).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // It ended meanwhile, or is forgotten.
                Some(
                    StopAutomationExecutionError::InvalidAutomationStatusUpdateException(_)
                    | StopAutomationExecutionError::AutomationExecutionNotFoundException(_),
                ) => Ok(()),
                _ => Err(told(SSM, STOPPING)(error)),
            },
        }
    }

    /// The job's execution, by its tag.
    async fn execution(
        &self,
        job: &Job,
        doing: &'static str,
    ) -> Result<Option<AutomationExecutionMetadata>, PortError> {
        let filter = AutomationExecutionFilter::builder()
            .key(AutomationExecutionFilterKey::TagKey)
            .values(tag_key(job))
            .build()
            .map_err(|error| refused(SSM, doing, &Cause::of(&error).to_string()))?;
        let call = self.aws.ssm().describe_automation_executions().filters(filter);
        // A page may be empty though another one follows.
        let mut found = call.into_paginator().items().send();
        found.next().await.transpose().map_err(told(SSM, doing))
    }
}

fn tag_key(job: &Job) -> String {
    format!("watchfire:step:{}", job.name)
}

/// The name as SSM wants a token: 8-4-4-4-12.
fn uuid(name: &str) -> Option<String> {
    let fits = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups = [name.get(..8), name.get(8..12), name.get(12..16), name.get(16..20)];
    let groups: Option<Vec<&str>> = groups.into_iter().chain([name.get(20..)]).collect();
    groups.filter(|_| fits).map(|groups| groups.join("-"))
}

/// Whether it passed, if it is over. What SSM may add goes on until it says so.
fn ended(status: Option<&AutomationExecutionStatus>) -> Option<bool> {
    match status.map_or("", AutomationExecutionStatus::as_str) {
        "Success" | "CompletedWithSuccess" => Some(true),
        "Failed"
        | "TimedOut"
        | "Cancelled"
        | "Rejected"
        | "ChangeCalendarOverrideRejected"
        | "CompletedWithFailure"
        | "Exited" => Some(false),
        _ => None,
    }
}

fn status(execution: &AutomationExecutionMetadata) -> &str {
    execution.automation_execution_status().map_or("", AutomationExecutionStatus::as_str)
}

fn problem(execution: &AutomationExecutionMetadata) -> String {
    let status = status(execution);
    match execution.failure_message() {
        Some(message) => line(&format!("{status}: {message}")),
        None => format!("it ended as {status}"),
    }
}

/// Its outputs as JSON, in the order of their names.
fn output(execution: &AutomationExecutionMetadata) -> Result<Vec<u8>, PortError> {
    let outputs: BTreeMap<_, _> = execution.outputs().into_iter().flatten().collect();
    serde_json::to_vec(&outputs)
        .map_err(|error| corrupt(SSM, LOOKING, &Cause::of(&error).to_string()))
}
