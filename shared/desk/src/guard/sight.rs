//! Lists leave out the rows that their caller may not see.

use super::broken;
use crate::{Caller, Desk};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use watchfire_policy::{Action, Context, Resource};

/// What of one list its caller may see. No denial is counted, but that the policies could not be
/// asked is, or the list would be short and nobody would hear why: once the list is through, since
/// what breaks for one row breaks for each.
#[derive(Debug)]
pub(crate) struct Sight<'a> {
    desk: &'a Desk,
    caller: &'a Caller,
    failed: Mutex<BTreeMap<Action, Failed>>,
}

/// What the engine said first, and how often it failed.
#[derive(Debug)]
struct Failed {
    detail: String,
    times: u32,
}

impl<'a> Sight<'a> {
    pub(super) const fn new(desk: &'a Desk, caller: &'a Caller) -> Self {
        Self { desk, caller, failed: Mutex::new(BTreeMap::new()) }
    }

    /// Whose list it is.
    pub(crate) const fn caller(&self) -> &Caller {
        self.caller
    }

    /// Whether the caller may do that with this row.
    pub(crate) fn permits(&self, action: Action, resource: &Resource) -> bool {
        let policies = &self.desk.policies;
        let decision = policies.decide(&self.caller.actor, action, resource, &Context::none());
        if let Some(detail) = broken(&decision) {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            let first = || Failed { detail: detail.to_owned(), times: 0 };
            let failed = failed.entry(action).or_insert_with(first);
            failed.times = failed.times.saturating_add(1);
        }
        decision.is_allowed()
    }
}

impl Drop for Sight<'_> {
    // Not at a call of its own: a list may end early, with an error or with its request.
    fn drop(&mut self) {
        let failed = self.failed.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (action, Failed { detail, times }) in std::mem::take(failed) {
            self.desk.tell_broken(action, &detail, times);
        }
    }
}
