//! What the functions need of the world, as traits. The promises stand here; `aws` keeps them on
//! AWS, `fakes` in tests.

mod access;
mod bus;
mod error;
mod evidence;
mod hooks;
mod jobs;
mod line;
mod notify;
mod system;
mod tasks;
mod vault;
mod workflow;

pub use access::{AccessBroker, AccessPoint, AccessPointAsk, AccessPoints, TargetAsk};
pub use bus::{Bus, DomainEvent};
pub use error::PortError;
pub use evidence::{Evidence, Found};
pub use hooks::{Delivery, Hooks};
pub use jobs::{Ended, Job, JobKind, Jobs, Requests, WebAnswer, WebAsk, Work};
pub use line::{Line, Waiting};
pub use notify::{Message, Notify, Sent};
pub use system::{Clock, Ids, Jwks, Metrics, Pause, Secrets};
pub use tasks::{DefinitionAsk, RunAsk, TaskStatus, Tasks};
pub use vault::{SealAsk, Seals, Vault};
pub use workflow::{Probe, Probes, TokenAnswer, Workflow};
