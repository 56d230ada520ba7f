//! The queues: of looks at environments, of incidents that shall be sealed, and of alarms.

use crate::Aws;
use crate::error::{corrupt, told};
use async_trait::async_trait;
use std::sync::Arc;
use watchfire_ports::{Delivery, Hooks, PortError, Probe, Probes, SealAsk, Seals};

const SQS: &str = "SQS";
const DOING: &str = "queueing a probe";
const LONGEST_DELAY: u32 = 900;

/// The probe queue on SQS.
#[derive(Debug)]
pub struct SqsProbes {
    aws: Arc<Aws>,
    queue: String,
}

impl SqsProbes {
    /// The queue of this address (`WATCHFIRE_PROBE_QUEUE_URL`).
    pub const fn new(aws: Arc<Aws>, queue: String) -> Self {
        Self { aws, queue }
    }
}

#[async_trait]
impl Probes for SqsProbes {
    async fn send(&self, probe: &Probe, delay_seconds: u32) -> Result<(), PortError> {
        let body = serde_json::to_string(probe)
            .map_err(|error| corrupt("the probe", DOING, &error.to_string()))?;
        let delay = i32::try_from(delay_seconds.min(LONGEST_DELAY)).unwrap_or_default();
        let client = self.aws.sqs();
        let call = client.send_message().queue_url(&self.queue).message_body(body);
        call.delay_seconds(delay).send().await.map(|_| ()).map_err(told(SQS, DOING))
    }
}

/// The queue of incidents that shall be sealed, on SQS.
#[derive(Debug)]
pub struct SqsSeals {
    aws: Arc<Aws>,
    queue: String,
}

impl SqsSeals {
    /// The queue of this address (`WATCHFIRE_SEAL_QUEUE_URL`).
    pub const fn new(aws: Arc<Aws>, queue: String) -> Self {
        Self { aws, queue }
    }
}

#[async_trait]
impl Seals for SqsSeals {
    async fn send(&self, ask: &SealAsk) -> Result<(), PortError> {
        const DOING: &str = "queueing what shall be sealed";
        let body = serde_json::to_string(ask)
            .map_err(|error| corrupt("the request", DOING, &error.to_string()))?;
        let call = self.aws.sqs().send_message().queue_url(&self.queue).message_body(body);
        call.send().await.map(|_| ()).map_err(told(SQS, DOING))
    }
}

/// The alarm queue, as webhooks reach it, on SQS.
#[derive(Debug)]
pub struct SqsHooks {
    aws: Arc<Aws>,
    queue: String,
}

impl SqsHooks {
    /// The queue of this address (`WATCHFIRE_ALARM_QUEUE_URL`).
    pub const fn new(aws: Arc<Aws>, queue: String) -> Self {
        Self { aws, queue }
    }
}

#[async_trait]
impl Hooks for SqsHooks {
    async fn send(&self, delivery: &Delivery) -> Result<(), PortError> {
        const DOING: &str = "queueing what a webhook said";
        let body = serde_json::to_string(delivery)
            .map_err(|error| corrupt("the delivery", DOING, &error.to_string()))?;
        let call = self.aws.sqs().send_message().queue_url(&self.queue).message_body(body);
        call.send().await.map(|_| ()).map_err(told(SQS, DOING))
    }
}
