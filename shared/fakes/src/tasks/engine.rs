//! ECS's own view: definitions with their revisions, tasks, and who may run what.

use super::event::{self, ACCOUNT, REGION};
use super::life::{Leaves, Pace, Stage, Step, Task};
use super::sync::Place;
use crate::access::FakeAccessPoints;
use crate::evidence::FakeEvidence;
use crate::ids::FakeIds;
use crate::plant;
use crate::shelf::Shelf;
use crate::wire::{refused, unavailable};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use watchfire_domain::{DAY, HOUR, Timestamp};
use watchfire_ports::{DefinitionAsk, PortError, RunAsk};

#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) ask: DefinitionAsk,
    pub(super) revision: u32,
    pub(super) status: &'static str,
}

#[derive(Debug)]
pub(super) struct Engine {
    pub(super) cluster: String,
    pub(super) definitions: Shelf<Definition>,
    /// Family names outlive their revisions, and the numbers go on.
    pub(super) revisions: BTreeMap<String, u32>,
    pub(super) tasks: Shelf<Task>,
    pub(super) tokens: BTreeMap<String, (RunAsk, String, Timestamp)>,
    pub(super) pace: Option<Pace>,
    pub(super) leaves: Leaves,
    pub(super) missing_for: u32,
    pub(super) missing: BTreeMap<String, u32>,
    pub(super) failures: VecDeque<String>,
    pub(super) events: Vec<Value>,
    pub(super) crowd: BTreeMap<String, usize>,
    pub(super) ids: FakeIds,
    pub(super) access: FakeAccessPoints,
    pub(super) evidence: FakeEvidence,
}

/// The family in a definition's ARN.
pub(super) fn family(definition: &str) -> &str {
    let name = definition.rsplit('/').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default()
}

impl Engine {
    pub(super) fn register(&mut self, ask: &DefinitionAsk) -> Result<String, PortError> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let family = &ask.family;
        if family.is_empty() || family.len() > 255 || !family.bytes().all(word) {
            return Err(refused(
                "ecs:",
                "registering the task definition",
                "ClientException: the family is not 1 to 255 letters, digits, `_` or `-`",
            ));
        }
        let last = self.revisions.entry(family.clone()).or_default();
        *last = last.saturating_add(1);
        let revision = *last;
        let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family}:{revision}");
        self.definitions.put(&arn, Definition { ask: ask.clone(), revision, status: "ACTIVE" });
        Ok(arn)
    }

    /// The revisions of a family in one status, newest first.
    pub(super) fn list(&self, family: &str, status: &str, behind: u8) -> Vec<String> {
        let mut found: Vec<_> = self
            .definitions
            .iter(behind)
            .filter(|(_, one)| one.ask.family == family && one.status == status)
            .map(|(arn, one)| (one.revision, arn.to_owned()))
            .collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.into_iter().map(|(_, arn)| arn).collect()
    }

    /// Moves a definition on; one that is not in the status `from` is left alone.
    pub(super) fn retire(&mut self, arn: &str, from: &str, to: &'static str) {
        if let Some(found) = self.definitions.get(arn, 0).filter(|found| found.status == from) {
            let next = Definition { status: to, ..found.clone() };
            self.definitions.put(arn, next);
        }
    }

    pub(super) fn run(&mut self, ask: &RunAsk, now: Timestamp) -> Result<String, PortError> {
        let doing = "starting the task";
        let no = |reason: &str| Err(refused("ecs:", doing, reason));
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-/_".contains(&byte);
        if ask.client_token.is_empty()
            || ask.client_token.len() > 64
            || !ask.client_token.bytes().all(|byte| byte.is_ascii_graphic())
            || ask.started_by.len() > 128
            || !ask.started_by.bytes().all(word)
            || ask.tags.len() > 50
        {
            return no("InvalidParameterException: a parameter is not valid");
        }
        // A client token lives for up to a day.
        self.tokens.retain(|_, (_, _, at)| now.since(*at) < DAY);
        let known = self.tokens.get(&ask.client_token);
        if let Some((first, arn, _)) = known.filter(|_| !plant::is("ecs:RunTask: clientToken")) {
            return if first == ask {
                Ok(arn.clone())
            } else {
                Err(PortError::Conflict { what: arn.clone(), doing })
            };
        }
        match self.definitions.get(&ask.definition, 0) {
            Some(definition) if definition.status == "ACTIVE" => {}
            Some(_) => return no("ClientException: TaskDefinition is inactive"),
            // It may have been registered a moment ago.
            None => return Err(unavailable("ecs:", doing, "TaskDefinition not found")),
        }
        if let Some(reason) = self.failures.pop_front() {
            // A 200 without a task. Capacity may come back; the rest will not change by itself.
            let capacity = reason.to_ascii_lowercase().contains("capacity");
            return if capacity || reason.starts_with("RESOURCE") {
                Err(unavailable("ecs:", doing, reason))
            } else {
                no(&reason)
            };
        }
        let id = self.ids.hex(16);
        let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/{}/{id}", self.cluster);
        self.tokens.insert(ask.client_token.clone(), (ask.clone(), arn.clone(), now));
        if self.missing_for > 0 {
            self.missing.insert(arn.clone(), self.missing_for);
        }
        self.save(Task::new(&arn, ask, self.leaves, now), now);
        let alive = self.living(&ask.started_by).len();
        let most = self.crowd.entry(ask.started_by.clone()).or_default();
        *most = alive.max(*most);
        Ok(arn)
    }

    /// Those that are not STOPPED, though some may be on their way.
    pub(super) fn living(&self, started_by: &str) -> Vec<String> {
        let tasks = self.tasks.iter(0);
        tasks
            .filter(|(_, task)| task.ask.started_by == started_by && task.stage != Stage::Stopped)
            .map(|(arn, _)| arn.to_owned())
            .collect()
    }

    /// The tasks of one desired status, as a list shows them.
    pub(super) fn find(&self, started_by: &str, desired: &str, behind: u8) -> Vec<String> {
        let tasks = self.tasks.iter(behind);
        tasks
            .filter(|(_, task)| task.ask.started_by == started_by && task.desired() == desired)
            .map(|(arn, _)| arn.to_owned())
            .collect()
    }

    pub(super) fn end(&mut self, arn: &str, stop_code: &str, reason: &str, now: Timestamp) {
        let Some(task) = self.tasks.get(arn, 0) else { return };
        let mut task = task.clone();
        if task.end(stop_code, reason, now) {
            self.save(task, now);
        }
    }

    /// One step of one task; whether there was one to take.
    pub(super) fn advance(&mut self, arn: &str, now: Timestamp) -> bool {
        let Some(task) = self.tasks.get(arn, 0) else { return false };
        let mut task = task.clone();
        let Some(step) = task.next() else { return false };
        let unmountable = "ResourceInitializationError: failed to invoke EFS utils commands to set \
                           up EFS volumes: the access point is not available";
        if step == Step::To(Stage::Activating) && !self.mounts(&task) {
            self.end(arn, "TaskFailedToStart", unmountable, now);
            return true;
        }
        let had_container = task.stage > Stage::Pending;
        task.take(step, now);
        if step == Step::To(Stage::Stopping)
            && let Some(place) = self.place(&task)
        {
            place.begin(&self.evidence, task.leaves);
        }
        if step == Step::To(Stage::Deprovisioning) && had_container {
            let killed = if task.leaves == Leaves::Unfinished { 137 } else { 0 };
            task.exit_code = Some(task.exits_with.unwrap_or(killed));
            if let Some(place) = self.place(&task) {
                place.end(&self.evidence, task.leaves);
            }
        }
        if step == Step::Agent {
            self.tasks.put(arn, task);
        } else {
            self.save(task, now);
        }
        true
    }

    /// What the clock brought about, and what ECS has forgotten since.
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        if let Some(pace) = self.pace {
            let due = |task: &Task| task.due(pace).filter(|due| *due <= now);
            // In the order of time, so that events come as they would.
            while let Some((at, arn)) = self
                .tasks
                .iter(0)
                .filter_map(|(arn, task)| Some((due(task)?, arn.to_owned())))
                .min()
            {
                self.advance(&arn, at);
            }
        }
        let old = |task: &Task| task.stopped_at.is_some_and(|at| now.since(at) >= HOUR);
        let forgotten: Vec<_> = self
            .tasks
            .iter(0)
            .filter(|(_, task)| old(task))
            .map(|(arn, _)| arn.to_owned())
            .collect();
        for arn in forgotten {
            self.tasks.remove(&arn);
        }
    }

    fn save(&mut self, task: Task, now: Timestamp) {
        self.events.push(event::event(&task, &self.cluster, &self.ids, now));
        let arn = task.arn.clone();
        self.tasks.put(&arn, task);
    }

    fn mounts(&self, task: &Task) -> bool {
        let definition = self.definitions.get(&task.ask.definition, 0);
        definition.is_some_and(|found| self.access.mountable(&found.ask.access_point))
    }

    fn place(&self, task: &Task) -> Option<Place> {
        let definition = self.definitions.get(&task.ask.definition, 0)?;
        let variable = |name: &str| {
            let mut all = definition.ask.environment.iter();
            all.find(|(key, _)| key == name).map(|(_, value)| value.clone())
        };
        Some(Place {
            cluster: variable("CLUSTER_ID")?,
            number: variable("INCIDENT_NUMBER")?,
            task: task.id().to_owned(),
            at: task.stopping_at.unwrap_or(task.since),
        })
    }
}
