//! SQS: the two queues that functions write to.

use super::{Answer, done, error, refused, text};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use watchfire_fakes::World;
use watchfire_ports::{Probe, Probes as _, SealAsk, Seals as _};

pub(super) async fn answer(world: &World, body: &Value) -> Answer {
    let queue = text(body, "QueueUrl").rsplit('/').next().unwrap_or_default();
    let delay = body.get("DelaySeconds").and_then(Value::as_u64).unwrap_or_default();
    let delay = u32::try_from(delay).unwrap_or(u32::MAX);
    let sent = match queue {
        "watchfire-probes" => world.probes.send(&read::<Probe>(body)?, delay).await,
        "watchfire-seals" => world.seals.send(&read::<SealAsk>(body)?).await,
        other => return Err(error(400, "AWS.SimpleQueueService.NonExistentQueue", other)),
    };
    sent.map_err(|why| refused(&why))?;
    Ok(done(&json!({ "MessageId": "m-1", "MD5OfMessageBody": "00000000000000000000000000000000" })))
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, crate::answerer::Reply> {
    let message = serde_json::from_str(text(body, "MessageBody"));
    message.map_err(|why| error(400, "InvalidMessageContents", &why.to_string()))
}
