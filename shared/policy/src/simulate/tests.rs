//! A suggestion that does not open the door is none.

use super::{Simulation, set};
use crate::bundle::Package;
use crate::tests::suite::{Case, cases};
use crate::tests::tell::tell;
use crate::{Action, Actor, Context, Policies, Resource, ResourceKind, Role};
use serde_json::{Value, json};

fn changed(input: &Value, simulation: &Simulation) -> Value {
    let mut changed = input.clone();
    for change in &simulation.changes {
        // The names of approvers may have dots and slashes of their own: they come last.
        let escaped = change.attribute.replace('~', "~0").replace('/', "~1");
        let place = escaped.splitn(3, '.').collect::<Vec<_>>().join("/");
        set(&mut changed, &format!("/{place}"), &change.to);
    }
    changed
}

/// Those whose action the policies know: another action is another question.
fn denied(policies: &Policies) -> Vec<Case> {
    let known = |case: &Case| {
        let action = case.input.get("action").and_then(Value::as_str);
        let asked = action.and_then(Action::named).map(Package::of);
        asked == Some(case.package)
    };
    cases().into_iter().filter(|case| !case.decide(policies).is_allowed() && known(case)).collect()
}

#[test]
fn whatever_is_denied_is_allowed_once_the_suggested_changes_are_made() {
    let policies = Policies::embedded();
    let (mut checked, mut failed, mut idle) = (0, Vec::new(), Vec::new());
    for case in denied(&policies) {
        let simulation = policies.simulated(case.package, &case.input);
        checked += 1;
        assert!(!simulation.allowed && !simulation.missing.is_empty(), "{}", case.name);
        let after = changed(&case.input, &simulation);
        if !policies.evaluate(case.package, &after.to_string()).is_allowed() {
            failed.push(format!("{}: {:?}", case.name, simulation.changes));
        }
        // None of them is idle.
        for leave_out in 0..simulation.changes.len() {
            let mut fewer = simulation.clone();
            fewer.changes.remove(leave_out);
            let after = changed(&case.input, &fewer);
            if policies.evaluate(case.package, &after.to_string()).is_allowed() {
                idle.push(case.name.clone());
            }
        }
    }
    tell("suggestions", &json!({ "checked": checked, "failed": failed.len() }));
    assert!(failed.is_empty(), "{} of {checked}:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(idle, Vec::<String>::new());
    assert!(checked > 200, "{checked}");
}

#[test]
fn an_answer_says_what_is_and_what_would_do() {
    let policies = Policies::embedded();
    let actor = Actor::user("kim", Role::Viewer, vec!["acme".to_owned()]);
    let resource = Resource::new(ResourceKind::Incident, "acme").status("new").severity("high");
    let context = Context::to("low", None);
    let answer = policies.simulate(&actor, Action::IncidentSeverity, &resource, &context);
    let answer = serde_json::to_value(&answer).unwrap();
    assert_eq!(
        answer["changes"],
        json!([
            { "attribute": "actor.role", "from": "viewer", "to": "commander" },
            { "attribute": "request.rationale", "from": null, "to": "why it is done" },
        ])
    );
    let missing = &answer["missing"];
    assert_eq!(missing[0]["code"], "role");
    assert_eq!(missing[0]["actual"]["actor.role"], "viewer");
    assert_eq!(missing[0]["required"], json!({ "actor.role": ["commander", "admin"] }));
    assert_eq!(missing[1]["code"], "rationale");
    assert_eq!(answer["policy_hash"], policies.hash());
}

#[test]
fn what_is_allowed_needs_no_change() {
    let policies = Policies::embedded();
    for case in cases() {
        if case.decide(&policies).is_allowed() {
            let simulation = policies.simulated(case.package, &case.input);
            assert!(simulation.allowed, "{}", case.name);
            assert_eq!((simulation.missing.len(), simulation.changes.len()), (0, 0));
        }
    }
}
