//! Methods and paths.

use super::api::{Api, alice, event};
use crate::ROUTES;
use expect_test::expect;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[tokio::test]
async fn every_path_says_what_it_allows() {
    let api = Api::new();
    let paths: BTreeSet<_> = ROUTES.iter().map(|route| route.path).collect();
    let mut table = String::new();
    for path in paths {
        let options = api.send(event("OPTIONS", &format!("/v1{path}"))).await;
        assert_eq!(options.status, 204);
        let refused = api.send(event("TRACE", &format!("/iam/v1{path}"))).await;
        assert_eq!(refused.short(), "405 WF-0010 Request.MethodNotAllowed");
        let allow = refused.headers["allow"].as_str().unwrap();
        assert_eq!(options.headers["allow"], allow);
        let mut real: BTreeSet<_> = ROUTES
            .iter()
            .filter(|route| route.path == path)
            .map(|route| route.method.name())
            .collect();
        if real.contains("GET") {
            real.insert("HEAD");
        }
        real.insert("OPTIONS");
        assert_eq!(allow, real.into_iter().collect::<Vec<_>>().join(", "), "{path}");
        writeln!(table, "{path} {allow}").unwrap();
    }
    expect![[r#"
        /alarms/unlinked GET, HEAD, OPTIONS
        /approvals GET, HEAD, OPTIONS
        /approvals/{id} GET, HEAD, OPTIONS
        /approvals/{id}/decide OPTIONS, POST
        /approvals/{id}/evidence GET, HEAD, OPTIONS
        /approvals/{id}/override OPTIONS, POST
        /approvals/{id}/review OPTIONS, POST
        /approvals/{id}/revoke OPTIONS, POST
        /environments/{id} GET, HEAD, OPTIONS
        /environments/{id}/close OPTIONS, POST
        /environments/{id}/connection GET, HEAD, OPTIONS
        /environments/{id}/extend OPTIONS, POST
        /environments/{id}/launch OPTIONS, POST
        /environments/{id}/stop OPTIONS, POST
        /environments/{id}/waive OPTIONS, POST
        /executions/{id} GET, HEAD, OPTIONS
        /executions/{id}/abort OPTIONS, POST
        /executions/{id}/fail OPTIONS, POST
        /executions/{id}/steps/{step}/choose OPTIONS, POST
        /executions/{id}/steps/{step}/complete OPTIONS, POST
        /executions/{id}/steps/{step}/retry OPTIONS, POST
        /executions/{id}/steps/{step}/skip OPTIONS, POST
        /incidents GET, HEAD, OPTIONS, POST
        /incidents/{id} GET, HEAD, OPTIONS, PATCH
        /incidents/{id}/environments GET, HEAD, OPTIONS, POST
        /incidents/{id}/escalate OPTIONS, POST
        /incidents/{id}/executions GET, HEAD, OPTIONS
        /incidents/{id}/export GET, HEAD, OPTIONS, POST
        /incidents/{id}/notes OPTIONS, POST
        /incidents/{id}/owner OPTIONS, POST
        /incidents/{id}/roles/{role} OPTIONS, PUT
        /incidents/{id}/root-cause OPTIONS, PUT
        /incidents/{id}/runbooks OPTIONS, POST
        /incidents/{id}/severity OPTIONS, POST
        /incidents/{id}/share OPTIONS, POST
        /incidents/{id}/transition OPTIONS, POST
        /integrations GET, HEAD, OPTIONS, POST
        /integrations/{id} DELETE, GET, HEAD, OPTIONS
        /integrations/{id}/rotate OPTIONS, POST
        /plans GET, HEAD, OPTIONS
        /plans/{name} GET, HEAD, OPTIONS, PUT
        /policy/simulate OPTIONS, POST
        /profiles GET, HEAD, OPTIONS
        /profiles/{name} GET, HEAD, OPTIONS, PUT
        /runbooks GET, HEAD, OPTIONS, POST
        /runbooks/{id} DELETE, GET, HEAD, OPTIONS, PUT
        /runbooks/{id}/execute OPTIONS, POST
        /runbooks/{id}/publish OPTIONS, POST
        /runbooks/{id}/review OPTIONS, POST
        /targets/{id}/connection GET, HEAD, OPTIONS
        /timeline GET, HEAD, OPTIONS
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let api = Api::new();
    let path = format!("/v1/incidents/{}", api.incident(&alice()).await);
    let head = api.ask(&alice(), "HEAD", &path, None).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.headers["etag"], "\"1\"");
    let head = api.ask(&alice(), "HEAD", "/v1/incidents/INC-20261121-9999", None).await;
    assert_eq!((head.status, head.text.as_str()), (404, ""));
}

#[tokio::test]
async fn what_is_no_route_is_not_there() {
    let api = Api::new();
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/incidents/",
        "/v1/incidents//notes",
        "/v2/incidents",
        "/iam/incidents",
        "/v1/incidents/a/notes/b",
        "/V1/incidents",
        "/v1/runbook",
        "/v1//incidents",
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = api.ask(&alice(), method, path, None).await;
            assert_eq!(answer.short(), "404 WF-0006 Record.NotFound", "{method} {path}");
        }
    }
}
