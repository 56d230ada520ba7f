//! The parts of a step, each as often as the event says: `{"part": "put", "times": 2}`. The slope
//! over `times` is what one costs in this profile, over this client. With `PARTS_REPLAY`, which names
//! a record of a step, it takes the step's event, makes its calls and gives its answer.

mod replay;

use crate::replay::Replay;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, Signature, UnparsedPublicKey};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use watchfire_aws::Aws;
use watchfire_policy::{Action, Actor, Context, Policies, Resource, ResourceKind};

/// As large as most events are.
const BYTES: usize = 600;
const TABLE: &str = "parts";
/// As long as a checkpoint is.
const CHECKPOINT: &[u8] = &[b'x'; 120];

struct Parts {
    aws: Aws,
    /// Whose key it is, and what it signed: made when it is first verified.
    signed: OnceLock<([u8; 32], Signature)>,
    policies: Policies,
    replay: Option<Replay>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    let env = |name: &str| std::env::var(name).ok();
    let aws = Aws::from_env(&env).map_err(|problems| format!("{problems:?}"))?;
    let replay = match env("PARTS_REPLAY") {
        Some(path) => Some(Replay::read(&std::fs::read_to_string(path)?)?),
        None => None,
    };
    let parts =
        Arc::new(Parts { aws, signed: OnceLock::new(), policies: Policies::embedded(), replay });
    Box::pin(lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let parts = Arc::clone(&parts);
        async move {
            if let Some(replay) = &parts.replay {
                return Box::pin(replay.once(&parts.aws)).await;
            }
            let word = |name: &str| event.payload.get(name);
            let part = word("part").and_then(Value::as_str).unwrap_or_default();
            let times = word("times").and_then(Value::as_u64).unwrap_or_default();
            for time in 0..times {
                Box::pin(parts.once(part, time)).await?;
            }
            Ok::<_, Error>(json!({}))
        }
    })))
    .await
}

impl Parts {
    async fn once(&self, part: &str, time: u64) -> Result<(), Error> {
        match part {
            "put" => self.put().await,
            "get" => self.get().await,
            "query" => self.query().await,
            "transact" => self.transact().await,
            "start" => self.start().await,
            "client" => {
                std::hint::black_box(self.aws.sfn());
                Ok(())
            }
            "send" => self.send().await,
            "decide" => self.decide(time),
            "sign" => sign().map(drop),
            "verify" => self.verify(),
            other => Err(format!("there is no part `{other}`").into()),
        }
    }

    async fn put(&self) -> Result<(), Error> {
        let put = self.aws.dynamodb().put_item().table_name(TABLE);
        let put = put.item("pk", text("T#acme#INC#1")).item("sk", text("EV#0000000001#0001"));
        let put = put.item("body", text(&"x".repeat(BYTES)));
        put.condition_expression("attribute_not_exists(pk)").send().await?;
        Ok(())
    }

    async fn get(&self) -> Result<(), Error> {
        let get = self.aws.dynamodb().get_item().table_name(TABLE).consistent_read(true);
        get.key("pk", text("T#acme#INC#1")).key("sk", text("META")).send().await?;
        Ok(())
    }

    async fn query(&self) -> Result<(), Error> {
        let query = self.aws.dynamodb().query().table_name(TABLE).consistent_read(true);
        let query = query.key_condition_expression("pk = :p and begins_with(sk, :s)");
        let query = query.expression_attribute_values(":p", text("T#acme#INC#1"));
        query.expression_attribute_values(":s", text("EV#")).send().await?;
        Ok(())
    }

    /// Two items, as a change of state has: the record and its event.
    async fn transact(&self) -> Result<(), Error> {
        let put = |sk: &str| {
            let put = Put::builder().table_name(TABLE).item("pk", text("T#acme#INC#1"));
            let put = put.item("sk", text(sk)).item("body", text(&"x".repeat(BYTES)));
            put.condition_expression("attribute_not_exists(pk)").build()
        };
        let write = self.aws.dynamodb().transact_write_items().client_request_token("token");
        let items = [put("META")?, put("EV#0000000001#0001")?]
            .map(|put| TransactWriteItem::builder().put(put).build());
        write.set_transact_items(Some(items.to_vec())).send().await?;
        Ok(())
    }

    async fn start(&self) -> Result<(), Error> {
        let start = self.aws.sfn().start_execution().name("env-1-1");
        let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire";
        start.state_machine_arn(machine).input("{}").send().await?;
        Ok(())
    }

    async fn send(&self) -> Result<(), Error> {
        let send = self.aws.sqs().send_message().message_body("{}");
        send.queue_url("https://sqs.us-east-1.amazonaws.com/111122223333/probes").send().await?;
        Ok(())
    }

    fn verify(&self) -> Result<(), Error> {
        let (key, signature) = if let Some(signed) = self.signed.get() {
            signed
        } else {
            let signed = sign()?;
            self.signed.get_or_init(|| signed)
        };
        let verified = UnparsedPublicKey::new(&ED25519, key).verify(CHECKPOINT, signature.as_ref());
        verified.map_err(|_| "it is another's".into())
    }

    /// The decision is remembered by its whole input: each one here is about another tenant.
    #[expect(clippy::unnecessary_wraps, reason = "every part may fail")]
    fn decide(&self, time: u64) -> Result<(), Error> {
        let tenant = format!("acme-{time}");
        let actor = Actor::service("create", tenant.as_str());
        let resource = Resource::new(ResourceKind::Environment, tenant.as_str());
        let _ = self.policies.decide(&actor, Action::PhaseCreate, &resource, &Context::none());
        Ok(())
    }
}

/// As a checkpoint is signed: with a key that is made of its seed.
fn sign() -> Result<([u8; 32], Signature), Error> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[42; 32]).map_err(|_| "no key")?;
    Ok((pair.public_key().as_ref().try_into()?, pair.sign(CHECKPOINT)))
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
