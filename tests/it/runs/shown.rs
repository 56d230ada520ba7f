//! Whoever approves a step of high risk is shown what will be done, and that is what is kept.

use super::kinds::{HEALTH, step};
use crate::world::runs::{ANA, BEN, kim, shipped, spec, triage_plan};
use crate::world::{Doors, TENANT, World, person};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfire_desk::ApprovalsAsk;
use watchfire_domain::approval::Answer;
use watchfire_domain::{ApprovalId, ExecutionId, hex};
use watchfire_fakes::FakeRequests;
use watchfire_policy::Role;
use watchfire_runbook::execution::State;

const INSTANCE: &str = "i-0a1b2c3d4e5f60718";
const COMMAND: &str = "/usr/bin/report --all";

/// The question whether the process 4711 may be ended.
async fn asked(world: &World) -> (ApprovalId, ExecutionId) {
    world.plan(&triage_plan()).await;
    world.publish(&shipped("end-process")).await;
    let id = world.raise().await;
    let inputs = json!({ "instance_id": INSTANCE, "process_id": 4711, "command": COMMAND });
    let run = world.start(&kim(), "end-process", Some(id), inputs).await.unwrap();
    world.until_run(run, State::Blocked).await;
    (ApprovalId { incident: id, n: 1 }, run)
}

fn names_it(text: &str, place: &str) {
    for part in [INSTANCE, "4711", COMMAND] {
        assert!(text.contains(part), "{place} does not say {part}: {text}");
    }
}

#[tokio::test]
async fn the_mail_the_page_and_the_api_name_the_instance_and_the_process() {
    let world = World::new(1);
    let (id, run) = asked(&world).await;
    let mail = world.mails(ANA).pop().unwrap();
    names_it(&mail, "the mail");
    let (_, set_in) = mail.split_once("What would be done:\n").unwrap();
    let (set_in, _) = set_in.split_once("\n\n").unwrap();
    assert!(set_in.lines().all(|line| line.starts_with("  ")), "{set_in}");

    let link = world.links(ANA).pop().unwrap();
    let event = json!({
        "version": "2.0", "rawPath": format!("/approvals/{link}"), "rawQueryString": "",
        "headers": {}, "requestContext": { "http": { "method": "GET" } },
    });
    let page = watchfire_approval_page::handle(&world.desk, event).await;
    let page = page["body"].as_str().unwrap();
    let (_, shown) = page.split_once("<pre class=\"mono\">").unwrap();
    names_it(shown.split_once("</pre>").unwrap().0, "the page");

    let vic = person("vic@example.org", Role::Viewer, TENANT);
    let one = world.desk.approval_shown(&vic, id).await.unwrap();
    let does = one["subject"]["does"].clone();
    names_it(does["text"].as_str().unwrap(), "the record");
    let ask = ApprovalsAsk { incident: Some(id.incident), limit: 10, ..ApprovalsAsk::default() };
    let list = world.desk.list_approvals(&vic, &ask).await.unwrap();
    assert_eq!(list["approvals"][0]["subject"]["does"], does);
    // It is what whoever looks at the execution is told of the step.
    let seen = world.desk.execution(&kim(), run).await.unwrap();
    let words = seen["next"]["does"]["text"].as_str().unwrap();
    for line in does["text"].as_str().unwrap().lines() {
        assert!(words.contains(line), "{line}: {words}");
    }
}

/// What was shown is what is kept, and what every link is bound to.
#[tokio::test]
async fn what_was_shown_stands_in_the_timeline_and_in_the_document() {
    let world = World::new(2);
    let (id, _) = asked(&world).await;
    let as_asked = world.repo().approval(id).await.unwrap().unwrap().record;
    let events = world.repo().events(id.incident, 0, 100).await.unwrap();
    let asking = events.iter().find(|event| {
        event.body.payload.to_string().contains("approval_requested")
            || serde_json::to_string(&event.body).unwrap().contains("approval_requested")
    });
    names_it(&serde_json::to_string(&asking.unwrap().body).unwrap(), "the timeline");
    world.sign(ANA, Answer::Deny).await.unwrap();
    let denied = world.repo().approval(id).await.unwrap().unwrap().record;
    assert_eq!(denied.subject, as_asked.subject);
    let document: Value = serde_json::from_str(&denied.document().unwrap().text).unwrap();
    assert_eq!(document["format"], "watchfire-approval/4");
    assert_eq!(document["subject"]["does"], json!(as_asked.subject.does));
    names_it(&document.to_string(), "the document");
}

/// What a step was begun with stands at the step, in the event of its beginning, and in what the
/// API says of it.
#[tokio::test]
async fn what_a_step_was_begun_with_is_kept() {
    let world = World::new(3);
    let (id, run) = asked(&world).await;
    assert_eq!(world.execution(run).await.steps["end-it"].inputs, None, "it has not begun");
    for approver in [ANA, BEN] {
        world.sign(approver, Answer::Grant).await.unwrap();
    }
    world.until_run(run, State::Running).await;
    let inputs = world.execution(run).await.steps["end-it"].inputs.clone().unwrap();
    names_it(&inputs.text, "the step");
    assert!(!inputs.cut);
    assert_eq!(inputs.sha256, hex(&Sha256::digest(&inputs.text)), "of the whole");
    let events = world.repo().events(id.incident, 0, 100).await.unwrap();
    let began: Vec<Value> =
        events.iter().map(|event| json!(event.body)).filter(|body| says(body, "inputs")).collect();
    assert_eq!(began.len(), 1, "{began:?}");
    assert!(began[0].to_string().contains("step_started"), "{}", began[0]);
    names_it(&began[0].to_string(), "the event");
    let seen = world.desk.execution(&kim(), run).await.unwrap();
    assert_eq!(seen["execution"]["steps"]["end-it"]["inputs"], json!(inputs));
}

/// Whoever looks at a step that failed reads where the request goes that takes it back.
#[tokio::test]
async fn a_way_back_says_what_would_be_done_and_does_nothing() {
    let world = World::new(4);
    let route = |shard: &str| {
        let body = json!({ "shard": shard, "by": "{{execution.id}}" });
        let headers = json!({ "Authorization": { "bearer": "operator" } });
        let url = format!("{HEALTH}/{{{{input.zone}}}}");
        json!({ "http": { "method": "PUT", "url": url, "headers": headers, "json": body } })
    };
    let more = json!({
        "risk": "medium", "evidence": { "shows": "The answer." },
        "rollback": { "note": "Route back.", "do": route("shard-a") },
    });
    let by_hand = json!({
        "id": "then", "title": "Then", "risk": "low", "timeout": "10m",
        "do": { "manual": { "instructions": "Look." } }, "rollback": { "note": "Look away." },
    });
    let mut spec = spec(&json!([by_hand, step(&more, route("shard-b"))]));
    spec.inputs = serde_json::from_value(json!([
        { "name": "zone", "description": "Which one.", "type": "string", "pattern": "[a-z]+" },
    ]))
    .unwrap();
    world.plan(&triage_plan()).await;
    world.secrets.put("watchfire/steps/acme/operator", "plain-word");
    world.publish(&spec).await;
    let id = world.raise().await;
    let run = world.start(&kim(), "look", Some(id), json!({ "zone": "west" })).await.unwrap();
    assert_eq!(world.desk.execution(&kim(), run).await.unwrap()["ways_back"], json!([]));
    world.play(1, Doors::Both).await;
    world.complete(run, "then").await.unwrap();
    world.requests.always(&format!("{HEALTH}/west"), Ok(FakeRequests::answer(503, "no")));
    world.until_run(run, State::Failed).await;

    let seen = world.desk.execution(&kim(), run).await.unwrap();
    let back = &seen["ways_back"];
    assert_eq!(back[1], json!({ "step": "then", "rollback": "Look away." }), "{back}");
    assert_eq!((&back[0]["step"], &back[0]["rollback"]), (&json!("it"), &json!("Route back.")));
    let does = &back[0]["does"]["do"];
    assert_eq!((&does["method"], &does["url"]), (&json!("PUT"), &json!(format!("{HEALTH}/west"))));
    assert_eq!(does["json"], json!({ "shard": "shard-a", "by": run.to_string() }));
    assert_eq!(
        back[0]["does"]["text"],
        format!(
            "request: PUT {HEALTH}/west\n\
             header: Authorization: Bearer (the secret `operator`)\n\
             body: {{\"by\":\"{run}\",\"shard\":\"shard-a\"}}\n\
             expects: 200 to 299\n"
        )
    );
    world.play(5, Doors::Both).await;
    assert_eq!(world.requests.sent().len(), 1, "nobody takes it back unasked");
}

fn says(body: &Value, name: &str) -> bool {
    body.pointer("/payload/set").is_some_and(|set| {
        set.as_object()
            .into_iter()
            .flatten()
            .any(|(_, record)| record.pointer(&format!("/steps/end-it/{name}")).is_some())
    })
}
