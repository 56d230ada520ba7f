//! The calls of a step once more, as they were recorded: the same requests, typed by the SDK, and for
//! what is stored the parsing, serialising, hashing and deflating that storing takes. Nothing is
//! decided in between: what a step needs beyond this is its own. None of it is the store's own code:
//! if that becomes dearer, the step has to look dearer beside this.

mod beside;
mod typed;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use base64ct::{Base64, Encoding as _};
use beside::Beside;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use lambda_runtime::Error;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Mutex;
use typed::Typed;
use watchfire_aws::Aws;

/// What a step was handed, its calls, and what it answered.
pub(crate) struct Replay {
    /// The documents in its event, as they were stored or sent.
    handed: Vec<Stored>,
    calls: Vec<Recorded>,
    answer: Value,
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
    Beside(Box<Beside>),
}

enum Stored {
    Text(String),
    Deflated(Vec<u8>),
}

impl Replay {
    /// What was recorded: the `event`, the `calls`, a list of `{service, operation, request,
    /// response}`, and the `answer`.
    pub(crate) fn read(recorded: &str) -> Result<Self, Error> {
        let recorded: &Value = &serde_json::from_str(recorded)?;
        let (calls, answer) = (&recorded["calls"], recorded["answer"].clone());
        let calls = calls.as_array().into_iter().flatten();
        let calls = calls.map(Recorded::of).collect::<Result<_, _>>()?;
        let mut found = Vec::new();
        documents(&recorded["event"], &mut found);
        let handed = found.into_iter().map(|(_, stored)| stored).collect();
        let deflater = Mutex::new(Compress::new(Compression::default(), false));
        Ok(Self { handed, calls, answer, deflater, inflater: Mutex::new(Decompress::new(false)) })
    }

    /// Makes them, one after the other, and answers.
    pub(crate) async fn once(&self, aws: &Aws) -> Result<Value, Error> {
        for stored in &self.handed {
            self.parse(stored)?;
        }
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
                Call::Beside(call) => call.send(aws).await?,
            }
            for stored in &one.read {
                self.parse(stored)?;
            }
        }
        Ok(self.answer.clone())
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
        Typed::Get(get) => answered(get.send_with(client).await).map(drop),
        Typed::Batch(batch) => answered(batch.send_with(client).await).map(drop),
        Typed::Query(query) => answered(query.send_with(client).await).map(drop),
        Typed::Put(put) => answered(put.send_with(client).await).map(drop),
        Typed::Update(update) => answered(update.send_with(client).await).map(drop),
        Typed::Transact(transact) => answered(transact.send_with(client).await).map(drop),
    }
}

/// What was refused was refused when it was recorded, too.
fn answered<O, E, R>(answer: Result<O, SdkError<E, R>>) -> Result<Option<O>, Error>
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(SdkError::ServiceError(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn inflated(inflater: &mut Decompress, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(12).max(64));
    inflater.decompress_vec(bytes, &mut out, FlushDecompress::Finish)?;
    Ok(out)
}

impl Recorded {
    fn of(one: &Value) -> Result<Self, Error> {
        let (request, response) = (&one["request"], &one["response"]);
        let call = match word(one, "service") {
            "dynamodb" => Call::DynamoDb(Box::new(typed::call(word(one, "operation"), request)?)),
            _ => Call::Beside(Box::new(Beside::of(one)?)),
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

fn word<'a>(one: &'a Value, name: &str) -> &'a str {
    one[name].as_str().unwrap_or_default()
}

/// The documents in items and messages: `doc` and `body`, wherever they stand; `:doc` is what an
/// update sets.
fn documents(within: &Value, found: &mut Vec<(String, Stored)>) {
    match within {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.trim_start_matches(':');
                let is_document = name == "doc" || name == "body";
                let text = value.get("S").unwrap_or(value).as_str();
                let bytes = value.get("B").and_then(Value::as_str);
                match (text, bytes.map(Base64::decode_vec)) {
                    (Some(text), _) if is_document && text.starts_with('{') => {
                        found.push((name.to_owned(), Stored::Text(text.to_owned())));
                    }
                    (_, Some(Ok(bytes))) if is_document => {
                        found.push((name.to_owned(), Stored::Deflated(bytes)));
                    }
                    _ => documents(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| documents(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
