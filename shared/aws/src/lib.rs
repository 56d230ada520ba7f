//! The ports on AWS: ECS, EFS, Step Functions, S3, SQS, SES, SNS, SSM, Secrets Manager; and on the
//! web: webhooks, the requests of runbooks and the issuer's keys.
//!
//! `Aws` holds the clients, one HTTP client under all of them; each adapter takes it and keeps the
//! promises of its port. `error` is the only place where an error of a dependency becomes ours.

mod aged;
mod bus;
mod clients;
mod connector;
mod ecs;
mod efs;
mod error;
mod exec;
mod http1;
mod jobs;
mod jwks;
mod notify;
mod pool;
mod public;
mod requests;
mod roots;
mod s3;
mod secrets;
mod settings;
mod sfn;
mod sqs;
mod system;
mod target;
#[cfg(test)]
mod tests;
mod web;

pub use bus::EventBus;
pub use clients::Aws;
pub use ecs::{EcsSettings, EcsTasks};
pub use efs::EfsAccessPoints;
pub use exec::EcsExec;
pub use jobs::{AwsJobs, JobSettings};
pub use jwks::HttpJwks;
pub use notify::{MessageSettings, Messages, signature};
pub use requests::WebRequests;
pub use s3::{S3Evidence, S3Vault};
pub use secrets::SecretsManager;
pub use settings::{Settings, Trust};
pub use sfn::SfnWorkflow;
pub use sqs::{SqsHooks, SqsLine, SqsProbes, SqsSeals};
pub use system::{RingIds, StdoutMetrics, SystemClock, TokioPause};
pub use web::Web;
