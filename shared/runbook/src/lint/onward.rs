//! Which steps a run may go on without (`on_failure: continue`).

use super::harm::{self, Harm};
use super::{Code, Findings};
use crate::Risk;
use crate::spec::places::actions;
use crate::spec::{Action, OnFailure, Spec, Within};

pub(super) fn check(spec: &Spec, within: &Within<'_>, findings: &mut Findings) {
    if within.step.on_failure == OnFailure::Stop {
        return;
    }
    if let Some(why) = must_stop(spec, within) {
        let problem = format!("`{}` {why}", within.step.id);
        findings.say(Code::ContinueRefused, format!("{}.on_failure", within.path), problem);
    }
}

/// Why a failure of this step ends the run whatever the step says, as the end of a sentence; none
/// if the run may go on without it. The engine asks as the lint does: a spec that nobody has
/// linted gets no further.
pub fn must_stop(spec: &Spec, within: &Within<'_>) -> Option<String> {
    let step = within.step;
    // A check waits for something to hold, and what follows relies on that; but for a proof, which
    // says of each of its checks whether it held, and has failed if one did not.
    let looks = matches!(step.action, Action::Http(_) | Action::Command(_) | Action::Ssm(_));
    let proves = spec.verifies.is_some() && matches!(step.action, Action::Check(_));
    if !looks && !proves {
        return Some("is no `http`, `command` or `ssm`, nor a `check` of a proof".to_owned());
    }
    if within.needs_approval() {
        return Some("waits for an approval".to_owned());
    }
    if step.risk() > Risk::Low {
        return Some(format!("is `{}`, and not `low`", step.risk()));
    }
    let judged = actions(step, "").into_iter().map(|(_, action)| harm::of_action(action));
    judged.into_iter().find(|found| found.harm > Harm::Looks).map(|found| found.why)
}
