//! SES: mail.

use super::{Answer, done, list, refused, text};
use serde_json::{Value, json};
use watchfire_domain::plan::Target;
use watchfire_fakes::World;
use watchfire_ports::{Message, Notify as _};

pub(super) async fn answer(world: &World, body: &Value) -> Answer {
    let at = |place: &str| body.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let headers = body.pointer("/Content/Simple").map_or(&[][..], |mail| list(mail, "Headers"));
    let id = headers.iter().find(|header| text(header, "Name") == "X-Watchfire-Id");
    let message = Message {
        id: id.map(|header| text(header, "Value")).unwrap_or_default().to_owned(),
        to: Target::Email(at("/Destination/ToAddresses/0").to_owned()),
        subject: at("/Content/Simple/Subject/Data").to_owned(),
        text: at("/Content/Simple/Body/Text/Data").to_owned(),
        data: json!({}),
    };
    let sent = world.notify.send(&message).await.map_err(|why| refused(&why))?;
    Ok(done(&json!({ "MessageId": sent.receipt })))
}
