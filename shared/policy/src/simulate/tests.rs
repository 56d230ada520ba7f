//! A suggestion that does not open the door is none.

mod fewest;
mod looks;

use super::{Simulation, set};
use crate::bundle::Package;
use crate::tests::suite::{Case, cases};
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
fn what_is_suggested_is_told_by_names_that_lead_back() {
    let policies = Policies::embedded();
    for case in denied(&policies).into_iter().step_by(9) {
        let simulation = policies.simulated(case.package, case.input.clone());
        assert!(!simulation.allowed && !simulation.missing.is_empty(), "{}", case.name);
        assert_eq!(simulation.input, case.input);
        let after = changed(&case.input, &simulation);
        let after = policies.evaluate(case.package, &after.to_string());
        assert!(after.is_allowed(), "{}: {:?}", case.name, simulation.changes);
    }
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
    for case in cases().into_iter().step_by(3) {
        if case.decide(&policies).is_allowed() {
            let simulation = policies.simulated(case.package, case.input.clone());
            assert!(simulation.allowed, "{}", case.name);
            assert_eq!((simulation.missing.len(), simulation.changes.len()), (0, 0));
        }
    }
}

/// Whoever may, may for reasons: what is met has the same shape as what is not.
#[test]
fn what_is_met_says_what_it_rests_on() {
    let policies = Policies::embedded();
    let actor = Actor::user("kim", Role::Commander, vec!["acme".to_owned()]);
    let resource = Resource::new(ResourceKind::Incident, "acme").status("new").severity("high");
    let context = Context::to("low", Some("few users are left".to_owned()));
    let answer = policies.simulate(&actor, Action::IncidentSeverity, &resource, &context);
    let answer = serde_json::to_value(&answer).unwrap();
    assert_eq!(answer["allowed"], true);
    let met = |code: &str| {
        let all = answer["satisfied"].as_array().unwrap();
        all.iter().find(|one| one["code"] == code).unwrap().clone()
    };
    let role = met("role");
    assert_eq!(role["actual"], json!({ "actor.role": "commander", "actor.on_call": false }));
    // Whether on call makes no difference to a commander.
    assert_eq!(role["required"], json!({ "actor.role": ["commander", "admin"] }));
    let rationale = met("rationale");
    assert_eq!(rationale["actual"], json!({ "request.rationale": "few users are left" }));
    assert_eq!(
        rationale["required"],
        json!({ "request.rationale": ["few users are left", "why it is done"] })
    );
    assert_eq!(answer["input"]["actor"]["id"], "kim");
    assert_eq!(answer["input"]["resource"]["severity"], "high");
    assert_eq!(answer["input"]["request"]["to"], "low");
}

/// One by one, what is missing of the approval is sixteen attributes; the risk is one.
#[test]
fn the_fewest_are_not_what_is_best_next() {
    let policies = Policies::embedded();
    let input = json!({
        "action": "step.begin",
        "actor": {
            "id": "service:step", "kind": "service", "role": "service", "tenants": ["acme"],
            "clearance": 100, "on_call": false, "stage": "*",
        },
        "resource": {
            "stage": "dev", "kind": "execution", "home": "acme", "tenants": ["acme"],
            "required_clearance": 0, "step": { "risk": "high" },
        },
        "request": { "now": 100 },
    });
    let answer = policies.simulated(crate::bundle::Package::RunbookExecute, input);
    let codes: Vec<_> = answer.missing.iter().map(|one| one.obligation.code).collect();
    assert_eq!(codes, ["unexpired", "granted", "bound", "separate"]);
    let changes = serde_json::to_value(&answer.changes).unwrap();
    let risk = json!([{ "attribute": "resource.step.risk", "from": "high", "to": "low" }]);
    assert_eq!(changes, risk);
}
