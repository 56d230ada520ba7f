//! The bus of domain events: what happened, told to whoever in the account wants to know (S3-06).

use crate::PortError;
use async_trait::async_trait;
use watchfire_domain::Timestamp;

/// A domain event on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainEvent {
    /// Its name, `incident.…`: what subscribers choose by.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// A JSON object, as text.
    pub detail: String,
}

/// The bus.
#[async_trait]
pub trait Bus: std::fmt::Debug + Send + Sync {
    /// Publishes the events. An answer for each, in their order; the answers end where the bus could
    /// not be reached, with the fault. At least once: a repeat may arrive twice.
    async fn publish(&self, events: &[DomainEvent]) -> Vec<Result<(), PortError>>;

    /// How many bytes an event's detail may have.
    fn largest(&self) -> usize;
}
