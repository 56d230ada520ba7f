//! AWS on the wire, over the fakes: every call does to a [`World`] what it would do to an account,
//! and is answered in the service's own words.

mod ecs;
mod efs;
mod mail;
mod queues;
mod s3;
mod states;

use crate::answerer::{Call, Reply};
use crate::http::Request;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use watchfire_fakes::World;
use watchfire_ports::{PortError, Secrets as _};

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    world: World,
}

impl Account {
    /// The account that this world has.
    pub const fn new(world: World) -> Self {
        Self { world }
    }

    /// Carries a call out, and answers it. The fakes' clock shows the system's time from here on,
    /// since that is the callers'.
    pub fn answer(&self, call: &Call, request: &Request) -> Reply {
        self.world.clock.set(crate::scene::now());
        answered(self.served(call, request))
    }

    /// Only the buckets, at the time that the fakes' clock shows.
    pub fn bucket(&self, request: &Request) -> Reply {
        answered(async { s3::answer(&self.world, request).await.unwrap_or_else(|refused| refused) })
    }

    async fn served(&self, call: &Call, request: &Request) -> Reply {
        let body = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        let (world, operation) = (&self.world, call.operation.as_str());
        let answer = match call.service.as_str() {
            "dynamodb" => return self.dynamodb(operation, &body()),
            "ecs" => ecs::answer(world, operation, &body()).await,
            "elasticfilesystem" => efs::answer(world, request, &body()).await,
            "s3" => s3::answer(world, request).await,
            "secretsmanager" => self.secret(&body()).await,
            "ses" => mail::answer(world, &body()).await,
            "sqs" => queues::answer(world, &body()).await,
            "states" => states::answer(world, operation, &body()).await,
            other => Err(error(400, "UnknownService", &format!("nobody is called `{other}`"))),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    fn dynamodb(&self, operation: &str, body: &Value) -> Reply {
        let (status, kind, body) = self.world.dynamo.answer(operation, body);
        let mut reply = Reply { status, headers: Vec::new(), body: body.into() };
        reply.headers.extend(kind.map(|kind| ("x-amzn-errortype", kind)));
        reply
    }

    async fn secret(&self, body: &Value) -> Answer {
        let id = text(body, "SecretId");
        let secret = self.world.secrets.secret(id, false).await.map_err(|error| refused(&error))?;
        Ok(done(&json!({ "ARN": id, "Name": id, "SecretString": &*secret })))
    }
}

fn answered(answer: impl Future<Output = Reply>) -> Reply {
    match Builder::new_current_thread().build() {
        Ok(runtime) => runtime.block_on(answer),
        Err(_) => error(500, "InternalFailure", "there is no runtime"),
    }
}

/// The answer to a call, or its refusal.
type Answer = Result<Reply, Reply>;

fn done(body: &Value) -> Reply {
    let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
    Reply { status: 200, headers, body: body.to_string().into() }
}

fn error(status: u16, kind: &str, message: &str) -> Reply {
    let body = json!({ "__type": kind, "message": message }).to_string();
    Reply { status, headers: vec![("x-amzn-errortype", kind.to_owned())], body: body.into() }
}

/// A fake's refusal, as far as the adapters tell refusals apart.
fn refused(why: &PortError) -> Reply {
    let words = why.to_string();
    match why {
        PortError::Unavailable { .. } => error(500, "ServiceUnavailable", &words),
        PortError::NotFound { .. } => error(400, "ResourceNotFoundException", &words),
        PortError::Conflict { .. } => error(400, "ConflictException", &words),
        PortError::Refused { reason, .. } => {
            let kind = reason.split(':').next().unwrap_or_default();
            error(400, kind, reason)
        }
        PortError::Corrupt { .. } => error(400, "ValidationException", &words),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Pairs of a key and a value, under the names that the service gives the two.
fn pairs(items: &[Value], key: &str, value: &str) -> Vec<(String, String)> {
    items.iter().map(|item| (text(item, key).to_owned(), text(item, value).to_owned())).collect()
}

#[cfg(test)]
mod tests;
