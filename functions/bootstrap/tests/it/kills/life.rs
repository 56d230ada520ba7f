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
use watchfire_bench::runtime_api::Answer;
use watchfire_bench::scene::alarm_event;
use watchfire_desk::Desk;
use watchfire_domain::plan::Target;
use watchfire_domain::{EnvironmentId, HOUR, IncidentId, Plan as ResponsePlan, Tenant, Voucher};
use watchfire_edge::Config;
use watchfire_fakes::{Failed, Fault, Faults, Machine, World};
use watchfire_ports::Clock as _;
use watchfire_store::Repo;
use watchfire_tests::chance::Chance;

pub(super) const TENANT: &str = "acme";
const APPROVER: &str = "ana@example.org";
/// How often a delivery comes again at most: more often than its process is ever killed.
const TRIES: usize = 8;
/// How often the account is looked through before all must be at rest.
const ROUNDS: usize = 60;

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
    machine: Machine,
    lambda: RefCell<Lambda>,
    wire: Arc<Wire>,
    requests: Cell<u64>,
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

    /// Until every machine waits, every task rests, and nothing is under way to a function.
    pub(super) fn settle(&self) {
        for _ in 0..ROUNDS {
            let step = async |function: String, event: Value| self.step(&function, &event);
            let mut quiet = self.runtime.block_on(self.machine.drive(&step)) == 0;
            self.world.tasks.come_to_rest();
            let mut under_way: Vec<(&str, Value)> = Vec::new();
            let events = self.world.tasks.events();
            if self.tale == Tale::ByAlarm {
                under_way.extend(events.into_iter().map(|event| ("observe", event)));
            }
            // Whatever waits is delivered: how long it should wait is not what is asked here.
            for probe in self.world.probes.due(self.world.clock.now().plus(HOUR)) {
                let body = serde_json::to_string(&probe).unwrap();
                under_way.push(("observe", doors::queued(&[body])));
            }
            for ask in self.world.seals.take() {
                let body = serde_json::to_string(&ask).unwrap();
                under_way.push(("checkpoint", doors::queued(&[body])));
            }
            quiet &= under_way.is_empty();
            for (handler, event) in under_way {
                self.deliver(handler, &event);
            }
            if quiet {
                return;
            }
        }
        panic!("it does not come to rest: {}", self.world.dump());
    }

    /// A step of the machine: it tries again by itself.
    fn step(&self, function: &str, event: &Value) -> Result<Value, Failed> {
        let handler = function.trim_end_matches("Function").to_lowercase();
        match self.lambda.borrow_mut().call(&handler, event) {
            None => Err(Failed::new("Lambda.Unknown", "the process ended")),
            Some(Answer::Response(bytes)) => Ok(serde_json::from_slice(&bytes).unwrap()),
            Some(Answer::Error(bytes)) => {
                let error: Value = serde_json::from_slice(&bytes).unwrap();
                let text = |name: &str| error[name].as_str().unwrap_or_default();
                Err(Failed::new(text("errorType"), text("errorMessage")))
            }
        }
    }

    /// Delivers an event until it is handled, as queues and schedules do.
    pub(super) fn deliver(&self, handler: &str, event: &Value) -> Value {
        let mut last = None;
        for _ in 0..TRIES {
            let answer = self.lambda.borrow_mut().call(handler, event);
            if let Some(Answer::Response(bytes)) = &answer {
                let told: Value = serde_json::from_slice(bytes).unwrap();
                let failed =
                    told["batchItemFailures"].as_array().is_some_and(|all| !all.is_empty());
                let unsure = told["statusCode"].as_u64().is_some_and(|status| status >= 500);
                if !failed && !unsure {
                    return told;
                }
            }
            last = answer;
        }
        panic!("`{handler}` never handles {event}: {last:?}")
    }

    /// Somebody asks the API, and asks again until there is an answer.
    pub(super) fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.requests.set(self.requests.get() + 1);
        let key = format!("request-{}", self.requests.get());
        let answer = self.deliver("api", &doors::signed(method, path, &key, body));
        let text = answer["body"].as_str().unwrap();
        assert!(matches!(answer["statusCode"].as_u64(), Some(200 | 201)), "{path}: {answer}");
        let written: Value = serde_json::from_str(text).unwrap();
        self.receipts.borrow_mut().push(written["receipt"].clone());
        written
    }

    /// The approver opens the newest link, and grants what it asks.
    fn approve(&self) {
        let inbox = self.world.notify.inbox_of(&Target::Email(APPROVER.to_owned()));
        let text = &inbox.last().expect("the approver is asked").text;
        let (_, rest) = text.split_once("/approvals/").unwrap();
        let link = rest.split_whitespace().next().unwrap();
        let page = self.deliver("approval-page", &doors::opened(link));
        let answer = self.deliver("approve", &doors::submitted(&page, link));
        assert_eq!(answer["statusCode"], 200, "{answer}");
    }
}
