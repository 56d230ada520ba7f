//! An inbox for every target.

use crate::faults::Faults;
use crate::ids::FakeIds;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::BTreeMap;
use watchfire_domain::plan::Target;
use watchfire_ports::{Message, Notify, PortError, Sent};

/// What is wrong with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It does not answer now.
    Down,
    /// It takes nothing from us, and never will.
    Refuses,
}

/// Every target's inbox. A message that is sent twice arrives twice, under one id.
#[derive(Clone, Debug)]
pub struct FakeNotify {
    service: Service<Post>,
}

#[derive(Debug)]
struct Post {
    inbox: Vec<Message>,
    troubles: BTreeMap<Target, Trouble>,
    ids: FakeIds,
}

impl FakeNotify {
    /// Empty inboxes.
    pub fn new(ids: FakeIds, faults: Faults) -> Self {
        let post = Post { inbox: Vec::new(), troubles: BTreeMap::new(), ids };
        Self { service: Service::new(faults, post) }
    }

    /// The same inboxes, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { service: self.service.with_faults(faults) }
    }

    /// Breaks a target, or mends it.
    pub fn trouble(&self, target: &Target, trouble: Option<Trouble>) {
        let mut post = self.service.state();
        post.troubles.remove(target);
        post.troubles.extend(trouble.map(|trouble| (target.clone(), trouble)));
    }

    /// All messages that arrived, in order.
    pub fn inbox(&self) -> Vec<Message> {
        self.service.state().inbox.clone()
    }

    /// Those of one target.
    pub fn inbox_of(&self, target: &Target) -> Vec<Message> {
        self.inbox().into_iter().filter(|message| message.to == *target).collect()
    }

    /// Takes all messages out, so that a test can say that nothing else came.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.service.state().inbox)
    }

    /// The calls that reached a service or a webhook.
    pub fn calls(&self) -> Vec<String> {
        self.service.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.service.settle();
    }

    /// Every message: whom, id and subject.
    pub fn dump(&self) -> String {
        let line = |message: &Message| {
            format!("{} {} {}", address(&message.to), message.id, message.subject)
        };
        lines(self.inbox().iter().map(line))
    }
}

fn address(target: &Target) -> &str {
    match target {
        Target::Sns(address) | Target::Email(address) | Target::Webhook(address) => address,
    }
}

#[async_trait]
impl Notify for FakeNotify {
    async fn send(&self, message: &Message) -> Result<Sent, PortError> {
        let operation = match message.to {
            Target::Sns(_) => "sns:Publish",
            Target::Email(_) => "ses:SendEmail",
            Target::Webhook(_) => "web:Post",
        };
        let ask = Ask::new(operation, "sending the message", address(&message.to));
        let (call, message) = (ask.clone(), message.clone());
        self.service
            .write(ask, move |post| match post.troubles.get(&message.to) {
                Some(Trouble::Down) => Err(call.unavailable("the connection was refused")),
                Some(Trouble::Refuses) => {
                    Err(call.refused("the receiver takes no message of ours"))
                }
                None => {
                    post.inbox.push(message.clone());
                    // A webhook gives no receipt.
                    let receipt = match message.to {
                        Target::Sns(_) | Target::Email(_) => Some(post.ids.uuid()),
                        Target::Webhook(_) => None,
                    };
                    Ok(Sent { receipt })
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;
    use serde_json::json;

    fn message(id: &str, to: &Target) -> Message {
        Message {
            id: id.to_owned(),
            to: to.clone(),
            subject: "Storage is slow".to_owned(),
            text: "Look at it.".to_owned(),
            data: json!({}),
        }
    }

    #[tokio::test]
    async fn each_target_has_an_inbox_and_troubles_of_its_own() {
        let notify = FakeNotify::new(FakeIds::new(1), Faults::new());
        let mail = Target::Email("sre@example.org".to_owned());
        let hook = Target::Webhook("https://example.org/hook".to_owned());
        notify.trouble(&mail, Some(Trouble::Down));
        assert!(notify.send(&message("a", &mail)).await.unwrap_err().retryable());
        assert_eq!(notify.send(&message("b", &hook)).await.unwrap().receipt, None);
        notify.trouble(&mail, Some(Trouble::Refuses));
        assert!(!notify.send(&message("a", &mail)).await.unwrap_err().retryable());
        notify.trouble(&mail, None);
        assert!(notify.send(&message("a", &mail)).await.unwrap().receipt.is_some());
        assert_eq!(notify.inbox_of(&mail), [message("a", &mail)]);
        assert_eq!(notify.take().len(), 2);
        assert_eq!(notify.dump(), "");
    }

    #[tokio::test]
    async fn a_message_may_arrive_twice_and_late() {
        let faults = Faults::new();
        let notify = FakeNotify::new(FakeIds::new(1), faults.clone());
        let to = Target::Sns("arn:aws:sns:us-east-1:111122223333:page".to_owned());
        faults.at(0, Fault::Duplicate { after: 2 }).at(1, Fault::AnswerLost);
        notify.send(&message("a", &to)).await.unwrap();
        assert!(notify.send(&message("b", &to)).await.is_err(), "though it arrives");
        let ids = || notify.inbox().into_iter().map(|message| message.id).collect::<String>();
        assert_eq!(ids(), "ab");
        notify.send(&message("c", &to)).await.unwrap();
        assert_eq!(ids(), "abca");
    }
}
