//! What an operator sets, read once at the start: every problem is reported, not only the first.

mod page;
mod reader;
mod sign_in;
mod steps;
#[cfg(test)]
mod tests;
mod types;
pub mod variables;

pub use page::markdown;
pub use sign_in::{Sends, SignIn};
pub use steps::{StepHost, StepProfile};
pub use types::{
    Architecture, Arn, BucketName, Ca, ClusterName, DocumentName, Name, NetworkId, Principal,
    ReadableFile, Seconds, SecretId, SecretPrefix, TableName, Text, Trust, Url,
};
pub use variables::{FUNCTIONS, Otherwise, VARIABLES, Variable};

use crate::{Fault, Problem};
use reader::Reader;
use tracing::level_filters::LevelFilter;
use variables as var;

/// The settings. What a function has no use for may be absent: [`need`] turns an absence into words.
/// Nothing in here is secret: secrets are named by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `WATCHFIRE_TABLE` (required): the DynamoDB table.
    pub table: TableName,
    /// `WATCHFIRE_STAGE` (`dev`): which deployment this is.
    pub stage: Name,
    /// `WATCHFIRE_LOG` (`info`): the least weight that is logged.
    pub log: LevelFilter,
    /// `WATCHFIRE_PREWARM` (1): whether the table's connection is opened before the first event.
    pub prewarm: bool,
    /// `WATCHFIRE_TRUST` (`pinned`): by which roots AWS is trusted.
    pub trust: Trust,
    /// `AWS_ENDPOINT_URL` (none): where AWS is, if it is the local stack.
    pub endpoint: Option<Url>,
    /// `SMITHY_CLIENT_SDK_CUSTOM_PARTITION` (none): how AWS is named in this partition. The SDK reads it
    /// by itself, and panics if it cannot: here it is found out in words.
    pub partition: Option<ReadableFile>,
    /// `WATCHFIRE_LIFECYCLE_ARN`: the lifecycle state machine.
    pub lifecycle_arn: Option<Arn>,
    /// `WATCHFIRE_RUNBOOK_ARN`: the runbook state machine.
    pub runbook_arn: Option<Arn>,
    /// `WATCHFIRE_PROBE_QUEUE_URL`: the queue of looks at environments.
    pub probe_queue_url: Option<Url>,
    /// `WATCHFIRE_ECS_CLUSTER`: where tasks run.
    pub ecs_cluster: Option<ClusterName>,
    /// `WATCHFIRE_SUBNETS` (comma-separated): the subnets of the tasks.
    pub subnets: Option<Vec<NetworkId>>,
    /// `WATCHFIRE_SECURITY_GROUPS` (comma-separated; none): the security groups of the tasks.
    pub security_groups: Vec<NetworkId>,
    /// `WATCHFIRE_ASSIGN_PUBLIC_IP` (`DISABLED`): whether tasks get a public address.
    pub assign_public_ip: bool,
    /// `WATCHFIRE_IMAGE`: the container's image.
    pub image: Option<Text>,
    /// `WATCHFIRE_CONTAINER` (`rosa-boundary`): the container's name within its task.
    pub container: Name,
    /// `WATCHFIRE_TASK_ROLE_ARN`: the role that the container acts under.
    pub task_role_arn: Option<Arn>,
    /// `WATCHFIRE_EXECUTION_ROLE_ARN`: the role that ECS starts it with.
    pub execution_role_arn: Option<Arn>,
    /// `WATCHFIRE_FILE_SYSTEM`: the EFS file system of the home directories.
    pub file_system: Option<NetworkId>,
    /// `WATCHFIRE_TASK_LOG_GROUP`: where the container logs.
    pub task_log_group: Option<Text>,
    /// `WATCHFIRE_FAMILY_PREFIX` (`rosa-boundary`): how the names of task families begin.
    pub family_prefix: Name,
    /// `WATCHFIRE_TASK_CPU` (256, in 1/1024 vCPU): the processor share of a task.
    pub task_cpu: u32,
    /// `WATCHFIRE_TASK_MEMORY` (512, in MiB): the memory of a task.
    pub task_memory: u32,
    /// `WATCHFIRE_TASK_ARCH` (`ARM64`): the processor that the image is built for.
    pub task_arch: Architecture,
    /// `WATCHFIRE_EVIDENCE_BUCKET`: where containers leave their evidence.
    pub evidence_bucket: Option<BucketName>,
    /// `WATCHFIRE_TOKEN_SECRET`: the keys under which task tokens are stored.
    pub token_secret: Option<SecretId>,
    /// `WATCHFIRE_LINK_SECRET`: the keys that sign approval links.
    pub link_secret: Option<SecretId>,
    /// `WATCHFIRE_INTEGRATION_SECRET`: the keys that the secrets of integrations follow from.
    pub integration_secret: Option<SecretId>,
    /// `WATCHFIRE_ALARM_QUEUE_URL`: the queue of alarms.
    pub alarm_queue_url: Option<Url>,
    /// `WATCHFIRE_ALARM_LINE_URL`: the queue in which alarms of one key wait for each other.
    pub alarm_line_url: Option<Url>,
    /// `WATCHFIRE_CURSOR_SECRET`: the keys that authenticate page cursors.
    pub cursor_secret: Option<SecretId>,
    /// `WATCHFIRE_CHECKPOINT_BUCKET`: where signed checkpoints and evidence bundles lie.
    pub checkpoint_bucket: Option<BucketName>,
    /// `WATCHFIRE_CHECKPOINT_SECRET`: the keys that sign the log.
    pub checkpoint_secret: Option<SecretId>,
    /// `WATCHFIRE_LOG_ORIGIN`: the log's name.
    pub log_origin: Option<Name>,
    /// `WATCHFIRE_SEAL_QUEUE_URL`: the queue of incidents that shall be sealed.
    pub seal_queue_url: Option<Url>,
    /// `WATCHFIRE_EVENT_BUS`: where domain events are published.
    pub event_bus: Option<Text>,
    /// `WATCHFIRE_PUBLIC_URL` (no slash at its end): where people open approval links.
    pub public_url: Option<Url>,
    /// `WATCHFIRE_APPROVAL_TTL_SECONDS` (86400 seconds): how long an approval waits.
    pub approval_ttl: Seconds,
    /// `WATCHFIRE_EVIDENCE_URL_SECONDS` (900 seconds): how long an approval's evidence is lent.
    pub evidence_url: u32,
    /// `WATCHFIRE_MAIL_FROM` (none): the sender of mails.
    pub mail_from: Option<Text>,
    /// `WATCHFIRE_WEBHOOK_SECRET` (none): the keys that sign webhooks.
    pub webhook_secret: Option<SecretId>,
    /// `WATCHFIRE_CA` (none): a further root for everything that is not AWS.
    pub ca: Option<Ca>,
    /// `WATCHFIRE_ISSUER`: who issues tokens.
    pub issuer: Option<Url>,
    /// `WATCHFIRE_AUDIENCE`: whom tokens are for.
    pub audience: Option<Text>,
    /// `WATCHFIRE_CLAIM_TENANTS` (`wf_tenants`), `…_ROLE`, `…_CLEARANCE`, `…_ON_CALL`.
    pub claims: ClaimNames,
    /// `WATCHFIRE_IAM_PRINCIPALS` (JSON list; none): who may call with `SigV4`.
    pub iam_principals: Vec<Principal>,
    /// `WATCHFIRE_CORS_ORIGINS` (comma-separated; none): the origins that may call the API.
    pub cors_origins: Vec<Url>,
    /// `WATCHFIRE_SIGN_IN_…` (none): how the page of an approval signs its approver in.
    pub sign_in: Option<SignIn>,
    /// `WATCHFIRE_STEP_HOSTS` (comma-separated; none): the hosts that runbooks may call.
    pub step_hosts: Vec<StepHost>,
    /// `WATCHFIRE_STEP_PROFILES` (comma-separated; none): the profiles of commands.
    pub step_profiles: Vec<StepProfile>,
    /// `WATCHFIRE_STEP_DOCUMENTS` (comma-separated; none): the SSM documents that may be run.
    pub step_documents: Vec<DocumentName>,
    /// `WATCHFIRE_STEP_SECRETS` (`watchfire/steps/`): how the names of the secrets begin that
    /// headers may name; the tenant, a slash and the secret's own name follow.
    pub step_secrets: SecretPrefix,
}

/// The names of the claims that we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// The caller's tenants.
    pub tenants: String,
    /// Its role.
    pub role: String,
    /// Its clearance.
    pub clearance: String,
    /// Whether it is on call.
    pub on_call: String,
    /// The one deployment that it is good for.
    pub stage: String,
}

impl Config {
    /// Reads the settings through `get`. If `get` knows `_HANDLER`, what that function needs must be
    /// there; otherwise only what every function needs. All problems are reported at once.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Problem>> {
        let mut read = Reader::new(get);
        let config = Self::gather(&mut read);
        read.end(config)
    }

    fn gather(read: &mut Reader<'_>) -> Option<Self> {
        let table = read.text(&var::TABLE);
        let stage = read.text(&var::STAGE);
        let log = read.with(&var::LOG, reader::level);
        let prewarm = read.with(&var::PREWARM, |text| reader::one_of(text, &reader::PREWARM));
        let trust = read.with(&var::TRUST, |text| reader::one_of(text, &reader::TRUST));
        let public = |text: &str| reader::one_of(text, &reader::PUBLIC_IP);
        let assign_public_ip = read.with(&var::ASSIGN_PUBLIC_IP, public);
        let container = read.text(&var::CONTAINER);
        let family_prefix = read.with(&var::FAMILY_PREFIX, reader::family_prefix);
        let task_cpu = read.with(&var::TASK_CPU, reader::cpu);
        let task_memory = read.with(&var::TASK_MEMORY, |text| reader::memory(text, task_cpu));
        let task_arch = read.with(&var::TASK_ARCH, |text| reader::one_of(text, &reader::TASK_ARCH));
        let ttl = |text: &str| reader::number(text, 60, 604_800).map(Seconds);
        let approval_ttl = read.with(&var::APPROVAL_TTL, ttl);
        let evidence_url =
            read.with(&var::EVIDENCE_URL, |text| reader::number(text, 60_u32, 3_600));
        let step_secrets = read.text(&var::STEP_SECRETS);
        let sign_in = SignIn::read(read);
        let claims = ClaimNames {
            tenants: read.claim(&var::CLAIM_TENANTS),
            role: read.claim(&var::CLAIM_ROLE),
            clearance: read.claim(&var::CLAIM_CLEARANCE),
            on_call: read.claim(&var::CLAIM_ON_CALL),
            stage: read.claim(&var::CLAIM_STAGE),
        };
        // The fields with `?` stand last: everything is read before the first one gives up.
        Some(Self {
            endpoint: read.text(&var::ENDPOINT),
            partition: read.text(&var::PARTITION),
            lifecycle_arn: read.text(&var::LIFECYCLE_ARN),
            runbook_arn: read.text(&var::RUNBOOK_ARN),
            probe_queue_url: read.text(&var::PROBE_QUEUE_URL),
            ecs_cluster: read.text(&var::ECS_CLUSTER),
            subnets: read.with(&var::SUBNETS, reader::list),
            security_groups: read.with(&var::SECURITY_GROUPS, reader::list).unwrap_or_default(),
            image: read.text(&var::IMAGE),
            task_role_arn: read.text(&var::TASK_ROLE_ARN),
            execution_role_arn: read.text(&var::EXECUTION_ROLE_ARN),
            file_system: read.text(&var::FILE_SYSTEM),
            task_log_group: read.text(&var::TASK_LOG_GROUP),
            evidence_bucket: read.text(&var::EVIDENCE_BUCKET),
            token_secret: read.text(&var::TOKEN_SECRET),
            link_secret: read.text(&var::LINK_SECRET),
            integration_secret: read.text(&var::INTEGRATION_SECRET),
            alarm_queue_url: read.text(&var::ALARM_QUEUE_URL),
            alarm_line_url: read.text(&var::ALARM_LINE_URL),
            cursor_secret: read.text(&var::CURSOR_SECRET),
            checkpoint_bucket: read.text(&var::CHECKPOINT_BUCKET),
            checkpoint_secret: read.text(&var::CHECKPOINT_SECRET),
            log_origin: read.text(&var::LOG_ORIGIN),
            seal_queue_url: read.text(&var::SEAL_QUEUE_URL),
            event_bus: read.text(&var::EVENT_BUS),
            public_url: read.with(&var::PUBLIC_URL, reader::base),
            mail_from: read.with(&var::MAIL_FROM, reader::mail),
            webhook_secret: read.text(&var::WEBHOOK_SECRET),
            ca: read.with(&var::CA, |text| Ok(reader::ca(text))),
            issuer: read.with(&var::ISSUER, reader::issuer),
            audience: read.text(&var::AUDIENCE),
            iam_principals: read.with(&var::IAM_PRINCIPALS, reader::principals).unwrap_or_default(),
            cors_origins: read.with(&var::CORS_ORIGINS, reader::origins).unwrap_or_default(),
            step_hosts: read.with(&var::STEP_HOSTS, reader::list).unwrap_or_default(),
            step_profiles: read.with(&var::STEP_PROFILES, steps::profiles).unwrap_or_default(),
            step_documents: read.with(&var::STEP_DOCUMENTS, reader::list).unwrap_or_default(),
            claims,
            sign_in,
            table: table?,
            stage: stage?,
            log: log?,
            prewarm: prewarm?,
            trust: trust?,
            assign_public_ip: assign_public_ip?,
            container: container?,
            family_prefix: family_prefix?,
            task_cpu: task_cpu?,
            task_memory: task_memory?,
            task_arch: task_arch?,
            approval_ttl: approval_ttl?,
            evidence_url: evidence_url?,
            step_secrets: step_secrets?,
        })
    }
}

/// The setting that a function cannot do without, or the fault that names its variable.
pub fn need<'a, T>(value: Option<&'a T>, variable: &Variable) -> Result<&'a T, Fault> {
    value.ok_or_else(|| Fault::Misconfigured {
        problems: vec![Problem { field: variable.name.into(), problem: "is missing".into() }],
    })
}
