//! The programs and documents of runbooks.

mod automation;
mod overrides;
mod program;

use crate::Aws;
use crate::ecs::{EcsSettings, EcsTasks};
use crate::error::refused;
use crate::s3::Bucket;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use watchfire_ports::{Job, JobKind, Jobs, PortError, Work};

const STARTING: &str = "starting the job of a step";
const LOOKING: &str = "looking at the job of a step";
const STOPPING: &str = "stopping the job of a step";

/// What jobs may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobSettings {
    /// `WATCHFIRE_STEP_PROFILES`: the task definition of each profile.
    pub profiles: BTreeMap<String, String>,
    /// `WATCHFIRE_STEP_DOCUMENTS`: the documents that may be run.
    pub documents: BTreeSet<String>,
    /// `WATCHFIRE_EVIDENCE_BUCKET`: where programs leave their output.
    pub bucket: String,
}

/// Programs as tasks of ECS, and documents of SSM Automation.
#[derive(Debug)]
pub struct AwsJobs {
    aws: Arc<Aws>,
    tasks: EcsTasks,
    bucket: Bucket,
    settings: JobSettings,
}

impl AwsJobs {
    /// Jobs in the network of `tasks`, of which nothing else is used.
    pub fn new(aws: Arc<Aws>, tasks: EcsSettings, settings: JobSettings) -> Self {
        let tasks = EcsSettings { container: program::CONTAINER.to_owned(), ..tasks };
        Self {
            tasks: EcsTasks::new(Arc::clone(&aws), tasks),
            bucket: Bucket { aws: Arc::clone(&aws), name: settings.bucket.clone() },
            aws,
            settings,
        }
    }
}

#[async_trait]
impl Jobs for AwsJobs {
    async fn start(&self, job: &Job) -> Result<(), PortError> {
        match &job.kind {
            JobKind::Program { profile, argv, stdin } => {
                self.start_program(job, profile, argv, stdin.as_deref()).await
            }
            JobKind::Automation { document, parameters } => {
                self.start_automation(job, document, parameters).await
            }
        }
    }

    async fn look(&self, job: &Job) -> Result<Work, PortError> {
        match &job.kind {
            JobKind::Program { .. } => self.look_at_program(job).await,
            JobKind::Automation { .. } => self.look_at_automation(job).await,
        }
    }

    async fn stop(&self, job: &Job, reason: &str) -> Result<(), PortError> {
        match &job.kind {
            JobKind::Program { .. } => self.stop_program(job, reason).await,
            JobKind::Automation { .. } => self.stop_automation(job).await,
        }
    }
}

/// Nothing of the kind is listed in `setting`.
fn unlisted(service: &'static str, what: &str, setting: &str) -> PortError {
    refused(service, STARTING, &format!("`{what}` is not listed in `{setting}`"))
}
