//! Which steps a run can get to, and where the incident then stands.

use super::{Code, Findings};
use crate::spec::{Action, Spec, Step, Transition};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_domain::Status;
use watchfire_domain::incident::Step as Move;

/// The alternatives of the choices that came before, by the id of the choice.
type Choices = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(spec: &Spec, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for within in spec.walk() {
        if !seen.insert(&within.step.id) {
            let problem = format!("`{}` is the id of another step", within.step.id);
            findings.say(Code::DuplicateId, format!("{}.id", within.path), problem);
        }
    }
    // Where a runbook is begun is not said; a closed incident takes no more changes.
    let begun: BTreeSet<Status> =
        Status::ALL.into_iter().filter(|status| *status != Status::Closed).collect();
    walk(&spec.steps, "steps", begun, &mut Choices::new(), findings);
}

/// Goes through steps, and answers where the incident may stand after them; nowhere, if no run gets
/// to their end.
fn walk(
    steps: &[Step],
    path: &str,
    begun: BTreeSet<Status>,
    choices: &mut Choices,
    findings: &mut Findings,
) -> BTreeSet<Status> {
    let mut stands = begun;
    let mut told = false;
    for (at, step) in steps.iter().enumerate() {
        let path = format!("{path}[{at}]");
        // After a closed incident its bundle may still be exported: that changes nothing.
        let over = stands.is_empty()
            || (stands.iter().all(|status| *status == Status::Closed)
                && !matches!(step.action, Action::Export(_)));
        if over && !told {
            let problem = format!("every run is over before `{}`", step.id);
            findings.say(Code::Unreachable, &path, problem);
            // The rest follows from it.
            told = true;
        }
        if let Some(when) = &step.when {
            let known = choices.get(&when.step).is_some_and(|names| names.contains(&when.chosen));
            if !known {
                let problem = format!("`{}` of `{}` is not chosen before", when.chosen, when.step);
                findings.say(Code::UnknownChoice, format!("{path}.when"), problem);
            }
        }
        let before = stands.clone();
        match &step.action {
            Action::Transition(transition) if !over => {
                stands = moved(transition, &stands, &path, findings);
            }
            Action::Choose(choose) => {
                let mut names = BTreeSet::new();
                let mut after = BTreeSet::new();
                for (number, option) in choose.options.iter().enumerate() {
                    let path = format!("{path}.do.choose.options[{number}]");
                    if !names.insert(option.name.clone()) {
                        let problem = format!("`{}` is the name of another one", option.name);
                        findings.say(Code::DuplicateId, format!("{path}.name"), problem);
                    }
                    let inner = format!("{path}.steps");
                    let left = walk(&option.steps, &inner, stands.clone(), choices, findings);
                    if !option.ends {
                        after.extend(left);
                    }
                }
                if choose.options.len() < 2 {
                    let problem = format!("`{}` offers {}", step.id, choose.options.len());
                    findings.say(Code::ChoiceOfOne, format!("{path}.do.choose.options"), problem);
                } else {
                    stands = after;
                }
                // One that ends is not chosen in a run that goes on.
                let on = choose.options.iter().filter(|option| !option.ends);
                choices.insert(step.id.clone(), on.map(|option| option.name.clone()).collect());
            }
            Action::Transition(_)
            | Action::Manual(_)
            | Action::Http(_)
            | Action::Command(_)
            | Action::Ssm(_)
            | Action::Wait(_)
            | Action::Check(_)
            | Action::Notify(_)
            | Action::Export(_) => {}
        }
        if step.when.is_some() {
            stands.extend(before);
        }
    }
    stands
}

fn moved(
    transition: &Transition,
    stands: &BTreeSet<Status>,
    path: &str,
    findings: &mut Findings,
) -> BTreeSet<Status> {
    let to = transition.to;
    let path = format!("{path}.do.transition");
    let moves: Vec<Move> = stands.iter().map(|from| from.step(to)).collect();
    if moves.iter().all(|one| *one == Move::Never) {
        let from: Vec<&str> = stands.iter().map(|status| status.name()).collect();
        let problem = format!("`{}` cannot follow {}", to.name(), from.join(", "));
        findings.say(Code::TransitionRefused, format!("{path}.to"), problem);
    }
    // Whether a status is skipped depends on where the run finds the incident: what may be needed
    // is asked for. The end of an incident is always explained (S3-66).
    let skips = moves.contains(&Move::Skip) || matches!(to, Status::Resolved | Status::Closed);
    if skips && transition.rationale.is_none() {
        let problem = format!("`{}` may skip a status, or ends the incident", to.name());
        findings.say(Code::RationaleMissing, format!("{path}.rationale"), problem);
    }
    BTreeSet::from([to])
}
