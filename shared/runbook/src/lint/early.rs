//! A proof of the recovery that resolves its incident before it has looked at all (S4-25).

use super::{Code, Findings};
use crate::execution::looks;
use crate::spec::{Action, Spec, Verifies};
use watchfire_domain::Status;

/// Of what stands within alternatives only the first level is read: the engine judges the rest.
pub(super) fn check(spec: &Spec, findings: &mut Findings) {
    if spec.verifies != Some(Verifies::Recovery) {
        return;
    }
    let always = looks(spec).filter(|look| look.under.is_none() && look.step.when.is_none());
    let Some(last) = always.last() else { return };
    for within in spec.walk().into_iter().take_while(|within| within.path != last.path) {
        let resolves = matches!(&within.step.action,
            Action::Transition(transition) if transition.to >= Status::Resolved);
        let goes_on = within.under.is_none_or(|(choice, option)| {
            !option.ends && spec.steps.iter().any(|step| step.id == choice.id)
        });
        if resolves && goes_on {
            let problem = format!("`{}` stands before the look `{}`", within.step.id, last.step.id);
            findings.say(Code::ResolvedEarly, within.path, problem);
        }
    }
}
