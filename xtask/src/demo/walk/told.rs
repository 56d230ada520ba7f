//! The domain events: a queue listens to the stack's own bus, and hears the whole timeline.

use super::super::cloud::Cloud;
use super::super::record::{list, number, text};
use super::PATIENCE;
use crate::net::until;
use crate::run::note;
use crate::trouble::{Doing, Trouble};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

const NAME: &str = "watchfire-demo-listener";

/// Has a queue hear everything that the bus is told from now on; where the queue is.
pub(super) fn listen(cloud: &Cloud) -> Result<String, Trouble> {
    let queue = cloud.json("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": NAME }))?;
    let queue = text(&queue, "/QueueUrl")?.to_owned();
    let ask = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
    let known = cloud.json("sqs", "AmazonSQS.GetQueueAttributes", &ask)?;
    let arn = text(&known, "/Attributes/QueueArn")?;
    let bus = cloud.output("EventBusName")?;
    let pattern = json!({ "source": ["watchfire"] }).to_string();
    let rule = json!({ "Name": NAME, "EventBusName": bus, "EventPattern": pattern });
    cloud.json("events", "AWSEvents.PutRule", &rule)?;
    let targets = json!([{ "Id": "queue", "Arn": arn }]);
    let target = json!({ "Rule": NAME, "EventBusName": bus, "Targets": targets });
    cloud.json("events", "AWSEvents.PutTargets", &target)?;
    Ok(queue)
}

/// Waits until the queue has heard every event of the incident's timeline.
pub(super) fn show(cloud: &Cloud, queue: &str, id: &str, events: u64) -> Result<(), Trouble> {
    let heard = RefCell::new(BTreeMap::new());
    until("the bus was not told everything", PATIENCE, || {
        let ask = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10 });
        let answer = cloud.json("sqs", "AmazonSQS.ReceiveMessage", &ask)?;
        for message in list(answer.pointer("/Messages").unwrap_or(&Value::Null)) {
            let event: Value =
                serde_json::from_str(text(&message, "/Body")?).doing("reading a domain event")?;
            if text(&event, "/detail/incident_id")? == id {
                let name = text(&event, "/detail-type")?.to_owned();
                heard.borrow_mut().insert(number(&event, "/detail/seq")?, name);
            }
            let done = json!({
                "QueueUrl": queue, "ReceiptHandle": text(&message, "/ReceiptHandle")?,
            });
            cloud.json("sqs", "AmazonSQS.DeleteMessage", &done)?;
        }
        let all = (1..=events).all(|seq| heard.borrow().contains_key(&seq));
        Ok(all.then_some(()))
    })?;
    let heard = heard.into_inner();
    let (first, last) = (heard.get(&1), heard.get(&events));
    note(&format!(
        "a queue on the event bus heard all {events} of them, from {} to {}",
        first.doing("the first event has no name")?,
        last.doing("the last event has no name")?
    ));
    Ok(())
}
