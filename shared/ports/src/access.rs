//! Access points (EFS), and the broker through which a person reaches the container.

use crate::PortError;
use async_trait::async_trait;

/// An access point to create (S0-09..11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPointAsk {
    /// At most 64 characters; the same for the same environment.
    pub client_token: String,
    /// `/{cluster}/{number}`.
    pub path: String,
    /// Tags, in order.
    pub tags: Vec<(String, String)>,
}

/// An access point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPoint {
    /// Its id, `fsap-…`.
    pub id: String,
    /// Its path.
    pub path: String,
    /// Whether it can be mounted.
    pub available: bool,
}

/// Access points. POSIX user and owner are 1000:1000, permissions 0755 (S0-10).
#[async_trait]
pub trait AccessPoints: std::fmt::Debug + Send + Sync {
    /// Creates it, or gives the one that this client token made before; one with another path is a
    /// conflict.
    async fn create(&self, ask: &AccessPointAsk) -> Result<AccessPoint, PortError>;

    /// The one that this client token made; none if there is none. For what was made by a call whose
    /// answer nobody got.
    async fn find(&self, client_token: &str) -> Result<Option<AccessPoint>, PortError>;

    /// Its state; none if there is none.
    async fn describe(&self, id: &str) -> Result<Option<AccessPoint>, PortError>;

    /// Deletes it; its data stay. One that is gone is no error.
    async fn delete(&self, id: &str) -> Result<(), PortError>;
}

/// A target of the broker (S0-15..20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetAsk {
    /// `{cluster}-incident-{number}`.
    pub name: String,
    /// `Incident {n} for ROSA cluster {cluster}`.
    pub description: String,
}

/// Through what a person reaches the container. `ecs-exec` needs no targets; `boundary` has them.
/// A broker that fails degrades access and never blocks an incident.
#[async_trait]
pub trait AccessBroker: std::fmt::Debug + Send + Sync {
    /// `ecs-exec` or `boundary`.
    fn name(&self) -> &'static str;

    /// Creates the target, or finds the one of this name; its id, if the broker has targets.
    async fn create(&self, ask: &TargetAsk) -> Result<Option<String>, PortError>;

    /// Tells the target which task it leads to (S0-25).
    async fn attach(&self, target: &str, task: &str) -> Result<(), PortError>;

    /// Ends the sessions of the target of this name and deletes it (S0-44). By name, since a target
    /// whose id got lost must go as well. One that is gone is no error.
    async fn delete(&self, name: &str) -> Result<(), PortError>;
}
