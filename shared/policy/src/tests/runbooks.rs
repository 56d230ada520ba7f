//! What typed callers get about runbooks: the document, and the answers.

use expect_test::expect;

use crate::input::Input;
use crate::{
    Action, Actor, Binding, Context, Policies, Resource, ResourceKind, Role, StepApproval,
    StepGuard,
};

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn responder() -> Actor {
    Actor::user("ann", Role::Responder, texts(&["acme"]))
}

fn binding(step: &str) -> Binding {
    Binding {
        tenant: "acme".to_owned(),
        incident: "i1".to_owned(),
        execution: "e1".to_owned(),
        step: step.to_owned(),
        attempt: 1,
        spec_hash: "s1".to_owned(),
        inputs_hash: "h1".to_owned(),
    }
}

fn guard() -> StepGuard {
    let (risk, binding) = ("high".to_owned(), Some(binding("reroute")));
    StepGuard { risk, evidence_required: true, binding }
}

fn approval(step: &str, agreed: &[&str]) -> StepApproval {
    let interested = texts(&["ann", "Dave@Example.com"]);
    StepApproval::new("granted", binding(step), 1, &texts(agreed), &interested, 200)
}

fn step(approval: Option<StepApproval>) -> Resource {
    Resource::new(ResourceKind::Execution, "acme").status("running").step(guard(), approval)
}

fn missing(actor: &Actor, action: Action, resource: &Resource, context: &Context) -> String {
    let decision = Policies::embedded().decide(actor, action, resource, context);
    let codes: Vec<&str> = decision.missing().iter().map(|one| one.code).collect();
    codes.join(" ")
}

#[test]
fn a_step_is_the_document_that_the_cases_are_made_of() {
    let (actor, context) = (responder(), Context::report("passed", Some("s3://e/1".to_owned())));
    let resource = step(Some(approval("reroute", &["Bob@example.com", "dave@example.com"])));
    let input = Input::new("dev", &actor, Action::StepComplete, &resource, &context);
    let value = serde_json::to_value(&input).unwrap();
    let shown = ["step", "approval"].map(|part| value["resource"][part].to_string());
    let shown = format!("{}\n{}\n{}\n", shown[0], shown[1], value["request"]);
    expect![[r#"
        {"attempt":1,"evidence_required":true,"execution":"e1","incident":"i1","inputs_hash":"h1","risk":"high","spec_hash":"s1","step":"reroute","tenant":"acme"}
        {"agreed":2,"attempt":1,"execution":"e1","expires_at":200,"granted_by":{"bob@example.com":"free","dave@example.com":"excluded"},"incident":"i1","inputs_hash":"h1","need":1,"spec_hash":"s1","state":"granted","step":"reroute","tenant":"acme"}
        {"confirmed":false,"evidence_ref":"s3://e/1","outcome":"passed"}
    "#]].assert_eq(&shown);
}

#[test]
fn high_risk_needs_its_own_approval_by_others() {
    let report = Context::report("passed", Some("s3://e/1".to_owned()));
    let asked = |approval| missing(&responder(), Action::StepComplete, &step(approval), &report);
    assert_eq!(asked(Some(approval("reroute", &["bob@example.com"]))), "");
    assert_eq!(asked(None), "granted bound separate");
    assert_eq!(asked(Some(approval("failover", &["bob@example.com"]))), "bound");
    assert_eq!(asked(Some(approval("reroute", &["dave@example.com"]))), "separate");
    assert_eq!(asked(Some(approval("reroute", &["bob", "Bob "]))), "separate");
    assert_eq!(asked(Some(approval("reroute", &[]))), "separate");
    // Without an incident there is nothing to be bound to.
    let unbound = StepGuard { binding: None, ..guard() };
    let resource = step(None).step(unbound, Some(approval("reroute", &["bob"])));
    assert_eq!(missing(&responder(), Action::StepComplete, &resource, &report), "bound");
}

#[test]
fn the_machine_begins_in_time_and_says_when() {
    let machine = Actor::service("step", "acme");
    let begin = |context| {
        missing(&machine, Action::StepBegin, &step(Some(approval("reroute", &["bob"]))), &context)
    };
    assert_eq!(begin(Context::at(100)), "");
    assert_eq!(begin(Context::at(200)), "unexpired");
    assert_eq!(begin(Context::none()), "unexpired");
}

#[test]
fn two_people_stand_behind_what_is_published() {
    let draft = |findings, caller: &str| {
        Resource::new(ResourceKind::Runbook, "acme").status("draft").risk("high").drafted(
            findings,
            caller,
            &texts(&["Ann", "eve"]),
        )
    };
    let commander = |id: &str| Actor::user(id, Role::Commander, texts(&["acme"]));
    let publish = |id: &str, findings| {
        missing(&commander(id), Action::RunbookPublish, &draft(findings, id), &Context::none())
    };
    assert_eq!(publish("bob", 0), "");
    assert_eq!(publish("bob", 2), "clean");
    assert_eq!(publish(" ann", 0), "independent");
}
