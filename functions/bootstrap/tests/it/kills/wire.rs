//! Between the process and the account: every call is counted here, and here the process dies.

use super::plan::{Moment, Plan};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::sync::{Mutex, MutexGuard, PoisonError};
use watchfire_bench::account::Account;
use watchfire_bench::answerer::{Answers, Call, Reply};
use watchfire_bench::http::Request;
use watchfire_bench::runtime_api::Obituary;

#[derive(Debug)]
pub(super) struct Wire {
    account: Account,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    plan: Plan,
    /// Who is handling a delivery.
    process: Option<(Pid, Obituary)>,
}

impl Wire {
    pub(super) const fn new(account: Account, plan: Plan) -> Self {
        Self { account, state: Mutex::new(State { plan, process: None }) }
    }

    /// This process gets a delivery.
    pub(super) fn begin(&self, handler: &str, process: (Pid, Obituary)) {
        let mut state = self.state();
        state.plan.begin(handler);
        state.process = Some(process);
    }

    /// The process has answered: whether it dies all the same.
    pub(super) fn answered(&self) -> bool {
        let mut state = self.state();
        let falls = state.plan.answered();
        state.process = None;
        falls
    }

    pub(super) fn plan(&self) -> impl std::ops::Deref<Target = Plan> {
        struct Seen<'a>(MutexGuard<'a, State>);
        impl std::ops::Deref for Seen<'_> {
            type Target = Plan;
            fn deref(&self) -> &Plan {
                &self.0.plan
            }
        }
        Seen(self.state())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A check that failed says so itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The process can do nothing more: it gets no answer, and no time to notice.
    fn kill(&mut self) {
        if let Some((id, obituary)) = self.process.take() {
            kill(id, Signal::SIGKILL).unwrap();
            obituary.tell();
        }
    }
}

impl Answers for Wire {
    fn answer(&self, request: &Request) -> Option<Reply> {
        let call = Call::of(request);
        // One call after the other: their order is what the plan counts.
        let mut state = self.state();
        // What a process sent that is dead by now has left with it.
        state.process.as_ref()?;
        let moment = state.plan.call(&call);
        let reply = (moment != Some(Moment::Before)).then(|| self.account.answer(&call, request));
        if moment.is_some() {
            state.kill();
            return None;
        }
        reply
    }
}
