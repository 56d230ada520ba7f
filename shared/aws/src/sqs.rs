//! The queues: of looks at environments, of incidents that shall be sealed, and of alarms.

use crate::Aws;
use crate::error::{corrupt, told};
use async_trait::async_trait;
use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends as SystemAttribute, MessageSystemAttributeValue as Value,
};
use serde::Serialize;
use std::sync::Arc;
use watchfire_ports::{Delivery, Hooks, Line, PortError, Probe, Probes, SealAsk, Seals, Waiting};

const LONGEST_DELAY: u32 = 900;

#[derive(Debug)]
struct Queue {
    aws: Arc<Aws>,
    url: String,
}

impl Queue {
    async fn send(
        &self,
        message: &(impl Serialize + Sync),
        delay_seconds: u32,
        doing: &'static str,
    ) -> Result<(), PortError> {
        let body = serde_json::to_string(message)
            .map_err(|error| corrupt("the message", doing, &error.to_string()))?;
        // 0 overrides the queue's own delay (SQS "SendMessage").
        let delay = i32::try_from(delay_seconds.min(LONGEST_DELAY)).unwrap_or_default();
        let call = self.aws.sqs().send_message().queue_url(&self.url).message_body(body);
        call.delay_seconds(delay).send().await.map(|_| ()).map_err(told("SQS", doing))
    }
}

/// The probe queue on SQS.
#[derive(Debug)]
pub struct SqsProbes(Queue);

impl SqsProbes {
    /// The queue of this address (`WATCHFIRE_PROBE_QUEUE_URL`).
    pub const fn new(aws: Arc<Aws>, url: String) -> Self {
        Self(Queue { aws, url })
    }
}

#[async_trait]
impl Probes for SqsProbes {
    async fn send(&self, probe: &Probe, delay_seconds: u32) -> Result<(), PortError> {
        self.0.send(probe, delay_seconds, "queueing a probe").await
    }
}

/// The queue of incidents that shall be sealed, on SQS.
#[derive(Debug)]
pub struct SqsSeals(Queue);

impl SqsSeals {
    /// The queue of this address (`WATCHFIRE_SEAL_QUEUE_URL`).
    pub const fn new(aws: Arc<Aws>, url: String) -> Self {
        Self(Queue { aws, url })
    }
}

#[async_trait]
impl Seals for SqsSeals {
    async fn send(&self, ask: &SealAsk) -> Result<(), PortError> {
        self.0.send(ask, 0, "queueing what shall be sealed").await
    }
}

/// The alarm queue, as webhooks reach it, on SQS.
#[derive(Debug)]
pub struct SqsHooks(Queue);

impl SqsHooks {
    /// The queue of this address (`WATCHFIRE_ALARM_QUEUE_URL`).
    pub const fn new(aws: Arc<Aws>, url: String) -> Self {
        Self(Queue { aws, url })
    }
}

#[async_trait]
impl Hooks for SqsHooks {
    async fn send(&self, delivery: &Delivery) -> Result<(), PortError> {
        self.0.send(delivery, 0, "queueing what a webhook said").await
    }
}

/// The line of alarms, on an SQS FIFO queue.
#[derive(Debug)]
pub struct SqsLine(Queue);

impl SqsLine {
    /// The queue of this address (`WATCHFIRE_ALARM_LINE_URL`).
    pub const fn new(aws: Arc<Aws>, url: String) -> Self {
        Self(Queue { aws, url })
    }
}

#[async_trait]
impl Line for SqsLine {
    async fn send(&self, waiting: &Waiting) -> Result<(), PortError> {
        let doing = "queueing an alarm behind others";
        let Waiting { group, id, body, trace } = waiting;
        let mut call = self.0.aws.sqs().send_message().queue_url(&self.0.url).message_body(body);
        if let Some(trace) = trace {
            let value = Value::builder().data_type("String").string_value(trace).build();
            let value = value.map_err(|error| corrupt("a trace", doing, &error.to_string()))?;
            call = call.message_system_attributes(SystemAttribute::AwsTraceHeader, value);
        }
        // Of a FIFO queue the delay is the queue's own (SQS "SendMessage").
        let call = call.message_group_id(group).message_deduplication_id(id);
        call.send().await.map(|_| ()).map_err(told("SQS", doing))
    }
}
