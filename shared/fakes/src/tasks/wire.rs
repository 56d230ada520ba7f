//! Single calls of ECS that the port makes only together: for whoever answers on the wire.

use super::FakeTasks;
use watchfire_ports::{DefinitionAsk, PortError};

impl FakeTasks {
    /// `RegisterTaskDefinition`: another revision, however many there are.
    pub fn register(&self, ask: &DefinitionAsk) -> Result<String, PortError> {
        self.engine(|engine, _| engine.register(ask))
    }

    /// `DeregisterTaskDefinition`.
    pub fn deregister(&self, arn: &str) {
        self.engine(|engine, _| engine.retire(arn, "ACTIVE", "INACTIVE"));
    }

    /// `DeleteTaskDefinitions`, for one of them.
    pub fn delete_definition(&self, arn: &str) {
        self.engine(|engine, _| engine.retire(arn, "INACTIVE", "DELETE_IN_PROGRESS"));
    }
}
