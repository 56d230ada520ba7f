//! ECS on Fargate, as it behaves and not as one would wish: registering is not idempotent, a new task
//! is not visible at once, a stopping task still syncs, and a stopped one is forgotten.

mod engine;
mod event;
mod life;
mod sync;
#[cfg(test)]
mod tests;
mod wire;

pub use life::{Leaves, Pace};

use crate::access::FakeAccessPoints;
use crate::clock::FakeClock;
use crate::evidence::FakeEvidence;
use crate::faults::Faults;
use crate::ids::FakeIds;
use crate::shelf::Shelf;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use engine::Engine;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use watchfire_domain::Timestamp;
use watchfire_ports::{Clock as _, DefinitionAsk, PortError, RunAsk, TaskStatus, Tasks};

/// One cluster. Its tasks stand still until [`FakeTasks::advance`], or the clock if there is a
/// [`FakeTasks::pace`], moves them.
#[derive(Clone, Debug)]
pub struct FakeTasks {
    service: Service<Engine>,
    clock: FakeClock,
}

impl FakeTasks {
    /// An empty cluster named `watchfire`, whose containers mount `access` and sync to `evidence`.
    pub fn new(
        clock: FakeClock,
        ids: FakeIds,
        access: FakeAccessPoints,
        evidence: FakeEvidence,
        faults: Faults,
    ) -> Self {
        let engine = Engine {
            cluster: "watchfire".to_owned(),
            definitions: Shelf::default(),
            revisions: BTreeMap::new(),
            tasks: Shelf::default(),
            tokens: BTreeMap::new(),
            pace: None,
            leaves: Leaves::default(),
            missing_for: 0,
            missing: BTreeMap::new(),
            failures: VecDeque::new(),
            events: Vec::new(),
            crowd: BTreeMap::new(),
            ids,
            access,
            evidence,
        };
        Self { service: Service::new(faults, engine), clock }
    }

    /// The same cluster, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { service: self.service.with_faults(faults), clock: self.clock.clone() }
    }

    /// Lets the clock drive the tasks from now on, or nothing but [`FakeTasks::advance`].
    pub fn pace(&self, pace: Option<Pace>) {
        self.engine(|engine, _| engine.pace = pace);
    }

    /// For how many looks a new task is MISSING.
    pub fn missing_for(&self, looks: u32) {
        self.engine(|engine, _| engine.missing_for = looks);
    }

    /// The next runs give `failures[]` with this reason: `RESOURCE…` and what names capacity
    /// may pass, the rest will not.
    pub fn runs_fail(&self, times: usize, reason: &str) {
        self.engine(|engine, _| {
            engine.failures.extend(std::iter::repeat_n(reason.to_owned(), times));
        });
    }

    /// What the containers of tasks that are run from now on leave behind.
    pub fn leave(&self, leaves: Leaves) {
        self.engine(|engine, _| engine.leaves = leaves);
    }

    /// What this task's container leaves behind.
    pub fn leave_of(&self, arn: &str, leaves: Leaves) {
        self.engine(|engine, _| {
            if let Some(task) = engine.tasks.get(arn, 0) {
                let task = life::Task { leaves, ..task.clone() };
                engine.tasks.put(arn, task);
            }
        });
    }

    /// Moves a task one step on; false if nothing comes next by itself.
    pub fn advance(&self, arn: &str) -> bool {
        self.engine(|engine, now| engine.advance(arn, now))
    }

    /// Moves every task one step on; how many moved.
    pub fn advance_all(&self) -> usize {
        let arns = self.arns();
        arns.iter().filter(|arn| self.advance(arn)).count()
    }

    /// Moves every task to where it rests: ready for a shell, or STOPPED.
    pub fn come_to_rest(&self) {
        while self.advance_all() > 0 {}
    }

    /// The container ends by itself.
    pub fn exit(&self, arn: &str, code: i32) {
        self.engine(|engine, now| {
            if let Some(task) = engine.tasks.get(arn, 0) {
                let task = life::Task { exits_with: Some(code), ..task.clone() };
                engine.tasks.put(arn, task);
            }
            engine.end(arn, "EssentialContainerExited", "Essential container in task exited", now);
        });
    }

    /// The task cannot start, for instance because its image cannot be pulled.
    pub fn fails_to_start(&self, arn: &str, reason: &str) {
        self.engine(|engine, now| engine.end(arn, "TaskFailedToStart", reason, now));
    }

    /// The event "ECS Task State Change" of the task's present state; null if there is no such task.
    pub fn ecs_event(&self, arn: &str) -> Value {
        self.engine(|engine, now| {
            let task = engine.tasks.get(arn, 0);
            task.map_or(Value::Null, |task| event::event(task, &engine.cluster, &engine.ids, now))
        })
    }

    /// The events since the last time that somebody asked, in order. Deliver them twice, late, in any
    /// order, or not at all: so does EventBridge.
    pub fn events(&self) -> Vec<Value> {
        self.engine(|engine, _| std::mem::take(&mut engine.events))
    }

    /// A task as it is, without a call.
    pub fn status(&self, arn: &str) -> Option<TaskStatus> {
        self.engine(|engine, _| engine.tasks.get(arn, 0).map(life::Task::status))
    }

    /// Every task that is remembered.
    pub fn arns(&self) -> Vec<String> {
        self.engine(|engine, _| engine.tasks.iter(0).map(|(arn, _)| arn.to_owned()).collect())
    }

    /// Every task that is not STOPPED.
    pub fn living_tasks(&self) -> Vec<String> {
        let living = |arn: &String| self.status(arn).is_some_and(|status| !status.stopped());
        self.arns().into_iter().filter(living).collect()
    }

    /// Every definition that is ACTIVE.
    pub fn active_definitions(&self) -> Vec<String> {
        self.engine(|engine, _| {
            let all = engine.definitions.iter(0);
            all.filter(|(_, one)| one.status == "ACTIVE").map(|(arn, _)| arn.to_owned()).collect()
        })
    }

    /// Every definition that ever was, and its status.
    pub fn definitions(&self) -> Vec<(String, &'static str)> {
        self.engine(|engine, _| {
            engine.definitions.iter(0).map(|(arn, one)| (arn.to_owned(), one.status)).collect()
        })
    }

    /// How many tasks of this `startedBy` lived at once, at most: a fence that holds keeps it at one.
    pub fn most_at_once(&self, started_by: &str) -> usize {
        self.engine(|engine, _| engine.crowd.get(started_by).copied().unwrap_or_default())
    }

    /// The calls that reached the service.
    pub fn calls(&self) -> Vec<String> {
        self.service.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.service.settle();
    }

    /// Every definition and every task, with their states.
    pub fn dump(&self) -> String {
        let definitions = self.definitions().into_iter();
        let tasks = self.arns().into_iter().filter_map(|arn| self.status(&arn));
        let all =
            definitions.map(|(arn, status)| format!("{arn} {status}")).chain(tasks.map(|task| {
                format!("{} {} desired {}", task.arn, task.last_status, task.desired_status)
            }));
        lines(all)
    }

    fn engine<T>(&self, work: impl FnOnce(&mut Engine, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let mut engine = self.service.state();
        engine.catch_up(now);
        work(&mut engine, now)
    }

    async fn write<T>(
        &self,
        ask: Ask,
        effect: impl Fn(&mut Engine, Timestamp) -> Result<T, PortError> + Send + 'static,
    ) -> Result<T, PortError> {
        let clock = self.clock.clone();
        self.service
            .write(ask, move |engine| {
                engine.catch_up(clock.now());
                effect(engine, clock.now())
            })
            .await
    }

    async fn read<T>(
        &self,
        ask: Ask,
        look: impl FnOnce(&mut Engine, u8) -> T + Send,
    ) -> Result<T, PortError> {
        let now = self.clock.now();
        self.service
            .read(ask, |engine, behind| {
                engine.catch_up(now);
                Ok(look(engine, behind))
            })
            .await
    }

    async fn list(
        &self,
        doing: &'static str,
        family: &str,
        status: &str,
    ) -> Result<Vec<String>, PortError> {
        let ask = Ask::new("ecs:ListTaskDefinitions", doing, &format!("{family} {status}"));
        self.read(ask, |engine, behind| engine.list(family, status, behind)).await
    }
}

#[async_trait]
impl Tasks for FakeTasks {
    async fn define(&self, ask: &DefinitionAsk) -> Result<String, PortError> {
        let doing = "registering the task definition";
        if let Some(arn) = self.list(doing, &ask.family, "ACTIVE").await?.into_iter().next() {
            return Ok(arn);
        }
        let call = Ask::new("ecs:RegisterTaskDefinition", doing, &ask.family);
        let wanted = ask.clone();
        self.write(call, move |engine, _| engine.register(&wanted)).await
    }

    async fn run(&self, ask: &RunAsk) -> Result<String, PortError> {
        let call = Ask::new("ecs:RunTask", "starting the task", &ask.definition);
        let wanted = ask.clone();
        self.write(call, move |engine, now| engine.run(&wanted, now)).await
    }

    async fn describe(&self, arn: &str) -> Result<Option<TaskStatus>, PortError> {
        let ask = Ask::new("ecs:DescribeTasks", "looking at the task", arn);
        self.read(ask, |engine, behind| {
            if let Some(looks) = engine.missing.remove(arn) {
                if looks > 1 {
                    engine.missing.insert(arn.to_owned(), looks.saturating_sub(1));
                }
                return None;
            }
            engine.tasks.get(arn, behind).map(life::Task::status)
        })
        .await
    }

    async fn living(&self, started_by: &str) -> Result<Vec<String>, PortError> {
        let doing = "listing the tasks";
        let mut listed = BTreeSet::new();
        // A list shows the tasks of one desired status: those that shall stop may still live.
        for desired in ["RUNNING", "STOPPED"] {
            let ask = Ask::new("ecs:ListTasks", doing, &format!("{started_by} {desired}"));
            let found = self.read(ask, |engine, behind| engine.find(started_by, desired, behind));
            listed.extend(found.await?);
        }
        if listed.is_empty() {
            return Ok(Vec::new());
        }
        let ask = Ask::new("ecs:DescribeTasks", doing, started_by);
        self.read(ask, |engine, behind| {
            let stopped = |arn: &String| {
                engine.tasks.get(arn, behind).is_some_and(|task| task.status().stopped())
            };
            listed.into_iter().filter(|arn| !stopped(arn)).collect()
        })
        .await
    }

    async fn all(&self) -> Result<Vec<TaskStatus>, PortError> {
        let doing = "listing the tasks";
        let list = Ask::new("ecs:ListTasks", doing, "all RUNNING");
        let listed = self.read(list, |engine, behind| {
            let running = engine.tasks.iter(behind).filter(|(_, task)| task.desired() == "RUNNING");
            running.map(|(arn, _)| arn.to_owned()).collect::<Vec<_>>()
        });
        let listed = listed.await?;
        let look = Ask::new("ecs:DescribeTasks", doing, "all");
        self.read(look, |engine, behind| {
            let task = |arn: &String| engine.tasks.get(arn, behind).map(life::Task::status);
            listed.iter().filter_map(task).collect()
        })
        .await
    }

    async fn stop(&self, arn: &str, reason: &str) -> Result<(), PortError> {
        let ask = Ask::new("ecs:StopTask", "stopping the task", arn);
        let (arn, reason) = (arn.to_owned(), reason.to_owned());
        self.write(ask, move |engine, now| {
            engine.end(&arn, "UserInitiated", &reason, now);
            Ok(())
        })
        .await
    }

    async fn forget(&self, family: &str) -> Result<usize, PortError> {
        let doing = "deleting the task definitions";
        let active = self.list(doing, family, "ACTIVE").await?;
        for arn in &active {
            let ask = Ask::new("ecs:DeregisterTaskDefinition", doing, arn);
            let arn = arn.clone();
            self.write(ask, move |engine, _| {
                engine.retire(&arn, "ACTIVE", "INACTIVE");
                Ok(())
            })
            .await?;
        }
        // The list may lag behind what was done a moment ago.
        let inactive = self.list(doing, family, "INACTIVE").await?;
        let all: BTreeSet<String> = active.into_iter().chain(inactive).collect();
        let all: Vec<String> = all.into_iter().collect();
        for batch in all.chunks(10).map(<[String]>::to_vec) {
            let ask = Ask::new("ecs:DeleteTaskDefinitions", doing, &batch.join(" "));
            self.write(ask, move |engine, _| {
                for arn in &batch {
                    engine.retire(arn, "INACTIVE", "DELETE_IN_PROGRESS");
                }
                Ok(())
            })
            .await?;
        }
        Ok(all.len())
    }
}
