//! Executions of runbooks: each stands in its incident's collection, or in one of its own.

use crate::{Record, Repo, Row, item, keys};
use watchfire_domain::{ExecutionId, IncidentId, Tenant, Timestamp};
use watchfire_ports::PortError;
use watchfire_runbook::Execution;

impl Record for Execution {
    const KIND: &'static str = "RUN";
    fn name(&self) -> String {
        format!("execution/{}", self.id)
    }
    fn incident(&self) -> IncidentId {
        self.timeline()
    }
    fn sk(&self) -> String {
        keys::execution_sk(self.id)
    }
    fn version(&self) -> u64 {
        self.version
    }
}

/// The due key of an execution.
pub(crate) fn place(tenant: &Tenant, timeline: IncidentId, id: ExecutionId) -> keys::Key {
    keys::Key { pk: keys::incident(tenant, timeline), sk: keys::execution_sk(id) }
}

impl Repo {
    /// The execution; none if this tenant has none of this id. Read consistently.
    pub async fn execution(&self, id: ExecutionId) -> Result<Option<Row<Execution>>, PortError> {
        let pointer = self.table().get(&keys::execution(self.tenant(), id), true).await?;
        let Some(pointer) = pointer else { return Ok(None) };
        match item::text(&pointer, "incident")?.parse() {
            Ok(timeline) => self.execution_of(timeline, id).await,
            Err(_) => Ok(None),
        }
    }

    /// The execution of this incident; without an incident it is found by its own id.
    pub async fn execution_of(
        &self,
        timeline: IncidentId,
        id: ExecutionId,
    ) -> Result<Option<Row<Execution>>, PortError> {
        self.record(timeline, keys::execution_sk(id)).await
    }

    /// Every execution of the incident, the oldest first.
    pub async fn executions(&self, id: IncidentId) -> Result<Vec<Row<Execution>>, PortError> {
        self.parts(id).await
    }

    /// Moves when `sweep` looks at the execution.
    pub async fn move_execution_due(
        &self,
        timeline: IncidentId,
        id: ExecutionId,
        from: Timestamp,
        to: Option<Timestamp>,
    ) -> Result<(), PortError> {
        self.table().move_due(&place(self.tenant(), timeline, id), from, to).await
    }
}
