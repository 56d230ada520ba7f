//! Messages to people and to other systems.

mod mail;
mod sns;
mod webhook;

pub use webhook::signature;

use crate::{Aws, Web};
use async_trait::async_trait;
use std::sync::Arc;
use watchfire_domain::plan::Target;
use watchfire_ports::{Clock, Message, Notify, PortError, Secrets, Sent};

/// How messages are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageSettings {
    /// `WATCHFIRE_MAIL_FROM`: an address that SES has verified. Without it no mail is sent.
    pub mail_from: Option<String>,
    /// `WATCHFIRE_WEBHOOK_SECRET`: the id of the secret that signs webhooks. Without it none is
    /// sent.
    pub webhook_secret: Option<String>,
    /// Whether webhooks may lead to private addresses, and by plain http: for tests and the local
    /// stack only.
    pub private_targets: bool,
}

/// Mail by SES, topics by SNS, signed webhooks.
#[derive(Debug)]
pub struct Messages {
    aws: Arc<Aws>,
    web: Arc<Web>,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    settings: MessageSettings,
}

impl Messages {
    /// Messages with these settings.
    pub const fn new(
        aws: Arc<Aws>,
        web: Arc<Web>,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
        settings: MessageSettings,
    ) -> Self {
        Self { aws, web, secrets, clock, settings }
    }
}

#[async_trait]
impl Notify for Messages {
    async fn send(&self, message: &Message) -> Result<Sent, PortError> {
        match &message.to {
            Target::Email(address) => self.mail(address, message).await,
            Target::Sns(topic) => self.publish(topic, message).await,
            Target::Webhook(address) => self.hook(address, message).await,
        }
    }
}
