//! A whole life whose callers do not give up: SQS and Step Functions deliver again, people press the
//! button again, and the sweep comes by every minute.

use crate::world::{Doors, TENANT, World, alarm, ask, person, storage_plan};
use serde_json::{Value, json};
use watchfire_desk::{Deed, Steer, Written};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::incident::Transition;
use watchfire_domain::{EnvironmentId, SECOND, Status};
use watchfire_edge::Fault;
use watchfire_fakes::Left;
use watchfire_policy::Role;

/// A life, and what was acknowledged in it.
pub(super) struct Life {
    pub(super) world: World,
    pub(super) id: EnvironmentId,
    /// The receipts that callers hold.
    pub(super) receipts: Vec<Value>,
}

/// What the timeline of a life tells, if nothing fails.
const STORY: [&str; 12] = [
    "incident_created",
    "environment_requested",
    "environment_created",
    "task_launched",
    "task_running",
    "note_added",
    "stop_requested",
    "task_stopped",
    "approval_requested",
    "approval_granted",
    "environment_closed",
    "incident_closed",
];

/// How often a caller tries.
const TRIES: usize = 8;

/// Calls the function `handler` until there is an answer.
async fn persist<T>(world: &World, handler: &str, call: impl AsyncFn() -> Result<T, Fault>) -> T {
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
    /// Everything from the alarm to the closed incident, in a world with targets.
    pub(super) async fn lived(world: World) -> Self {
        world.plan(&storage_plan(&json!({}))).await;
        let alarm = alarm(&world, "storage-latency-high");
        let intake = persist(&world, "alarm", async || world.desk.intake(&alarm, None).await).await;
        let id = EnvironmentId { incident: intake.incident.unwrap(), n: 1 };
        let mut life = Self { world, id, receipts: Vec::new() };
        life.reach(State::Running).await;
        life.leads_to_its_task().await;
        life.deed(&Deed::Note("reads are slow on one node".to_owned())).await;
        life.stop().await;
        life.reach(State::Stopped).await;
        life.approve().await;
        life.reach(State::Closed).await;
        let rationale = Some("the node was replaced".to_owned());
        life.deed(&Deed::Transition(Transition { to: Status::Closed, rationale })).await;
        life
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

    async fn stop(&mut self) {
        let (world, caller) = (&self.world, World::admin());
        let stop = Steer::Stop { reason: "the cause is found".to_owned(), removal: None };
        let ask = keyed("POST /environments/stop");
        let steer = async || world.desk.steer(&caller, &ask, self.id, &stop).await;
        let written = persist(world, "api", steer).await;
        self.keep(&written);
    }

    async fn approve(&mut self) {
        let world = &self.world;
        let link = world.links("ana@example.org").pop().unwrap();
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

    /// The quick way first, then minute by minute.
    async fn reach(&self, state: State) {
        let world = &self.world;
        for _ in 0..3 {
            world.drive().await;
            self.halfway().await;
            world.tasks.come_to_rest();
            world.forward(5 * SECOND);
            world.deliver_probes().await;
            self.halfway().await;
        }
        world.drive().await;
        if world.environment(self.id).await.state != state || !self.asked(state) {
            world.until(self.id, state, Doors::Probes).await;
            for _ in 0..360 {
                if self.asked(state) {
                    break;
                }
                Box::pin(world.turn(Doors::Probes)).await;
            }
        }
    }

    /// Right behind a fault the record is sound already: what is stored is the fold of its events.
    async fn halfway(&self) {
        if self.world.faults.log().iter().rev().take(12).any(|call| call.fault.is_some()) {
            self.world.sound(self.id.incident).await;
        }
    }

    /// That all is as if nothing had failed.
    pub(super) async fn converged(&self) {
        let Self { world, id, receipts } = self;
        world.settle();
        assert_eq!(world.left(), Left::default(), "something is left behind");
        world.sound(id.incident).await;
        let events = world.timeline(id.incident).await;
        let story: Vec<_> = events.iter().map(|event| event.stored.kind.as_str()).collect();
        let story: Vec<_> =
            story.into_iter().filter(|kind| *kind != "environment_restarted").collect();
        assert_eq!(story, STORY, "the same happened, once");
        for receipt in receipts {
            let known = events.iter().any(|event| {
                let (seq, hash) = (event.stored.seq, event.stored.hash.to_string());
                json!({ "seq": seq, "event_hash": hash }) == *receipt
            });
            assert!(known, "an acknowledged event is lost: {receipt}");
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

/// A write whose repeat is known by its idempotency key.
fn keyed(route: &str) -> watchfire_desk::Ask {
    watchfire_desk::Ask { key: Some("the-same-key".to_owned()), ..ask(route) }
}
