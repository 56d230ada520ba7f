//! Time passes on the stage: an environment is brought to where the wanted step begins.

use super::Scene;
use crate::trouble::{Trouble, odd};
use serde_json::{Value, json};
use std::future::pending;
use std::sync::Mutex;
use watchfire_desk::{Ask, Caller, Desk, Steer};
use watchfire_domain::environment::State;
use watchfire_domain::{EnvironmentId, MINUTE, SECOND};
use watchfire_edge::{Fault, chain};
use watchfire_fakes::Failed;
use watchfire_policy::{Actor, Role};
use watchfire_ports::Clock as _;

/// More turns of ten seconds than a task ever takes.
const TURNS: usize = 60;

/// A step of the machine that shall be taken elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Whose.
    pub(super) id: EnvironmentId,
    /// By which function.
    pub(super) function: &'static str,
    /// `step` of its event; empty where it has none.
    pub(super) step: &'static str,
}

impl Wanted {
    pub(super) const fn of(id: EnvironmentId, function: &'static str, step: &'static str) -> Self {
        Self { id, function, step }
    }
}

impl Scene {
    /// An alarm fires, and the environment that it asked for.
    pub(super) async fn raise(&mut self) -> Result<EnvironmentId, Trouble> {
        Ok(self.fire().await?.0)
    }

    /// The same, and the alarm's delivery.
    pub(super) async fn fire(&mut self) -> Result<(EnvironmentId, Value), Trouble> {
        self.count = self.count.saturating_add(1);
        // Two environments of one cluster and one minute would be the same.
        self.world.forward(MINUTE);
        let name = format!("storage-latency-{}", self.count);
        let event = super::alarm_event(&name, "ALARM", self.world.clock.now());
        let alarms = watchfire_alarm::alarms(&event.to_string());
        let alarm = alarms.ok().and_then(|mut all| all.pop()).ok_or_else(|| odd("no alarm"))?;
        self.invoked();
        let intake = self.desk.intake(&alarm, None).await.map_err(failed)?;
        let incident = intake.incident.ok_or_else(|| odd("the alarm opened nothing"))?;
        Ok((EnvironmentId { incident, n: 1 }, event))
    }

    /// Moves the machine on. The event of the wanted step, if one came up: it is not taken.
    pub(super) async fn drive(&self, wanted: Option<Wanted>) -> Option<Value> {
        let caught = Mutex::new(None);
        let step = async |function: String, event: Value| {
            let handler = function.trim_end_matches("Function").to_lowercase();
            let named = event.get("step").and_then(Value::as_str).unwrap_or_default();
            let incident = event.get("incident").and_then(Value::as_str).unwrap_or_default();
            let elsewhere = |one: &Wanted| incident != one.id.incident.to_string();
            if wanted.as_ref().is_some_and(elsewhere) {
                // It was left to what was measured; here it goes no further.
                return Err(Failed::new("Bench.Elsewhere", "taken by somebody else"));
            }
            if wanted.is_some_and(|one| (handler.as_str(), named) == (one.function, one.step)) {
                if let Ok(mut caught) = caught.lock() {
                    *caught = Some(event);
                }
                // It is taken by somebody else: this drive ends here.
                return pending().await;
            }
            self.invoked();
            let done = Box::pin(handle(&self.desk, &handler, event)).await;
            done.map_err(|fault| Failed::new(fault.name(), &chain(&fault)))
        };
        let mut drive = Box::pin(self.machine.drive(&step));
        std::future::poll_fn(|context| {
            let polled = drive.as_mut().poll(context);
            let stopped = caught.lock().is_ok_and(|caught| caught.is_some());
            if polled.is_ready() || stopped {
                return std::task::Poll::Ready(());
            }
            std::task::Poll::Pending
        })
        .await;
        drop(drive);
        caught.into_inner().ok().flatten()
    }

    /// Ten seconds pass.
    pub(super) async fn turn(&self, wanted: Option<Wanted>) -> Option<Value> {
        self.world.forward(10 * SECOND);
        self.world.tasks.advance_all();
        for event in self.world.tasks.events() {
            self.invoked();
            drop(Box::pin(watchfire_observe::handle(&self.desk, event)).await);
        }
        for probe in self.world.probes.due(self.world.clock.now()) {
            let body = serde_json::to_string(&probe).unwrap_or_default();
            let batch = json!({ "Records": [{ "messageId": "m", "body": body }] });
            self.invoked();
            drop(Box::pin(watchfire_observe::handle(&self.desk, batch)).await);
        }
        self.drive(wanted).await
    }

    /// Turns until the wanted step comes up, or the environment is in `state`.
    pub(super) async fn until(
        &self,
        wanted: Wanted,
        state: Option<State>,
    ) -> Result<Option<Value>, Trouble> {
        self.reach(wanted.id, Some(wanted), state).await
    }

    /// The same, with nothing that is taken elsewhere.
    pub(super) async fn reach(
        &self,
        id: EnvironmentId,
        wanted: Option<Wanted>,
        state: Option<State>,
    ) -> Result<Option<Value>, Trouble> {
        let mut caught = self.drive(wanted).await;
        for _ in 0..TURNS {
            if caught.is_some() || state == Some(self.state(id).await?) {
                return Ok(caught);
            }
            caught = self.turn(wanted).await;
        }
        let stands = self.state(id).await?;
        Err(odd(format!("an environment stays {} before {wanted:?}", stands.name())))
    }

    pub(super) async fn state(&self, id: EnvironmentId) -> Result<State, Trouble> {
        let row = self.desk.table.of(&super::tenant()?).environment(id).await;
        let row = row.map_err(|error| odd(format!("{error}")))?;
        row.map(|row| row.record.state).ok_or_else(|| odd("the environment is gone"))
    }

    /// A person asks for the stop.
    pub(super) async fn stop(&self, id: EnvironmentId) -> Result<(), Trouble> {
        let stop = Steer::Stop { reason: "the cause is found".to_owned(), removal: None };
        self.invoked();
        let (caller, ask) = (caller()?, ask());
        self.desk.steer(&caller, &ask, id, &stop).await.map_err(failed)?;
        Ok(())
    }
}

/// Somebody who may do anything that a person may.
pub(super) fn caller() -> Result<Caller, Trouble> {
    let actor = Actor::user("sam@example.org", Role::Admin, vec![super::TENANT.to_owned()]);
    let actor = Actor { clearance: 100, ..actor };
    Ok(Caller { actor, tenant: super::tenant()?, trace: None })
}

/// A request without an idempotency key.
pub(super) fn ask() -> Ask {
    Ask { route: "POST /".to_owned(), key: None, body: String::new(), expect: None }
}

pub(super) fn failed(fault: Fault) -> Trouble {
    odd(format!("a step failed: {}", chain(&fault)))
}

pub(super) async fn handle(desk: &Desk, handler: &str, event: Value) -> Result<Value, Fault> {
    match handler {
        "create" => watchfire_create::handle(desk, event).await,
        "launch" => watchfire_launch::handle(desk, event).await,
        "stop" => watchfire_stop::handle(desk, event).await,
        "close" => watchfire_close::handle(desk, event).await,
        "step" => watchfire_step::handle(desk, event).await,
        "approve" => watchfire_approve::handle(desk, event).await,
        other => Err(Fault::Internal { reason: format!("the machine calls `{other}`") }),
    }
}
