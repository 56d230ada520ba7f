//! Access points (EFS), and the broker through which a person reaches the container.

use crate::PortError;
use async_trait::async_trait;
use std::collections::BTreeMap;

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

    /// Every one of the file system, with its tags.
    async fn all(&self) -> Result<Vec<(AccessPoint, BTreeMap<String, String>)>, PortError>;

    /// Its state; none if there is none.
    async fn describe(&self, id: &str) -> Result<Option<AccessPoint>, PortError>;

    /// Deletes it; its data stay. One that is gone is no error.
    async fn delete(&self, id: &str) -> Result<(), PortError>;
}

/// A target of the broker, of type tcp (S0-15..19). Which scope it is made in is for the adapter's own
/// settings to say; the cluster, the number and the ECS cluster stand in the environment's record,
/// since Boundary takes no attributes of its callers' (S0-20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetAsk {
    /// `{cluster}-incident-{number}` (S0-16).
    pub name: String,
    /// `Incident {n} for ROSA cluster {cluster}` (S0-17).
    pub description: String,
    /// Where a session leads to: [`TargetAsk::ADDRESS`].
    pub address: String,
    /// Its port: [`TargetAsk::PORT`].
    pub port: u16,
    /// How long a session may last, in seconds: [`TargetAsk::SESSION_SECONDS`].
    pub session_seconds: u32,
}

impl TargetAsk {
    /// `localhost` (S0-18): the session's helper goes on from there.
    pub const ADDRESS: &'static str = "localhost";
    /// 9999 (S0-18).
    pub const PORT: u16 = 9999;
    /// 8 hours (S0-19).
    pub const SESSION_SECONDS: u32 = 28_800;

    /// The target of an incident's environment.
    pub fn new(name: String, description: String) -> Self {
        Self {
            name,
            description,
            address: Self::ADDRESS.to_owned(),
            port: Self::PORT,
            session_seconds: Self::SESSION_SECONDS,
        }
    }
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
