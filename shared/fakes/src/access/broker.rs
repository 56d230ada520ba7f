//! The access broker: ECS Exec alone, or one with targets, which can be down.

use crate::faults::Faults;
use crate::ids::FakeIds;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::BTreeMap;
use watchfire_ports::{AccessBroker, PortError, TargetAsk};

/// A broker.
#[derive(Clone, Debug)]
pub struct FakeBroker {
    service: Service<Controller>,
    targets: bool,
}

#[derive(Debug)]
struct Controller {
    targets: BTreeMap<String, Target>,
    down: bool,
    ids: FakeIds,
}

#[derive(Clone, Debug)]
struct Target {
    ask: TargetAsk,
    task: Option<String>,
}

impl FakeBroker {
    /// `ecs-exec`: it has no targets and makes no calls.
    pub fn exec() -> Self {
        Self::new(FakeIds::new(0), Faults::new(), false)
    }

    /// `boundary`: it has targets.
    pub fn boundary(ids: FakeIds, faults: Faults) -> Self {
        Self::new(ids, faults, true)
    }

    fn new(ids: FakeIds, faults: Faults, targets: bool) -> Self {
        let controller = Controller { targets: BTreeMap::new(), down: false, ids };
        Self { service: Service::new(faults, controller), targets }
    }

    /// The same broker, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { service: self.service.with_faults(faults), targets: self.targets }
    }

    /// Takes it down, or up again.
    pub fn down(&self, down: bool) {
        self.service.state().down = down;
    }

    /// What exists: the target's id, its name, and the task that it leads to.
    pub fn existing(&self) -> Vec<(String, String, Option<String>)> {
        let controller = self.service.state();
        let targets = controller.targets.iter();
        targets
            .map(|(id, target)| (id.clone(), target.ask.name.clone(), target.task.clone()))
            .collect()
    }

    /// The calls that reached the controller.
    pub fn calls(&self) -> Vec<String> {
        self.service.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.service.settle();
    }

    /// Each target: id, name and task.
    pub fn dump(&self) -> String {
        let line = |(id, name, task): &(String, String, Option<String>)| {
            format!("{id} {name} {}", task.as_deref().unwrap_or("-"))
        };
        lines(self.existing().iter().map(line))
    }

    async fn write<T>(
        &self,
        ask: Ask,
        effect: impl Fn(&mut Controller) -> Result<T, PortError> + Send + 'static,
    ) -> Result<T, PortError> {
        let call = ask.clone();
        self.service
            .write(ask, move |controller| {
                if controller.down {
                    Err(call.unavailable("no controller"))
                } else {
                    effect(controller)
                }
            })
            .await
    }
}

#[async_trait]
impl AccessBroker for FakeBroker {
    fn name(&self) -> &'static str {
        if self.targets { "boundary" } else { "ecs-exec" }
    }

    async fn create(&self, ask: &TargetAsk) -> Result<Option<String>, PortError> {
        if !self.targets {
            return Ok(None);
        }
        let doing = "creating the target";
        let call = Ask::new("boundary:CreateTarget", doing, &ask.name);
        let wanted = ask.clone();
        let created = self.write(call, move |controller| {
            if controller.targets.values().any(|target| target.ask.name == wanted.name) {
                return Ok(None);
            }
            let id = format!("ttcp_{}", controller.ids.hex(5));
            controller.targets.insert(id.clone(), Target { ask: wanted.clone(), task: None });
            Ok(Some(id))
        });
        if let Some(id) = created.await? {
            return Ok(Some(id));
        }
        // A second target of a name is refused without saying which is in the way (status 400).
        let call = Ask::new("boundary:ListTargets", doing, &ask.name);
        let wanted = ask.clone();
        self.write(call, move |controller| {
            let mut targets = controller.targets.iter();
            match targets.find(|(_, target)| target.ask.name == wanted.name) {
                Some((id, target)) if target.ask == wanted => Ok(Some(id.clone())),
                Some((id, _)) => Err(PortError::Conflict { what: id.clone(), doing }),
                None => Err(PortError::Conflict { what: wanted.name.clone(), doing }),
            }
        })
        .await
    }

    async fn attach(&self, target: &str, task: &str) -> Result<(), PortError> {
        if !self.targets {
            return Ok(());
        }
        let call = Ask::new("boundary:UpdateTarget", "attaching the task to the target", target);
        let (id, task) = (target.to_owned(), task.to_owned());
        self.write(call, move |controller| {
            let Some(target) = controller.targets.get_mut(&id) else {
                return Err(PortError::NotFound { what: id.clone() });
            };
            target.task = Some(task.clone());
            Ok(())
        })
        .await
    }

    async fn delete(&self, name: &str) -> Result<(), PortError> {
        if !self.targets {
            return Ok(());
        }
        let doing = "deleting the target";
        let wanted = name.to_owned();
        let list = self.write(Ask::new("boundary:ListTargets", doing, name), move |controller| {
            let mut targets = controller.targets.iter();
            let found = targets.find(|(_, target)| target.ask.name == wanted);
            Ok(found.map(|(id, _)| id.clone()))
        });
        let Some(id) = list.await? else { return Ok(()) };
        self.write(Ask::new("boundary:DeleteTarget", doing, &id.clone()), move |controller| {
            controller.targets.remove(&id);
            Ok(())
        })
        .await
    }
}
