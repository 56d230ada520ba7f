//! Starting a task.

use super::definitions::tags;
use super::{ECS, EcsTasks};
use crate::error::{Cause, corrupt, refused, told, unavailable};
use aws_sdk_ecs::operation::run_task::RunTaskError;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, Failure, LaunchType, NetworkConfiguration, PropagateTags,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use watchfire_ports::{PortError, RunAsk};

const DOING: &str = "running a task";
// The first platform that mounts EFS and carries ECS Exec; LATEST would change under a repeat.
const PLATFORM: &str = "1.4.0";

impl EcsTasks {
    pub(super) async fn run_task(&self, ask: &RunAsk) -> Result<String, PortError> {
        let answer = self
            .client()
            .run_task()
            .cluster(&self.settings.cluster)
            .task_definition(&ask.definition)
            .count(1)
            .launch_type(LaunchType::Fargate)
            .platform_version(PLATFORM)
            .enable_execute_command(true)
            .enable_ecs_managed_tags(true)
            .propagate_tags(PropagateTags::TaskDefinition)
            .started_by(&ask.started_by)
            .client_token(&ask.client_token)
            .network_configuration(self.network()?)
            .set_tags(Some(tags(&ask.tags)))
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                if let Some(RunTaskError::ConflictException(other)) = error.as_service_error() {
                    let what = other.resource_ids().first().unwrap_or(&ask.client_token).clone();
                    return Err(PortError::Conflict { what, doing: DOING });
                }
                // A definition that was registered a moment ago may not be seen yet.
                let unseen = unseen(&error);
                let error = told(ECS, DOING)(error);
                return Err(if unseen {
                    unavailable(ECS, DOING, Cause::of(&error))
                } else {
                    error
                });
            }
        };
        // A 200 may hold failures instead of tasks.
        match (answer.tasks().first().and_then(|task| task.task_arn()), answer.failures().first()) {
            (Some(arn), _) => Ok(arn.to_owned()),
            (None, Some(failure)) => Err(failed(failure)),
            (None, None) => Err(corrupt(ECS, DOING, "the answer has neither task nor failure")),
        }
    }

    fn network(&self) -> Result<NetworkConfiguration, PortError> {
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
            .map_err(|error| refused(ECS, DOING, &Cause::of(&error).to_string()))?;
        Ok(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
    }
}

fn unseen(error: &impl ProvideErrorMetadata) -> bool {
    let words = error.message().unwrap_or_default().to_ascii_lowercase();
    matches!(error.code(), Some("InvalidParameterException" | "ClientException"))
        && words.contains("definition")
        && (words.contains("not found") || words.contains("unable to describe"))
}

fn failed(failure: &Failure) -> PortError {
    let reason = failure.reason().unwrap_or_default();
    let words = words(failure);
    if reason.starts_with("RESOURCE") || reason.to_ascii_lowercase().contains("capacity") {
        unavailable(ECS, DOING, Cause::text(&words))
    } else {
        refused(ECS, DOING, &words)
    }
}

pub(super) fn words(failure: &Failure) -> String {
    let parts = [failure.reason(), failure.detail(), failure.arn()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}
