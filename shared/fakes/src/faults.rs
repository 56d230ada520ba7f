//! When the fakes fail, and how: one deterministic plan that every fake of a process consults.
//!
//! A fake asks [`Faults::next`] once for each call that leaves the process. The plan answers by the
//! call's place in the run, by the operation's name, or by a seeded rate; the log of calls lets a
//! test enumerate every await of a handler and fail each in turn. Nothing here knows DynamoDB.
//!
//! A fake serves a call in this order: [`Faults::pause`], [`Faults::next`], the effect (with no await
//! between the two, or [`Faults::survive`] would drop a request that had left), `pause`, the answer.

mod fault;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

pub use fault::{Fault, Killed};
use plan::{Plan, Seeded};

/// One call that a fake received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its place in the run, from zero.
    pub index: u64,
    /// `service:Operation`, as in an IAM action.
    pub operation: String,
    /// Who made it, as [`Faults::act_as`] said.
    pub by: Arc<str>,
    /// The IAM actions of its parts, where it has parts.
    pub parts: Vec<&'static str>,
    /// What the plan did to it. A fault that cannot touch the operation changes nothing.
    pub fault: Option<Fault>,
}

/// The plan of one process. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    seen: BTreeMap<String, u64>,
    log: Vec<Call>,
    calls: u64,
    killed: bool,
    pauses: Option<Seeded>,
    who: Arc<str>,
}

impl Faults {
    /// A plan without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fails the call at this place of the run. Several may be planned.
    pub fn at(&self, index: u64, fault: Fault) -> &Self {
        self.state().plan.at.insert(index, fault);
        self
    }

    /// Fails the `nth` call, from zero and since [`Faults::restart`], of one operation.
    ///
    /// # Panics
    /// If that call was made already: its test would pass with nothing broken.
    pub fn at_operation(&self, operation: &str, nth: u64, fault: Fault) -> &Self {
        let mut state = self.state();
        let seen = state.seen.get(operation).copied().unwrap_or_default();
        assert!(seen <= nth, "{operation} was called {seen} times already: restart the count");
        state.plan.named.insert((operation.to_owned(), nth), fault);
        drop(state);
        self
    }

    /// Fails about `percent` of the calls that nothing else is planned for, each with one of `faults`.
    /// The same seed fails the same places.
    pub fn rate(&self, seed: u64, percent: u8, faults: &[Fault]) -> &Self {
        self.rate_of("", seed, percent, faults)
    }

    /// The same, of the operations only that begin so.
    pub fn rate_of(&self, prefix: &str, seed: u64, percent: u8, faults: &[Fault]) -> &Self {
        self.state().plan.rate = Some(plan::Rate::new(prefix, seed, percent, faults));
        self
    }

    /// Drops the plan; the count and the log of calls go on.
    pub fn none(&self) -> &Self {
        self.state().plan = Plan::default();
        self
    }

    /// Begins a new run: the plan stays, the count and the log start afresh, and the process lives.
    pub fn restart(&self) -> &Self {
        let mut state = self.state();
        state.seen.clear();
        state.log.clear();
        state.calls = 0;
        state.killed = false;
        drop(state);
        self
    }

    /// Lets calls of several tasks interleave in an order that the seed decides: see [`Faults::pause`].
    pub fn interleave(&self, seed: u64) -> &Self {
        self.state().pauses = Some(Seeded::new(seed));
        self
    }

    /// What happens to the next call of `operation`. A killed process fails every call and logs none.
    pub fn next(&self, operation: &str) -> Option<Fault> {
        self.next_of(operation, Vec::new())
    }

    /// [`Faults::next`] for a call of such parts.
    pub fn next_of(&self, operation: &str, parts: Vec<&'static str>) -> Option<Fault> {
        let mut state = self.state();
        if state.killed {
            return Some(Fault::Killed { applied: false });
        }
        let index = state.calls;
        state.calls = index.wrapping_add(1);
        let seen = state.seen.entry(operation.to_owned()).or_default();
        let nth = *seen;
        *seen = nth.wrapping_add(1);
        let fault = state.plan.fault(index, operation, nth);
        state.killed = matches!(fault, Some(Fault::Killed { .. }));
        let by = Arc::clone(&state.who);
        state.log.push(Call { index, operation: operation.to_owned(), by, parts, fault });
        fault
    }

    /// The calls so far.
    pub fn log(&self) -> Vec<Call> {
        self.state().log.clone()
    }

    /// The calls from that place on.
    pub fn since(&self, index: u64) -> Vec<Call> {
        let from = usize::try_from(index).unwrap_or(usize::MAX);
        self.state().log.get(from..).unwrap_or_default().to_vec()
    }

    /// Says who makes the calls that come next: their log shows it.
    pub fn act_as(&self, who: &str) -> &Self {
        self.state().who = who.into();
        self
    }

    /// How many calls were made so far: the places that [`Faults::at`] can fail.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Whether a [`Fault::Killed`] has ended the process.
    pub fn killed(&self) -> bool {
        self.state().killed
    }

    /// Starts the process again. What the plan says of later calls still holds.
    pub fn revive(&self) -> &Self {
        self.state().killed = false;
        self
    }

    /// Runs a handler as a process that may be killed: `None` when it was, and then the future was
    /// dropped at the very await that killed it, so that none of its error handling ran.
    pub async fn survive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|context| {
            if self.killed() {
                return Poll::Ready(None);
            }
            let polled = work.as_mut().poll(context);
            if self.killed() { Poll::Ready(None) } else { polled.map(Some) }
        })
        .await
    }

    /// Gives other tasks a turn. A fake pauses before and after its effect, as a network does; without
    /// it a task on a single thread would run to its end and no race could be seen.
    pub async fn pause(&self) {
        let turns = self.state().pauses.as_mut().map_or(1, |seeded| seeded.below(4));
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// The end of a call that was killed. It waits a turn, in which [`Faults::survive`] drops the
    /// caller; a caller that runs without it gets the marker as its error.
    pub async fn die(&self) -> Killed {
        tokio::task::yield_now().await;
        Killed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panicking test must not hide its own message behind a poisoned lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
