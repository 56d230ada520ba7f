//! Task definitions: one family for each environment.

use super::{ECS, EcsTasks};
use crate::error::{Cause, corrupt, refused, told, unavailable};
use aws_sdk_ecs::error::BuildError;
use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, CpuArchitecture, EfsAuthorizationConfig,
    EfsAuthorizationConfigIam, EfsTransitEncryption, EfsVolumeConfiguration, Failure, KeyValuePair,
    LinuxParameters, LogConfiguration, LogDriver, MountPoint, NetworkMode, OsFamily,
    RuntimePlatform, Tag, TaskDefinitionStatus, Volume,
};
use watchfire_ports::{DefinitionAsk, PortError};

const DEFINING: &str = "registering a task definition";
const LISTING: &str = "listing task definitions";
const FORGETTING: &str = "deleting task definitions";
const VOLUME: &str = "home";
// Fargate's longest: the container syncs its evidence in this time.
const STOP_TIMEOUT: i32 = 120;
const AT_ONCE: usize = 10;

impl EcsTasks {
    /// The family's active revisions, oldest first.
    pub(super) async fn active(&self, family: &str) -> Result<Vec<String>, PortError> {
        self.revisions(family, TaskDefinitionStatus::Active).await
    }

    async fn revisions(
        &self,
        family: &str,
        status: TaskDefinitionStatus,
    ) -> Result<Vec<String>, PortError> {
        let arns: Vec<String> = self
            .client()
            .list_task_definitions()
            .family_prefix(family)
            .status(status)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(told(ECS, LISTING))?;
        // AWS takes the whole family's name for a prefix, other implementations a prefix: the
        // family of attempt 1 must not take that of attempt 10 with it.
        Ok(arns.into_iter().filter(|arn| family_of(arn) == Some(family)).collect())
    }

    pub(super) async fn register(&self, ask: &DefinitionAsk) -> Result<String, PortError> {
        let settings = &self.settings;
        let container = self
            .container(ask)
            .map_err(|error| refused(ECS, DEFINING, &Cause::of(&error).to_string()))?;
        let access = EfsAuthorizationConfig::builder()
            .access_point_id(&ask.access_point)
            .iam(EfsAuthorizationConfigIam::Enabled)
            .build();
        // No root directory: the access point has one, and another is an error.
        let volume = EfsVolumeConfiguration::builder()
            .file_system_id(&settings.file_system)
            .transit_encryption(EfsTransitEncryption::Enabled)
            .authorization_config(access)
            .build()
            .map_err(|error| refused(ECS, DEFINING, &Cause::of(&error).to_string()))?;
        let platform = RuntimePlatform::builder()
            .cpu_architecture(CpuArchitecture::from(settings.architecture.as_str()))
            .operating_system_family(OsFamily::Linux)
            .build();
        self.client()
            .register_task_definition()
            .family(&ask.family)
            .network_mode(NetworkMode::Awsvpc)
            .requires_compatibilities(Compatibility::Fargate)
            .cpu(&settings.cpu)
            .memory(&settings.memory)
            .execution_role_arn(&settings.execution_role)
            .task_role_arn(&settings.task_role)
            .runtime_platform(platform)
            .volumes(Volume::builder().name(VOLUME).efs_volume_configuration(volume).build())
            .container_definitions(container)
            .set_tags(Some(tags(&ask.tags)))
            .send()
            .await
            .map_err(told(ECS, DEFINING))?
            .task_definition
            .and_then(|definition| definition.task_definition_arn)
            .ok_or_else(|| corrupt(ECS, DEFINING, "the answer has no ARN"))
    }

    fn container(&self, ask: &DefinitionAsk) -> Result<ContainerDefinition, BuildError> {
        let settings = &self.settings;
        let log = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .options("awslogs-group", &settings.log_group)
            .options("awslogs-region", self.aws.region())
            .options("awslogs-stream-prefix", &settings.container)
            .build()?;
        let environment = ask
            .environment
            .iter()
            .map(|(name, value)| KeyValuePair::builder().name(name).value(value).build());
        Ok(ContainerDefinition::builder()
            .name(&settings.container)
            .image(&settings.image)
            .essential(true)
            .set_environment(Some(environment.collect()))
            .mount_points(
                MountPoint::builder()
                    .source_volume(VOLUME)
                    .container_path("/home/sre")
                    .read_only(false)
                    .build(),
            )
            .stop_timeout(STOP_TIMEOUT)
            .linux_parameters(LinuxParameters::builder().init_process_enabled(true).build())
            // ECS Exec writes its agent into the container.
            .readonly_root_filesystem(false)
            .log_configuration(log)
            .build())
    }

    pub(super) async fn forget_family(&self, family: &str) -> Result<usize, PortError> {
        let active = self.active(family).await?;
        for arn in &active {
            self.client()
                .deregister_task_definition()
                .task_definition(arn)
                .send()
                .await
                .map_err(told(ECS, "deregistering a task definition"))?;
        }
        let mut all = self.revisions(family, TaskDefinitionStatus::Inactive).await?;
        all.extend(active);
        all.sort();
        all.dedup();
        for some in all.chunks(AT_ONCE) {
            let answer = self
                .client()
                .delete_task_definitions()
                .set_task_definitions(Some(some.to_vec()))
                .send()
                .await
                .map_err(told(ECS, FORGETTING))?;
            let left = answer.failures().iter().find(|failure| !gone(failure));
            if let Some(failure) = left {
                return Err(undeleted(failure));
            }
        }
        Ok(all.len())
    }
}

fn gone(failure: &Failure) -> bool {
    failure.reason().is_some_and(|reason| reason.contains("MISSING"))
}

// A task that still refers to it passes; a missing permission does not.
fn undeleted(failure: &Failure) -> PortError {
    let words = super::run::words(failure);
    if failure.reason().is_some_and(|reason| reason.to_ascii_uppercase().contains("DENIED")) {
        refused(ECS, FORGETTING, &words)
    } else {
        unavailable(ECS, FORGETTING, Cause::text(&words))
    }
}

fn family_of(arn: &str) -> Option<&str> {
    let (_, revision) = arn.split_once("task-definition/")?;
    Some(revision.rsplit_once(':')?.0)
}

pub(super) fn tags(pairs: &[(String, String)]) -> Vec<Tag> {
    pairs.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
