//! Starting a task.

use super::definitions::tags;
use super::{ECS, EcsTasks};
use crate::error::{Cause, corrupt, refused, told, unavailable};
use aws_sdk_ecs::operation::run_task::RunTaskError;
use aws_sdk_ecs::operation::run_task::builders::RunTaskFluentBuilder;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, Failure, LaunchType, NetworkConfiguration, PropagateTags,
};
use watchfire_ports::{PortError, RunAsk};

const DOING: &str = "running a task";
// The first platform that mounts EFS and carries ECS Exec; LATEST would change under a repeat.
const PLATFORM: &str = "1.4.0";

impl EcsTasks {
    pub(super) async fn run_task(&self, ask: &RunAsk) -> Result<String, PortError> {
        let call = self
            .task(DOING, &ask.tags)?
            .task_definition(&ask.definition)
            .enable_execute_command(true)
            .started_by(&ask.started_by)
            .client_token(&ask.client_token);
        match self.launch(DOING, call).await {
            // A definition that was registered a moment ago may not be seen yet.
            Err(error) if unseen(&error) => Err(unavailable(ECS, DOING, Cause::of(&error))),
            answer => answer,
        }
    }

    /// What every task of ours has in common: one of Fargate, in the same network.
    pub(crate) fn task(
        &self,
        doing: &'static str,
        pairs: &[(String, String)],
    ) -> Result<RunTaskFluentBuilder, PortError> {
        let call = self.client().run_task().cluster(&self.settings.cluster).count(1);
        Ok(call
            .launch_type(LaunchType::Fargate)
            .platform_version(PLATFORM)
            .enable_ecs_managed_tags(true)
            .propagate_tags(PropagateTags::TaskDefinition)
            .network_configuration(self.network(doing)?)
            .set_tags(Some(tags(pairs))))
    }

    /// Sends it; gives the task's ARN.
    pub(crate) async fn launch(
        &self,
        doing: &'static str,
        call: RunTaskFluentBuilder,
    ) -> Result<String, PortError> {
        let token = call.get_client_token().clone().unwrap_or_default();
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => {
                if let Some(RunTaskError::ConflictException(other)) = error.as_service_error() {
                    let what = other.resource_ids().first().unwrap_or(&token).clone();
                    return Err(PortError::Conflict { what, doing });
                }
                return Err(told(ECS, doing)(error));
            }
        };
        // A 200 may hold failures instead of tasks.
        match (answer.tasks().first().and_then(|task| task.task_arn()), answer.failures().first()) {
            (Some(arn), _) => Ok(arn.to_owned()),
            (None, Some(failure)) => Err(failed(doing, failure)),
            (None, None) => Err(corrupt(ECS, doing, "the answer has neither task nor failure")),
        }
    }

    fn network(&self, doing: &'static str) -> Result<NetworkConfiguration, PortError> {
        let public = self.settings.assign_public_ip;
        let vpc = AwsVpcConfiguration::builder()
            .set_subnets(Some(self.settings.subnets.clone()))
            .set_security_groups(Some(self.settings.security_groups.clone()))
            .assign_public_ip(if public {
                AssignPublicIp::Enabled
            } else {
                AssignPublicIp::Disabled
            })
            .build()
            .map_err(|error| refused(ECS, doing, &Cause::of(&error).to_string()))?;
        Ok(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
    }
}

// ECS has no code of its own for a definition that it does not know.
fn unseen(error: &PortError) -> bool {
    let PortError::Refused { reason, .. } = error else { return false };
    let code = reason.split(':').next().unwrap_or_default();
    let words = reason.to_ascii_lowercase();
    matches!(code, "InvalidParameterException" | "ClientException")
        && words.contains("definition")
        && (words.contains("not found") || words.contains("unable to describe"))
}

fn failed(doing: &'static str, failure: &Failure) -> PortError {
    let reason = failure.reason().unwrap_or_default();
    let words = words(failure);
    if reason.starts_with("RESOURCE") || reason.to_ascii_lowercase().contains("capacity") {
        unavailable(ECS, doing, Cause::text(&words))
    } else {
        refused(ECS, doing, &words)
    }
}

pub(super) fn words(failure: &Failure) -> String {
    let parts = [failure.reason(), failure.detail(), failure.arn()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}
