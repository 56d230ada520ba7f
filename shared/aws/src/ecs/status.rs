//! What ECS says of a task.

use super::EcsTasks;
use aws_sdk_ecs::types::{Container, ManagedAgentName, Task, TaskStopCode};
use watchfire_domain::Timestamp;
use watchfire_ports::TaskStatus;

impl EcsTasks {
    pub(super) fn status(&self, task: &Task) -> Option<TaskStatus> {
        let container = task
            .containers()
            .iter()
            .find(|container| container.name() == Some(&self.settings.container));
        let stopped_at = task.stopped_at().and_then(|moment| moment.to_millis().ok());
        Some(TaskStatus {
            arn: task.task_arn()?.to_owned(),
            last_status: task.last_status().unwrap_or_default().to_owned(),
            desired_status: task.desired_status().unwrap_or_default().to_owned(),
            version: task.version(),
            exec_ready: container.is_some_and(exec_ready),
            exit_code: container.and_then(Container::exit_code),
            stop_code: said(task.stop_code().map(TaskStopCode::as_str)),
            stopped_reason: said(task.stopped_reason()),
            stopped_at: stopped_at.map(Timestamp::from_millis),
            started_by: task.started_by().map(str::to_owned),
            // ECS puts a task that no service started into the group of its family.
            family: task.group().and_then(|group| group.strip_prefix("family:")).map(str::to_owned),
        })
    }
}

// The local stack says nothing with an empty text.
fn said(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn exec_ready(container: &Container) -> bool {
    container.managed_agents().iter().any(|agent| {
        agent.name() == Some(&ManagedAgentName::ExecuteCommandAgent)
            && agent.last_status() == Some("RUNNING")
    })
}
