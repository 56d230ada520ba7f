//! The function over the fakes, and requests to it.

use super::document;
use super::issuer::{ISSUER, Issuer};
use serde_json::{Value, json};
use std::fmt;
use watchfire_desk::Desk;
use watchfire_edge::Config;
use watchfire_fakes::{World, dynamo};
use watchfire_ports::Clock as _;

const ENV: [(&str, &str); 15] = [
    ("WATCHFIRE_TABLE", dynamo::TABLE),
    ("WATCHFIRE_STAGE", "test"),
    ("WATCHFIRE_ISSUER", ISSUER),
    ("WATCHFIRE_AUDIENCE", "watchfire"),
    ("WATCHFIRE_CURSOR_SECRET", "cursor-secret"),
    ("WATCHFIRE_INTEGRATION_SECRET", "integration-secret"),
    ("WATCHFIRE_CHECKPOINT_BUCKET", "watchfire-checkpoints"),
    ("WATCHFIRE_CHECKPOINT_SECRET", "checkpoint-secret"),
    ("WATCHFIRE_EVENT_BUS", "watchfire"),
    ("WATCHFIRE_LOG_ORIGIN", "watchfire-test"),
    ("WATCHFIRE_SEAL_QUEUE_URL", "https://sqs.us-east-2.amazonaws.com/1/seal"),
    ("WATCHFIRE_TOKEN_SECRET", "token-secret"),
    ("WATCHFIRE_LINK_SECRET", "link-secret"),
    ("WATCHFIRE_MAIL_FROM", "watchfire@example.org"),
    (
        "WATCHFIRE_IAM_PRINCIPALS",
        r#"[{"arn_prefix":"arn:aws:iam::111122223333:role/ci","tenants":["acme"],"role":"commander"},
            {"arn_prefix":"arn:aws:iam::111122223333:role/ci-prod","tenants":["acme"],
             "role":"commander","stage":"prod"}]"#,
    ),
];

/// The function.
pub(super) struct Api {
    pub(super) world: World,
    pub(super) desk: Desk,
    pub(super) issuer: Issuer,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) name: &'static str,
    pub(super) role: &'static str,
    pub(super) tenants: Vec<&'static str>,
    pub(super) on_call: bool,
    pub(super) clearance: u8,
}

pub(super) fn who(name: &'static str, role: &'static str, tenant: &'static str) -> Who {
    Who { name, role, tenants: vec![tenant], on_call: false, clearance: 0 }
}

/// Alice, who administers `acme`.
pub(super) fn alice() -> Who {
    who("alice@example.com", "admin", "acme")
}

impl Api {
    pub(super) fn new() -> Self {
        let world = World::new(7);
        let issuer = Issuer::new("k1");
        world.jwks.put(&json!({ "keys": [issuer.key()] }).to_string());
        let get = |name: &str| {
            ENV.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let desk = world.desk(Config::read(&get).unwrap());
        Self { world, desk, issuer }
    }

    /// What the issuer says of somebody.
    pub(super) fn claims(&self, who: &Who) -> Value {
        json!({
            "iss": ISSUER, "aud": "watchfire", "sub": who.name, "wf_tenants": who.tenants,
            "wf_role": who.role, "wf_on_call": who.on_call, "wf_clearance": who.clearance,
            "exp": self.world.clock.now().seconds().saturating_add(3600),
        })
    }

    pub(super) fn token(&self, who: &Who) -> String {
        self.issuer.token(&self.claims(who), &json!({}))
    }

    /// The event of a request with a token.
    pub(super) fn event(&self, who: &Who, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut event = event(method, path);
        event["headers"]["authorization"] = json!(format!("Bearer {}", self.token(who)));
        if let Some(body) = body {
            event["headers"]["content-type"] = json!("application/json");
            event["body"] = json!(body.to_string());
        }
        event
    }

    pub(super) async fn ask(
        &self,
        who: &Who,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.send(self.event(who, method, path, body)).await
    }

    pub(super) async fn get(&self, who: &Who, path: &str) -> Answer {
        self.ask(who, "GET", path, None).await
    }

    pub(super) async fn post(&self, who: &Who, path: &str, body: &Value) -> Answer {
        self.ask(who, "POST", path, Some(body)).await
    }

    pub(super) async fn put(&self, who: &Who, path: &str, body: &Value) -> Answer {
        self.ask(who, "PUT", path, Some(body)).await
    }

    pub(super) async fn send(&self, event: Value) -> Answer {
        let answer = self.send_strange(event.clone()).await;
        document::check(&event, &answer);
        answer
    }

    /// For events that the document knows nothing of.
    pub(super) async fn send_strange(&self, event: Value) -> Answer {
        let sent = crate::handle(&self.desk, &*self.world.jwks, event, None).await;
        assert_eq!(sent["isBase64Encoded"], false);
        let text = sent["body"].as_str().unwrap().to_owned();
        let answer = Answer {
            status: sent["statusCode"].as_u64().unwrap(),
            body: if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() },
            headers: sent["headers"].clone(),
            text,
        };
        for name in ["strict-transport-security", "x-content-type-options", "x-request-id"] {
            assert!(answer.headers[name].is_string(), "{name} is missing: {answer}");
        }
        answer
    }

    pub(super) fn dump(&self) -> String {
        self.world.dynamo.dump() + &self.world.dump()
    }
}

/// An event of API Gateway's, as the JWT route has it.
pub(super) fn event(method: &str, path: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": { "host": "api.example.org" },
        "requestContext": {
            "stage": "$default",
            "requestId": "req-1",
            "http": { "method": method, "path": path, "sourceIp": "192.0.2.7" },
        },
        "isBase64Encoded": false,
    })
}

/// The same with a header.
pub(super) fn with(mut event: Value, name: &str, value: &str) -> Value {
    event["headers"][name] = json!(value);
    event
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u64,
    pub(super) headers: Value,
    pub(super) body: Value,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn text(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {self}"))
    }

    /// Whether it is what a caller hopes for.
    pub(super) fn good(self) -> Self {
        assert!((200..300).contains(&self.status), "{self}");
        self
    }

    /// Status, and the error's code and name if it is one.
    pub(super) fn short(&self) -> String {
        match self.body.get("error") {
            Some(error) => {
                let word = |name: &str| error[name].as_str().unwrap().to_owned();
                format!("{} {} {}", self.status, word("code"), word("name"))
            }
            None => self.status.to_string(),
        }
    }

    /// The problems, one a line.
    pub(super) fn problems(&self) -> String {
        let problems = self.body.pointer("/error/problems").and_then(Value::as_array);
        let line = |one: &Value| {
            format!("{}: {}\n", one["field"].as_str().unwrap(), one["problem"].as_str().unwrap())
        };
        problems.into_iter().flatten().map(line).collect()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.status)?;
        for name in ["etag", "location", "idempotency-replayed", "allow"] {
            if let Some(value) = self.headers.get(name).and_then(Value::as_str) {
                writeln!(out, "{name}: {value}")?;
            }
        }
        write!(out, "{:#}", self.body)
    }
}
