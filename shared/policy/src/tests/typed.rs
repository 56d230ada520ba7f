//! What typed callers get: the document their types become, and the answers.

use expect_test::expect;

use super::texts::{text, with};
use crate::bundle::Package;
use crate::input::Input;
use crate::{Action, Actor, Answer, Context, Policies, Resource, ResourceKind, Role};

fn responder() -> Actor {
    Actor { clearance: 3, ..Actor::user("ann", Role::Responder, vec!["acme".to_owned()]) }
}

fn incident() -> Resource {
    Resource::new(ResourceKind::Incident, "acme").status("new").severity("high")
}

#[test]
fn a_typed_question_is_the_document_that_the_cases_are_made_of() {
    let resource = Resource {
        requested_by: Some("bob".to_owned()),
        expires_at: Some(200),
        ..incident()
            .seen_as(ResourceKind::Approval)
            .shared_with(["orbit".to_owned(), "acme".to_owned()])
            .risk("high")
            .approvers(&["ann".to_owned(), "Bob".to_owned()], &[" bob ".to_owned()])
    };
    let context = Context::answer(Answer::Grant, true, 100);
    let actor = responder();
    let input = Input::new("dev", &actor, Action::ApprovalDecide, &resource, &context);
    expect![[r#"
        {
          "action": "approval.decide",
          "actor": {
            "id": "ann",
            "kind": "user",
            "role": "responder",
            "tenants": [
              "acme"
            ],
            "clearance": 3,
            "on_call": false,
            "stage": "*"
          },
          "resource": {
            "stage": "dev",
            "kind": "approval",
            "home": "acme",
            "tenants": [
              "acme",
              "orbit"
            ],
            "required_clearance": 0,
            "status": "new",
            "severity": "high",
            "was_mitigated": false,
            "risk": "high",
            "approvers": {
              "Bob": "excluded",
              "ann": "free"
            },
            "requested_by": "bob",
            "expires_at": 200
          },
          "request": {
            "answer": "grant",
            "confirmed": true,
            "now": 100
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&input).unwrap());
}

#[test]
fn a_denial_says_what_is_missing_in_words() {
    let asked = Context::to("resolved", None);
    let decision =
        Policies::embedded().decide(&responder(), Action::IncidentTransition, &incident(), &asked);
    expect![[r#"
        [
            Obligation {
                code: "rationale",
                text: "the change must say why, in a rationale",
            },
        ]
    "#]]
    .assert_debug_eq(&decision.missing());
    assert!(!decision.is_allowed() && !decision.is_foreign() && !decision.is_engine_error());
}

#[test]
fn another_tenants_record_looks_absent() {
    let stranger = Actor::user("eve", Role::Admin, vec!["zenith".to_owned()]);
    let decision =
        Policies::embedded().decide(&stranger, Action::IncidentView, &incident(), &Context::none());
    assert!(decision.is_foreign());
}

#[test]
fn a_timeline_has_its_own_package() {
    let timeline = incident().seen_as(ResourceKind::Timeline);
    let decision = |resource| {
        let policies = Policies::embedded();
        policies.decide(&responder(), Action::TimelineView, resource, &Context::none())
    };
    assert!(decision(&timeline).is_allowed());
    assert!(!decision(&incident()).is_allowed());
}

#[test]
fn a_credential_for_one_deployment_stays_there() {
    let dev_only = Actor { stage: Some("dev".to_owned()), ..responder() };
    let policies = Policies::embedded();
    let view = |policies: &Policies| {
        policies.decide(&dev_only, Action::IncidentView, &incident(), &Context::none())
    };
    assert!(view(&policies).is_allowed());
    // A clone shares what was decided; the deployment is part of the question all the same.
    assert!(!view(&policies.clone().in_stage("prod")).is_allowed());
    assert!(view(&policies).is_allowed());
}

#[test]
fn no_claim_makes_a_caller_one_of_ours() {
    let words = ["viewer", "responder", "commander", "admin", "auditor", "service", "Admin", ""];
    let claimed = words.map(Role::claimed);
    expect![[r#"
        [Some(Viewer), Some(Responder), Some(Commander), Some(Admin), Some(Auditor), None, None, None]
    "#]]
    .assert_eq(&format!("{claimed:?}\n"));
    // What a role is called in a claim, it is called everywhere.
    for role in claimed.into_iter().flatten().chain([Role::Service]) {
        assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        assert_eq!(Role::claimed(role.name()), Some(role).filter(|role| *role != Role::Service));
    }
}

#[test]
fn our_own_functions_do_their_phases_and_nothing_else() {
    let policies = Policies::embedded();
    let sweep = Actor::service("sweep", "acme");
    let guarded = Resource { required_clearance: 5, ..incident() };
    let decide =
        |action| policies.decide(&sweep, action, &guarded, &Context::because(None)).is_allowed();
    assert!(decide(Action::PhaseSweep));
    assert!(decide(Action::AlarmOpen));
    assert!(!decide(Action::IncidentView));
}

#[test]
fn the_memory_answers_as_the_rules_do() {
    let policies = Policies::embedded();
    let ask = |policies: &Policies, to: String| {
        policies.decide(
            &responder(),
            Action::IncidentTransition,
            &incident(),
            &Context::to(to, None),
        )
    };
    // More than it holds, and each twice.
    for number in 0..300 {
        let first = ask(&policies, format!("status-{number}"));
        assert_eq!(first, ask(&policies, format!("status-{number}")));
        assert!(!first.is_allowed());
    }
    assert!(ask(&policies, "acknowledged".to_owned()).is_allowed());
    assert!(ask(&policies, "acknowledged".to_owned()).is_allowed());
}

#[test]
fn a_broken_rule_set_denies_and_says_so() {
    let empty = "package incident.authz\nverdict := {\"allow\": true, \"missing\": set(), \"satisfied\": set()}";
    let texts = [
        "package incident.authz\n{",
        "package incident.authz\nverdict := true",
        "package incident.authz\nverdict := 1 / input.request.confirmed",
        "package incident.authz\nverdict := {\"allow\": false, \"missing\": {\"luck\"}, \"satisfied\": set()}",
        empty,
    ];
    let details = texts.map(|text| {
        let policies = with(Package::IncidentAuthz, text);
        let decision =
            policies.decide(&responder(), Action::IncidentView, &incident(), &Context::none());
        assert!(!decision.is_allowed() && decision.is_engine_error(), "{text}: {decision:?}");
        assert_eq!(decision.missing().first().map(|obligation| obligation.code), Some("engine"));
        let crate::Decision::Deny { detail, .. } = decision else { unreachable!() };
        detail.unwrap()
    });
    expect![[r#"
        [
            "the package `incident.authz` cannot be read: Data too short for header",
            "the verdict's `missing` is not usable",
            "the verdict's `missing` is not usable",
            "the verdict names the unknown obligation \"luck\"",
            "the verdict's `allow` is not usable",
        ]
    "#]]
    .assert_debug_eq(&details);
}

#[test]
fn the_hash_is_of_the_texts() {
    let policies = Policies::embedded();
    for package in Package::ALL {
        assert_eq!(policies.hash(), with(package, text(package)).hash());
        assert_ne!(policies.hash(), with(package, &format!("{} ", text(package))).hash());
    }
    assert!(policies.hash().len() == 64 && policies.hash().bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn one_set_of_policies_serves_every_task() {
    fn shareable<T: Clone + Send + Sync + 'static>(_: &T) {}
    shareable(&Policies::embedded());
}
