//! Access by ECS Exec: IAM decides by tags, and there is nothing to set up.

use async_trait::async_trait;
use watchfire_ports::{AccessBroker, PortError, TargetAsk};

/// The broker `ecs-exec`, which has no targets.
#[derive(Debug, Clone, Copy, Default)]
pub struct EcsExec;

#[async_trait]
impl AccessBroker for EcsExec {
    fn name(&self) -> &'static str {
        "ecs-exec"
    }

    async fn create(&self, _ask: &TargetAsk) -> Result<Option<String>, PortError> {
        Ok(None)
    }

    async fn attach(&self, _target: &str, _task: &str) -> Result<(), PortError> {
        Ok(())
    }

    async fn delete(&self, _target: &str) -> Result<(), PortError> {
        Ok(())
    }
}
