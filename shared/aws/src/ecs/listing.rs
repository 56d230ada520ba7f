//! Finding tasks.

use super::{ECS, EcsTasks};
use crate::error::{refused, told};
use aws_sdk_ecs::operation::list_tasks::ListTasksError;
use aws_sdk_ecs::types::DesiredStatus;
use std::collections::BTreeSet;
use watchfire_ports::{PortError, TaskStatus};

const DESCRIBING: &str = "describing tasks";
const LISTING: &str = "listing tasks";
const AT_ONCE: usize = 100;

impl EcsTasks {
    /// The tasks that ECS knows of these.
    pub(super) async fn describe_tasks(
        &self,
        arns: &[String],
    ) -> Result<Vec<TaskStatus>, PortError> {
        let mut found = Vec::new();
        for some in arns.chunks(AT_ONCE) {
            let answer = self
                .client()
                .describe_tasks()
                .cluster(&self.settings.cluster)
                .set_tasks(Some(some.to_vec()))
                .send()
                .await
                .map_err(told(ECS, DESCRIBING))?;
            // MISSING: not yet visible, or stopped for more than an hour.
            let other = answer.failures().iter().find(|one| one.reason() != Some("MISSING"));
            if let Some(failure) = other {
                return Err(refused(ECS, DESCRIBING, &super::run::words(failure)));
            }
            found.extend(answer.tasks().iter().filter_map(|task| self.status(task)));
        }
        Ok(found)
    }

    /// All that shall run.
    pub(super) async fn all_tasks(&self) -> Result<Vec<TaskStatus>, PortError> {
        let running = self.list(None, None).await?;
        self.describe_tasks(&running).await
    }

    /// All that was started by `started_by` and is not STOPPED.
    pub(crate) async fn living_tasks(&self, started_by: &str) -> Result<Vec<String>, PortError> {
        let found = self.started(started_by).await?;
        let living = found.tasks.into_iter().filter(|task| !task.stopped()).map(|task| task.arn);
        let all: BTreeSet<String> = living.chain(found.unseen).collect();
        Ok(all.into_iter().collect())
    }

    /// All that was started by `started_by` and is not forgotten.
    ///
    /// One listing shows only tasks of one desired status: RUNNING by default, and a task that is
    /// stopping while it still syncs its evidence has the desired status STOPPED. So there are two.
    /// The reference says that `startedBy` must be the only filter; in practice ECS takes it with a
    /// desired status, which is always in force anyhow. Should it refuse, the second listing is of
    /// all stopped tasks of the cluster, which ECS forgets after about an hour, and what they were
    /// started by is read from their description.
    pub(crate) async fn started(&self, started_by: &str) -> Result<Started, PortError> {
        let running = self.list(Some(started_by), None).await?;
        let stopping = self.list(Some(started_by), Some(DesiredStatus::Stopped)).await;
        let stopping = match stopping {
            Err(List::Filters) => self.list(None, Some(DesiredStatus::Stopped)).await?,
            answer => answer?,
        };
        let all: BTreeSet<String> = running.iter().chain(&stopping).cloned().collect();
        let known = self.describe_tasks(&all.into_iter().collect::<Vec<_>>()).await?;
        let described: BTreeSet<&str> = known.iter().map(|task| task.arn.as_str()).collect();
        let unseen = running.into_iter().filter(|arn| !described.contains(arn.as_str())).collect();
        let ours = |task: &TaskStatus| task.started_by.as_deref() == Some(started_by);
        Ok(Started { unseen, tasks: known.into_iter().filter(ours).collect() })
    }

    async fn list(
        &self,
        started_by: Option<&str>,
        desired: Option<DesiredStatus>,
    ) -> Result<Vec<String>, List> {
        self.client()
            .list_tasks()
            .cluster(&self.settings.cluster)
            .set_started_by(started_by.map(str::to_owned))
            .set_desired_status(desired)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(ListTasksError::InvalidParameterException(_)) => List::Filters,
                _ => List::Failed(told(ECS, LISTING)(error)),
            })
    }
}

/// What was started by somebody.
pub(crate) struct Started {
    /// Tasks that are described.
    pub(crate) tasks: Vec<TaskStatus>,
    /// Listed as running and not yet described: started a moment ago.
    unseen: Vec<String>,
}

impl Started {
    /// Whether one of them is not STOPPED.
    pub(crate) fn running(&self) -> bool {
        !self.unseen.is_empty() || self.tasks.iter().any(|task| !task.stopped())
    }
}

enum List {
    Filters,
    Failed(PortError),
}

impl From<List> for PortError {
    fn from(error: List) -> Self {
        match error {
            List::Filters => refused(ECS, LISTING, "the filters do not fit together"),
            List::Failed(error) => error,
        }
    }
}
