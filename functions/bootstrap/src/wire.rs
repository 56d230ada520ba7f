//! Wiring: the use cases over AWS. Clients other than DynamoDB's are built when they are first
//! used.

use std::sync::Arc;
use std::time::Duration;
use watchfire_aws::{
    Aws, AwsJobs, EcsExec, EcsSettings, EcsTasks, EfsAccessPoints, EventBus, HttpJwks, JobSettings,
    MessageSettings, Messages, RingIds, S3Evidence, S3Vault, SecretsManager, SfnWorkflow, SqsHooks,
    SqsLine, SqsProbes, SqsSeals, StdoutMetrics, SystemClock, TokioPause, Web, WebRequests,
};
use watchfire_desk::{AlarmMap, Catalogues, Desk, Minutes, Repeats, Specs};
use watchfire_edge::{Config, Problem};
use watchfire_policy::Policies;
use watchfire_ports::{Clock, Jwks, Secrets};
use watchfire_store::Table;

/// A function, ready to handle events.
#[derive(Debug)]
pub(crate) struct Wired {
    /// Which one it is.
    pub(crate) handler: String,
    /// The use cases.
    pub(crate) desk: Desk,
    /// The issuer's keys, where an issuer is configured.
    pub(crate) jwks: Option<Arc<dyn Jwks>>,
}

/// Wires the function that the environment describes; all problems at once, if it is wrong.
pub(crate) fn wire(env: &dyn Fn(&str) -> Option<String>) -> Result<Wired, Vec<Problem>> {
    let config = Config::read(env)?;
    let aws = Arc::new(Aws::from_env(env)?);
    let web = Arc::new(Web::from_env(env)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (ids, pause) = (Arc::new(RingIds::new()), Arc::new(TokioPause));
    let table = Table::new(
        aws.dynamodb().clone(),
        config.table.as_str(),
        Arc::clone(&clock),
        ids.clone(),
        pause.clone(),
    );
    let secrets: Arc<dyn Secrets> =
        Arc::new(SecretsManager::new(Arc::clone(&aws), Arc::clone(&clock)));
    let jwks = config.issuer.as_ref().map(|issuer| {
        let issuer = issuer.as_str().to_owned();
        Arc::new(HttpJwks::new(Arc::clone(&web), Arc::clone(&clock), issuer)) as Arc<dyn Jwks>
    });
    let messages = Messages::new(
        Arc::clone(&aws),
        Arc::clone(&web),
        Arc::clone(&secrets),
        Arc::clone(&clock),
        MessageSettings {
            mail_from: text(config.mail_from.as_ref()),
            webhook_secret: text(config.webhook_secret.as_ref()),
            private_targets: false,
        },
    );
    let or_empty = |value: Option<String>| value.unwrap_or_default();
    let desk = Desk {
        table,
        clock,
        ids,
        pause,
        tasks: Arc::new(EcsTasks::new(Arc::clone(&aws), ecs(&config))),
        points: Arc::new(EfsAccessPoints::new(
            Arc::clone(&aws),
            or_empty(text(config.file_system.as_ref())),
        )),
        broker: Arc::new(EcsExec),
        workflow: Arc::new(SfnWorkflow::new(
            Arc::clone(&aws),
            or_empty(text(config.lifecycle_arn.as_ref())),
        )),
        runs: Arc::new(SfnWorkflow::new(
            Arc::clone(&aws),
            or_empty(text(config.runbook_arn.as_ref())),
        )),
        probes: Arc::new(SqsProbes::new(
            Arc::clone(&aws),
            or_empty(text(config.probe_queue_url.as_ref())),
        )),
        evidence: Arc::new(S3Evidence::new(
            Arc::clone(&aws),
            or_empty(text(config.evidence_bucket.as_ref())),
        )),
        vault: Arc::new(S3Vault::new(
            Arc::clone(&aws),
            or_empty(text(config.checkpoint_bucket.as_ref())),
        )),
        seals: Arc::new(SqsSeals::new(
            Arc::clone(&aws),
            or_empty(text(config.seal_queue_url.as_ref())),
        )),
        bus: Arc::new(EventBus::new(Arc::clone(&aws), or_empty(text(config.event_bus.as_ref())))),
        hooks: Arc::new(SqsHooks::new(
            Arc::clone(&aws),
            or_empty(text(config.alarm_queue_url.as_ref())),
        )),
        line: Arc::new(SqsLine::new(
            Arc::clone(&aws),
            or_empty(text(config.alarm_line_url.as_ref())),
        )),
        requests: Arc::new(WebRequests::new(
            web,
            config.step_hosts.iter().map(ToString::to_string).collect(),
        )),
        jobs: Arc::new(AwsJobs::new(Arc::clone(&aws), ecs(&config), jobs(&config))),
        notify: Arc::new(messages),
        secrets,
        metrics: Arc::new(StdoutMetrics),
        policies: Arc::new(Policies::embedded().in_stage(config.stage.as_str())),
        config: Arc::new(config),
        alarm_map: AlarmMap::default(),
        catalogues: Catalogues::default(),
        minutes: Minutes::default(),
        repeats: Repeats::default(),
        specs: Specs::default(),
    };
    Ok(Wired { handler: env("_HANDLER").unwrap_or_default(), desk, jwks })
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

fn ecs(config: &Config) -> EcsSettings {
    let or_empty = |value: Option<String>| value.unwrap_or_default();
    let all = |ids: &[_]| ids.iter().map(ToString::to_string).collect();
    EcsSettings {
        cluster: or_empty(text(config.ecs_cluster.as_ref())),
        subnets: config.subnets.as_deref().map(all).unwrap_or_default(),
        security_groups: all(&config.security_groups),
        assign_public_ip: config.assign_public_ip,
        image: or_empty(text(config.image.as_ref())),
        container: config.container.to_string(),
        task_role: or_empty(text(config.task_role_arn.as_ref())),
        execution_role: or_empty(text(config.execution_role_arn.as_ref())),
        file_system: or_empty(text(config.file_system.as_ref())),
        log_group: or_empty(text(config.task_log_group.as_ref())),
        cpu: config.task_cpu.to_string(),
        memory: config.task_memory.to_string(),
        architecture: config.task_arch.name().to_owned(),
    }
}

fn jobs(config: &Config) -> JobSettings {
    let profiles = config.step_profiles.iter();
    JobSettings {
        profiles: profiles.map(|one| (one.name.clone(), one.definition.clone())).collect(),
        documents: config.step_documents.iter().map(ToString::to_string).collect(),
        bucket: text(config.evidence_bucket.as_ref()).unwrap_or_default(),
    }
}

/// The TLS handshake and one read, at most 150 ms of it, and the policy's rules: while INIT still
/// has a whole processor (docs/performance.md).
pub(crate) async fn prewarm(wired: &Wired) {
    wired.desk.policies.prewarm();
    let _ = tokio::time::timeout(Duration::from_millis(150), wired.desk.table.prewarm()).await;
}
