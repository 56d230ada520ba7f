//! A fresh first event for every function: a step that nobody has taken yet.

use super::life::Wanted;
use super::{Scene, settings};
use crate::trouble::{Trouble, odd};
use serde_json::{Value, json};
use watchfire_domain::environment::State;
use watchfire_domain::plan::Target;
use watchfire_domain::{EnvironmentId, IncidentId, Timestamp};
use watchfire_ports::{Clock as _, Probe};

/// A step that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An alarm that opens an incident with its environment.
    Alarm,
    /// An alarm that was delivered and handled before.
    AlarmAgain,
    /// `POST /incidents`, signed.
    Api,
    /// The page behind an approver's link.
    ApprovalPage,
    /// The machine asks for an approval.
    Approve,
    /// A timeline that grew is sealed.
    Checkpoint,
    /// The machine closes a stopped environment.
    Close,
    /// The machine creates an environment.
    Create,
    /// A webhook of one alert.
    Hook,
    /// The machine starts a task.
    Launch,
    /// A probe of a launching environment, whose task runs by now.
    Observe,
    /// The table's stream with one event of a timeline.
    Publish,
    /// The runbook machine begins a runbook whose first step is a program.
    Run,
    /// The machine stops the task.
    Stop,
    /// A minute in which nothing is due.
    Sweep,
}

impl Step {
    /// The first step of every function, by the functions' names, and one more.
    pub const ALL: [Self; 15] = [
        Self::Alarm,
        Self::AlarmAgain,
        Self::Api,
        Self::ApprovalPage,
        Self::Approve,
        Self::Checkpoint,
        Self::Close,
        Self::Create,
        Self::Hook,
        Self::Launch,
        Self::Observe,
        Self::Publish,
        Self::Run,
        Self::Stop,
        Self::Sweep,
    ];

    /// The function that takes it, as `_HANDLER` names it.
    pub const fn handler(self) -> &'static str {
        match self {
            Self::Alarm | Self::AlarmAgain => "alarm",
            Self::Api => "api",
            Self::ApprovalPage => "approval-page",
            Self::Approve => "approve",
            Self::Checkpoint => "checkpoint",
            Self::Close => "close",
            Self::Create => "create",
            Self::Hook => "hook",
            Self::Launch => "launch",
            Self::Observe => "observe",
            Self::Publish => "publish",
            Self::Run => "step",
            Self::Stop => "stop",
            Self::Sweep => "sweep",
        }
    }

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AlarmAgain => "alarm, again",
            Self::Alarm
            | Self::Api
            | Self::ApprovalPage
            | Self::Approve
            | Self::Checkpoint
            | Self::Close
            | Self::Create
            | Self::Hook
            | Self::Launch
            | Self::Observe
            | Self::Publish
            | Self::Run
            | Self::Stop
            | Self::Sweep => self.handler(),
        }
    }

    /// What happens in it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Alarm => "opens an incident with its environment, and starts the machine",
            Self::AlarmAgain => "a delivery that was handled before",
            Self::Api => "POST /incidents, signed: opens an incident",
            Self::ApprovalPage => "shows a question",
            Self::Approve => "asks an approver by mail",
            Self::Checkpoint => "seals the timeline of an incident in the log",
            Self::Close => "closes a stopped environment whose removal was granted",
            Self::Create => "makes the access point and the task definition",
            Self::Hook => "POST /hooks/{integration}: verifies one alert, and queues it",
            Self::Launch => "runs the task",
            Self::Observe => "sees that the task runs, and wakes the machine",
            Self::Publish => "tells the bus one event of a timeline",
            Self::Run => "begins a runbook, and starts the program of its first step",
            Self::Stop => "sees that no task lives, and looks for evidence",
            Self::Sweep => "finds nothing due",
        }
    }
}

impl Scene {
    /// So many events for this step, each of which finds it not yet taken.
    pub fn events(&mut self, step: Step, count: u64) -> Result<Vec<Value>, Trouble> {
        self.free_clusters()?;
        (0..count).map(|_| self.event(step)).collect()
    }

    /// What an earlier run investigates is given up: the next one wants the same clusters.
    fn free_clusters(&self) -> Result<(), Trouble> {
        for item in self.world.dynamo.items() {
            let text = |name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str);
            if text("pk").is_some_and(|pk| pk.starts_with("ENVSLOT#")) {
                let key = json!({ "pk": item.get("pk"), "sk": item.get("sk") });
                let body = json!({ "TableName": "watchfire", "Key": key });
                if self.world.dynamo.answer("DeleteItem", &body).0 != 200 {
                    return Err(odd("a cluster's claim cannot be taken away"));
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, step: Step) -> Result<Value, Trouble> {
        match step {
            Step::Alarm => {
                self.count = self.count.saturating_add(1);
                let lane = self.count.checked_rem(settings::LANES).unwrap_or_default();
                let name = format!("lane-{lane}-latency-{:05}", self.count);
                Ok(queued(&[alarm_event(&name, "ALARM", self.world.clock.now())]))
            }
            Step::Api => {
                self.count = self.count.saturating_add(1);
                Ok(opening(self.count))
            }
            Step::Hook => Ok(hook(&self.hook)),
            Step::Sweep => Ok(json!({})),
            Step::AlarmAgain
            | Step::ApprovalPage
            | Step::Approve
            | Step::Checkpoint
            | Step::Close
            | Step::Create
            | Step::Launch
            | Step::Observe
            | Step::Publish
            | Step::Run
            | Step::Stop => {
                // The scene owns its runtime, and lends itself to what runs on it.
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
                let runtime = runtime.map_err(|error| odd(error.to_string()))?;
                runtime.block_on(self.staged(step))
            }
        }
    }

    async fn staged(&mut self, step: Step) -> Result<Value, Trouble> {
        if step == Step::AlarmAgain {
            let (id, event) = self.fire().await?;
            // Its machine was started: nothing is left undone.
            self.reach(id, None, Some(State::Launching)).await?;
            return Ok(queued(&[event]));
        }
        if step == Step::Run && self.runbook.is_none() {
            // Its plan names approvers: incidents from here on are opened by it.
            self.runbook = Some(self.prepare().await?);
        }
        let id = self.raise().await?;
        let missing = || odd(format!("the step {} did not come up", step.name()));
        let wanted = |function, name| Wanted::of(id, function, name);
        let caught = match step {
            Step::Create => self.until(wanted("create", ""), None).await?,
            Step::Launch => self.until(wanted("launch", "run"), None).await?,
            Step::Observe => {
                self.until(wanted("stop", "wait"), Some(State::Launching)).await?;
                Some(probe(id)?)
            }
            Step::Stop => {
                self.run_and_ask_stop(id).await?;
                self.until(wanted("stop", "run"), None).await?
            }
            Step::Approve => {
                self.run_and_ask_stop(id).await?;
                self.until(wanted("approve", ""), None).await?
            }
            Step::Close | Step::ApprovalPage => self.answered(id, step).await?,
            Step::Publish => Some(self.streamed(id)?),
            Step::Checkpoint => Some(seal(id.incident)),
            Step::Run => Some(self.started(id.incident).await?),
            Step::Alarm | Step::AlarmAgain | Step::Api | Step::Hook | Step::Sweep => None,
        };
        caught.ok_or_else(missing)
    }

    async fn run_and_ask_stop(&mut self, id: EnvironmentId) -> Result<(), Trouble> {
        self.until(Wanted::of(id, "stop", "run"), Some(State::Running)).await?;
        self.stop(id).await
    }

    /// The first event of the incident's timeline, as the table's stream hands it over.
    fn streamed(&self, id: EnvironmentId) -> Result<Value, Trouble> {
        let incident = id.incident.to_string();
        let items = self.world.dynamo.items();
        let first = items.into_iter().find(|item| {
            let text = |name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str);
            text("pk").is_some_and(|pk| pk.ends_with(&incident))
                && text("sk").is_some_and(|sk| sk.starts_with("EV#"))
        });
        let image = first.ok_or_else(|| odd("an incident has no timeline"))?;
        let change = json!({ "SequenceNumber": "100000000000000000001", "NewImage": image });
        Ok(json!({ "Records": [{
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": change,
        }]}))
    }

    /// Ana is asked, and, for the close, grants it.
    async fn answered(&mut self, id: EnvironmentId, step: Step) -> Result<Option<Value>, Trouble> {
        self.run_and_ask_stop(id).await?;
        let close = Wanted::of(id, "close", "");
        let target = Target::Email("ana@example.org".to_owned());
        let before = self.world.notify.inbox_of(&target).len();
        for _ in 0..60 {
            if self.world.notify.inbox_of(&target).len() > before {
                break;
            }
            self.turn(Some(close)).await;
        }
        if step == Step::ApprovalPage {
            return Ok(Some(page(&self.newest_link()?)));
        }
        self.grant().await?;
        self.until(close, None).await
    }
}

/// Deliveries as the queue hands them over.
pub(super) fn queued(deliveries: &[Value]) -> Value {
    let record = |(at, delivery): (usize, &Value)| {
        json!({
            "messageId": format!("19dd0b57-b21e-4ac1-bd88-01bbb068cb{at:02}"),
            "receiptHandle": "MessageReceiptHandle",
            "body": delivery.to_string(),
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795230720000" },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:watchfire-alarms",
            "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": deliveries.iter().enumerate().map(record).collect::<Vec<_>>() })
}

/// A transition, as EventBridge puts it into the queue.
pub fn alarm_event(name: &str, state: &str, at: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": "4c3c1f3e-0f5b-4b5e-8a53-7a9d1f2b3c4d",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "111122223333",
        "time": at.to_string(),
        "region": "us-east-1",
        "resources": [format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}")],
        "detail": {
            "alarmName": name,
            "alarmTags": {},
            "configuration": { "metrics": [{ "id": "m1", "metricStat": { "metric": {
                "name": "StorageLatency",
                "namespace": "AWS/EFS",
                "dimensions": { "Cluster": "rosa-7" },
            }}}]},
            "state": {
                "value": state,
                "reason": "Threshold Crossed: 3 datapoints were greater than the threshold.",
                "timestamp": at.to_string(),
            },
        },
    })
}

fn probe(id: EnvironmentId) -> Result<Value, Trouble> {
    let tenant = super::TENANT.to_owned();
    let probe = Probe { tenant, environment: id, attempt: 1, looks: Probe::ONCE };
    let body = serde_json::to_string(&probe).map_err(|error| odd(error.to_string()))?;
    Ok(json!({ "Records": [{ "messageId": "m-1", "body": body }] }))
}

/// An incident's timeline shall be sealed now, as the queue asks for it.
fn seal(incident: IncidentId) -> Value {
    let body = json!({ "tenant": super::TENANT, "incident": incident });
    json!({ "Records": [{ "messageId": "m-1", "body": body.to_string() }] })
}

pub(super) fn gateway(method: &str, path: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*", "content-type": "application/json",
            "host": "api.example.org", "user-agent": "curl/8.5.0",
        },
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "abcdefghij",
            "authorizer": { "iam": { "userArn": settings::CALLER } },
            "domainName": "api.example.org",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": "$default",
            "timeEpoch": 1_795_230_720_000_u64,
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// `GET /timeline`: a page after so many events.
pub fn timeline(incident: IncidentId, after: u64, limit: u64) -> Value {
    let mut event = gateway("GET", "/iam/v1/timeline", "");
    let query = format!("incident_id={incident}&after={after}&limit={limit}");
    if let Some(event) = event.as_object_mut() {
        event.insert("rawQueryString".to_owned(), json!(query));
    }
    event
}

/// `POST /incidents/{id}/notes`.
pub fn note(incident: IncidentId, count: u64) -> Value {
    let body = json!({ "text": format!("latency of node {count} is back under 20 ms") });
    gateway("POST", &format!("/iam/v1/incidents/{incident}/notes"), &body.to_string())
}

/// `GET /incidents`: the first page.
pub fn listing() -> Value {
    gateway("GET", "/iam/v1/incidents", "")
}

fn opening(count: u64) -> Value {
    let body =
        json!({ "title": format!("storage answers slowly ({count:05})"), "severity": "Sev2" });
    gateway("POST", "/iam/v1/incidents", &body.to_string())
}

/// One alert of a system that speaks our own words, to an integration that it proves itself to.
fn hook((id, secret): &(String, String)) -> Value {
    let body = json!({
        "key": "disk-7", "status": "firing", "title": "disk 7 is full",
        "description": "94 of 100 GB are used", "labels": { "host": "db-7", "severity": "high" },
    });
    let mut event = gateway("POST", &format!("/hooks/{id}"), &body.to_string());
    if let Some(headers) = event.get_mut("headers").and_then(Value::as_object_mut) {
        headers.insert("authorization".to_owned(), json!(format!("Bearer {secret}")));
    }
    event
}

fn page(link: &str) -> Value {
    gateway("GET", &format!("/approvals/{link}"), "")
}
