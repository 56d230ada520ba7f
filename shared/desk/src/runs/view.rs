//! Executions, as callers see them: the record, what it waits for, and what its steps would do.

use super::{Loaded, refused};
use crate::guard::of_incident;
use crate::incidents::{PAGE, event_shown};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Map, Value, json};
use watchfire_domain::{ExecutionId, IncidentId};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, ResourceKind};
use watchfire_runbook::execution::{Next, Run};
use watchfire_runbook::preview::{self, preview};
use watchfire_runbook::render::Refused;
use watchfire_runbook::spec::Within;
use watchfire_runbook::{Execution, Given, Inputs, Step};

/// What is shown of a step, as JSON.
type Fill<'a> = dyn Fn(&Within<'_>, &Given<'_>) -> Result<Value, Vec<Refused>> + Send + Sync + 'a;

impl Desk {
    /// An execution, with what is next and what that would do.
    #[boxed]
    pub async fn execution(&self, caller: &Caller, id: ExecutionId) -> Result<Value, Fault> {
        let loaded = self.seen_run(caller, id).await?;
        let run = loaded.run()?;
        let mut back = Vec::new();
        for way in run.ways_back() {
            let mut shown = Map::from_iter([
                ("step".to_owned(), json!(way.step.id)),
                ("rollback".to_owned(), json!(way.rollback.note)),
            ]);
            if way.rollback.action.is_some() {
                let fill: &Fill<'_> =
                    &|within, given| preview::back(within, given).map(|one| json!(one));
                shown.insert("does".to_owned(), self.filled(&loaded, way.step, fill).await?);
            }
            back.push(shown);
        }
        let head = loaded.repo.head(loaded.execution.timeline()).await?;
        Ok(json!({
            "execution": loaded.execution,
            "provenance_hash": head.map(|head| head.hash.to_string()),
            "title": loaded.spec.title,
            "next": self.next_shown(&loaded, &run).await?,
            "ways_back": back,
        }))
    }

    /// What belongs to the execution of its timeline, which is its incident's or its own: a page.
    #[boxed]
    pub async fn execution_timeline(
        &self,
        caller: &Caller,
        id: ExecutionId,
        after: u64,
        limit: usize,
        raw: bool,
    ) -> Result<Value, Fault> {
        let loaded = self.seen_run(caller, id).await?;
        let resource = loaded.resource().seen_as(ResourceKind::Timeline);
        self.allow(caller, Action::TimelineView, &resource, &Context::none())?;
        let (timeline, limit) = (loaded.execution.timeline(), limit.clamp(1, PAGE));
        let (mut found, mut last) = (Vec::new(), after);
        let next = loop {
            let events = loaded.repo.events(timeline, last, PAGE).await?;
            let whole = events.len() == PAGE;
            for event in events {
                last = event.stored.seq;
                if belongs(&event.body.payload, &loaded.execution) {
                    found.push(event_shown(&event, raw));
                }
                if found.len() == limit {
                    break;
                }
            }
            if found.len() == limit {
                break Some(last);
            }
            if !whole {
                break None;
            }
        };
        let tenant = loaded.repo.tenant().as_str();
        Ok(json!({
            "incident_id": timeline, "tenant": tenant, "events": found, "next_after": next,
        }))
    }

    pub(crate) async fn seen_run(&self, caller: &Caller, id: ExecutionId) -> Result<Loaded, Fault> {
        let repo = self.table.of(&caller.tenant);
        let loaded = self.load_by_id(&repo, id).await?;
        self.allow(caller, Action::ExecutionView, &loaded.resource(), &Context::none())?;
        Ok(loaded)
    }

    /// The incident's executions, the oldest first.
    #[boxed]
    pub async fn executions(&self, caller: &Caller, id: IncidentId) -> Result<Vec<Value>, Fault> {
        let (repo, incident) = self.visible(caller, id, Action::IncidentView).await?;
        let resource = of_incident(&incident).seen_as(ResourceKind::Execution);
        self.allow(caller, Action::ExecutionList, &resource, &Context::none())?;
        let rows = repo.executions(id).await?;
        Ok(rows.into_iter().map(|row| json!(row.record)).collect())
    }

    async fn next_shown(&self, loaded: &Loaded, run: &Run<'_>) -> Result<Value, Fault> {
        let (word, turn, approval) = match run.next() {
            Next::Ask(turn) => ("ask", Some(turn), None),
            Next::Approval(turn, id) => ("approval", Some(turn), Some(id)),
            Next::Begin(turn) => ("begin", Some(turn), None),
            Next::Act(turn) => ("act", Some(turn), None),
            Next::Operator(turn) => ("operator", Some(turn), None),
            Next::Choose(turn) => ("choose", Some(turn), None),
            Next::Finish => ("finish", None, None),
            Next::Over => ("over", None, None),
        };
        let mut shown = Map::from_iter([("kind".to_owned(), json!(word))]);
        let Some(turn) = turn else { return Ok(Value::Object(shown)) };
        let fill: &Fill<'_> = &|within, given| preview(within, given).map(|one| json!(one));
        let risk = run.weighs(&turn.step.id).map_err(refused)?;
        let mut say = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        say("step", json!(turn.step.id));
        say("title", json!(turn.step.title));
        say("attempt", json!(turn.attempt));
        say("risk", json!(risk.name()));
        say("does", self.filled(loaded, turn.step, fill).await?);
        if let Some(deadline) = turn.deadline {
            say("deadline", json!(deadline));
        }
        if let Some(approval) = approval {
            say("approval", json!(approval));
        }
        Ok(Value::Object(shown))
    }

    /// What of the step is shown, filled in as of now; why not, if its parameters do not fit.
    async fn filled(&self, loaded: &Loaded, step: &Step, fill: &Fill<'_>) -> Result<Value, Fault> {
        let one = &loaded.execution;
        let id = one.id.to_string();
        let facts = self.facts(loaded, step).await?;
        let Ok(inputs) = Inputs::bind(&loaded.spec, &one.inputs) else { return Ok(Value::Null) };
        let given = Given {
            inputs: &inputs,
            tenant: loaded.repo.tenant().as_str(),
            execution_id: &id,
            incident: facts.as_ref(),
            now: self.clock.now(),
        };
        let steps = loaded.spec.walk();
        let Some(within) = steps.iter().find(|one| one.step.id == step.id) else {
            return Ok(Value::Null);
        };
        Ok(match fill(within, &given) {
            Ok(shown) => shown,
            Err(refused) => {
                let why: Vec<String> = refused.iter().map(ToString::to_string).collect();
                json!({ "refused": why })
            }
        })
    }
}

/// Whether an event is about the execution, or about an approval that one of its steps asked for.
fn belongs(payload: &Value, execution: &Execution) -> bool {
    let asked = || execution.steps.values().flat_map(|step| &step.approvals);
    let detail = payload.get("detail");
    let named = |name: &str, id: &str| {
        detail.and_then(|detail| detail.get(name)?.as_str()).is_some_and(|one| one == id)
    };
    let changed = |name: &str| payload.pointer("/set").is_some_and(|set| set.get(name).is_some());
    named("execution", &execution.id.to_string())
        || asked()
            .any(|id| named("approval", &id.to_string()) || changed(&format!("approval/{}", id.n)))
}
