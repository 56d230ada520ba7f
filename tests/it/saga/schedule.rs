//! Lives under planned faults, as many at once as the machine has cores.

use super::alarm;
use super::life::{Course, Life};
use crate::world::World;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use watchfire_fakes::faults::Call;
use watchfire_fakes::{Fault, Faults};

/// What is lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tale {
    Environment(Course),
    Alarms,
}

impl Tale {
    pub(super) const ALL: [Self; 5] = [
        Self::Environment(Course::Prompt),
        Self::Environment(Course::Swept),
        Self::Environment(Course::Unanswered),
        Self::Environment(Course::ByHand),
        Self::Alarms,
    ];

    /// Lives it in a world of its own, the same every time; `seen` gets the plan of its faults, whose
    /// log outlives a life that goes wrong.
    async fn live(self, faults: &[(Call, Fault)], seen: &Mutex<Faults>) -> World {
        let world = World::with_targets(1);
        *seen.lock().unwrap() = world.faults.clone();
        for (call, fault) in faults {
            world.faults.at(call.index, *fault);
        }
        self.live_in(world).await
    }

    /// Lives it where six of ten readers lag behind by so many writes.
    pub(super) fn lagging(self, writes: u8) -> Result<(), String> {
        let world = World::with_targets(1);
        world.faults.rate_of("dynamodb:", u64::from(writes), 60, &[Fault::Stale { writes }]);
        alone(async || drop(self.live_in(world).await))
    }

    async fn live_in(self, world: World) -> World {
        match self {
            Self::Environment(course) => {
                let life = Life::lived(world.clone(), course).await;
                life.converged().await;
            }
            Self::Alarms => alarm::lived(world.clone()).await,
        }
        world
    }

    /// The calls of a life in which nothing fails.
    pub(super) fn calls(self) -> Vec<Call> {
        alone(async || self.live(&[], &Mutex::default()).await).unwrap().faults.log()
    }
}

/// One life and the faults in it.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) number: usize,
    pub(super) tale: Tale,
    pub(super) faults: Vec<(Call, Fault)>,
}

/// A schedule after which something was not as it should be; a person can follow it.
pub(super) struct Wrong {
    schedule: Schedule,
    /// The calls that the faults met: behind the first one they are others than in a clean life.
    met: Vec<Call>,
    said: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schedule: Schedule { number, tale, .. }, met, said } = self;
        writeln!(out, "schedule {number}, in the life {tale:?}:")?;
        for Call { index, operation, by, fault, .. } in met {
            let Some(fault) = fault else { continue };
            let mode = fault.mode();
            writeln!(out, "  - at call {index}, `{by}` asks {operation}: {mode} {fault:?}")?;
        }
        writeln!(out, "  then: {said}")
    }
}

/// Whether the fault can touch the call at all.
pub(super) fn touches(fault: Fault, operation: &str) -> bool {
    let table = operation.starts_with("dynamodb:");
    let write = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];
    let write = write.iter().any(|name| operation.ends_with(name));
    match fault {
        Fault::Conflict => table && write,
        // Of the table everything but its indexes is read consistently.
        Fault::Stale { .. } => !table || operation == "dynamodb:Query",
        Fault::NotSent
        | Fault::AnswerLost
        | Fault::Duplicate { .. }
        | Fault::Throttled
        | Fault::Saturated
        | Fault::ServerError { .. }
        | Fault::TimedOut { .. }
        | Fault::Killed { .. } => true,
    }
}

/// Every fault that touches each call of a life.
pub(super) fn singles(tale: Tale) -> Vec<(Call, Fault)> {
    let each = |call: Call| {
        let fit = Fault::ALL.into_iter().filter(|fault| touches(*fault, &call.operation));
        fit.map(|fault| (call.clone(), fault)).collect::<Vec<_>>()
    };
    tale.calls().into_iter().flat_map(each).collect()
}

/// Lives each schedule; those that went wrong, in order.
pub(super) fn live(schedules: &[Schedule]) -> Vec<Wrong> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let lane = || {
        while let Some(schedule) = schedules.get(next.fetch_add(1, Ordering::Relaxed)) {
            let seen = Mutex::default();
            let lived = alone(async || schedule.tale.live(&schedule.faults, &seen).await);
            if let Err(said) = lived {
                let mut met = seen.into_inner().unwrap().log();
                met.retain(|call| call.fault.is_some());
                wrong.lock().unwrap().push(Wrong { schedule: schedule.clone(), met, said });
            }
        }
    };
    let lanes = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..lanes {
            // A debug build's futures are large.
            let builder = thread::Builder::new().stack_size(64 << 20);
            builder.spawn_scoped(scope, lane).unwrap();
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort_by_key(|one| one.schedule.number);
    wrong
}

/// Runs it to its end, or to its panic: what that said.
fn alone<T>(work: impl AsyncFnOnce() -> T) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    catch_unwind(AssertUnwindSafe(|| runtime.block_on(work()))).map_err(|panicked| {
        let text = panicked.downcast_ref::<String>().map(String::as_str);
        text.or(panicked.downcast_ref::<&str>().copied()).unwrap_or("no words").to_owned()
    })
}
