//! The calls of other services than DynamoDB, from what was on the wire to the SDK's types.

use super::{answered, word};
use aws_sdk_eventbridge::operation::put_events::builders::PutEventsInputBuilder;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_s3::operation::get_object::builders::GetObjectInputBuilder;
use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2InputBuilder;
use base64ct::{Base64, Encoding as _};
use lambda_runtime::Error;
use serde_json::Value;
use watchfire_aws::Aws;

/// A call.
pub(crate) enum Beside {
    Events(PutEventsInputBuilder),
    Read(Box<GetObjectInputBuilder>),
    List(ListObjectsV2InputBuilder),
    Write(Write),
    /// Step Functions, with an input of this length.
    States(usize),
    /// Anything else, as a message of this length.
    Other(usize),
}

/// An object that is put.
pub(crate) struct Write {
    bucket: String,
    key: String,
    bytes: Vec<u8>,
    /// Only if there is none of its name.
    new: bool,
}

impl Beside {
    pub(crate) fn of(one: &Value) -> Result<Self, Error> {
        let request = &one["request"];
        let length = request.to_string().len();
        Ok(match word(one, "service") {
            "events" => Self::Events(events(request)),
            "s3" => object(&one["object"])?,
            "states" => Self::States(length),
            _ => Self::Other(length),
        })
    }

    pub(crate) async fn send(&self, aws: &Aws) -> Result<(), Error> {
        match self {
            Self::Events(put) => {
                answered(put.clone().send_with(aws.eventbridge()).await)?;
            }
            Self::Read(get) => {
                if let Some(answer) = answered((**get).clone().send_with(aws.s3()).await)? {
                    std::hint::black_box(answer.body.collect().await?.to_vec());
                }
            }
            Self::List(list) => {
                answered(list.clone().send_with(aws.s3()).await)?;
            }
            Self::Write(write) => {
                let put = aws.s3().put_object().bucket(&write.bucket).key(&write.key);
                let put = put.set_if_none_match(write.new.then(|| "*".to_owned()));
                answered(put.body(write.bytes.clone().into()).send().await)?;
            }
            Self::States(length) => {
                let start = aws.sfn().start_execution().name("env-1-1");
                let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire";
                start.state_machine_arn(machine).input("x".repeat(*length)).send().await?;
            }
            Self::Other(length) => {
                let send = aws.sqs().send_message().message_body("x".repeat(*length));
                let queue = "https://sqs.us-east-1.amazonaws.com/111122223333/probes";
                send.queue_url(queue).send().await?;
            }
        }
        Ok(())
    }
}

fn events(request: &Value) -> PutEventsInputBuilder {
    let entries = request["Entries"].as_array().into_iter().flatten().map(|one| {
        let text = |name: &str| one[name].as_str().map(str::to_owned);
        PutEventsRequestEntry::builder()
            .set_event_bus_name(text("EventBusName"))
            .set_source(text("Source"))
            .set_detail_type(text("DetailType"))
            .set_time(one["Time"].as_f64().map(DateTime::from_secs_f64))
            .set_detail(text("Detail"))
            .build()
    });
    PutEventsInputBuilder::default().set_entries(Some(entries.collect()))
}

/// A call of S3: its path begins with the bucket. No name in the bench has what is escaped, save the
/// slash of a prefix.
fn object(one: &Value) -> Result<Beside, Error> {
    let (path, query) = word(one, "path").split_once('?').unwrap_or((word(one, "path"), ""));
    let (bucket, key) = path.trim_start_matches('/').split_once('/').ok_or("no bucket")?;
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    let of = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.map(|value| value.replace("%2F", "/"))
    };
    Ok(match word(one, "method") {
        "PUT" => {
            let bytes = Base64::decode_vec(word(one, "body"))?;
            let new = one["new"].as_bool().unwrap_or_default();
            Beside::Write(Write { bucket, key, bytes, new })
        }
        "GET" if of("list-type").is_some() => {
            let list = ListObjectsV2InputBuilder::default().bucket(bucket);
            let list = list.set_prefix(of("prefix")).set_delimiter(of("delimiter"));
            let list = list.set_start_after(of("start-after"));
            Beside::List(list.set_encoding_type(of("encoding-type").map(|how| how.as_str().into())))
        }
        "GET" => Beside::Read(Box::new(GetObjectInputBuilder::default().bucket(bucket).key(key))),
        other => return Err(format!("no part calls S3 by {other}").into()),
    })
}
