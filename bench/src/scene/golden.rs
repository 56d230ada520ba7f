//! The golden path, from its alarm to its close, with what each step spent: the shipped runbook of
//! S3-63..72 under an approval of two people, and its half hour of watching.

use super::life::{ask, caller, failed};
use super::whole::Spent;
use super::{Scene, TENANT, tenant};
use crate::trouble::{Trouble, odd};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::runtime::Builder;
use watchfire_desk::{Caller, Deed, RunDeed, StartAsk};
use watchfire_domain::approval::Answer;
use watchfire_domain::incident::Transition;
use watchfire_domain::plan::Target;
use watchfire_domain::{ExecutionId, IncidentId, Plan, SECOND, Status};
use watchfire_fakes::{Ending, Failed};
use watchfire_policy::{Actor, Role};
use watchfire_runbook::execution::{Report, State};
use watchfire_runbook::{parse, yaml};

const TRIAGE: &str = include_str!("../../../runbooks/evidence-storage-latency-triage.yaml");
const APPROVERS: [&str; 2] = ["ana@example.org", "ben@example.org"];

/// What it spent.
#[derive(Debug, Clone, Serialize)]
pub struct Golden {
    /// Its steps, in order.
    pub steps: Vec<Spent>,
    /// How many states the runbook's machines entered.
    pub states: usize,
    /// How many of those machines there were.
    pub machines: usize,
}

impl Scene {
    /// Walks it.
    pub fn golden(&mut self) -> Result<Golden, Trouble> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| odd(error.to_string()))?;
        runtime.block_on(Box::pin(self.walk()))
    }

    async fn walk(&mut self) -> Result<Golden, Trouble> {
        let name = self.prepare().await?;
        let mut steps = Vec::new();
        let mut mark = self.mark();
        let mut end = |scene: &Self, step, requests| {
            steps.push(scene.spent(&mark, step, requests));
            mark = scene.mark();
        };
        let incident = self.fire().await?.0.incident;
        end(self, "open by alarm", 0);
        let run = self.begin(&name, incident).await?;
        end(self, "start the runbook", 1);
        self.come_to(run, |state, at| state == State::Running && at == Some("radius")).await?;
        end(self, "collect, by a program", 0);
        self.report(run).await?;
        end(self, "a person's step", 1);
        self.come_to(run, |state, _| state == State::Blocked).await?;
        end(self, "ask two approvers", 0);
        self.allow(incident).await?;
        end(self, "two approvals", 2);
        self.come_to(run, |_, at| at == Some("monitor")).await?;
        end(self, "reroute, warm up", 0);
        self.come_to(run, |_, at| at == Some("bundle")).await?;
        end(self, "watch for 30 minutes", 0);
        self.come_to(run, |state, _| state == State::Completed).await?;
        end(self, "bundle", 0);
        for status in [Status::Acknowledged, Status::Mitigating, Status::Resolved, Status::Closed] {
            let rationale = Some("as the runbook says".to_owned());
            let deed = Deed::Transition(Transition { to: status, rationale });
            self.invoked();
            let (caller, ask) = (caller()?, ask());
            let done = self.desk.change_incident(&caller, &ask, incident, &deed);
            Box::pin(done).await.map_err(failed)?;
        }
        end(self, "resolve and close", 4);
        let names: Vec<String> =
            self.world.runs.started().into_iter().map(|(name, _)| name).collect();
        let states = names.iter().map(|name| self.runner.entered(name).len()).sum();
        Ok(Golden { steps, states, machines: names.len() })
    }

    /// An execution of the shipped runbook, and the event by which its machine takes the first step.
    pub(super) async fn started(&self, incident: IncidentId) -> Result<Value, Trouble> {
        let name = self.runbook.as_deref().ok_or_else(|| odd("no runbook is published"))?;
        self.begin(name, incident).await?;
        let started = self.world.runs.started().pop();
        started.map(|(_, input)| input).ok_or_else(|| odd("no machine was started"))
    }

    /// A plan with approvers, and the shipped runbook, published by somebody who did not write it.
    pub(super) async fn prepare(&self) -> Result<String, Trouble> {
        let secret = format!("watchfire/steps/{TENANT}/evidence-operator");
        self.world.secrets.put(&secret, "a token");
        self.world.jobs.always("aws", Ending::passes("{\"Datapoints\": []}"));
        let plan = json!({
            "name": "storage-latency", "version": 1,
            "matches": [{ "name_prefix": "storage-latency" }],
            "title": "{alarm.name} in {alarm.region}", "severity": "high",
            "runbooks": ["evidence-storage-latency-triage"],
            "approvers": { "people": APPROVERS, "need": 2 },
        });
        let plan: Plan = serde_json::from_value(plan).map_err(|error| odd(error.to_string()))?;
        let repo = self.desk.table.of(&tenant()?);
        repo.put_version(&plan, None).await.map_err(|error| odd(error.to_string()))?;
        let spec = yaml::read(TRIAGE).map_err(|error| odd(error.to_string()))?;
        let spec = parse::read(&spec).map_err(|error| odd(error.to_string()))?;
        let name = spec.name.clone();
        let wil = person("wil@example.org")?;
        self.desk.create_runbook(&wil, &ask(), spec).await.map_err(failed)?;
        self.desk.publish_runbook(&caller()?, &ask(), &name).await.map_err(failed)?;
        Ok(name)
    }

    async fn begin(&self, name: &str, incident: IncidentId) -> Result<ExecutionId, Trouble> {
        let inputs = json!({ "standby_shard": "shard-b", "active_shard": "shard-a" });
        let inputs: Map<String, Value> =
            serde_json::from_value(inputs).map_err(|error| odd(error.to_string()))?;
        let start = StartAsk { incident: Some(incident), version: None, inputs };
        self.invoked();
        let kim = person("kim@example.org")?;
        let started = self.desk.execute_runbook(&kim, &ask(), name, &start).await;
        let answer: Value = serde_json::from_str(&started.map_err(failed)?.body)
            .map_err(|error| odd(error.to_string()))?;
        let id = answer.pointer("/execution/id").and_then(Value::as_str);
        id.and_then(|id| id.parse().ok()).ok_or_else(|| odd("no execution"))
    }

    async fn report(&self, run: ExecutionId) -> Result<(), Trouble> {
        let done =
            RunDeed::Complete("radius".to_owned(), Report::done("s3://evidence/radius.json"));
        self.invoked();
        let kim = person("kim@example.org")?;
        self.desk.change_execution(&kim, &ask(), run, &done).await.map_err(failed)?;
        Ok(())
    }

    /// Both approvers, signed in, agree.
    async fn allow(&self, incident: IncidentId) -> Result<(), Trouble> {
        let repo = self.desk.table.of(&tenant()?);
        let asked = repo.approvals(incident).await.map_err(|error| odd(error.to_string()))?;
        let id = asked.last().ok_or_else(|| odd("nobody was asked"))?.record.id;
        for who in APPROVERS {
            let inbox = self.world.notify.inbox_of(&Target::Email(who.to_owned()));
            let text = inbox.last().map(|message| message.text.clone()).unwrap_or_default();
            let link =
                text.split_once("/approvals/").and_then(|(_, rest)| rest.split_whitespace().next());
            let link = link.ok_or_else(|| odd("no link was mailed"))?;
            self.invoked();
            let (approver, ask) = (person(who)?, ask());
            let decided = self.desk.decide_signed_in(&approver, &ask, id, link, Answer::Grant);
            Box::pin(decided).await.map_err(failed)?;
        }
        Ok(())
    }

    /// The machines move and time passes until the execution is there; for two hours at most.
    async fn come_to(
        &self,
        run: ExecutionId,
        there: impl Fn(State, Option<&str>) -> bool,
    ) -> Result<(), Trouble> {
        let repo = self.desk.table.of(&tenant()?);
        for _ in 0..720 {
            let step = async |function: String, event: Value| {
                let handler = function.trim_end_matches("Function").to_lowercase();
                self.invoked();
                let done = Box::pin(super::life::handle(&self.desk, &handler, event)).await;
                done.map_err(|fault| Failed::new(fault.name(), &fault.public()))
            };
            Box::pin(self.runner.drive(&step)).await;
            for ask in self.world.seals.take() {
                self.invoked();
                self.desk.seal(&ask).await.map_err(failed)?;
            }
            let row = repo.execution(run).await.map_err(|error| odd(error.to_string()))?;
            let one = row.ok_or_else(|| odd("the execution is gone"))?.record;
            if there(one.state, one.current_step.as_deref()) {
                return Ok(());
            }
            self.world.forward(10 * SECOND);
        }
        Err(odd("the execution stays where it is"))
    }
}

fn person(id: &str) -> Result<Caller, Trouble> {
    let actor = Actor::user(id, Role::Responder, vec![TENANT.to_owned()]);
    let actor = Actor { clearance: 100, role: Role::Commander, ..actor };
    Ok(Caller { actor, tenant: tenant()?, trace: None })
}
