//! A whole incident, from its alarm to its close, with what each step spent: the same steps as
//! `tests/it/budget.rs`, and its counter.

use super::Scene;
use super::life::{ask, caller, failed};
use super::tenant;
use crate::trouble::{Trouble, odd};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use tokio::runtime::Builder;
use watchfire_desk::Deed;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::incident::Transition;
use watchfire_domain::plan::Target;
use watchfire_domain::{EnvironmentId, Status};
use watchfire_edge::chain;

const NOTES: u32 = 20;
/// What follows of itself.
const AFTER: [&str; 3] = ["keep the approval", "tell the bus", "seal, export"];

/// What a step spent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Its name.
    pub step: &'static str,
    /// DynamoDB's write units.
    pub writes: f64,
    /// DynamoDB's read units.
    pub reads: f64,
    /// Scans: there must be none.
    pub scans: u64,
    /// Functions that were called.
    pub invocations: u64,
    /// Of those, by the HTTP API.
    pub requests: u64,
    /// Every call to a service, by operation.
    pub calls: BTreeMap<String, u64>,
}

/// A whole incident.
#[derive(Debug, Clone, Serialize)]
pub struct Whole {
    /// Its steps, in order.
    pub steps: Vec<Spent>,
    /// What follows of itself: it is told to the bus, sealed and exported.
    pub after: Vec<Spent>,
    /// The states that its machine entered.
    pub states: Vec<String>,
}

/// Between two steps.
pub(super) struct Mark {
    calls: usize,
    invocations: u64,
}

impl Scene {
    /// Lives one, with these changes of status in between.
    pub fn whole(&mut self, statuses: &[Status]) -> Result<Whole, Trouble> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| odd(error.to_string()))?;
        runtime.block_on(Box::pin(self.live(statuses)))
    }

    async fn live(&mut self, statuses: &[Status]) -> Result<Whole, Trouble> {
        let mut steps = Vec::new();
        let mut mark = self.mark();
        let mut end = |scene: &Self, step, requests| {
            steps.push(scene.spent(&mark, step, requests));
            mark = scene.mark();
        };
        let id = self.raise().await?;
        end(self, "open by alarm", 0);
        self.reach(id, None, Some(State::Running)).await?;
        end(self, "create, launch, run", 0);
        for note in 0..NOTES {
            let text = format!("latency of node {note} is back under 20 ms");
            self.deed(id, Deed::Note(text)).await?;
        }
        end(self, "20 notes", u64::from(NOTES));
        for status in statuses {
            self.move_to(id, *status).await?;
        }
        end(self, "status changes", statuses.len() as u64);
        self.stop(id).await?;
        end(self, "ask to stop", 1);
        self.reach(id, None, Some(State::Stopped)).await?;
        self.drive(None).await;
        end(self, "stop, ask approval", 0);
        self.grant().await?;
        end(self, "approve", 2);
        let told = self.tell_bus(id, 0).await?;
        self.seal(id).await?;
        end(self, "keep the approval", 0);
        self.reach(id, None, Some(State::Closed)).await?;
        end(self, "close environment", 0);
        self.move_to(id, Status::Closed).await?;
        end(self, "close incident", 1);
        self.tell_bus(id, told).await?;
        end(self, "tell the bus", 0);
        self.seal(id).await?;
        end(self, "seal, export", 0);
        let by_itself = |one: &Spent| AFTER.contains(&one.step);
        let (after, steps) = steps.into_iter().partition(by_itself);
        Ok(Whole { steps, after, states: self.machine.entered(&format!("{id}-1")) })
    }

    pub(super) fn mark(&self) -> Mark {
        self.world.dynamo.reset_counts();
        let calls = usize::try_from(self.world.faults.calls()).unwrap_or(usize::MAX);
        Mark { calls, invocations: self.invocations.load(Ordering::Relaxed) }
    }

    pub(super) fn spent(&self, since: &Mark, step: &'static str, requests: u64) -> Spent {
        let counts = self.world.dynamo.counts();
        let mut calls = BTreeMap::new();
        for call in self.world.faults.log().into_iter().skip(since.calls) {
            let count: &mut u64 = calls.entry(call.operation).or_default();
            *count = count.saturating_add(1);
        }
        let invocations = self.invocations.load(Ordering::Relaxed);
        Spent {
            step,
            writes: counts.write_units,
            reads: counts.read_units,
            scans: counts.scans,
            invocations: invocations.saturating_sub(since.invocations),
            requests,
            calls,
        }
    }

    async fn deed(&self, id: EnvironmentId, deed: Deed) -> Result<(), Trouble> {
        self.invoked();
        let (caller, ask) = (caller()?, ask());
        let done = self.desk.change_incident(&caller, &ask, id.incident, &deed);
        Box::pin(done).await.map_err(failed)?;
        Ok(())
    }

    /// The stream hands over what came after an event of its timeline: each by itself, which is the most
    /// that it costs. The last one's number.
    async fn tell_bus(&self, id: EnvironmentId, after: u64) -> Result<u64, Trouble> {
        let repo = self.desk.table.of(&tenant()?);
        let events = repo.events(id.incident, after, usize::MAX).await;
        let mut last = after;
        for event in events.map_err(|error| odd(chain(&error)))? {
            self.invoked();
            last = event.body.seq;
            self.desk.publish(&[event]).await.map_err(failed)?;
        }
        Ok(last)
    }

    /// It is sealed and exported because an approval ended, or it was closed: alone, as on a quiet day.
    async fn seal(&self, id: EnvironmentId) -> Result<(), Trouble> {
        for ask in self.world.seals.take() {
            if ask.incident == id.incident {
                self.invoked();
                self.desk.seal(&ask).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    async fn move_to(&self, id: EnvironmentId, to: Status) -> Result<(), Trouble> {
        let rationale = Some("as the runbook says".to_owned());
        self.deed(id, Deed::Transition(Transition { to, rationale })).await
    }

    /// The link that was mailed to Ana last.
    pub(super) fn newest_link(&self) -> Result<String, Trouble> {
        let target = Target::Email("ana@example.org".to_owned());
        let inbox = self.world.notify.inbox_of(&target);
        let text = inbox.last().map(|message| message.text.clone()).unwrap_or_default();
        let link = text
            .split_once("/approvals/")
            .and_then(|(_, rest)| rest.split_whitespace().next().map(str::to_owned));
        link.ok_or_else(|| odd("no link was mailed"))
    }

    /// Ana opens it, and grants what it asks.
    pub(super) async fn grant(&self) -> Result<(), Trouble> {
        let link = self.newest_link()?;
        self.invoked();
        let view = self.desk.open_link(&link).await.map_err(failed)?;
        self.invoked();
        let code = &view.approval.code;
        self.desk.decide_link(&view, Answer::Grant, code).await.map_err(failed)?;
        Ok(())
    }
}
