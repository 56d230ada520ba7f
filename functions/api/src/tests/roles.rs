//! Who may do what, as the API shows it.

use super::api::{Api, Who, alice, who};
use super::fixture::{Fixture, bodies, path, prepare, send, version};
use crate::{ROUTES, Route};
use expect_test::expect;
use serde_json::json;
use std::fmt::Write as _;

fn callers() -> Vec<(&'static str, Who)> {
    let acme = |role| who("somebody@example.com", role, "acme");
    vec![
        ("auditor", acme("auditor")),
        ("viewer", acme("viewer")),
        ("responder", acme("responder")),
        ("on call", Who { on_call: true, ..acme("responder") }),
        ("commander", acme("commander")),
        ("admin", acme("admin")),
        ("guest", who("guest@example.com", "admin", "globex")),
        ("stranger", who("stranger@example.com", "admin", "initech")),
        ("service", acme("service")),
    ]
}

/// What the route works on. The incident is shared with the guest's tenant.
async fn shared(route: &Route) -> (Api, Fixture) {
    let api = Api::new();
    let fixture = api.fixture().await;
    let share = format!("/v1/incidents/{}/share", fixture.incident);
    api.post(&alice(), &share, &json!({ "tenant": "globex" })).await.good();
    prepare(&api, route, &fixture).await;
    (api, fixture)
}

#[tokio::test]
async fn the_matrix_of_roles() {
    let mut table = format!("{:22}", "");
    for (name, _) in callers() {
        write!(table, "{name:10}").unwrap();
    }
    table = format!("{}\n", table.trim_end());
    for route in ROUTES {
        write!(table, "{:22}", route.operation).unwrap();
        let mut fresh = None;
        for (_, caller) in callers() {
            let (api, fixture) = match fresh.take() {
                Some(fresh) => fresh,
                None => shared(route).await,
            };
            let dump = api.dump();
            let body = bodies(route).map(|(body, _)| body);
            let path = path(route, &fixture);
            let mut event = api.event(&caller, route.method.name(), &path, body.as_ref());
            if route.condition == crate::Condition::Required {
                // That the incident is shared is a change of it.
                let shared = route.operation == "edit_incident";
                event["headers"]["if-match"] = json!(if shared { "2" } else { version(route) });
            }
            let answer = api.send(event).await;
            write!(table, "{:10}", answer.status).unwrap();
            if answer.status >= 400 {
                assert!(matches!(answer.status, 403 | 404), "{}: {answer}", route.operation);
                assert_eq!(api.dump(), dump, "{}", route.operation);
            }
            // Nothing has changed: the next one finds what this one found.
            if answer.status >= 400 || !route.writes() {
                fresh = Some((api, fixture));
            }
        }
        table = format!("{}\n", table.trim_end());
    }
    expect![[r#"
                              auditor   viewer    responder on call   commander admin     guest     stranger  service
        create_incident              403       403       201       201       201       201       201       201       403
        list_incidents               200       200       200       200       200       200       200       200       403
        get_incident                 200       200       200       200       200       200       200       404       403
        edit_incident                403       403       200       200       200       200       403       404       403
        change_status                403       403       200       200       200       200       403       404       403
        change_severity              403       403       403       200       200       200       403       404       403
        assign_owner                 403       403       200       200       200       200       403       404       403
        state_root_cause             403       403       200       200       200       200       403       404       403
        assign_role                  403       403       403       200       200       200       403       404       403
        add_note                     403       403       200       200       200       200       200       404       403
        escalate                     403       403       200       200       200       200       403       404       403
        share_incident               403       403       403       403       200       200       403       404       403
        link_runbook                 403       403       200       200       200       200       403       404       403
        list_executions              200       200       200       200       200       200       200       404       403
        get_export                   200       403       403       403       200       200       403       404       403
        export_incident              200       403       403       403       200       200       403       404       403
        list_environments            200       200       200       200       200       200       200       404       403
        create_environment           403       403       201       201       201       201       403       404       403
        get_environment              200       200       200       200       200       200       200       404       403
        connect                      403       403       200       200       200       200       403       404       403
        connect_target               404       404       404       404       404       404       404       404       403
        launch_environment           403       403       200       200       200       200       403       404       403
        stop_environment             403       403       200       200       200       200       403       404       403
        close_environment            403       403       403       200       200       200       403       404       403
        extend_environment           403       403       403       200       200       200       403       404       403
        waive_evidence               403       403       403       403       403       200       403       404       403
        list_approvals               200       200       200       200       200       200       200       200       403
        get_approval                 200       200       200       200       200       200       200       404       403
        get_approval_evidence        200       200       200       200       200       200       200       404       403
        decide_approval              403       403       403       403       403       403       404       404       403
        revoke_approval              403       403       403       403       200       200       403       404       403
        override_approval            403       403       403       200       200       200       403       404       403
        review_override              403       403       403       403       200       200       403       404       403
        read_timeline                200       200       200       200       200       200       200       404       403
        list_plans                   200       200       200       200       200       200       200       200       403
        get_plan                     200       200       200       200       200       200       404       404       403
        put_plan                     403       403       403       403       403       201       201       201       403
        list_profiles                200       200       200       200       200       200       200       200       403
        get_profile                  200       200       200       200       200       200       404       404       403
        put_profile                  403       403       403       403       403       201       201       201       403
        list_integrations            200       200       200       200       200       200       200       200       403
        create_integration           403       403       403       403       403       201       201       201       403
        get_integration              200       200       200       200       200       200       404       404       403
        delete_integration           403       403       403       403       403       200       404       404       403
        rotate_integration           403       403       403       403       403       200       404       404       403
        list_runbooks                200       200       200       200       200       200       200       200       403
        list_unlinked_alarms         200       200       200       200       200       200       200       200       403
        create_runbook               403       403       201       201       201       201       201       201       403
        get_runbook                  200       200       200       200       200       200       404       404       403
        draft_runbook                403       403       200       200       200       200       404       404       403
        delete_draft                 403       403       200       200       200       200       404       404       403
        publish_runbook              403       403       403       403       200       200       404       404       403
        review_runbook               403       403       403       403       200       200       404       404       403
        execute_runbook              403       403       201       201       201       201       404       404       403
        get_execution                200       200       200       200       200       200       404       404       403
        complete_step                403       403       200       200       200       200       404       404       403
        choose_option                403       403       200       200       200       200       404       404       403
        skip_step                    403       403       200       200       200       200       404       404       403
        retry_step                   403       403       200       200       200       200       404       404       403
        abort_execution              403       403       200       200       200       200       404       404       403
        fail_execution               403       403       200       200       200       200       404       404       403
        simulate                     200       200       200       200       200       200       200       200       403
    "#]].assert_eq(&table);
}

#[tokio::test]
async fn a_refusal_says_what_was_missing_and_is_counted() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    api.world.metrics.take();
    let path = format!("/v1/incidents/{incident}/severity");
    let viewer = who("v@example.com", "viewer", "acme");
    let refused = api.post(&viewer, &path, &json!({"severity": "low", "rationale": " "})).await;
    expect![[r#"
        403
        {
          "error": {
            "code": "WF-0005",
            "help": "https://github.com/watchfire-desk/watchfire/blob/main/docs/errors/WF-0005.md",
            "message": "the policy does not allow it",
            "missing": [
              {
                "code": "role",
                "text": "the caller's role must permit the action"
              },
              {
                "code": "rationale",
                "text": "the change must say why, in a rationale"
              }
            ],
            "name": "Policy.Denied",
            "request_id": "req-1",
            "retryable": false
          }
        }"#]]
    .assert_eq(&refused.to_string());
    assert!(api.world.metrics.take().concat().contains(r#""policy_denials_total":1.0"#));
}

#[tokio::test]
async fn nobody_is_sent_without_need() {
    // A route that needs no body takes none.
    for route in ROUTES.iter().filter(|route| route.takes.is_some_and(|takes| takes.optional)) {
        let api = Api::new();
        let fixture = api.fixture().await;
        prepare(&api, route, &fixture).await;
        send(&api, &alice(), route, &path(route, &fixture), None, None).await.good();
    }
}
