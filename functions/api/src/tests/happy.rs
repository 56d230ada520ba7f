//! What a caller sees when all goes well.

use super::api::{Answer, Api, alice, with};
use super::fixture::{TASK, new_incident};
use expect_test::{Expect, expect};
use serde_json::json;
use std::fmt::Write as _;
use watchfire_domain::MINUTE;

#[track_caller]
pub(super) fn check(answer: &Answer, expected: Expect) {
    expected.assert_eq(&answer.to_string());
}

#[tokio::test]
async fn an_incident_is_opened_and_shown() {
    let api = Api::new();
    let opened = api.post(&alice(), "/v1/incidents", &new_incident()).await;
    check(
        &opened,
        expect![[r#"
        201
        etag: "1"
        location: /v1/incidents/01a1fc16-e000-7fbd-8a4c-1f893b8615f4
        {
          "incident": {
            "created_at": "2026-11-21T03:12:00.000Z",
            "display_id": "INC-20261121-0312",
            "id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
            "profile": {
              "name": "sev",
              "version": 1
            },
            "public_status": "Investigating",
            "rationale_required": true,
            "severity": "high",
            "sla_deadline": "2026-11-21T03:27:00.000Z",
            "status": "new",
            "tenants": [
              "acme"
            ],
            "title": "storage answers slowly",
            "version": 1
          },
          "receipt": {
            "event_hash": "77b12820692ea514edef76866c77855acfacca172025c31976c54ee7ce5bd332",
            "seq": 1
          }
        }"#]],
    );
    let shown = api.get(&alice(), "/v1/incidents/INC-20261121-0312").await;
    check(
        &shown,
        expect![[r#"
            200
            etag: "1"
            {
              "approvals": [],
              "environments": [],
              "incident": {
                "created_at": "2026-11-21T03:12:00.000Z",
                "display_id": "INC-20261121-0312",
                "id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
                "linked_approval_ids": [],
                "profile": {
                  "name": "sev",
                  "version": 1
                },
                "provenance_hash": "77b12820692ea514edef76866c77855acfacca172025c31976c54ee7ce5bd332",
                "public_status": "Investigating",
                "rationale_required": true,
                "severity": "high",
                "sla_deadline": "2026-11-21T03:27:00.000Z",
                "status": "new",
                "tenants": [
                  "acme"
                ],
                "title": "storage answers slowly",
                "updated_at": "2026-11-21T03:12:00.000Z",
                "version": 1
              },
              "timeline": [
                {
                  "actor": {
                    "id": "alice@example.com",
                    "kind": "user"
                  },
                  "at": "2026-11-21T03:12:00.000Z",
                  "event_hash": "77b12820692ea514edef76866c77855acfacca172025c31976c54ee7ce5bd332",
                  "event_id": "01a1fc16-e000-7037-800c-0721e5f05b7f",
                  "incident_id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
                  "payload": {
                    "set": {
                      "incident": {
                        "created_at": "2026-11-21T03:12:00.000Z",
                        "display_id": "INC-20261121-0312",
                        "id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
                        "profile": {
                          "name": "sev",
                          "version": 1
                        },
                        "severity": "high",
                        "sla_deadline": "2026-11-21T03:27:00.000Z",
                        "status": "new",
                        "tenants": [
                          "acme"
                        ],
                        "title": "storage answers slowly",
                        "version": 1
                      }
                    }
                  },
                  "prev_hash": "3df44bab05212b1b967c38738ef075c7159d9b31f9ac1a8f357a744fa8b87981",
                  "seq": 1,
                  "target_ids": [
                    "01a1fc16-e000-7fbd-8a4c-1f893b8615f4"
                  ],
                  "tenant": "acme",
                  "type": "incident_created",
                  "v": 1
                }
              ]
            }"#]],
    );
}

#[tokio::test]
async fn an_incidents_life() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let path = |rest: &str| format!("/v1/incidents/{incident}/{rest}");
    let mut told = String::new();
    let steps = [
        ("POST", path("owner"), json!({"owner": "alice"})),
        ("PUT", path("roles/incident_commander"), json!({"person": "bob"})),
        ("POST", path("transition"), json!({"status": "acknowledged"})),
        ("POST", path("severity"), json!({"severity": "P0", "rationale": "all clusters"})),
        ("POST", path("transition"), json!({"status": "mitigating"})),
        ("POST", path("notes"), json!({"text": "paused the rebalance"})),
        ("POST", path("escalate"), json!({"reason": "we need a storage engineer"})),
        (
            "PUT",
            path("root-cause"),
            json!({"text": "a rebalance without end", "category": "config"}),
        ),
        ("POST", path("share"), json!({"tenant": "globex"})),
        (
            "POST",
            path("transition"),
            json!({"status": "resolved", "rationale": "nothing to watch"}),
        ),
        ("POST", path("transition"), json!({"status": "closed"})),
    ];
    for (method, path, body) in steps {
        api.world.forward(MINUTE);
        let answer = api.ask(&alice(), method, &path, Some(&body)).await.good();
        let last = path.rsplit('/').next().unwrap();
        let (seq, etag) =
            (&answer.body["receipt"]["seq"], answer.headers["etag"].as_str().unwrap());
        writeln!(told, "{last}: event {seq}, etag {etag}").unwrap();
    }
    expect![[r#"
        owner: event 2, etag "2"
        incident_commander: event 3, etag "3"
        transition: event 4, etag "4"
        severity: event 5, etag "5"
        transition: event 6, etag "6"
        notes: event 7, etag "6"
        escalate: event 8, etag "6"
        root-cause: event 9, etag "7"
        share: event 10, etag "8"
        transition: event 11, etag "9"
        transition: event 12, etag "10"
    "#]]
    .assert_eq(&told);
    let view = api.get(&alice(), &format!("/v1/incidents/{incident}")).await.good();
    expect![[r#"
        {
          "acknowledged_at": "2026-11-21T03:15:00.000Z",
          "by_hand": [
            "owner",
            "severity"
          ],
          "closed_at": "2026-11-21T03:23:00.000Z",
          "created_at": "2026-11-21T03:12:00.000Z",
          "display_id": "INC-20261121-0312",
          "id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
          "linked_approval_ids": [],
          "mitigated_at": "2026-11-21T03:17:00.000Z",
          "owner": "alice",
          "profile": {
            "name": "sev",
            "version": 1
          },
          "provenance_hash": "dcc5bd916a49505d5ba443c03539580d3cc0f05700948db8472f7da5dcffbc91",
          "public_status": "Resolved",
          "rationale_required": false,
          "resolved_at": "2026-11-21T03:22:00.000Z",
          "roles": {
            "incident_commander": "bob"
          },
          "root_cause": {
            "category": "config",
            "text": "a rebalance without end"
          },
          "severity": "critical",
          "severity_history": [
            {
              "at": "2026-11-21T03:16:00.000Z",
              "by": "alice@example.com",
              "rationale": "all clusters",
              "to": "critical"
            }
          ],
          "sla_deadline": "2026-11-21T03:27:00.000Z",
          "status": "closed",
          "tenants": [
            "acme",
            "globex"
          ],
          "title": "storage answers slowly",
          "updated_at": "2026-11-21T03:23:00.000Z",
          "version": 10
        }"#]]
    .assert_eq(&format!("{:#}", view.body["incident"]));
}

#[tokio::test]
async fn an_edit_says_which_version_it_changes() {
    let api = Api::new();
    let path = format!("/v1/incidents/{}", api.incident(&alice()).await);
    let edit = |title: &str| api.event(&alice(), "PATCH", &path, Some(&json!({ "title": title })));
    assert_eq!(api.send(edit("a")).await.short(), "428 WF-0011 Request.ConditionMissing");
    let first = api.send(with(edit("a"), "if-match", "\"1\"")).await.good();
    assert_eq!(first.headers["etag"], "\"2\"");
    let stale = api.send(with(edit("b"), "if-match", "1")).await;
    assert_eq!(stale.short(), "412 WF-0008 Request.Stale");
    api.send(with(edit("b"), "if-match", "2")).await.good();
    // Where it may be left out, it holds all the same.
    let note = api.event(&alice(), "POST", &format!("{path}/owner"), Some(&json!({"owner": "a"})));
    assert_eq!(api.send(with(note, "if-match", "2")).await.short(), "412 WF-0008 Request.Stale");
}

#[tokio::test]
async fn an_environment_is_asked_for_and_steered() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let spec = json!({ "cluster_id": "prod-east", "launch": "later", "hours": 2 });
    let asked = api.post(&alice(), &format!("/v1/incidents/{incident}/environments"), &spec).await;
    check(
        &asked,
        expect![[r#"
            201
            etag: "1"
            location: /v1/environments/env-01a1fc16e0007fbd8a4c1f893b8615f4-1
            {
              "data_at": "/prod-east/20261121-0312",
              "environment": {
                "attempt": 1,
                "cluster_id": "prod-east",
                "deadline": "2026-11-21T05:12:00.000Z",
                "family": "rosa-boundary-test-prod-east-20261121-0312-20261121T031200",
                "id": "env-01a1fc16e0007fbd8a4c1f893b8615f4-1",
                "launch": "later",
                "number": "20261121-0312",
                "removal": "ask",
                "requested_at": "2026-11-21T03:12:00.000Z",
                "requested_by": "alice@example.com",
                "state": "requested",
                "version": 1
              },
              "evidence_at": "s3://watchfire-evidence/prod-east/20261121-0312/",
              "receipt": {
                "event_hash": "0204f7afe7399247bc23b168ec88291155fe8c67ee1f07a0e9ac692b20066708",
                "seq": 2
              }
            }"#]],
    );
    let id = asked.text("/environment/id").to_owned();
    let path = |rest: &str| format!("/v1/environments/{id}{rest}");
    let connection = api.get(&alice(), &path("/connection")).await;
    assert_eq!(connection.short(), "409 WF-0015 Environment.State");
    let launched = api.ask(&alice(), "POST", &path("/launch"), None).await.good();
    assert_eq!(launched.body["environment"]["launch"], "now");
    api.run(&id).await;
    let twice = api.ask(&alice(), "POST", &path("/launch"), Some(&json!({}))).await;
    assert_eq!((twice.status, twice.text("/error/task")), (409, TASK));
    let target = api.get(&alice(), &format!("/v1/targets/{id}/connection")).await.good();
    assert_eq!(target.body, api.get(&alice(), &path("/connection")).await.body);
    check(
        &api.get(&alice(), &path("/connection")).await,
        expect![[r#"
        200
        {
          "broker": "ecs-exec",
          "cluster": "watchfire",
          "command": "aws ecs execute-command --region eu-central-1 --cluster watchfire --task arn:aws:ecs:eu-central-1:111122223333:task/watchfire/0a1b2c3d --container rosa-boundary --interactive --command /bin/bash",
          "container": "rosa-boundary",
          "environment": "env-01a1fc16e0007fbd8a4c1f893b8615f4-1",
          "expires_at": "2026-11-21T05:12:00.000Z",
          "region": "eu-central-1",
          "task_arn": "arn:aws:ecs:eu-central-1:111122223333:task/watchfire/0a1b2c3d"
        }"#]],
    );
    api.post(&alice(), &path("/extend"), &json!({ "hours": 168 })).await.good();
    let stop = json!({ "reason": "it is over", "removal": "keep" });
    api.post(&alice(), &path("/stop"), &stop).await.good();
    api.post(&alice(), &path("/close"), &json!({})).await.good();
    let shown = api.get(&alice(), &path("")).await.good();
    expect![[r#"
        {
          "access_point": "fsap-1",
          "attempt": 1,
          "cluster_id": "prod-east",
          "deadline": "2026-11-28T03:12:00.000Z",
          "definition": "arn:d",
          "family": "rosa-boundary-test-prod-east-20261121-0312-20261121T031200",
          "id": "env-01a1fc16e0007fbd8a4c1f893b8615f4-1",
          "launch": "now",
          "number": "20261121-0312",
          "removal": "keep",
          "requested_at": "2026-11-21T03:12:00.000Z",
          "requested_by": "alice@example.com",
          "state": "stopping",
          "stop": {
            "at": "2026-11-21T03:12:00.000Z",
            "by": "alice@example.com",
            "reason": "it is over"
          },
          "task": {
            "arn": "arn:aws:ecs:eu-central-1:111122223333:task/watchfire/0a1b2c3d",
            "launched_at": "2026-11-21T03:12:00.000Z",
            "running_at": "2026-11-21T03:12:00.000Z",
            "seen": 3
          },
          "version": 7
        }"#]]
    .assert_eq(&format!("{:#}", shown.body["environment"]));
    let list = api.get(&alice(), &format!("/v1/incidents/{incident}/environments")).await.good();
    assert_eq!(list.body["environments"], json!([shown.body["environment"]]));
}

#[tokio::test]
async fn two_environments_of_one_cluster_and_number_are_one_too_many() {
    let api = Api::new();
    let spec = json!({ "cluster_id": "prod-east", "number": "42" });
    let first = format!("/v1/incidents/{}/environments", api.incident(&alice()).await);
    api.post(&alice(), &first, &spec).await.good();
    let second = format!("/v1/incidents/{}/environments", api.incident(&alice()).await);
    let taken = api.post(&alice(), &second, &spec).await;
    assert_eq!(taken.short(), "409 WF-0018 Environment.SlotTaken");
}

#[tokio::test]
async fn an_approval_is_shown_without_its_code() {
    let api = Api::new();
    let fixture = api.fixture().await;
    let shown = api.get(&alice(), &format!("/v1/approvals/{}", fixture.approval)).await;
    check(
        &shown,
        expect![[r#"
        200
        etag: "1"
        {
          "approval": {
            "approvers": [
              "bob@example.com"
            ],
            "excluded": [
              "alice@example.com"
            ],
            "expires_at": "2026-11-21T04:12:00.000Z",
            "id": "apr-01a1fc16e0007fbd8a4c1f893b8615f4-1",
            "link_gen": 1,
            "need": 1,
            "requested_at": "2026-11-21T03:12:00.000Z",
            "requested_by": "service:approve",
            "state": "pending",
            "subject": {
              "action": "remove_access_point",
              "risk": "medium",
              "summary": "Delete it",
              "target": "env-01a1fc16e0007fbd8a4c1f893b8615f4-1"
            },
            "version": 1
          }
        }"#]],
    );
    let view = api.get(&alice(), &format!("/v1/incidents/{}", fixture.incident)).await.good();
    assert_eq!(view.body["approvals"], json!([shown.body["approval"]]));
}

#[tokio::test]
async fn an_open_question_is_taken_back_once() {
    let api = Api::new();
    let path = format!("/v1/approvals/{}/revoke", api.fixture().await.approval);
    let because = json!({ "reason": "asked by mistake" });
    let revoked = api.post(&alice(), &path, &because).await.good();
    assert_eq!(revoked.body["approval"]["state"], "revoked");
    assert!(revoked.body["approval"]["code"].is_null());
    assert!(revoked.body["receipt"]["seq"].as_u64().is_some());
    let again = api.post(&alice(), &path, &because).await;
    assert_eq!(again.short(), "409 WF-0025 Approval.Decided");
    let silent = api.post(&alice(), &path, &json!({ "reason": " " })).await;
    assert_eq!(silent.status, 422);
}

#[tokio::test]
async fn an_incident_keeps_the_trace_that_opened_it() {
    let api = Api::new();
    let event = api.event(&alice(), "POST", "/v1/incidents", Some(&new_incident()));
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let sent = crate::handle(&api.desk, &*api.world.jwks, event, Some(trace)).await;
    let body: serde_json::Value = serde_json::from_str(sent["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["incident"]["trace"], "5759e988bd862e3fe1be46a994272793");
}
