//! The alarm queue, as SQS is: a batch at a time, in any order, more than once, and again what failed.

use super::marks;
use crate::world::{TENANT, World, batch};
use serde_json::{Value, json};
use watchfire_domain::alarm::{Alarm, AlarmState};
use watchfire_domain::{Incident, MINUTE, Timestamp};
use watchfire_fakes::FakeIds;
use watchfire_ports::Ids as _;

/// How many messages Lambda takes from the queue at once, as the template says.
pub(super) const BATCH: usize = 10;

/// One transition, as a test tells it.
#[derive(Debug, Clone)]
pub(super) struct Told<'a> {
    pub(super) name: &'a str,
    pub(super) state: AlarmState,
    pub(super) at: Timestamp,
    pub(super) tags: Value,
    pub(super) cluster: &'a str,
}

impl<'a> Told<'a> {
    pub(super) fn new(name: &'a str, state: AlarmState, at: Timestamp) -> Self {
        Self { name, state, at, tags: json!({}), cluster: "rosa-7" }
    }

    /// The event, as EventBridge puts it into the queue.
    pub(super) fn event(&self) -> Value {
        let Self { name, state, at, tags, cluster } = self;
        json!({
            "version": "0",
            "id": "4c3c1f3e-0f5b-4b5e-8a53-7a9d1f2b3c4d",
            "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch",
            "account": "111122223333",
            "time": at.to_string(),
            "region": "us-east-1",
            "resources": [format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}")],
            "detail": {
                "alarmName": name,
                "alarmTags": tags,
                "configuration": { "metrics": [{ "id": "m1", "metricStat": { "metric": {
                    "name": "StorageLatency",
                    "namespace": "AWS/EFS",
                    "dimensions": { "Cluster": cluster },
                }}}]},
                "state": {
                    "value": state.name(),
                    "reason": "Threshold Crossed: 3 datapoints were greater than the threshold.",
                    "timestamp": at.to_string(),
                },
            },
        })
    }
}

/// The one alarm of a delivery, as the function reads it.
pub(super) fn read(body: &str) -> Alarm {
    watchfire_alarm::alarms(body).unwrap().remove(0)
}

/// Chance of the test's own.
#[derive(Debug)]
pub(super) struct Dice(FakeIds);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(FakeIds::new(seed))
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        usize::try_from(u32::from_le_bytes(bytes)).unwrap().checked_rem(bound).unwrap()
    }
}

/// Hands a batch to the function. What comes back is what SQS delivers again: what the function
/// named, or all of it if the process ended.
pub(super) async fn deliver(process: &World, bodies: Vec<String>) -> Vec<String> {
    let failed = handle(process, batch(&bodies)).await;
    places(failed, bodies.len()).into_iter().map(|place| bodies[place].clone()).collect()
}

/// The line hands over what waits in one of its groups, and takes back what failed. False if nothing
/// waits.
pub(super) async fn move_up(process: &World) -> bool {
    let waiting = process.line.take(BATCH);
    let bodies: Vec<String> = waiting.iter().map(|one| one.body.clone()).collect();
    let mut event = batch(&bodies);
    for (record, one) in event["Records"].as_array_mut().unwrap().iter_mut().zip(&waiting) {
        record["attributes"] = json!({ "MessageGroupId": one.group });
    }
    if bodies.is_empty() {
        return false;
    }
    let failed = handle(process, event).await;
    let again = places(failed, waiting.len()).into_iter().map(|place| waiting[place].clone());
    process.line.put_back(again.collect());
    true
}

/// The answer to a batch; none if the process ended.
async fn handle(process: &World, event: Value) -> Option<Value> {
    let work = Box::pin(watchfire_alarm::handle(&process.desk, event, None));
    let answer = process.acting("alarm", process.faults.survive(work)).await;
    if answer.is_none() {
        process.faults.revive();
    }
    answer.map(Result::unwrap)
}

/// The places of what is delivered again, of so many.
fn places(answer: Option<Value>, all: usize) -> Vec<usize> {
    let Some(answer) = answer else { return (0..all).collect() };
    let named = answer["batchItemFailures"].as_array().unwrap().iter();
    // The helper names each message after its place.
    let place = |one: &Value| one["itemIdentifier"].as_str().unwrap()[1..].parse::<usize>();
    named.map(|one| place(one).unwrap()).collect()
}

/// The function takes all of it in, as one batch.
pub(super) async fn hear(world: &World, told: &[Told<'_>]) {
    let bodies = told.iter().map(|one| one.event().to_string()).collect();
    assert_eq!(deliver(world, bodies).await, Vec::<String>::new());
    assert_eq!(world.line.dump(), "", "nothing is put off");
}

/// So many minutes, and then the sweep.
pub(super) async fn pass(world: &World, minutes: i64) {
    world.forward(MINUTE.saturating_mul(minutes));
    world.sweep().await;
}

/// The incidents of the tests' tenant, in the order in which they were opened.
pub(super) async fn opened(world: &World) -> Vec<Incident> {
    let mut all = Vec::new();
    for id in marks::incidents(world, TENANT) {
        world.sound(id).await;
        all.push(world.incident(id).await);
    }
    all
}

/// What each target was told since the last time, in order.
pub(super) fn told(world: &World) -> Vec<String> {
    let said = |message: watchfire_ports::Message| {
        let (occasion, to) = (message.data["event"].as_str().unwrap(), &message.to);
        format!("{occasion} to {}", serde_json::to_string(to).unwrap().replace('"', ""))
    };
    world.notify.take().into_iter().map(said).collect()
}
