//! Containers on Fargate.

mod definitions;
mod listing;
mod run;
mod status;

use crate::Aws;
use crate::error::told;
use async_trait::async_trait;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::sync::Arc;
use watchfire_ports::{DefinitionAsk, PortError, RunAsk, TaskStatus, Tasks};

pub(crate) const ECS: &str = "ECS";

/// What every task has in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EcsSettings {
    /// `WATCHFIRE_ECS_CLUSTER`: name or ARN.
    pub cluster: String,
    /// `WATCHFIRE_SUBNETS`, at least two zones.
    pub subnets: Vec<String>,
    /// `WATCHFIRE_SECURITY_GROUPS`.
    pub security_groups: Vec<String>,
    /// `WATCHFIRE_ASSIGN_PUBLIC_IP`.
    pub assign_public_ip: bool,
    /// `WATCHFIRE_IMAGE`, by digest.
    pub image: String,
    /// `WATCHFIRE_CONTAINER`: the container's name.
    pub container: String,
    /// `WATCHFIRE_TASK_ROLE_ARN`: what the container may do; ECS Exec needs it.
    pub task_role: String,
    /// `WATCHFIRE_EXECUTION_ROLE_ARN`: what ECS may do to start it.
    pub execution_role: String,
    /// `WATCHFIRE_FILE_SYSTEM`: where the access points are.
    pub file_system: String,
    /// `WATCHFIRE_TASK_LOG_GROUP`.
    pub log_group: String,
    /// `WATCHFIRE_TASK_CPU`, in units of 1/1024 vCPU.
    pub cpu: String,
    /// `WATCHFIRE_TASK_MEMORY`, in MiB.
    pub memory: String,
    /// `WATCHFIRE_TASK_ARCH`: `ARM64` or `X86_64`.
    pub architecture: String,
}

/// Containers on ECS. A function that only looks and stops needs only the cluster and the
/// container's name of the settings.
#[derive(Debug)]
pub struct EcsTasks {
    aws: Arc<Aws>,
    settings: EcsSettings,
}

impl EcsTasks {
    /// Tasks with these settings.
    pub const fn new(aws: Arc<Aws>, settings: EcsSettings) -> Self {
        Self { aws, settings }
    }

    fn client(&self) -> &aws_sdk_ecs::Client {
        self.aws.ecs()
    }

    /// Stops a task. One that is forgotten is no error.
    pub(crate) async fn stop_task(&self, arn: &str, reason: &str) -> Result<(), PortError> {
        const DOING: &str = "stopping a task";
        let stopped = self
            .client()
            .stop_task()
            .cluster(&self.settings.cluster)
            .task(arn)
            // ECS takes 1024 characters at most.
            .reason(reason.chars().take(250).collect::<String>())
            .send()
            .await;
        match stopped {
            Err(error) if forgotten(&error) => Ok(()),
            answer => answer.map(|_| ()).map_err(told(ECS, DOING)),
        }
    }
}

#[async_trait]
impl Tasks for EcsTasks {
    async fn define(&self, ask: &DefinitionAsk) -> Result<String, PortError> {
        // RegisterTaskDefinition has no client token: what is there already is looked for first.
        match self.active(&ask.family).await?.pop() {
            Some(newest) => Ok(newest),
            None => self.register(ask).await,
        }
    }

    async fn run(&self, ask: &RunAsk) -> Result<String, PortError> {
        self.run_task(ask).await
    }

    async fn describe(&self, arn: &str) -> Result<Option<TaskStatus>, PortError> {
        Ok(self.describe_tasks(&[arn.to_owned()]).await?.pop())
    }

    async fn living(&self, started_by: &str) -> Result<Vec<String>, PortError> {
        self.living_tasks(started_by).await
    }

    async fn all(&self) -> Result<Vec<TaskStatus>, PortError> {
        self.all_tasks().await
    }

    async fn stop(&self, arn: &str, reason: &str) -> Result<(), PortError> {
        self.stop_task(arn, reason).await
    }

    async fn forget(&self, family: &str) -> Result<usize, PortError> {
        self.forget_family(family).await
    }
}

// ECS has no code of its own for a task that it does not know (any more).
fn forgotten(error: &impl ProvideErrorMetadata) -> bool {
    matches!(error.code(), Some("InvalidParameterException" | "ClientException"))
        && error.message().is_some_and(|words| words.to_ascii_lowercase().contains("not found"))
}
