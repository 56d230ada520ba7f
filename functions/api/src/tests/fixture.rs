//! Records to work on, and a request for every route.

use super::api::{Answer, Api, Who, alice};
use super::runs;
use crate::Route;
use serde_json::{Value, json};
use std::sync::OnceLock;
use watchfire_domain::approval::{ApprovalAsk, Risk, Subject};
use watchfire_domain::environment::{Evidence, Verdict};
use watchfire_domain::{
    Actor, Approval, ApprovalId, Change, Environment, EnvironmentId, HOUR, IncidentId, Tenant,
    Voucher,
};
use watchfire_ports::Clock as _;
use watchfire_store::{Commit, Due};

/// An incident of `acme` with an environment and an approval, and an integration.
pub(super) struct Fixture {
    pub(super) incident: String,
    pub(super) environment: String,
    pub(super) approval: String,
    pub(super) integration: String,
    /// Made when a route needs one.
    pub(super) execution: OnceLock<String>,
}

impl Fixture {
    /// Ids in their form, of which there is nothing.
    pub(super) fn absent() -> Self {
        Self {
            incident: NOBODYS.to_owned(),
            environment: "env-019a0000000070008000000000000000-1".to_owned(),
            approval: "apr-019a0000000070008000000000000000-1".to_owned(),
            integration: "int_aaaaaaaaaaaaaaaa".to_owned(),
            execution: OnceLock::new(),
        }
    }
}

/// What nobody has.
const NOBODYS: &str = "019a0000-0000-7000-8000-000000000000";

pub(super) const TASK: &str = "arn:aws:ecs:eu-central-1:111122223333:task/watchfire/0a1b2c3d";

pub(super) fn new_incident() -> Value {
    json!({ "title": "storage answers slowly", "severity": "Sev2" })
}

impl Api {
    pub(super) async fn incident(&self, who: &Who) -> String {
        let answer = self.post(who, "/v1/incidents", &new_incident()).await.good();
        answer.text("/incident/id").to_owned()
    }

    /// Publishes or reviews the runbook `storage-latency` as it is at this moment.
    pub(super) async fn act_on_runbook(&self, who: &Who, verb: &str) -> Answer {
        let repo = self.repo();
        let now = repo.runbook("storage-latency").await.unwrap().map_or(1, |found| found.version);
        self.act_on_runbook_read(who, verb, now).await
    }

    /// The same of the record's version that somebody read.
    pub(super) async fn act_on_runbook_read(&self, who: &Who, verb: &str, read: u64) -> Answer {
        let path = format!("/v1/runbooks/storage-latency/{verb}");
        let event = self.event(who, "POST", &path, Some(&json!({})));
        self.send(super::api::with(event, "if-match", &read.to_string())).await
    }

    pub(super) async fn fixture(&self) -> Fixture {
        let incident = self.incident(&alice()).await;
        let spec = json!({ "cluster_id": "prod-east", "launch": "later" });
        let path = format!("/v1/incidents/{incident}/environments");
        let environment = self.post(&alice(), &path, &spec).await.good();
        let environment = environment.text("/environment/id").to_owned();
        let approval = self.approval(incident.parse().unwrap(), 1).await.to_string();
        let new = json!({ "name": "metrics", "kind": "alertmanager" });
        let made = self.post(&alice(), "/v1/integrations", &new).await.good();
        let integration = made.text("/integration/id").to_owned();
        Fixture { incident, environment, approval, integration, execution: OnceLock::new() }
    }

    pub(super) fn repo(&self) -> watchfire_store::Repo {
        self.desk.table.of(&Tenant::vouched("acme", Voucher::Claims).unwrap())
    }

    pub(super) async fn approval(&self, incident: IncidentId, n: u16) -> ApprovalId {
        let id = ApprovalId { incident, n };
        let ask = ApprovalAsk {
            id,
            subject: Subject {
                action: "remove_access_point".to_owned(),
                target: format!("env-{}-1", incident.0.simple()),
                summary: "Delete it".to_owned(),
                does: None,
                risk: Risk::Medium,
                spec_hash: None,
                inputs_hash: None,
            },
            need: 1,
            approvers: vec!["bob@example.com".to_owned()],
            then: Vec::new(),
            excluded: vec!["alice@example.com".to_owned()],
            on_call: false,
            hours: None,
            role: None,
            clearance: None,
            requested_by: "service:approve".to_owned(),
            expires_at: self.world.clock.now().plus(HOUR),
            random: [0, 1, 2, 3],
        };
        let change = Approval::request(ask, &Actor::service("approve"), self.world.clock.now());
        let commit = Commit::on(incident).change(change.unwrap(), Due::Keep);
        self.repo().commit(commit).await.unwrap();
        id
    }

    /// Ends the approval, and puts its document where `checkpoint` does.
    pub(super) async fn keep_evidence(&self, id: &str) {
        let path = format!("/v1/approvals/{id}/revoke");
        self.post(&alice(), &path, &json!({ "reason": "asked by mistake" })).await.good();
        let id: ApprovalId = id.parse().unwrap();
        let approval = self.repo().approval(id).await.unwrap().unwrap().record;
        let document = approval.document().unwrap();
        let key = format!("approvals/acme/{}/{:04}-{}.json", id.incident, id.n, document.digest);
        self.world.vault.put(&key, document.text.as_bytes());
    }

    /// Moves the environment on, as the phases would.
    async fn step(&self, id: &str, step: impl Fn(&Environment, &Actor) -> Change<Environment>) {
        let id: EnvironmentId = id.parse().unwrap();
        let row = self.repo().environment(id).await.unwrap().unwrap();
        let change = step(&row.record, &Actor::service("test"));
        let commit = Commit::on(id.incident).change(change, Due::Keep);
        self.repo().commit(commit).await.unwrap();
    }

    /// Brings the environment to where a task runs.
    pub(super) async fn run(&self, id: &str) {
        let now = self.world.clock.now();
        self.step(id, |env, by| {
            env.created("fsap-1", "arn:d", None, Ok(None), by).unwrap().unwrap()
        })
        .await;
        self.step(id, |env, by| env.launched(TASK, by, now).unwrap().unwrap()).await;
        self.step(id, |env, by| env.running(3, &Ok(None), by, now).unwrap().unwrap()).await;
    }

    /// Brings a running environment to where its evidence is missing.
    pub(super) async fn lose_evidence(&self, id: &str) {
        let evidence = Evidence {
            verdict: Verdict::Missing,
            prefix: None,
            files: 0,
            manifest: None,
            problem: Some("nothing is there".to_owned()),
        };
        self.step(id, |env, by| env.stopped(None, evidence.clone(), by).unwrap().unwrap()).await;
    }
}

/// A route's path with the fixture's records in it.
pub(super) fn path(route: &Route, fixture: &Fixture) -> String {
    let id = match route.path.split('/').nth(1).unwrap() {
        "incidents" => &fixture.incident,
        "environments" => &fixture.environment,
        "integrations" => &fixture.integration,
        "runbooks" => "storage-latency",
        "executions" => fixture.execution.get().map_or(NOBODYS, String::as_str),
        // The fixture's own is not for her to answer.
        _ if of_a_step(route) => runs::ASKED,
        _ => &fixture.approval,
    };
    let path = route
        .path
        .replace("{id}", id)
        .replace("{role}", "technical_lead")
        .replace("{step}", "look");
    let path = path.replace("{name}", "storage-latency");
    let query = if route.operation == "read_timeline" {
        format!("?incident_id={}", fixture.incident)
    } else {
        String::new()
    };
    format!("/v1{path}{query}")
}

/// Whether the route is about the approval of a step.
pub(super) fn of_a_step(route: &Route) -> bool {
    ["decide_approval", "override_approval", "review_override"].contains(&route.operation)
}

/// Two bodies that a route takes, as different as they can be.
pub(super) fn bodies(route: &Route) -> Option<(Value, Value)> {
    let profile = || json!(watchfire_domain::Profile::sev());
    let other_profile = || {
        let mut profile = profile();
        profile["levels"][0]["label"] = json!("Mayday");
        profile
    };
    let nameless = |mut profile: Value| {
        profile.as_object_mut().unwrap().retain(|name, _| name != "name");
        profile
    };
    Some(match route.takes?.schema {
        "NewIncident" => (new_incident(), json!({ "title": "another", "severity": "low" })),
        "Edit" => (json!({ "title": "one" }), json!({ "title": "two" })),
        "Transition" => {
            let skip = json!({ "status": "resolved", "rationale": "it was nothing" });
            (json!({ "status": "acknowledged" }), skip)
        }
        "SeverityChange" => {
            let rationale = |level| json!({ "severity": level, "rationale": "more users" });
            (rationale("P0"), rationale("P3"))
        }
        "Owner" => (json!({ "owner": "alice" }), json!({ "owner": "bob" })),
        "RootCause" => {
            (json!({ "text": "a full disk" }), json!({ "text": "a", "category": "disk" }))
        }
        "Person" => (json!({ "person": "alice" }), json!({ "person": "bob" })),
        "Note" => (json!({ "text": "one" }), json!({ "text": "two" })),
        "Reason" | "Revoke" | "Override" | "StepReason" => {
            (json!({ "reason": "one" }), json!({ "reason": "two" }))
        }
        "OverrideReview" => (
            json!({ "justified": true, "note": "one" }),
            json!({ "justified": false, "note": "two" }),
        ),
        "Share" => (json!({ "tenant": "globex" }), json!({ "tenant": "initech" })),
        "EnvironmentSpec" => (json!({ "cluster_id": "a" }), json!({ "cluster_id": "b" })),
        // An empty body is the same as an empty object: there is no other.
        "Nothing" => (json!({}), json!({})),
        "Stop" => (json!({ "reason": "one" }), json!({ "reason": "one", "removal": "keep" })),
        "Close" => (json!({}), json!({ "remove_access_point": true })),
        "Extend" => (json!({ "hours": 4 }), json!({ "hours": 5 })),
        "Waive" => (json!({ "rationale": "one" }), json!({ "rationale": "two" })),
        "StartRunbook" => (json!({}), json!({ "inputs": { "shard": "b" } })),
        "StepReport" => {
            (json!({ "outcome": "passed" }), json!({ "outcome": "passed", "note": "slow" }))
        }
        "StepChoice" => (json!({ "option": "wait" }), json!({ "option": "restart" })),
        "StepRetry" => (json!({ "attempt": 1 }), json!({ "attempt": 2 })),
        "RunbookLink" => (json!({ "runbook": "storage-latency" }), json!({ "runbook": "b" })),
        "ApprovalAnswer" => {
            let answer = |answer| json!({ "link": *runs::LINK, "answer": answer });
            (answer("grant"), answer("deny"))
        }
        "RunbookSpec" => (runbook("Look at it"), runbook("Look at it again")),
        "Question" => {
            let may = |action| json!({ "action": action });
            (may("incident.create"), may("plan.put"))
        }
        "NewIntegration" => {
            let new = |kind| json!({ "name": "metrics", "kind": kind });
            (new("grafana"), new("pagerduty"))
        }
        "Plan" => {
            let plan = |severity| json!({ "title": "{alarm.name}", "severity": severity });
            (plan("high"), plan("low"))
        }
        "Profile" => (nameless(profile()), nameless(other_profile())),
        other => panic!("no sample of {other}"),
    })
}

/// The version of the record that the route changes, as [`prepare`] leaves it.
pub(super) fn version(route: &Route) -> &'static str {
    if route.operation == "review_runbook" { "\"2\"" } else { "\"1\"" }
}

/// A request that a route grants, sent as `who`: with `If-Match` where it must be.
pub(super) async fn send(
    api: &Api,
    who: &Who,
    route: &Route,
    path: &str,
    body: Option<&Value>,
    key: Option<&str>,
) -> Answer {
    let mut event = api.event(who, route.method.name(), path, body);
    if route.condition == crate::Condition::Required {
        event = super::api::with(event, "if-match", version(route));
    }
    if let Some(key) = key {
        event = super::api::with(event, "idempotency-key", key);
    }
    api.send(event).await
}

/// Brings the fixture to where the route has something to do.
pub(super) async fn prepare(api: &Api, route: &Route, fixture: &Fixture) {
    match route.operation {
        "waive_evidence" => {
            api.run(&fixture.environment).await;
            api.lose_evidence(&fixture.environment).await;
        }
        "connect" => api.run(&fixture.environment).await,
        "get_runbook" | "draft_runbook" | "delete_draft" | "publish_runbook" | "review_runbook" => {
            let spec = runbook("Read the graphs");
            api.post(&alice(), "/v1/runbooks", &spec).await.good();
            if route.operation == "review_runbook" {
                api.act_on_runbook(&alice(), "publish").await.good();
            }
        }
        "execute_runbook" | "link_runbook" => {
            api.post(&alice(), "/v1/runbooks", &runbook("Read the graphs")).await.good();
            api.act_on_runbook(&alice(), "publish").await.good();
        }
        _ if of_a_step(route) => {
            runs::ask(api, &fixture.incident).await;
            if route.operation == "review_override" {
                runs::go_ahead(api).await;
            }
        }
        _ if route.path.starts_with("/executions") => {
            let id = runs::started(api, &fixture.incident, route.operation).await;
            fixture.execution.get_or_init(|| id);
        }
        "get_approval_evidence" => api.keep_evidence(&fixture.approval).await,
        "get_plan" => {
            let plan = json!({ "title": "{alarm.name}", "severity": "high" });
            api.put(&alice(), "/v1/plans/storage-latency", &plan).await.good();
        }
        "get_profile" => {
            let mut profile = json!(watchfire_domain::Profile::sev());
            profile["name"] = json!("storage-latency");
            api.put(&alice(), "/v1/profiles/storage-latency", &profile).await.good();
        }
        _ => {}
    }
}

/// A runbook's spec.
pub(super) fn runbook(title: &str) -> Value {
    json!({
        "name": "storage-latency", "title": title, "description": "Storage answers slowly.",
        "author": "storage", "risk": "low", "review_days": 30,
        "steps": [{
            "id": "look", "title": "Look at the graphs", "risk": "low", "timeout": "5m",
            "do": { "manual": { "instructions": "Look at the graphs of the last hour." } },
        }],
    })
}
