//! Time passes: the machine moves, probes and events are delivered, the sweep comes by.

use super::{World, batch, roles};
use serde_json::{Value, json};
use std::future::poll_fn;
use std::task::Poll;
use tracing::Instrument as _;
use watchfire_domain::{MINUTE, SECOND};
use watchfire_edge::{Fault, chain};
use watchfire_fakes::Failed;
use watchfire_ports::{Clock as _, Probe};

/// By which doors the world tells Watchfire of its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doors {
    /// All of them, as it should be.
    Both,
    /// The probe queue alone: every event is lost.
    Probes,
    /// ECS's events, and the looks that the API and the sweep ask for; the chains of looks that
    /// `launch` and `stop` begin are lost.
    Events,
    /// Only the looks that the API and the sweep ask for.
    Neither,
}

impl World {
    /// What the function `handler` does. It calls nothing that its role does not allow.
    pub(crate) async fn acting<T>(&self, handler: &str, work: impl Future<Output = T>) -> T {
        let before = self.faults.act_as(handler).calls();
        let done = work.instrument(watchfire_desk::invocation(handler, "request", None)).await;
        for call in self.faults.act_as("").since(before) {
            let operation = call.operation.as_str();
            let parts = &call.parts;
            assert!(
                roles::may(handler, operation, parts),
                "`{handler}` may not call {operation} {parts:?}"
            );
        }
        done
    }

    /// Calls a function of the lifecycle machine as Lambda does. A process that is killed is a
    /// function that Lambda lost; the next call is served by another.
    pub(crate) async fn call(&self, function: &str, event: Value) -> Result<Value, Failed> {
        self.steps.lock().unwrap().push((function.to_owned(), event.clone()));
        if self.twice {
            self.call_once(function, event.clone()).await?;
        }
        self.call_once(function, event).await
    }

    pub(crate) async fn call_once(&self, function: &str, event: Value) -> Result<Value, Failed> {
        // On the heap: a test's thread has a small stack.
        let handler = function.trim_end_matches("Function").to_lowercase();
        let work = Box::pin(self.handle(&handler, event));
        let Some(done) = self.acting(&handler, self.faults.survive(work)).await else {
            self.faults.revive();
            return Err(Failed::new("Lambda.Unknown", "the process ended"));
        };
        done.map_err(|fault| Failed::new(fault.name(), &chain(&fault)))
    }

    async fn handle(&self, handler: &str, event: Value) -> Result<Value, Fault> {
        let desk = &self.desk;
        match handler {
            "create" => watchfire_create::handle(desk, event).await,
            "launch" => watchfire_launch::handle(desk, event).await,
            "stop" => watchfire_stop::handle(desk, event).await,
            "close" => watchfire_close::handle(desk, event).await,
            "step" => watchfire_step::handle(desk, event).await,
            "approve" => watchfire_approve::handle(desk, event).await,
            other => panic!("the machine calls `{other}`"),
        }
    }

    /// Moves every execution on until each waits or has ended.
    pub(crate) async fn drive(&self) -> usize {
        let lives = self.machine.drive(&async |name, event| self.call(&name, event).await).await;
        let runs = self.runner.drive(&async |name, event| self.call(&name, event).await).await;
        lives.saturating_add(runs)
    }

    /// Delivers the probes that are due; one that fails comes again later. How many were due.
    pub(crate) async fn deliver_probes(&self) -> usize {
        self.deliver_those(|_| true).await
    }

    /// The same, but every probe that begins or continues a chain is lost.
    async fn deliver_single_probes(&self) -> usize {
        self.deliver_those(|probe| probe.looks == Probe::ONCE).await
    }

    async fn deliver_those(&self, keep: impl Fn(&Probe) -> bool) -> usize {
        let mut due = self.probes.due(self.clock.now());
        due.retain(keep);
        if self.twice {
            due.extend(due.clone());
        }
        for probe in &due {
            let body = serde_json::to_string(probe).unwrap();
            let seen = Box::pin(watchfire_observe::handle(&self.desk, batch(&[body])));
            let answer = self.acting("observe", self.faults.survive(seen)).await;
            if answer.is_none() {
                self.faults.revive();
            }
            let failed =
                answer.is_none_or(|answer| answer.unwrap()["batchItemFailures"] != json!([]));
            if failed {
                self.probes.again(probe);
            }
        }
        due.len()
    }

    /// Delivers the ECS events that came up; those that fail are lost, as after EventBridge's last
    /// try.
    pub(crate) async fn deliver_events(&self) -> usize {
        let mut events = self.tasks.events();
        if self.twice {
            // And in whatever order.
            events.extend(events.clone().into_iter().rev());
        }
        for event in &events {
            let seen = Box::pin(watchfire_observe::handle(&self.desk, event.clone()));
            if self.acting("observe", self.faults.survive(seen)).await.is_none() {
                self.faults.revive();
            }
        }
        events.len()
    }

    /// The sweep comes by.
    pub(crate) async fn sweep(&self) {
        let swept = Box::pin(watchfire_sweep::handle(&self.desk, Value::Null));
        if self.acting("sweep", self.faults.survive(swept)).await.is_none() {
            self.faults.revive();
        }
    }

    /// Ten seconds: tasks move a step, the doors knock, the machine moves; on the minute the sweep.
    pub(crate) async fn turn(&self, doors: Doors) {
        let before = self.clock.now().millis() / MINUTE;
        self.forward(10 * SECOND);
        self.tasks.advance_all();
        match doors {
            Doors::Both => {
                self.deliver_events().await;
                self.deliver_probes().await;
            }
            Doors::Probes => {
                self.deliver_probes().await;
            }
            Doors::Events => {
                self.deliver_events().await;
                self.deliver_single_probes().await;
            }
            Doors::Neither => {
                self.deliver_single_probes().await;
            }
        }
        self.drive().await;
        if self.clock.now().millis() / MINUTE > before {
            self.sweep().await;
            self.drive().await;
        }
    }

    /// So many minutes of [`World::turn`].
    pub(crate) async fn play(&self, minutes: usize, doors: Doors) {
        for _ in 0..minutes.saturating_mul(6) {
            self.turn(doors).await;
        }
    }
}

/// `work`, and `meanwhile` at once and whole, after so many steps of it.
pub(crate) async fn meets<T>(
    work: impl Future<Output = T>,
    steps: usize,
    meanwhile: impl Future,
) -> T {
    let mut work = Box::pin(work);
    for _ in 0..steps {
        let step = poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = step.await {
            Box::pin(meanwhile).await;
            return done;
        }
        // What the step waits for is done by others.
        tokio::task::yield_now().await;
    }
    Box::pin(meanwhile).await;
    work.await
}
