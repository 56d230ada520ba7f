//! What changes something although nobody may know what a look before it would have shown.

use super::harm::{self, Harm};
use super::{Code, Findings};
use crate::Risk;
use crate::spec::{Action, OnFailure, Spec, Step};

pub(super) fn check(spec: &Spec, findings: &mut Findings) {
    // A proof does nothing more once one of its looks has failed.
    if spec.verifies.is_none() {
        walk(&spec.steps, "steps", None, findings);
    }
}

/// Goes through steps, and answers which look a run may have gone on without since a person had
/// their turn. Which step depends on which look is not written down: every one is taken to.
fn walk<'a>(
    steps: &'a [Step],
    path: &str,
    before: Option<&'a str>,
    findings: &mut Findings,
) -> Option<&'a str> {
    let mut unseen = before;
    for (at, step) in steps.iter().enumerate() {
        let path = format!("{path}[{at}]");
        if let Some(look) = unseen.filter(|_| changes(step)) {
            let problem = format!("`{}` comes although `{look}` may not have been read", step.id);
            findings.say(Code::UnseenChange, &path, problem);
        }
        // A person whose turn has a condition may not have had it.
        let judged = unseen.filter(|_| step.when.is_some());
        unseen = match &step.action {
            Action::Choose(choose) => {
                let left = |(number, option): (usize, &'a crate::spec::Alternative)| {
                    let path = format!("{path}.do.choose.options[{number}].steps");
                    walk(&option.steps, &path, None, findings).filter(|_| !option.ends)
                };
                let left: Vec<_> = choose.options.iter().enumerate().map(left).collect();
                left.into_iter().fold(judged, Option::or)
            }
            // What is ticked may have been ticked before the look.
            Action::Manual(manual) if !manual.tick => judged,
            Action::Manual(_)
            | Action::Http(_)
            | Action::Command(_)
            | Action::Ssm(_)
            | Action::Wait(_)
            | Action::Check(_)
            | Action::Transition(_)
            | Action::Notify(_)
            | Action::Export(_) => {
                unseen.or((step.on_failure == OnFailure::Continue).then_some(&step.id))
            }
        };
    }
    unseen
}

/// Whether it changes something by itself: what a person does or chooses is theirs to judge.
fn changes(step: &Step) -> bool {
    let by_person = matches!(step.action, Action::Manual(_) | Action::Choose(_));
    !by_person && (step.risk() > Risk::Low || harm::of_action(&step.action).harm > Harm::Looks)
}
