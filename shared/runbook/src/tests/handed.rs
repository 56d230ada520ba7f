//! A step that starts another runbook waits for it as long as that one may take.

use super::shipped::{SHIPPED, Shipped, shipped};
use crate::Span;
use crate::spec::{Action, Alternative, Spec, Step, Within};

/// The longest that the approvers of a response plan may be asked for one step.
const ASKED: u64 = 24 * 60 * 60;

/// How long steps take at most, one after the other, with their approvals, in seconds.
fn longest(steps: &[Step], under: Option<(&Step, &Alternative)>) -> u64 {
    let one = |step: &Step| {
        let within = Within { path: String::new(), step, under };
        let asked = if within.needs_approval() { ASKED } else { 0 };
        let ways = step.alternatives().iter();
        let ways = ways.map(|option| longest(&option.steps, Some((step, option))));
        [step.timeout.map_or(0, Span::seconds), asked, ways.max().unwrap_or(0)].iter().sum::<u64>()
    };
    steps.iter().map(one).sum()
}

/// The steps that a person does, each with whether the run is over after it.
fn by_hand<'a>(steps: &'a [Step], over: bool, into: &mut Vec<(&'a Step, &'a str, bool)>) {
    for (at, step) in steps.iter().enumerate() {
        let last = over && steps.len().saturating_sub(1) == at;
        if let Action::Manual(manual) = &step.action {
            into.push((step, &manual.instructions, last));
        }
        for option in step.alternatives() {
            by_hand(&option.steps, last || option.ends, into);
        }
    }
}

/// How many runbooks are started by one, and which of them are not waited for.
fn started(spec: &Spec) -> (usize, Vec<String>) {
    let (mut steps, mut begun, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    by_hand(&spec.steps, true, &mut steps);
    for (step, words, last) in steps {
        let named = |name: &str| words.contains(&format!("`{name}`"));
        for other in SHIPPED.iter().filter(|other| named(&other.name)) {
            begun.push(&other.name);
            // Where the run is over, it may be handed over: nothing here relies on its end.
            if last && words.starts_with("Start ") && !words.contains("report here") {
                continue;
            }
            let takes = longest(&other.spec.steps, None);
            if step.timeout.map_or(0, Span::seconds) < takes {
                let takes = Span::from_seconds(takes);
                problems.push(format!("{}: `{takes}` for `{}`", step.id, other.name));
            }
        }
    }
    (begun.len(), problems)
}

#[test]
fn a_step_that_starts_a_runbook_waits_as_long_as_that_one_takes() {
    let of = |one: &Shipped| {
        let (count, problems) = started(&one.spec);
        assert_eq!(problems, Vec::<String>::new(), "{}", one.name);
        count
    };
    let count: usize = SHIPPED.iter().map(of).sum();
    assert!(count >= 15, "{count}");
}

#[test]
fn who_waits_for_less_is_found() {
    let mut spec = shipped("sev-3-containment").spec.clone();
    let Action::Choose(choose) = &mut spec.steps[1].action else { panic!("no choice") };
    for (option, minutes) in choose.options.iter_mut().zip([60, 223, 9]) {
        option.steps[0].timeout = Some(Span::from_minutes(minutes));
    }
    assert_eq!(
        started(&spec).1,
        [
            "instance-next: `1d35m` for `contain-instance`",
            "database-next: `3h44m` for `contain-database`"
        ]
    );
}
