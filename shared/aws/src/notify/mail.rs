//! Mail, by SES.

use super::Messages;
use crate::error::{Cause, line, refused, told};
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message as Simple, MessageHeader,
};
use watchfire_ports::{Message, PortError, Sent};

const SES: &str = "SES";
const DOING: &str = "sending a mail";

impl Messages {
    pub(super) async fn mail(&self, address: &str, message: &Message) -> Result<Sent, PortError> {
        let Some(from) = &self.settings.mail_from else {
            return Err(refused(SES, DOING, "no sender is configured (`WATCHFIRE_MAIL_FROM`)"));
        };
        let content = content(message)
            .map_err(|error| refused(SES, DOING, &Cause::of(&error).to_string()))?;
        let sent = self
            .aws
            .sesv2()
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(address).build())
            .content(EmailContent::builder().simple(content).build())
            .send()
            .await
            .map_err(told(SES, DOING))?;
        Ok(Sent { receipt: sent.message_id })
    }
}

fn content(message: &Message) -> Result<Simple, BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    Ok(Simple::builder()
        .subject(text(&line(&message.subject))?)
        .body(Body::builder().text(text(&message.text)?).build())
        // A repeat is told by it.
        .headers(MessageHeader::builder().name("X-Watchfire-Id").value(line(&message.id)).build()?)
        .build())
}
