//! A whole life of an environment whose callers do not give up: SQS and Step Functions deliver again,
//! people press the button again, and the sweep comes by every minute.

use crate::world::{Doors, TENANT, World, alarm, ask, person, storage_plan};
use serde_json::{Value, json};
use watchfire_desk::{Deed, NewIncident, Orphan, OrphanKind, Steer, Written};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::incident::Transition;
use watchfire_domain::{EnvironmentId, HOUR, SECOND, Status};
use watchfire_edge::Fault;
use watchfire_fakes::{Faults, Left};
use watchfire_policy::Role;
use watchfire_ports::SealAsk;

/// How an environment lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// An alarm asks for it, every look is taken at once, an approver answers.
    Prompt,
    /// No event and no probe of a chain arrives: the sweep finds all there is to do.
    Swept,
    /// Nobody answers: the question expires, and the access point stays.
    Unanswered,
    /// A person opens the incident, asks for the environment, launches, extends and closes it.
    ByHand,
}

/// A life, and what was acknowledged in it.
pub(super) struct Life {
    pub(super) world: World,
    pub(super) id: EnvironmentId,
    course: Course,
    /// The receipts that callers hold.
    pub(super) receipts: Vec<Value>,
}

impl Course {
    /// What the timeline tells, if nothing fails.
    fn story(self) -> Vec<&'static str> {
        let (by_hand, asked) = (self == Self::ByHand, self != Self::ByHand);
        let mut story = vec!["incident_created", "environment_requested", "environment_created"];
        story.extend(by_hand.then_some("launch_requested"));
        story.extend(["task_launched", "task_running"]);
        story.extend(by_hand.then_some("environment_extended"));
        story.extend(["note_added", "stop_requested", "task_stopped"]);
        story.extend(asked.then_some("approval_requested"));
        story.extend(match self {
            Self::Prompt | Self::Swept => Some("approval_granted"),
            Self::Unanswered => Some("approval_expired"),
            Self::ByHand => None,
        });
        story.extend(["environment_closed", "incident_closed"]);
        story
    }

    fn doors(self) -> Doors {
        match self {
            Self::Prompt | Self::Unanswered | Self::ByHand => Doors::Probes,
            Self::Swept => Doors::Neither,
        }
    }
}

/// How often a caller tries.
const TRIES: usize = 8;

/// Calls the function `handler` until there is an answer.
pub(super) async fn persist<T>(
    world: &World,
    handler: &str,
    call: impl AsyncFn() -> Result<T, Fault>,
) -> T {
    let mut last = None;
    for _ in 0..TRIES {
        match world.acting(handler, world.faults.survive(Box::pin(call()))).await {
            Some(Ok(answer)) => {
                if world.twice {
                    world.acting(handler, Box::pin(call())).await.unwrap();
                }
                return answer;
            }
            Some(Err(fault)) if fault.retryable() => last = Some(fault),
            Some(Err(fault)) => panic!("refused: {fault:?}"),
            None => {
                world.faults.revive();
            }
        }
        world.forward(SECOND);
    }
    panic!("no answer after {TRIES} tries: {last:?}")
}

impl Life {
    /// Everything from the first word to the closed incident, in a world with targets.
    pub(super) async fn lived(world: World, course: Course) -> Self {
        let id = match course {
            Course::Prompt | Course::Swept | Course::Unanswered => by_alarm(&world).await,
            Course::ByHand => by_hand(&world).await,
        };
        let mut life = Self { world, id, course, receipts: Vec::new() };
        if course == Course::ByHand {
            life.reach(State::Created).await;
            life.steer(&Steer::Launch).await;
        }
        if !life.came_up().await {
            let reason = "it never was ready".to_owned();
            life.steer(&Steer::Close { reason, remove: true }).await;
            life.reach(State::Closed).await;
            return life;
        }
        life.reach(State::Running).await;
        life.leads_to_its_task().await;
        if course == Course::ByHand {
            life.steer(&Steer::Extend { hours: 9 }).await;
        }
        life.deed(&Deed::Note("reads are slow on one node".to_owned())).await;
        let reason = "the cause is found".to_owned();
        match course {
            Course::ByHand => life.steer(&Steer::Close { reason, remove: true }).await,
            Course::Prompt | Course::Swept | Course::Unanswered => {
                life.steer(&Steer::Stop { reason, removal: None }).await;
                life.reach(State::Stopped).await;
            }
        }
        match course {
            Course::Prompt | Course::Swept => life.approve().await,
            Course::Unanswered => drop(life.world.forward(25 * HOUR)),
            Course::ByHand => {}
        }
        life.reach(State::Closed).await;
        let rationale = Some("the node was replaced".to_owned());
        life.deed(&Deed::Transition(Transition { to: Status::Closed, rationale })).await;
        life.sealed().await;
        life
    }

    /// Its close has it sealed and exported.
    async fn sealed(&self) {
        let (world, incident) = (&self.world, self.id.incident);
        let ask = SealAsk { tenant: TENANT.to_owned(), incident, approval: None };
        let export = persist(world, "checkpoint", async || world.desk.seal(&ask).await).await;
        assert!(export.is_some());
    }

    /// Whether it runs in the end. Where only the sweep looks, two faults can use up the 300 seconds
    /// that a launch has: then it is given up, says so, and can be closed.
    async fn came_up(&self) -> bool {
        if self.course != Course::Swept {
            return true;
        }
        self.world.drive().await;
        for _ in 0..60 {
            match self.world.environment(self.id).await.state {
                State::Running => return true,
                State::Failed => break,
                State::Requested
                | State::Created
                | State::Launching
                | State::Stopping
                | State::Stopped
                | State::Closed => Box::pin(self.world.turn(Doors::Neither)).await,
            }
        }
        let failure = self.world.environment(self.id).await.failure.unwrap();
        assert_eq!(failure.reason, "the task was not ready within 300 seconds");
        let faults = self.world.faults.log().into_iter().filter(|call| call.fault.is_some());
        assert!(faults.count() > 1, "a single fault does not use up the time");
        false
    }

    /// Whatever failed on the way: the broker's target leads to the task that runs.
    async fn leads_to_its_task(&self) {
        let task = self.world.environment(self.id).await.task.unwrap().arn;
        let targets = self.world.broker.existing().into_iter();
        let led: Vec<_> = targets.map(|(_, _, task)| task).collect();
        assert_eq!(led, [Some(task)]);
    }

    async fn deed(&mut self, deed: &Deed) {
        let (world, caller) = (&self.world, person("kim@example.org", Role::Commander, TENANT));
        let ask = keyed(&format!("POST /incidents {deed:?}"));
        let change =
            async || world.desk.change_incident(&caller, &ask, self.id.incident, deed).await;
        let written = persist(world, "api", change).await;
        self.keep(&written);
    }

    async fn steer(&mut self, steer: &Steer) {
        let (world, caller) = (&self.world, World::admin());
        let ask = keyed(&format!("POST /environments {steer:?}"));
        let steered = async || world.desk.steer(&caller, &ask, self.id, steer).await;
        let written = persist(world, "api", steered).await;
        self.keep(&written);
    }

    async fn approve(&mut self) {
        let world = &self.world;
        let link = world.links("ana@example.org").pop().unwrap();
        let page = async || world.desk.open_link(&link).await;
        persist(world, "approval-page", page).await;
        let decide = async || {
            let view = world.desk.open_link(&link).await?;
            world.desk.decide_link(&view, Answer::Grant, &view.approval.code).await
        };
        let decided = persist(world, "approve", decide).await;
        let receipt = decided.receipt.map(|receipt| watchfire_store::receipt_json(&receipt));
        self.receipts.extend(receipt);
    }

    fn keep(&mut self, written: &Written) {
        let answer: Value = serde_json::from_str(&written.body).unwrap();
        self.receipts.push(answer["receipt"].clone());
    }

    /// The quick way first, if there is one, then minute by minute.
    async fn reach(&self, state: State) {
        let (world, doors) = (&self.world, self.course.doors());
        if self.course != Course::Swept {
            for _ in 0..3 {
                world.drive().await;
                self.halfway().await;
                world.tasks.come_to_rest();
                world.forward(5 * SECOND);
                world.deliver_probes().await;
                self.halfway().await;
            }
        }
        world.drive().await;
        if world.environment(self.id).await.state != state || !self.asked(state) {
            world.until(self.id, state, doors).await;
            for _ in 0..360 {
                if self.asked(state) {
                    break;
                }
                Box::pin(world.turn(doors)).await;
            }
        }
    }

    /// Right behind a fault the record is sound already: what is stored is the fold of its events.
    async fn halfway(&self) {
        let faults = &self.world.faults;
        if faults.since(faults.calls().saturating_sub(12)).iter().any(|call| call.fault.is_some()) {
            self.world.sound(self.id.incident).await;
        }
    }

    /// That all is as if nothing had failed.
    pub(super) async fn converged(&self) {
        let Self { world, id, receipts, .. } = self;
        world.settle();
        // What EFS carried out late is found by the next inventory; there is nothing else to find.
        let eye = world.process(Faults::new());
        let found = eye.acting("observe", eye.desk.inventory()).await.unwrap();
        let late = |orphan: &Orphan| orphan.kind == OrphanKind::StrayAccessPoint;
        assert!(found.iter().all(late), "{found:?}");
        let mut left = world.left();
        if self.course == Course::Unanswered {
            assert_eq!(left.access_points.len(), 1, "no answer is no permission");
            left.access_points.clear();
        }
        assert_eq!(left, Left::default(), "something is left behind");
        world.sound(id.incident).await;
        let events = world.timeline(id.incident).await;
        let story: Vec<_> = events.iter().map(|event| event.stored.kind.as_str()).collect();
        let story: Vec<_> =
            story.into_iter().filter(|kind| *kind != "environment_restarted").collect();
        if !story.contains(&"environment_failed") {
            assert_eq!(story, self.course.story(), "the same happened, once");
        }
        for receipt in receipts {
            let known = events.iter().any(|event| {
                let (seq, hash) = (event.stored.seq, event.stored.hash.to_string());
                json!({ "seq": seq, "event_hash": hash }) == *receipt
            });
            assert!(known, "an acknowledged event is lost: {receipt}");
        }
        if world.incident(id.incident).await.closed_at.is_some() {
            let report = crate::sealing::verified(world, id.incident).await;
            assert!(report.as_ref().is_ok_and(|report| report.sealed.is_some()), "{report:?}");
        }
        assert_eq!(world.most_at_once(*id).await, 1, "tasks at once");
        let incidents = world.dynamo.items();
        let incidents = incidents.iter().filter(|item| item["sk"]["S"] == "META").count();
        assert_eq!(incidents, 1, "incidents");
    }

    /// Whether the approver was asked, if it is time.
    fn asked(&self, state: State) -> bool {
        state != State::Stopped || !self.world.links("ana@example.org").is_empty()
    }
}

/// An alarm fires, and its plan asks for an environment.
async fn by_alarm(world: &World) -> EnvironmentId {
    world.plan(&storage_plan(&json!({}))).await;
    let alarm = alarm(world, "storage-latency-high");
    let intake = persist(world, "alarm", async || world.desk.intake(&alarm, None).await).await;
    EnvironmentId { incident: intake.incident.unwrap(), n: 1 }
}

/// A person opens an incident, and asks for an environment that is launched later.
async fn by_hand(world: &World) -> EnvironmentId {
    let (caller, ask) = (World::admin(), keyed("POST /incidents"));
    let new = json!({ "title": "storage answers slowly", "severity": "high" });
    let new: NewIncident = serde_json::from_value(new).unwrap();
    let create = async || world.desk.create_incident(&caller, &ask, new.clone()).await;
    let written = persist(world, "api", create).await;
    let incident: Value = serde_json::from_str(&written.body).unwrap();
    let incident = incident["incident"]["id"].as_str().unwrap().parse().unwrap();
    let spec = json!({ "cluster_id": "rosa-7", "launch": "later" });
    let spec = serde_json::from_value(spec).unwrap();
    let ask = keyed("POST /incidents/environments");
    let create = async || world.desk.create_environment(&caller, &ask, incident, &spec).await;
    persist(world, "api", create).await;
    EnvironmentId { incident, n: 1 }
}

/// A write whose repeat is known by its idempotency key.
pub(crate) fn keyed(route: &str) -> watchfire_desk::Ask {
    watchfire_desk::Ask { key: Some("the-same-key".to_owned()), ..ask(route) }
}
