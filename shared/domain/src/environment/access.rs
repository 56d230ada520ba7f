//! How an environment is reached through the access broker (S0-15..20, S0-25, S0-44). A broker that
//! fails degrades access and blocks nothing: the record says what is wrong until it is mended.

use super::{Environment, State};
use crate::{Actor, Change, Draft, EventType};

/// The target that leads to the task, if the broker has targets; or why there is none.
pub type Access = Result<Option<String>, String>;

impl Environment {
    pub(super) fn reach(&mut self, access: &Access) {
        match access {
            Ok(target) => {
                self.target.clone_from(target);
                self.broker_problem = None;
            }
            Err(problem) => self.broker_problem = Some(problem.clone()),
        }
    }

    /// The broker, which had failed, leads to its task after all. None if that is known already, or
    /// no longer matters.
    pub fn reached(&self, target: Option<String>, actor: &Actor) -> Option<Change<Self>> {
        if self.state != State::Running || self.broker_problem.is_none() {
            return None;
        }
        let mut after = self.clone();
        after.reach(&Ok(target));
        Some(self.changed(after, Draft::new(EventType::AccessRestored, actor)))
    }

    /// What remained at the broker when it was closed is gone (S0-44). None if nothing remained.
    pub fn target_gone(&self, actor: &Actor) -> Option<Change<Self>> {
        if self.state != State::Closed || self.broker_problem.is_none() {
            return None;
        }
        let mut after = self.clone();
        after.broker_problem = None;
        Some(self.changed(after, Draft::new(EventType::AccessRemoved, actor)))
    }
}
