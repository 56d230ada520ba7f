//! Runbooks, as people publish them, start them and answer for them.

use super::{TENANT, World, ask, person, storage_plan};
use crate::repo;
use serde_json::{Map, Value, json};
use watchfire_desk::{Caller, RunDeed, StartAsk, Written};
use watchfire_domain::approval::Answer;
use watchfire_domain::{ApprovalId, ExecutionId, IncidentId, Plan};
use watchfire_edge::Fault;
use watchfire_policy::Role;
use watchfire_runbook::execution::{Report, Standing, State};
use watchfire_runbook::lint::Severity;
use watchfire_runbook::{Execution, Spec, parse};

/// The approvers of [`triage_plan`].
pub(crate) const ANA: &str = "ana@example.org";
pub(crate) const BEN: &str = "ben@example.org";

/// A shipped runbook.
pub(crate) fn shipped(name: &str) -> Spec {
    let text = repo::read(&format!("runbooks/{name}.yaml"));
    let value: Value = serde_yaml_ng::from_str(&text).unwrap();
    parse::read(&value).unwrap()
}

/// A runbook of these steps.
pub(crate) fn spec(steps: &Value) -> Spec {
    let spec = json!({
        "name": "look", "title": "Look", "description": "Of storage.", "author": "storage",
        "risk": "high", "hosts": ["status.example.com"], "steps": steps,
    });
    parse::read(&spec).unwrap()
}

/// The plan of the alarm `storage…`, with two approvers who must both agree.
pub(crate) fn triage_plan() -> Plan {
    let mut plan = storage_plan(&json!({}));
    plan.environment = None;
    plan.runbooks = ["evidence-storage-latency-triage".to_owned()].into();
    let approvers = json!({ "people": [ANA, BEN], "need": 2 });
    plan.approvers = serde_json::from_value(approvers).unwrap();
    plan
}

/// Whoever starts runbooks and does their steps.
pub(crate) fn kim() -> Caller {
    person("kim@example.org", Role::Responder, TENANT)
}

impl World {
    /// Publishes a runbook: one person writes it, another publishes it.
    pub(crate) async fn publish(&self, spec: &Spec) {
        let wrong = watchfire_runbook::lint(spec);
        let wrong: Vec<_> = wrong.iter().filter(|one| one.severity == Severity::Error).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let (writer, ask) =
            (person("wil@example.org", Role::Commander, TENANT), ask("POST /runbooks"));
        let written = self.desk.create_runbook(&writer, &ask, spec.clone());
        self.acting("api", written).await.unwrap();
        let pat = person("pat@example.org", Role::Commander, TENANT);
        let published = self.desk.publish_runbook(&pat, &ask, &spec.name);
        self.acting("api", published).await.unwrap();
    }

    /// Starts a runbook.
    pub(crate) async fn start(
        &self,
        caller: &Caller,
        name: &str,
        incident: Option<IncidentId>,
        inputs: Value,
    ) -> Result<ExecutionId, Fault> {
        let inputs: Map<String, Value> = serde_json::from_value(inputs).unwrap();
        let (ask, start) =
            (ask("POST /runbooks/execute"), StartAsk { incident, version: None, inputs });
        let started = self.desk.execute_runbook(caller, &ask, name, &start);
        let written = self.acting("api", started).await?;
        let answer: Value = serde_json::from_str(&written.body).unwrap();
        Ok(answer["execution"]["id"].as_str().unwrap().parse().unwrap())
    }

    /// The execution as it is stored.
    pub(crate) async fn execution(&self, id: ExecutionId) -> Execution {
        self.repo().execution(id).await.unwrap().unwrap().record
    }

    /// Where its step stands.
    pub(crate) async fn standing(&self, id: ExecutionId, step: &str) -> Standing {
        self.execution(id).await.steps[step].state
    }

    /// Somebody does something to it.
    pub(crate) async fn run_deed(
        &self,
        caller: &Caller,
        id: ExecutionId,
        deed: RunDeed,
    ) -> Result<Written, Fault> {
        let ask = ask("POST /executions");
        let done = self.desk.change_execution(caller, &ask, id, &deed);
        self.acting("api", done).await
    }

    /// Kim reports that a step is done.
    pub(crate) async fn complete(&self, id: ExecutionId, step: &str) -> Result<Written, Fault> {
        let report = Report::done("s3://evidence/radius.json");
        self.run_deed(&kim(), id, RunDeed::Complete(step.to_owned(), report)).await
    }

    /// The approver, signed in, answers by their newest link.
    pub(crate) async fn sign(&self, approver: &str, answer: Answer) -> Result<Written, Fault> {
        let link = self.links(approver).pop().unwrap();
        self.sign_by(&person(approver, Role::Viewer, TENANT), &link, answer).await
    }

    /// Somebody, signed in, answers by a link.
    pub(crate) async fn sign_by(
        &self,
        caller: &Caller,
        link: &str,
        answer: Answer,
    ) -> Result<Written, Fault> {
        let id = self.desk.open_link(link).await?.approval.id;
        self.sign_as(caller, id, link, answer).await
    }

    /// The same, for the approval of this id.
    pub(crate) async fn sign_as(
        &self,
        caller: &Caller,
        id: ApprovalId,
        link: &str,
        answer: Answer,
    ) -> Result<Written, Fault> {
        let ask = ask("POST /approvals/decide");
        let decided = self.desk.decide_signed_in(caller, &ask, id, link, answer);
        self.acting("api", decided).await
    }

    /// Plays until it is in this state, for at most three hours.
    pub(crate) async fn until_run(&self, id: ExecutionId, state: State) {
        self.drive().await;
        for _ in 0..1_080 {
            if self.execution(id).await.state == state {
                return;
            }
            Box::pin(self.turn(super::Doors::Both)).await;
        }
        let record = serde_json::to_string(&self.execution(id).await).unwrap();
        panic!("it never was {}: {record}\n{}", state.name(), self.fakes.dump());
    }
}
