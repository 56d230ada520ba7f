//! Executions over the API: how they are begun for the tests of every route, and a story of their
//! own.

use super::api::{Api, alice, who};
use serde_json::{Value, json};
use std::sync::LazyLock;
use watchfire_desk::{Carry, RunStep};
use watchfire_domain::approval::{ApprovalAsk, Risk, Subject};
use watchfire_domain::link::{Link, LinkKeys, approver_key};
use watchfire_domain::{
    Actor, ActorKind, Approval, ApprovalId, Change, HOUR, Tenant, Timestamp, Voucher,
};
use watchfire_fakes::World;
use watchfire_ports::{Clock as _, Secrets as _};
use watchfire_store::{Commit, Due};

/// The approval that [`ask`] makes: the fixture's incident has the same id in every test.
pub(super) const ASKED: &str = "apr-01a1fc16e0007fbd8a4c1f893b8615f4-2";

fn asked(now: Timestamp) -> Change<Approval> {
    let id: ApprovalId = ASKED.parse().unwrap();
    let request = ApprovalAsk {
        id,
        subject: Subject {
            action: "reroute".to_owned(),
            target: "execution/019a0000-0000-7000-8000-000000000000/step/move/attempt/1".to_owned(),
            summary: "Reroute".to_owned(),
            does: None,
            risk: Risk::High,
            spec_hash: Some("ab".repeat(32)),
            inputs_hash: Some("cd".repeat(32)),
        },
        need: 1,
        approvers: vec!["alice@example.com".to_owned()],
        then: Vec::new(),
        excluded: vec!["kim@example.com".to_owned()],
        on_call: false,
        hours: None,
        role: None,
        clearance: None,
        requested_by: "kim@example.com".to_owned(),
        expires_at: now.plus(HOUR),
        random: [0; 4],
    };
    Approval::request(request, &Actor::service("approve"), now).unwrap()
}

/// Asks alice for an approval of high risk.
pub(super) async fn ask(api: &Api, incident: &str) {
    let commit = Commit::on(incident.parse().unwrap());
    let change = asked(api.world.clock.now());
    api.repo().commit(commit.change(change, Due::Keep)).await.unwrap();
}

/// Has somebody go ahead without her.
pub(super) async fn go_ahead(api: &Api) {
    let (id, now) = (ASKED.parse().unwrap(), api.world.clock.now());
    let row = api.repo().approval(id).await.unwrap().unwrap();
    let dan = Actor { kind: ActorKind::User, id: "dan@example.com".to_owned() };
    let change = row.record.go_ahead("it burns", &dan, now).unwrap().unwrap();
    api.repo().commit(Commit::on(id.incident).change(change, Due::Keep)).await.unwrap();
}

/// Her link.
pub(super) static LINK: LazyLock<String> = LazyLock::new(|| {
    let world = World::new(7);
    let approval = asked(world.clock.now()).after;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // A test that asks is within a runtime of its own.
    let text =
        std::thread::spawn(move || runtime.block_on(world.secrets.secret("link-secret", false)));
    let secret: Value = serde_json::from_str(&text.join().unwrap().unwrap()).unwrap();
    let current = secret["current"].as_str().unwrap().to_owned();
    let keys = secret.get("keys").unwrap_or(&secret);
    let key: [u8; 32] =
        <sha2::Sha256 as sha2::Digest>::digest(keys[&current].as_str().unwrap()).into();
    let keys = LinkKeys::new(current.clone(), [(current, key)].into()).unwrap();
    let tenant = Tenant::vouched("acme", Voucher::Claims).unwrap();
    let subject = approval.subject_hash(&tenant);
    keys.sign(&Link {
        tenant,
        approval: approval.id,
        approver: approver_key(&key, "alice@example.com"),
        subject,
        expires_at: approval.expires_at,
        nonce: [7; 16],
    })
});

/// A runbook whose first step is one that `operation` can be done to.
fn walkable(operation: &str) -> Value {
    let mut step = json!({
        "id": "look", "title": "Look", "risk": "low", "timeout": "5m",
        "do": { "manual": { "instructions": "Look at the graphs." } },
    });
    match operation {
        "choose_option" => {
            let way = |name: &str| json!({ "name": name, "title": name, "risk": "low" });
            step["do"] = json!({ "choose": {
                "question": "What helps?", "options": [way("wait"), way("restart")] } });
        }
        "skip_step" => {
            step["risk"] = json!("high");
            step["guard"] = json!({ "operation": "look", "only_if": ["It is slow."] });
            step["evidence"] = json!({ "shows": "The graphs." });
            step["irreversible"] = json!("What is seen is seen.");
        }
        _ => {}
    }
    let risk = step["risk"].clone();
    json!({
        "name": "storage-latency", "title": "Look", "description": "Storage answers slowly.",
        "author": "storage", "risk": risk, "review_days": 30, "steps": [step],
    })
}

/// An execution of the incident that `operation` can be done to.
pub(super) async fn started(api: &Api, incident: &str, operation: &str) -> String {
    api.post(&alice(), "/v1/runbooks", &walkable(operation)).await.good();
    // Who wrote what is dangerous does not publish it.
    let lee = who("lee@example.com", "commander", "acme");
    api.act_on_runbook(&lee, "publish").await.good();
    let mut start = json!({ "incident_id": incident });
    if operation == "skip_step" {
        // Somebody must be there to approve it.
        let plan = json!({ "title": "{alarm.name}", "severity": "high",
            "approvers": { "people": ["bob@example.com"] } });
        api.put(&alice(), "/v1/plans/approved", &plan).await.good();
        let new = json!({ "title": "storage answers slowly", "plan": "approved" });
        let opened = api.post(&alice(), "/v1/incidents", &new).await.good();
        start = json!({ "incident_id": opened.text("/incident/id") });
    }
    let path = "/v1/runbooks/storage-latency/execute";
    let id = api.post(&alice(), path, &start).await.good().text("/execution/id").to_owned();
    if operation == "choose_option" {
        let step = RunStep {
            tenant: "acme".to_owned(),
            timeline: incident.parse().unwrap(),
            execution: id.parse().unwrap(),
            again: false,
            carry: Carry::default(),
        };
        api.desk.run_step(&step).await.unwrap();
    }
    if operation == "retry_step" {
        let path = format!("/v1/executions/{id}/steps/look/complete");
        api.post(&alice(), &path, &json!({ "outcome": "failed" })).await.good();
    }
    id
}

#[tokio::test]
async fn an_execution_is_started_shown_and_told_apart_in_the_timeline() {
    let api = Api::new();
    let incident = api.incident(&alice()).await;
    let id = started(&api, &incident, "complete_step").await;
    let shown = api.get(&alice(), &format!("/v1/executions/{id}")).await.good();
    assert_eq!(shown.text("/next/kind"), "begin");
    assert_eq!(shown.text("/next/does/do/kind"), "manual");
    let listed = api.get(&alice(), &format!("/v1/incidents/{incident}/executions")).await.good();
    assert_eq!(listed.body["executions"], json!([shown.body["execution"]]));
    let note = format!("/v1/incidents/{incident}/notes");
    api.post(&alice(), &note, &json!({ "text": "we look" })).await.good();
    let done = format!("/v1/executions/{id}/steps/look/complete");
    let report = json!({ "outcome": "passed", "evidence_ref": "s3://evidence/graph.png" });
    api.post(&alice(), &done, &report).await.good();
    let of = |query: String| format!("/v1/timeline?{query}");
    let its = api.get(&alice(), &of(format!("runbook_execution_id={id}"))).await.good();
    let kinds: Vec<&str> = its.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["runbook_started", "step_completed"]);
    let whole = api.get(&alice(), &of(format!("incident_id={incident}"))).await.good();
    assert_eq!(whole.body["events"].as_array().unwrap().len(), 4);
    assert_eq!(api.get(&alice(), &of("limit=3".to_owned())).await.status, 422);
    let used = api.get(&alice(), "/v1/runbooks/storage-latency").await.good();
    assert_eq!(used.body["runbook"]["usage_count"], 1);
    let other = who("eve@example.com", "admin", "globex");
    let foreign = api.get(&other, &of(format!("runbook_execution_id={id}"))).await;
    assert_eq!(foreign.status, 404);
}
