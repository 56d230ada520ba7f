//! Signed webhooks.

use super::Messages;
use crate::error::{corrupt, refused, status};
use crate::target::target;
use crate::web::{Ask, Chosen, WEB, WHOLE};
use http::Method;
use ring::hmac;
use serde_json::{Value, json};
use std::fmt::Write;
use watchfire_ports::{Message, PortError, Sent};

const DOING: &str = "calling a webhook";

/// The value of `Watchfire-Signature`: the moment in epoch seconds, and the HMAC-SHA256 over
/// `<moment>.<body>` in hex. A receiver computes it again, and drops what is older than some minutes.
pub fn signature(secret: &[u8], moment: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{moment}.").as_bytes());
    context.update(body);
    format!("t={moment},v1={}", hex(context.sign().as_ref()))
}

pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Messages {
    pub(super) async fn hook(&self, address: &str, message: &Message) -> Result<Sent, PortError> {
        let address = target(DOING, address, self.settings.private_targets)?;
        let secret = self.webhook_secret().await?;
        let body = json!({
            "id": message.id,
            "subject": message.subject,
            "text": message.text,
            "data": message.data,
        })
        .to_string()
        .into_bytes();
        let signature = signature(secret.as_bytes(), self.clock.now().seconds(), &body);
        let private = self.settings.private_targets;
        let ask = Ask {
            doing: DOING,
            chosen: if private { Chosen::ByOperator } else { Chosen::ByTenant },
            method: Method::POST,
            address,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("user-agent", concat!("watchfire/", env!("CARGO_PKG_VERSION")).to_owned()),
                ("watchfire-id", message.id.clone()),
                ("watchfire-signature", signature),
            ],
            body,
            // Whatever it says: once it has said 2xx, a repeat would be a second message.
            limit: None,
            within: WHOLE,
        };
        match self.web.send(ask).await {
            Ok((200..=299, _)) => Ok(Sent { receipt: None }),
            Ok((other, _)) => Err(status(WEB, DOING, other)),
            Err(error) => Err(error),
        }
    }

    /// The text of the current key, or the whole secret if it is no key ring.
    async fn webhook_secret(&self) -> Result<String, PortError> {
        let Some(id) = &self.settings.webhook_secret else {
            let words = "no secret is configured to sign with (`WATCHFIRE_WEBHOOK_SECRET`)";
            return Err(refused(WEB, DOING, words));
        };
        let text = self.secrets.secret(id, false).await?;
        current(&text).ok_or_else(|| corrupt("the webhook secret", DOING, "it has no current key"))
    }
}

fn current(text: &str) -> Option<String> {
    let secret = match serde_json::from_str(text) {
        Ok(Value::Object(ring)) => {
            let name = ring.get("current")?.as_str()?;
            let key = ring.get("keys").map_or_else(|| ring.get(name), |keys| keys.get(name));
            key?.as_str()?.to_owned()
        }
        _ => text.to_owned(),
    };
    Some(secret).filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_moment_and_body() {
        assert_eq!(
            signature(b"key", 1_700_000_000, br#"{"a":1}"#),
            "t=1700000000,v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
        );
    }

    #[test]
    fn a_secret_is_a_key_ring_or_a_text() {
        assert_eq!(current(r#"{"current":"k2","keys":{"k1":"a","k2":"b"}}"#).as_deref(), Some("b"));
        assert_eq!(current(r#"{"current":"k1","k1":"a"}"#).as_deref(), Some("a"));
        assert_eq!(current("plain words").as_deref(), Some("plain words"));
        assert_eq!(current(r#"{"current":"k3","k1":"a"}"#), None);
        assert_eq!(current(""), None);
    }
}
