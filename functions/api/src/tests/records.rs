//! Plans, profiles and timelines, as a caller sees them.

use super::api::{Api, alice, with};
use super::happy::check;
use expect_test::expect;
use serde_json::json;

#[tokio::test]
async fn a_version_that_was_expected_in_vain_writes_nothing() {
    let api = Api::new();
    let before = api.dump();
    let plan = json!({ "title": "{alarm.name}", "severity": "high" });
    let event = api.event(&alice(), "PUT", "/v1/plans/storage-latency", Some(&plan));
    let answer = api.send(with(event, "if-match", "1")).await;
    assert_eq!((answer.short().as_str(), api.dump()), ("412 WF-0008 Request.Stale", before));
}

#[tokio::test]
async fn plans_and_profiles_are_kept_in_versions() {
    let api = Api::new();
    let plan = |severity| {
        json!({
            "matches": [{"source": "drill", "name": "storage_latency_high"}],
            "title": "{alarm.name} on {alarm.dimension.Cluster}",
            "severity": severity,
            "environment": {"cluster_id": "prod-east", "approvers": ["bob@example.com"]},
            "notify": [{"email": "oncall@example.com"}],
        })
    };
    let path = "/v1/plans/storage-latency";
    check(
        &api.put(&alice(), path, &plan("high")).await,
        expect![[r#"
            201
            etag: "1"
            location: /v1/plans/storage-latency
            {
              "plan": {
                "environment": {
                  "approvers": [
                    "bob@example.com"
                  ],
                  "cluster_id": "prod-east",
                  "hours": 8,
                  "launch": "now",
                  "removal": "ask"
                },
                "flap_changes": 4,
                "flap_minutes": 10,
                "join_children": true,
                "matches": [
                  {
                    "name": "storage_latency_high",
                    "source": "drill"
                  }
                ],
                "name": "storage-latency",
                "notify": [
                  {
                    "email": "oncall@example.com"
                  }
                ],
                "profile": "sev",
                "quiet_minutes": 5,
                "reopen_minutes": 30,
                "severity": "high",
                "title": "{alarm.name} on {alarm.dimension.Cluster}",
                "version": 1
              },
              "receipt": null
            }"#]],
    );
    let shown = api.get(&alice(), path).await.good();
    // What was read can be sent back; what is the same already makes no version.
    let same = api.put(&alice(), path, &shown.body["plan"]).await.good();
    assert_eq!((same.status, same.headers["etag"].as_str()), (200, Some("\"1\"")));
    let next = api.event(&alice(), "PUT", path, Some(&plan("critical")));
    let next = api.send(with(next, "if-match", "\"1\"")).await.good();
    assert_eq!((next.status, next.headers["etag"].as_str()), (200, Some("\"2\"")));
    let stale = api.event(&alice(), "PUT", path, Some(&plan("low")));
    assert_eq!(api.send(with(stale, "if-match", "1")).await.short(), "412 WF-0008 Request.Stale");
    let list = api.get(&alice(), "/v1/plans").await.good();
    assert_eq!(list.body["plans"], json!([next.body["plan"]]));

    let profile = api.get(&alice(), "/v1/profiles/p-business").await.good().body["profile"].clone();
    let refused = api.put(&alice(), "/v1/profiles/p-business", &profile).await;
    assert_eq!(refused.problems(), "name: is built in: take another\n");
    let mut own = profile;
    own.as_object_mut().unwrap().retain(|name, _| name != "name");
    let stored = api.put(&alice(), "/v1/profiles/own", &own).await.good();
    assert_eq!(
        (stored.status, stored.headers["location"].as_str()),
        (201, Some("/v1/profiles/own"))
    );
    let list = api.get(&alice(), "/v1/profiles").await.good();
    let names: Vec<_> =
        list.body["profiles"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["sev", "p", "p-business", "own"]);
    let mut plan = plan("high");
    plan["profile"] = json!("own");
    api.put(&alice(), path, &plan).await.good();
    plan["profile"] = json!("none");
    let refused = api.put(&alice(), path, &plan).await;
    assert_eq!(refused.problems(), "profile: is not a profile of this tenant\n");
}

#[tokio::test]
async fn a_timeline_is_read_in_pages_and_verifies() {
    use watchfire_domain::chain::{Stored, verify};
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    for text in ["one", "two", "three", "four"] {
        let path = format!("/v1/incidents/{incident}/notes");
        api.post(&alice(), &path, &json!({ "text": text })).await.good();
    }
    let mut stored = Vec::new();
    let mut after = json!(0);
    while !after.is_null() {
        let path = format!("/v1/timeline?incident_id={incident}&after={after}&limit=2&raw=true");
        let page = api.get(&alice(), &path).await.good();
        for event in page.body["events"].as_array().unwrap() {
            let word = |name: &str| event[name].as_str().unwrap().to_owned();
            stored.push(Stored {
                seq: event["seq"].as_u64().unwrap(),
                epoch: u16::try_from(event["epoch"].as_u64().unwrap()).unwrap(),
                body: word("body"),
                prev: word("prev_hash").parse().unwrap(),
                hash: word("event_hash").parse().unwrap(),
                kind: word("type"),
                at: word("at"),
            });
        }
        after = page.body["next_after"].clone();
    }
    assert_eq!(verify("acme", incident.parse().unwrap(), stored).unwrap().events, 5);
    let plain = api.get(&alice(), &format!("/v1/timeline?incident_id={incident}&after=4")).await;
    check(
        &plain,
        expect![[r#"
            200
            {
              "events": [
                {
                  "actor": {
                    "id": "alice@example.com",
                    "kind": "user"
                  },
                  "at": "2026-11-21T03:12:00.000Z",
                  "event_hash": "d5ab67a539fbc5e4c32ed6e694a0e72628f9d65156a6aa52c969a9f9d4e254a1",
                  "event_id": "01a1fc16-e000-7407-9836-aee493e9c992",
                  "incident_id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
                  "payload": {
                    "detail": {
                      "text": "four"
                    }
                  },
                  "prev_hash": "7ca72f494a7addb7d33456ee5b3aa852f501abdaee4c7a805b5a36c2ef7fc777",
                  "seq": 5,
                  "target_ids": [
                    "01a1fc16-e000-7fbd-8a4c-1f893b8615f4"
                  ],
                  "tenant": "acme",
                  "type": "note_added",
                  "v": 1
                }
              ],
              "incident_id": "01a1fc16-e000-7fbd-8a4c-1f893b8615f4",
              "next_after": null,
              "tenant": "acme"
            }"#]],
    );
}
