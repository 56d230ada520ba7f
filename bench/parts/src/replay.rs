//! The calls of a step once more, as they were recorded: the same requests, typed by the SDK, and for
//! what is stored the parsing, serialising, hashing and deflating that storing takes. Nothing is
//! decided in between: what a step needs beyond this is its own. None of it is the store's own code:
//! if that becomes dearer, the step has to look dearer beside this.

mod typed;

use aws_sdk_dynamodb::Client;
use base64ct::{Base64, Encoding as _};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use lambda_runtime::Error;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Mutex;
use typed::Typed;
use watchfire_aws::Aws;

/// A step's calls.
pub(crate) struct Replay {
    calls: Vec<Recorded>,
    deflater: Mutex<Compress>,
    inflater: Mutex<Decompress>,
}

/// A call, and the documents that it brought or took.
struct Recorded {
    call: Call,
    /// Records, which are serialised.
    records: Vec<Value>,
    /// Events, which are made canonical and hashed.
    events: Vec<Value>,
    /// What was read, as it was stored.
    read: Vec<Stored>,
}

enum Call {
    DynamoDb(Box<Typed>),
    /// Step Functions, with an input of this length.
    States(usize),
    /// Anything else, as a message of this length.
    Other(usize),
}

enum Stored {
    Text(String),
    Deflated(Vec<u8>),
}

impl Replay {
    /// What was recorded: a list of `{service, operation, request, response}`.
    pub(crate) fn read(recorded: &str) -> Result<Self, Error> {
        let recorded: Vec<Value> = serde_json::from_str(recorded)?;
        let calls = recorded.iter().map(Recorded::of).collect::<Result<_, _>>()?;
        let deflater = Mutex::new(Compress::new(Compression::default(), false));
        Ok(Self { calls, deflater, inflater: Mutex::new(Decompress::new(false)) })
    }

    /// Makes them, one after the other.
    pub(crate) async fn once(&self, aws: &Aws) -> Result<(), Error> {
        for one in &self.calls {
            for record in &one.records {
                self.deflate(&record.to_string())?;
            }
            for event in &one.events {
                let canonical = watchfire_domain::canon::canonical(event)?;
                std::hint::black_box(Sha256::digest(&canonical));
                self.deflate(&canonical)?;
            }
            match &one.call {
                Call::DynamoDb(typed) => dynamodb(aws.dynamodb(), typed).await?,
                Call::States(length) => {
                    let start = aws.sfn().start_execution().name("env-1-1");
                    let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire";
                    start.state_machine_arn(machine).input("x".repeat(*length)).send().await?;
                }
                Call::Other(length) => {
                    let send = aws.sqs().send_message().message_body("x".repeat(*length));
                    let queue = "https://sqs.us-east-1.amazonaws.com/111122223333/probes";
                    send.queue_url(queue).send().await?;
                }
            }
            for stored in &one.read {
                self.parse(stored)?;
            }
        }
        Ok(())
    }

    fn deflate(&self, text: &str) -> Result<(), Error> {
        // What fits one write unit is stored as it is.
        if text.len() <= 700 {
            return Ok(());
        }
        let mut deflater = self.deflater.lock().map_err(|_| "poisoned")?;
        deflater.reset();
        let mut out = Vec::with_capacity(text.len());
        deflater.compress_vec(text.as_bytes(), &mut out, FlushCompress::Finish)?;
        std::hint::black_box(out);
        Ok(())
    }

    fn parse(&self, stored: &Stored) -> Result<(), Error> {
        let parsed: Value = match stored {
            Stored::Text(text) => serde_json::from_str(text)?,
            Stored::Deflated(bytes) => {
                let mut inflater = self.inflater.lock().map_err(|_| "poisoned")?;
                inflater.reset(false);
                serde_json::from_slice(&inflated(&mut inflater, bytes)?)?
            }
        };
        std::hint::black_box(parsed);
        Ok(())
    }
}

async fn dynamodb(client: &Client, call: &Typed) -> Result<(), Error> {
    match call.clone() {
        Typed::Get(get) => drop(get.send_with(client).await?),
        Typed::Batch(batch) => drop(batch.send_with(client).await?),
        Typed::Query(query) => drop(query.send_with(client).await?),
        Typed::Put(put) => drop(put.send_with(client).await?),
        Typed::Update(update) => drop(update.send_with(client).await?),
        Typed::Transact(transact) => drop(transact.send_with(client).await?),
    }
    Ok(())
}

fn inflated(inflater: &mut Decompress, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(12).max(64));
    inflater.decompress_vec(bytes, &mut out, FlushDecompress::Finish)?;
    Ok(out)
}

impl Recorded {
    fn of(one: &Value) -> Result<Self, Error> {
        let word = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        let (request, response) = (&one["request"], &one["response"]);
        let length = request.to_string().len();
        let call = match word("service") {
            "dynamodb" => Call::DynamoDb(Box::new(typed::call(word("operation"), request)?)),
            "states" => Call::States(length),
            _ => Call::Other(length),
        };
        let (mut written, mut read) = (Vec::new(), Vec::new());
        documents(request, &mut written);
        documents(response, &mut read);
        let (mut records, mut events) = (Vec::new(), Vec::new());
        for (name, stored) in written {
            let text = match &stored {
                Stored::Text(text) => text.clone(),
                Stored::Deflated(bytes) => {
                    String::from_utf8(inflated(&mut Decompress::new(false), bytes)?)?
                }
            };
            let document = serde_json::from_str(&text)?;
            if name == "doc" { records.push(document) } else { events.push(document) }
        }
        let read = read.into_iter().map(|(_, stored)| stored).collect();
        Ok(Self { call, records, events, read })
    }
}

/// The documents in items: `doc` and `body`, wherever they stand.
fn documents(within: &Value, found: &mut Vec<(String, Stored)>) {
    match within {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_document = name == "doc" || name == "body";
                let text = value.get("S").and_then(Value::as_str);
                let bytes = value.get("B").and_then(Value::as_str);
                match (text, bytes.map(Base64::decode_vec)) {
                    (Some(text), _) if is_document && text.starts_with('{') => {
                        found.push((name.clone(), Stored::Text(text.to_owned())));
                    }
                    (_, Some(Ok(bytes))) if is_document => {
                        found.push((name.clone(), Stored::Deflated(bytes)));
                    }
                    _ => documents(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| documents(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
