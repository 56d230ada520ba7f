//! What an execution proves: that all it looks at is as it should be (S4-25).

use super::{Execution, Outcome, Standing, State};
use crate::spec::{Action, Method, Spec, Within};
use watchfire_domain::{Status, Timestamp};

/// The steps that a proof rests on, in their order: those that look, and those that change
/// something, since what cannot be told from a test counts as one. But once the run itself has said
/// that it is verified, by a transition that stands in every way through it, what changes something
/// is a message.
pub(crate) fn looks(spec: &Spec) -> impl Iterator<Item = Within<'_>> {
    let mut said = false;
    spec.walk().into_iter().filter(move |within| match &within.step.action {
        Action::Command(_) | Action::Ssm(_) | Action::Check(_) => true,
        Action::Http(http) => !said || matches!(http.method, Method::Get | Method::Head),
        Action::Manual(manual) => !said || !manual.changes,
        Action::Transition(transition) => {
            let always = within.under.is_none() && within.step.when.is_none();
            said |= always && transition.to >= Status::Monitoring;
            false
        }
        Action::Wait(_) | Action::Choose(_) | Action::Notify(_) | Action::Export(_) => false,
    })
}

impl Execution {
    /// The ids of the looks of its `spec` that neither passed nor are skipped, in their order.
    pub fn unproven<'a>(&self, spec: &'a Spec) -> Vec<&'a str> {
        let open = |id: &str| self.steps.get(id).is_none_or(|step| !step.state.is_past());
        looks(spec).map(|within| within.step.id.as_str()).filter(|id| open(id)).collect()
    }

    /// Since when it holds what it is to prove: when the first of its looks was begun, of the
    /// attempts that passed. None while one is open or failed, if it has looked at nothing, and if
    /// somebody gave it up or said that it failed. That it has yet to tell of it, or could not,
    /// takes nothing from it.
    pub fn proven_since(&self, spec: &Spec) -> Option<Timestamp> {
        if self.is_disowned() || !self.unproven(spec).is_empty() {
            return None;
        }
        let found = looks(spec).filter_map(|within| self.steps.get(&within.step.id));
        let passed = found.filter(|step| step.state == Standing::Done);
        passed.filter_map(|step| step.started_at).min()
    }

    /// Whether a person put an end to it, and not a step that failed.
    fn is_disowned(&self) -> bool {
        let at = self.current_step.as_ref().and_then(|id| self.steps.get(id));
        match self.state {
            State::Pending | State::Running | State::Blocked | State::Completed => false,
            State::Failed => at.is_none_or(|step| {
                step.state != Standing::Failed || step.outcome == Some(Outcome::Stopped)
            }),
            State::Aborted => true,
        }
    }
}
