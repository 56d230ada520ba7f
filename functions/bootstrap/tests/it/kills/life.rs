//! A life of an incident, every step of which is taken by a process that may be killed.

use super::doors;
use super::lambda::{Lambda, configured};
use super::plan::Plan;
use super::wire::Wire;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use watchfire_bench::account::Account;
use watchfire_bench::scene::alarm_event;
use watchfire_desk::Desk;
use watchfire_domain::{EnvironmentId, HOUR, IncidentId, Plan as ResponsePlan, Tenant, Voucher};
use watchfire_edge::Config;
use watchfire_fakes::{Fault, Faults, Machine, World};
use watchfire_ports::Clock as _;
use watchfire_store::Repo;
use watchfire_tests::chance::Chance;

pub(super) const TENANT: &str = "acme";
pub(super) const APPROVER: &str = "ana@example.org";

/// What is lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tale {
    /// An alarm opens it, ECS's events arrive, an approver answers.
    ByAlarm,
    /// People do all of it through the API, and no event arrives: probes do.
    ByHand,
    /// The process that opened it died: the sweep finds it.
    Swept,
}

impl Tale {
    pub(super) const fn of(life: u64) -> Self {
        match life % 3 {
            0 => Self::ByAlarm,
            1 => Self::ByHand,
            _ => Self::Swept,
        }
    }

    /// What the timeline tells, whoever was killed.
    pub(super) fn story(self) -> Vec<&'static str> {
        let by_hand = self == Self::ByHand;
        let mut story = vec!["incident_created", "environment_requested", "environment_created"];
        story.extend(by_hand.then_some("launch_requested"));
        story.extend(["task_launched", "task_running"]);
        story.extend(by_hand.then_some("environment_extended"));
        story.extend(["note_added", "stop_requested", "task_stopped"]);
        let asked = ["approval_requested", "approval_granted"];
        story.extend(asked.into_iter().filter(|_| !by_hand));
        story.extend(["environment_closed", "incident_closed"]);
        story
    }
}

pub(super) struct Life {
    pub(super) tale: Tale,
    pub(super) world: World,
    pub(super) receipts: RefCell<Vec<Value>>,
    pub(super) desk: Desk,
    pub(super) runtime: Runtime,
    pub(super) machine: Machine,
    pub(super) lambda: RefCell<Lambda>,
    wire: Arc<Wire>,
    pub(super) requests: Cell<u64>,
}

impl Life {
    pub(super) fn new(tale: Tale, seed: u64, number: u64, kills: u64) -> Self {
        let world = World::new(seed);
        let chance = Chance::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let wire = Wire::new(Account::new(world.clone()), Plan::new(chance, kills));
        let wire = Arc::new(wire);
        let settings = configured("api");
        let get = |name: &str| {
            let found = settings.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let desk = world.desk(Config::read(&get).unwrap());
        let definition = include_str!("../../../../../statemachines/lifecycle.asl.json");
        Self {
            tale,
            machine: world.machine(definition).unwrap(),
            lambda: RefCell::new(Lambda::new(Arc::clone(&wire), number)),
            runtime: Builder::new_current_thread().enable_time().build().unwrap(),
            receipts: RefCell::default(),
            requests: Cell::new(0),
            world,
            desk,
            wire,
        }
    }

    pub(super) fn wire(&self) -> Arc<Wire> {
        Arc::clone(&self.wire)
    }

    pub(super) fn repo(&self) -> Repo {
        self.desk.table.of(&Tenant::vouched(TENANT, Voucher::Claims).unwrap())
    }

    /// All of it, and that nothing is amiss in the end.
    pub(super) fn live(&mut self) {
        self.world.clock.set(watchfire_bench::scene::now());
        let id = match self.tale {
            Tale::ByAlarm => self.alarmed(),
            Tale::ByHand => self.opened(),
            Tale::Swept => self.swept(),
        };
        let environment = format!("/environments/{}", EnvironmentId { incident: id, n: 1 });
        self.settle();
        if self.tale == Tale::ByHand {
            self.ask("POST", &format!("{environment}/launch"), &json!({}));
            self.settle();
            self.ask("POST", &format!("{environment}/extend"), &json!({ "hours": 9 }));
        }
        let note = json!({ "text": "reads are slow on one node" });
        self.ask("POST", &format!("/incidents/{id}/notes"), &note);
        self.deliver("checkpoint", &json!({}));
        if self.tale == Tale::ByHand {
            let close = json!({ "reason": "the cause is found", "remove_access_point": true });
            self.ask("POST", &format!("{environment}/close"), &close);
        } else {
            let stop = json!({ "reason": "the cause is found" });
            self.ask("POST", &format!("{environment}/stop"), &stop);
            self.settle();
            self.approve();
        }
        self.settle();
        let closed = json!({ "status": "closed", "rationale": "the node was replaced" });
        self.ask("POST", &format!("/incidents/{id}/transition"), &closed);
        self.settle();
        self.converged(id);
    }

    fn alarmed(&self) -> IncidentId {
        self.store_plan();
        let alarm = alarm_event("storage-latency", "ALARM", self.world.clock.now());
        self.deliver("alarm", &doors::queued(&[alarm.to_string()]));
        self.only_incident()
    }

    fn opened(&self) -> IncidentId {
        let new = json!({ "title": "storage answers slowly", "severity": "high" });
        let written = self.ask("POST", "/incidents", &new);
        let id: IncidentId = written["incident"]["id"].as_str().unwrap().parse().unwrap();
        let spec = json!({ "cluster_id": "rosa-7", "launch": "later" });
        self.ask("POST", &format!("/incidents/{id}/environments"), &spec);
        id
    }

    /// Three hours ago a process died behind its commit, and nobody delivered the alarm again.
    fn swept(&self) -> IncidentId {
        self.store_plan();
        let now = self.world.clock.now();
        self.world.clock.set(now.plus(-3 * HOUR));
        let event = alarm_event("storage-latency", "ALARM", self.world.clock.now());
        let alarm = watchfire_alarm::alarms(&event.to_string()).unwrap().remove(0);
        let faults = Faults::new();
        faults.rate_of("states:", 1, 100, &[Fault::Killed { applied: false }]);
        let died = self.world.process(faults.clone()).desk((*self.desk.config).clone());
        let work = faults.survive(Box::pin(died.intake(&alarm, None)));
        assert!(self.runtime.block_on(work).is_none(), "it starts no machine");
        self.world.clock.set(now);
        self.deliver("sweep", &json!({}));
        self.only_incident()
    }

    fn store_plan(&self) {
        // Of two things that are due the ids decide which comes first, and ids hold the time: so
        // that a seed repeats a life, the sweep finds one thing.
        let told: &[&str] = if self.tale == Tale::Swept { &[] } else { &["oncall@example.org"] };
        let told: Vec<_> = told.iter().map(|address| json!({ "email": address })).collect();
        let plan: ResponsePlan = serde_json::from_value(json!({
            "name": "storage", "version": 1, "matches": [{ "name_prefix": "storage" }],
            "title": "{alarm.name} in {alarm.region}", "severity": "high",
            "environment": { "cluster_id": "rosa-7", "approvers": [APPROVER] },
            "notify": told,
        }))
        .unwrap();
        self.runtime.block_on(self.repo().put_version(&plan, None)).unwrap();
    }

    fn only_incident(&self) -> IncidentId {
        let items = self.world.dynamo.items();
        let mut all = items.iter().filter(|item| item["sk"]["S"] == "META");
        let (first, second) = (all.next().unwrap(), all.next());
        assert_eq!(second, None, "one alarm opens one incident");
        first["pk"]["S"].as_str().unwrap().rsplit('#').next().unwrap().parse().unwrap()
    }
}
