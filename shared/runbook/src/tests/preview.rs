//! What a preview tells, and that it never tells a secret.

use super::shipped::{SHIPPED, shipped};
use crate::cases::given;
use crate::preview::preview;
use crate::{Inputs, Risk};
use expect_test::expect;

#[test]
fn a_preview_is_json_too() {
    let one = shipped("evidence-storage-latency-triage");
    let inputs = Inputs::bind(&one.spec, &one.cases.previews[0].inputs).unwrap();
    let steps = one.spec.walk();
    let shown = preview(&steps[3], &given(&inputs)).unwrap();
    expect![[r#"
        {
          "id": "reroute",
          "title": "Reroute ingestion to the standby shard",
          "risk": "high",
          "approval": true,
          "timeout": "10m",
          "do": {
            "kind": "http",
            "method": "PUT",
            "url": "https://evidence.example.com/v1/tenants/acme/ingestion-route",
            "authority": {
              "host": "evidence.example.com",
              "port": 443
            },
            "headers": {
              "Authorization": {
                "bearer": "evidence-operator"
              }
            },
            "json": {
              "incident": "01900000-0000-7000-8000-0000000000a1",
              "shard": "shard-b"
            },
            "expect": {
              "status": [
                200,
                204
              ]
            }
          },
          "rollback": {
            "kind": "http",
            "method": "PUT",
            "url": "https://evidence.example.com/v1/tenants/acme/ingestion-route",
            "authority": {
              "host": "evidence.example.com",
              "port": 443
            },
            "headers": {
              "Authorization": {
                "bearer": "evidence-operator"
              }
            },
            "json": {
              "incident": "01900000-0000-7000-8000-0000000000a1",
              "shard": "shard-a"
            },
            "expect": {
              "status": [
                200,
                204
              ]
            }
          },
          "text": "[reroute] Reroute ingestion to the standby shard\n  risk: high, needs an approval first\n  at most: 10m\n  operation: reroute\n  only if: The approval names this incident and this tenant.\n  only if: The standby shard is healthy and has room.\n  only if: Replication to it is not behind.\n  users notice: None; writes in flight are tried again.\n  request: PUT https://evidence.example.com/v1/tenants/acme/ingestion-route\n  header: Authorization: Bearer (the secret `evidence-operator`)\n  body: {\"incident\":\"01900000-0000-7000-8000-0000000000a1\",\"shard\":\"shard-b\"}\n  expects: 200, 204\n  evidence: The answer, and the first writes on the standby shard.\n  back: Route back to the shard that served before.\n  back, request: PUT https://evidence.example.com/v1/tenants/acme/ingestion-route\n  back, header: Authorization: Bearer (the secret `evidence-operator`)\n  back, body: {\"incident\":\"01900000-0000-7000-8000-0000000000a1\",\"shard\":\"shard-a\"}\n  back, expects: 200, 204\n"
        }
    "#]].assert_eq(&(serde_json::to_string_pretty(&shown).unwrap() + "\n"));
}

#[test]
fn every_step_has_its_preview_and_high_ones_say_that_they_are_asked_for() {
    let mut shown = 0;
    for one in SHIPPED.iter() {
        for case in &one.cases.previews {
            let inputs = Inputs::bind(&one.spec, &case.inputs).unwrap();
            for within in one.spec.walk() {
                let preview = preview(&within, &given(&inputs)).unwrap();
                shown += 1;
                assert!(preview.text.starts_with(&format!("[{}] ", within.step.id)));
                // A choice does nothing itself: it is asked for what is chosen.
                let acts = within.step.alternatives().is_empty();
                assert_eq!(preview.approval, acts && within.step.risk() == Risk::High);
                assert_eq!(preview.approval, preview.text.contains("needs an approval first"));
                assert!(!preview.text.contains("{{"), "{}", preview.text);
            }
        }
    }
    assert!(shown > 250, "{shown}");
}

#[test]
fn a_step_without_its_incident_says_what_it_lacks() {
    let one = shipped("rollback-by-commit");
    let inputs = Inputs::bind(&one.spec, &one.cases.previews[0].inputs).unwrap();
    let steps = one.spec.walk();
    let mut alone = given(&inputs);
    alone.incident = None;
    let refused = preview(&steps[1], &alone).unwrap_err();
    let told = super::lines(&refused);
    expect![[r#"
        `steps[1].do.command.argv[5]` needs `incident.display_id`, which nobody has told
    "#]]
    .assert_eq(&told);
}
