//! What answers: DynamoDB from an engine in memory, the bucket of sealed things from the fakes,
//! everything else in a few fixed words.

use super::{Answers, Reply};
use crate::account::Account;
use crate::http::Request;
use crate::trouble::Trouble;
use base64ct::{Base64, Encoding as _};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use watchfire_fakes::World;

const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.1");

/// Where the bucket of sealed things is.
const SEALED: &str = "/watchfire-checkpoints";

/// How long a write may take to come, in seconds: valgrind is slow.
const PATIENCE: u64 = 60;

/// A call that came in: its service, as its signature names it, and the operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Call {
    /// `dynamodb`, `states`, `ecs`, ….
    pub service: String,
    /// `PutItem`, `StartExecution`, …; of services that speak REST, method and path.
    pub operation: String,
}

impl Call {
    /// What a request calls: the service stands in the signature's scope, the operation in a header.
    pub fn of(request: &Request) -> Self {
        let scope =
            request.header("authorization").and_then(|text| text.split("Credential=").nth(1));
        let service =
            scope.and_then(|scope| scope.split('/').nth(3)).unwrap_or_default().to_owned();
        let target = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let path = request.path.split('?').next().unwrap_or_default();
        let operation = match (target, service.as_str()) {
            (Some(target), _) => target.to_owned(),
            (None, "sns") => "Publish".to_owned(),
            (None, "ses") => "SendEmail".to_owned(),
            // Ids in paths are many; what they are of is not.
            (None, _) => {
                let first = path.split('/').take(3).collect::<Vec<_>>().join("/");
                format!("{} {first}", request.method)
            }
        };
        Self { service, operation }
    }

    /// Whether it writes to the table.
    pub fn writes(&self) -> bool {
        let verbs = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];
        self.service == "dynamodb" && verbs.contains(&self.operation.as_str())
    }
}

/// A call with its bodies: JSON, or null where a service speaks something else.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// What was called.
    #[serde(flatten)]
    pub call: Call,
    /// What was asked.
    pub request: Value,
    /// What was answered.
    pub response: Value,
    /// The object that S3 was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// The answer as it was.
    #[serde(skip)]
    pub reply: Option<Reply>,
}

/// A call of S3, which has no JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    /// `GET`, `PUT`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Its bytes, in base 64.
    pub body: String,
    /// Whether it is put only if there is none of its name.
    pub new: bool,
}

impl Exchange {
    /// Whether the parts make this very call again, and are given the answer that it had.
    pub fn is_replayed(&self) -> bool {
        REPLAYED.contains(&self.call.service.as_str())
    }

    fn of(call: Call, request: &Request) -> Self {
        let object = (call.service == "s3").then(|| Object {
            method: request.method.clone(),
            path: request.path.clone(),
            body: Base64::encode_string(&request.body),
            new: request.header("if-none-match").is_some(),
        });
        let asked = serde_json::from_slice(&request.body).unwrap_or_default();
        Self { call, request: asked, response: Value::Null, object, reply: None }
    }
}

/// The services whose calls the parts make again as they were; a call of another one is a message of
/// the same length.
const REPLAYED: [&str; 3] = ["dynamodb", "events", "s3"];

/// AWS, as far as the functions ask it.
#[derive(Debug)]
pub struct Cloud {
    world: World,
    account: Account,
    secrets: BTreeMap<String, String>,
    calls: Mutex<Vec<Exchange>>,
    /// What is answered, one after the other and again from the first, while it only replays.
    replay: Mutex<Option<VecDeque<Reply>>>,
    held: Mutex<Option<Hold>>,
}

/// Whom to tell of a write, and what to wait for before it is answered.
type Hold = (Sender<()>, Arc<Mutex<Receiver<()>>>);

/// Writes are not answered while this lives.
#[derive(Debug)]
pub struct Held {
    came: Receiver<()>,
    // Dropped, whoever waits goes on.
    _release: Sender<()>,
}

impl Held {
    /// Waits until one came.
    pub fn came(&self) -> Result<(), Trouble> {
        let late = |_| Trouble::Late { what: "a write comes".to_owned(), seconds: PATIENCE };
        self.came.recv_timeout(Duration::from_secs(PATIENCE)).map_err(late)
    }
}

impl Cloud {
    /// With what this world has in its table and its bucket, and these secrets.
    pub fn new(world: World, secrets: BTreeMap<String, String>) -> Self {
        let account = Account::new(world.clone());
        Self {
            world,
            account,
            secrets,
            calls: Mutex::default(),
            replay: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// What came in since this was asked last.
    pub fn take_calls(&self) -> Vec<Call> {
        self.take_exchanges().into_iter().map(|one| one.call).collect()
    }

    /// The same with what was asked and answered.
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.log())
    }

    /// From now on the answers of these exchanges are given, whatever is asked: one after the other,
    /// and again from the first.
    pub fn replay(&self, exchanges: &[Exchange]) {
        let replayed = exchanges.iter().filter(|one| one.is_replayed());
        let answers = replayed.filter_map(|one| one.reply.clone()).collect();
        *self.replay.lock().unwrap_or_else(PoisonError::into_inner) = Some(answers);
    }

    fn replayed(&self, call: &Call) -> Option<Reply> {
        if !REPLAYED.contains(&call.service.as_str()) {
            return None;
        }
        let mut replay = self.replay.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = replay.as_mut()?;
        let next = answers.pop_front()?;
        answers.push_back(next.clone());
        Some(next)
    }

    /// From now on, and as long as what is given lives, writes to the table are not answered.
    pub fn hold_writes(&self) -> Held {
        let ((tell, came), (release, wait)) = (channel(), channel());
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((tell, Arc::new(Mutex::new(wait))));
        Held { came, _release: release }
    }

    fn wait_if_held(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((tell, wait)) = held
            && tell.send(()).is_ok()
        {
            // Nothing is ever sent: it ends when the other side is gone.
            let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
        }
    }

    fn log(&self) -> MutexGuard<'_, Vec<Exchange>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, request: &Request) -> Reply {
        let call = Call::of(request);
        let exchange = Exchange::of(call.clone(), request);
        let at = {
            let mut log = self.log();
            log.push(exchange);
            log.len()
        };
        if call.writes() {
            self.wait_if_held();
        }
        let reply = self.replayed(&call).unwrap_or_else(|| self.served(&call, request));
        // Whoever took the log meanwhile has the call without its answer.
        let mut log = self.log();
        if let Some(logged) = at.checked_sub(1).and_then(|at| log.get_mut(at)) {
            logged.response = serde_json::from_slice(&reply.body).unwrap_or_default();
            logged.reply = Some(reply.clone());
        }
        drop(log);
        reply
    }

    fn served(&self, call: &Call, request: &Request) -> Reply {
        let body = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        let words = |value: Value| reply(200, value.to_string());
        match (call.service.as_str(), call.operation.as_str()) {
            // Of the parts' table nothing is kept.
            ("dynamodb", _) if body().get("TableName").and_then(Value::as_str) == Some("parts") => {
                words(json!({}))
            }
            ("dynamodb", "TransactWriteItems") if is_parts(&body()) => words(json!({})),
            ("dynamodb", operation) => self.dynamodb(operation, &body()),
            ("secretsmanager", _) => self.secret(&body()),
            ("ecs", operation) => words(ecs(operation, &body())),
            ("states", "StartExecution") => words(
                json!({ "executionArn": "arn:aws:states:us-east-1:111122223333:execution:watchfire:x", "startDate": 1.0 }),
            ),
            ("sqs", _) => words(
                json!({ "MessageId": "m-1", "MD5OfMessageBody": "00000000000000000000000000000000" }),
            ),
            ("elasticfilesystem", _) => efs(request),
            ("s3", _) if request.path.starts_with(SEALED) => self.account.bucket(request),
            ("s3", _) => s3(request),
            ("events", _) => {
                words(json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e-1" }] }))
            }
            ("ses", _) => words(json!({ "MessageId": "m-1" })),
            ("sns", _) => reply(
                200,
                "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>",
            ),
            _ => words(json!({})),
        }
    }

    fn dynamodb(&self, operation: &str, body: &Value) -> Reply {
        let (status, kind, body) = self.world.dynamo.answer(operation, body);
        let mut reply = reply(status, body);
        reply.headers.push(("x-amzn-requestid", "bench".to_owned()));
        if let Some(kind) = kind {
            reply.headers.push(("x-amzn-errortype", kind));
        }
        reply
    }

    fn secret(&self, body: &Value) -> Reply {
        let id = body.get("SecretId").and_then(Value::as_str).unwrap_or_default();
        match self.secrets.get(id) {
            Some(text) => {
                reply(200, json!({ "Name": id, "SecretString": text, "ARN": id }).to_string())
            }
            None => reply(400, json!({ "__type": "ResourceNotFoundException" }).to_string()),
        }
    }
}

impl Answers for Cloud {
    fn answer(&self, request: &Request) -> Option<Reply> {
        Some(self.reply(request))
    }
}

fn is_parts(body: &Value) -> bool {
    body.pointer("/TransactItems/0/Put/TableName").and_then(Value::as_str) == Some("parts")
}

fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, headers: vec![(JSON.0, JSON.1.to_owned())], body: body.into() }
}

/// A cluster in which every task has just been stopped.
fn ecs(operation: &str, body: &Value) -> Value {
    const ACCOUNT: &str = "arn:aws:ecs:us-east-1:111122223333";
    let family = body.get("family").and_then(Value::as_str).unwrap_or("family");
    match operation {
        "RegisterTaskDefinition" => json!({ "taskDefinition": {
            "taskDefinitionArn": format!("{ACCOUNT}:task-definition/{family}:1"),
            "family": family, "revision": 1, "status": "ACTIVE",
        }}),
        "RunTask" => json!({ "failures": [], "tasks": [{
            "taskArn": format!("{ACCOUNT}:task/watchfire/0123456789abcdef0123456789abcdef"),
            "lastStatus": "PROVISIONING", "desiredStatus": "RUNNING",
        }]}),
        "ListTasks" => json!({ "taskArns": [] }),
        "DescribeTasks" => json!({ "failures": [], "tasks": running(body) }),
        "ListTaskDefinitions" => json!({ "taskDefinitionArns": [] }),
        "StopTask" => json!({ "task": { "lastStatus": "STOPPED" } }),
        _ => json!({}),
    }
}

/// Every task that is asked for runs, with its exec agent.
fn running(body: &Value) -> Vec<Value> {
    let arns = body.get("tasks").and_then(Value::as_array).into_iter().flatten();
    let task = |arn: &Value| {
        json!({
            "taskArn": arn, "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "version": 99,
            "containers": [{
                "name": "rosa-boundary", "lastStatus": "RUNNING",
                "managedAgents": [{ "name": "ExecuteCommandAgent", "lastStatus": "RUNNING" }],
            }],
        })
    };
    arns.map(task).collect()
}

fn efs(request: &Request) -> Reply {
    if request.method == "DELETE" {
        return Reply { status: 204, headers: Vec::new(), body: Vec::new() };
    }
    let point = json!({
        "AccessPointId": "fsap-0123456789abcdef0", "FileSystemId": "fs-0a1b2c3d",
        "LifeCycleState": "available",
    });
    if request.method == "POST" {
        return reply(200, point.to_string());
    }
    reply(200, json!({ "AccessPoints": [point] }).to_string())
}

/// A bucket in which nothing lies.
fn s3(request: &Request) -> Reply {
    let body = if request.path.contains("list-type=2") {
        "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>"
    } else {
        "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>nothing lies there</Message></Error>"
    };
    let status = if request.path.contains("list-type=2") { 200 } else { 404 };
    Reply {
        status,
        headers: vec![("content-type", "application/xml".to_owned())],
        body: body.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], path: &str) -> Request {
        let owned = headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: owned.collect(),
            body: b"{}".to_vec(),
        }
    }

    #[test]
    fn a_call_is_read_off_its_signature_and_target() {
        let scope = "AWS4-HMAC-SHA256 Credential=AK/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host";
        let sent = request(
            &[("authorization", scope), ("x-amz-target", "DynamoDB_20120810.PutItem")],
            "/",
        );
        assert_eq!(
            Call::of(&sent),
            Call { service: "dynamodb".into(), operation: "PutItem".into() }
        );
        let scope = scope.replace("dynamodb", "elasticfilesystem");
        let sent = request(&[("authorization", &scope)], "/2015-02-01/access-points/fsap-1?x=y");
        assert_eq!(Call::of(&sent).operation, "POST /2015-02-01/access-points");
    }

    #[test]
    fn the_table_answers_in_dynamodbs_words() {
        let cloud = Cloud::new(World::new(1), BTreeMap::new());
        let reply = cloud.dynamodb("GetItem", &json!({ "TableName": "nowhere", "Key": {} }));
        assert_eq!(reply.status, 400);
        assert!(reply.headers.iter().any(|(name, _)| *name == "x-amzn-errortype"));
    }
}
