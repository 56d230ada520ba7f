//! What a tenant does, at random, and the desk that answers.

use super::super::chance::Chance;
use crate::world::config_with;
use serde_json::{Value, json};
use std::sync::Arc;
use watchfire_fakes::{FakeIds, Faults, World};

pub(super) const NAMES: [&str; 4] = ["acme", "globex", "initech", "umbra"];

/// The API over a world.
pub(super) struct Desk {
    pub(super) world: World,
    desk: watchfire_desk::Desk,
}

impl Desk {
    pub(super) fn new(seed: u64) -> Self {
        Self::over(World::new(seed))
    }

    /// The same table, from a process with chance of its own: what happens there takes no random
    /// number from here.
    pub(super) fn elsewhere(&self) -> Self {
        let mut world = self.world.process(Faults::new());
        let items = u64::try_from(self.world.dynamo.items().len()).unwrap();
        world.ids = Arc::new(FakeIds::new(items + 77));
        Self::over(world)
    }

    fn over(world: World) -> Self {
        let principals: Vec<Value> = NAMES
            .iter()
            .map(|name| json!({ "arn_prefix": arn(name), "tenants": [name], "role": "admin" }))
            .collect();
        let principals = json!(principals).to_string();
        let desk = world.desk(config_with(&[("WATCHFIRE_IAM_PRINCIPALS", &principals)]));
        Self { world, desk }
    }

    async fn ask(&self, name: &str, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = format!("/iam/v1{path}");
        let mut headers = json!({ "host": "api.example.org", "content-type": "application/json" });
        if path.ends_with("/publish") {
            headers["if-match"] = json!(self.read(name).await);
        }
        let event = json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers,
            "requestContext": {
                "stage": "$default", "requestId": "req-1",
                "authorizer": { "iam": { "userArn": arn(name), "accountId": "111122223333" } },
                "http": { "method": method, "path": path, "sourceIp": "192.0.2.7" },
            },
            "body": body.map(Value::to_string), "isBase64Encoded": false,
        });
        watchfire_api::handle(&self.desk, &*self.world.jwks, event, None).await
    }

    /// The version of the tenant's runbook, for who publishes what they read.
    async fn read(&self, name: &str) -> String {
        let repo = self.desk.table.of(&crate::world::tenant(name));
        let found = repo.runbook("storage").await.ok().flatten();
        found.map_or(1, |found| found.version).to_string()
    }
}

fn arn(name: &str) -> String {
    format!("arn:aws:iam::111122223333:role/{name}")
}

/// A tenant, and what it knows of its own.
pub(super) struct Tenant {
    pub(super) name: &'static str,
    pub(super) records: Vec<String>,
    pub(super) cursors: Vec<String>,
    count: u64,
}

/// What was done.
pub(super) struct Done {
    pub(super) ask: String,
    pub(super) answer: String,
    /// Whether it named what belongs to another.
    pub(super) trespass: bool,
}

impl Tenant {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, records: Vec::new(), cursors: Vec::new(), count: 0 }
    }

    /// The word that stands in all that this tenant writes, and in nothing that others write.
    pub(super) fn word(&self) -> String {
        format!("canary-{}-bird", self.name)
    }

    pub(super) async fn act(
        &mut self,
        desk: &Desk,
        chance: &mut Chance,
        others: (&Vec<String>, &Vec<String>),
    ) -> Done {
        self.count += 1;
        let word = format!("{} {}", self.word(), self.count);
        let (record, trespass) = named(chance, &self.records, others.0);
        let (cursor, strange) = named(chance, &self.cursors, others.1);
        let at = format!("/incidents/{record}");
        let environment =
            json!({ "cluster_id": format!("{}-{}", self.name, self.count), "launch": "later" });
        let (method, path, body, foreign) = match chance.below(20) {
            0 | 1 => (
                "POST",
                "/incidents".to_owned(),
                Some(json!({ "title": word, "severity": "high" })),
                false,
            ),
            2 => ("GET", "/incidents?limit=2".to_owned(), None, false),
            3 => ("GET", format!("/incidents?limit=2&cursor={cursor}"), None, strange),
            4 => ("GET", at, None, trespass),
            5 | 6 => ("POST", format!("{at}/notes"), Some(json!({ "text": word })), trespass),
            7 => ("GET", format!("/timeline?incident_id={record}"), None, trespass),
            8 => (
                "POST",
                format!("{at}/transition"),
                Some(json!({ "status": "acknowledged" })),
                trespass,
            ),
            9 => ("POST", format!("{at}/owner"), Some(json!({ "owner": word })), trespass),
            10 => (
                "PUT",
                "/plans/storage".to_owned(),
                Some(json!({ "title": word, "severity": "low" })),
                false,
            ),
            11 => ("GET", "/plans/storage".to_owned(), None, false),
            12 => ("POST", format!("{at}/environments"), Some(environment), trespass),
            13 => ("GET", format!("{at}/environments"), None, trespass),
            14 => ("POST", "/runbooks".to_owned(), Some(runbook(&word)), false),
            15 => ("PUT", "/runbooks/storage".to_owned(), Some(runbook(&word)), false),
            16 => ("POST", "/runbooks/storage/publish".to_owned(), Some(json!({})), false),
            17 => ("GET", "/runbooks".to_owned(), None, false),
            18 => ("GET", "/runbooks/storage".to_owned(), None, false),
            _ => {
                let asked = json!({ "incident_id": record });
                let question = json!({ "action": "incident.note", "resource": asked });
                ("POST", "/policy/simulate".to_owned(), Some(question), trespass)
            }
        };
        let answer = desk.ask(self.name, method, &path, body.as_ref()).await;
        let said: Value = answer["body"]
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        if let Some(id) = said.pointer("/incident/id").and_then(Value::as_str)
            && method == "POST"
            && path == "/incidents"
        {
            self.records.push(id.to_owned());
        }
        if let Some(cursor) = said["next_cursor"].as_str() {
            self.cursors.push(cursor.to_owned());
        }
        Done { ask: format!("{method} {path}"), answer: answer.to_string(), trespass: foreign }
    }
}

/// A runbook that may be published.
fn runbook(word: &str) -> Value {
    json!({
        "name": "storage", "title": word, "description": word, "author": word, "risk": "low",
        "steps": [{
            "id": "look", "title": word, "risk": "low", "timeout": "5m",
            "do": { "manual": { "instructions": word } },
        }],
    })
}

/// Something of one's own; or, of what others have, one that nobody else should know.
fn named(chance: &mut Chance, own: &[String], others: &[String]) -> (String, bool) {
    let trespass = own.is_empty() || (!others.is_empty() && chance.once_in(4));
    let from = if trespass { others } else { own };
    if from.is_empty() {
        return ("019a0000-0000-7000-8000-000000000000".to_owned(), false);
    }
    (chance.pick(from).clone(), trespass)
}
