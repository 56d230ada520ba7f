//! What every runbook and every step says: risk, guard, rollback, evidence, timeout.

use super::harm::{self, Harm};
use super::{Code, Findings};
use crate::Risk;
use crate::spec::places::actions;
use crate::spec::{Action, Spec, Step};

pub(super) fn check(spec: &Spec, findings: &mut Findings) {
    match spec.risk {
        None => findings.say(Code::RiskMissing, "risk", "the runbook has no risk"),
        Some(own) if own < spec.risk() => {
            let problem = format!("is `{own}`, and a step is `{}`", spec.risk());
            findings.say(Code::RiskBelowSteps, "risk", problem);
        }
        Some(_) => {}
    }
    if spec.review_days.is_none() {
        findings.say(Code::ReviewMissing, "review_days", "the runbook is never read again");
    }
    let linked = !spec.for_.is_empty() || !spec.tags.is_empty() || !spec.symptoms.is_empty();
    if !linked {
        findings.say(Code::Unlinked, "for", "nothing says when the runbook is for");
    }
    let steps = spec.walk();
    let proves = |step: &Step| {
        matches!(step.action, Action::Check(_) | Action::Http(_) | Action::Command(_))
    };
    if spec.verifies.is_some() && !steps.iter().any(|within| proves(within.step)) {
        findings.say(Code::VerifiesNothing, "verifies", "no step checks anything");
    }
    for within in steps {
        step_says(within.step, &within.path, findings);
    }
}

fn step_says(step: &Step, path: &str, findings: &mut Findings) {
    let id = &step.id;
    let Some(risk) = step.risk else {
        findings.say(Code::RiskMissing, format!("{path}.risk"), format!("`{id}` has no risk"));
        return;
    };
    let mut harm = Harm::Looks;
    for (place, action) in actions(step, path) {
        let found = harm::of_action(action);
        // What takes a step back may do harm itself: who reads the step's risk is told of both.
        harm = harm.max(found.harm);
        match found.harm {
            Harm::Destroys if risk < Risk::High => {
                let problem = format!("`{id}` is `{risk}`, and {}", found.why);
                findings.say(Code::DestructiveBelowHigh, place, problem);
            }
            Harm::Changes if risk < Risk::Medium => {
                let problem = format!("`{id}` is `{risk}`, and {}", found.why);
                findings.say(Code::ChangeBelowMedium, place, problem);
            }
            Harm::Destroys | Harm::Changes | Harm::Looks => {}
        }
    }
    if risk < step.weight() {
        let problem = format!("`{id}` is `{risk}`, and may lead to what is `{}`", step.weight());
        findings.say(Code::RiskBelowSteps, format!("{path}.risk"), problem);
    }
    for (at, option) in step.alternatives().iter().enumerate() {
        let (path, name) = (format!("{path}.do.choose.options[{at}].risk"), &option.name);
        match option.risk {
            None => findings.say(Code::RiskMissing, path, format!("`{name}` has no risk")),
            Some(own) if own < option.weight() => {
                let problem = format!("`{name}` is `{own}`, and a step is `{}`", option.weight());
                findings.say(Code::RiskBelowSteps, path, problem);
            }
            Some(_) => {}
        }
    }
    if step.timeout.is_none() {
        let problem = format!("`{id}` may take for ever");
        findings.say(Code::TimeoutMissing, format!("{path}.timeout"), problem);
    }
    // A choice does nothing itself: its alternatives' steps answer for themselves.
    if matches!(step.action, Action::Choose(_)) {
        return;
    }
    let changes = harm > Harm::Looks || risk == Risk::High;
    if risk == Risk::High && step.guard.is_none() {
        let problem = format!("`{id}` is `high`, and has no guard");
        findings.say(Code::Unguarded, format!("{path}.guard"), problem);
    }
    if risk < Risk::High && step.guard.is_some() {
        let problem = format!("`{id}` is `{risk}`: nobody is asked");
        findings.say(Code::GuardIdle, format!("{path}.guard"), problem);
    }
    if changes && step.rollback.is_none() && step.irreversible.is_none() {
        let problem = format!("`{id}` changes something, and is not taken back");
        findings.say(Code::RollbackMissing, format!("{path}.rollback"), problem);
    }
    if changes && step.evidence.is_none() {
        let problem = format!("`{id}` changes something, and proves nothing");
        findings.say(Code::EvidenceMissing, format!("{path}.evidence"), problem);
    }
    if harm == Harm::Destroys && step.downtime.is_none() {
        let problem = format!("`{id}` does not say what users notice");
        findings.say(Code::DowntimeMissing, format!("{path}.downtime"), problem);
    }
}
