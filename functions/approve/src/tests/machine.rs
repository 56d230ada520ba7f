//! The machine's step.

use super::fixture::{APPROVER, Asked, desk, post, send, tenant};
use crate::handle;
use serde_json::json;
use watchfire_domain::plan::Target;
use watchfire_domain::{Actor, HOUR};
use watchfire_edge::Fault;
use watchfire_ports::TokenAnswer;
use watchfire_store::{Commit, Due};

#[tokio::test]
async fn a_step_twice_asks_once() {
    let asked = Asked::bob(21).await;
    let step = asked.step(1, &asked.token);
    let events = asked.timeline().await;
    assert_eq!(handle(&desk(&asked.world), step).await.unwrap(), json!({}));
    assert_eq!(asked.timeline().await, events);
    let inbox = asked.world.notify.inbox_of(&Target::Email(APPROVER.to_owned()));
    let ids: Vec<_> = inbox.iter().map(|one| &one.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "one mail, perhaps sent twice");
    for one in inbox {
        assert!(!one.text.contains(&asked.approval().await.code), "the code is on the page alone");
    }
}

#[tokio::test]
async fn an_answer_before_the_token_is_stored_has_its_one_effect() {
    let asked = Asked::bob(22).await;
    // The execution died; the next attempt has not come to this state yet.
    let repo = desk(&asked.world).table.of(&tenant());
    let environment = repo.environment(asked.environment).await.unwrap().unwrap().record;
    let change = environment.restart(&Actor::service("sweep")).unwrap();
    repo.commit(Commit::on(asked.id.incident).change(change, Due::Keep)).await.unwrap();
    assert_eq!(send(&asked.world, post(&asked.form("grant").await)).await.0, 200);
    assert!(asked.world.workflow.answers().is_empty(), "nobody waits yet");
    let token = asked.world.workflow.wait("env-2");
    handle(&desk(&asked.world), asked.step(2, &token)).await.unwrap();
    handle(&desk(&asked.world), asked.step(2, &token)).await.unwrap();
    let told = TokenAnswer::Success(json!({}));
    assert_eq!(asked.world.workflow.answers(), [(token, told)]);
}

#[tokio::test]
async fn a_step_of_a_dead_attempt_is_told_so() {
    let asked = Asked::bob(23).await;
    let token = asked.world.workflow.wait("env-9");
    handle(&desk(&asked.world), asked.step(9, &token)).await.unwrap();
    let told = asked.world.workflow.answer_to(&token).unwrap();
    let TokenAnswer::Failure { error, .. } = told else { panic!("{told:?}") };
    assert_eq!(error, "Environment.Closed");
}

#[tokio::test]
async fn what_is_neither_a_step_nor_a_request_is_refused() {
    let asked = Asked::bob(24).await;
    let before = asked.world.dynamo.dump();
    for event in [json!(null), json!({}), json!([]), json!({"tenant": "acme", "attempt": 1})] {
        let fault = handle(&desk(&asked.world), event).await.unwrap_err();
        assert!(matches!(fault, Fault::Malformed { .. }), "{fault}");
    }
    for event in [json!({"requestContext": null}), json!({"requestContext": {"http": {}}})] {
        assert_eq!(send(&asked.world, event).await.0, 400);
    }
    assert_eq!(asked.world.dynamo.dump(), before);
}

#[tokio::test]
async fn nobody_answers_and_the_links_are_over() {
    let asked = Asked::bob(25).await;
    let form = asked.form("grant").await;
    asked.world.forward(24 * HOUR);
    let (status, page) = send(&asked.world, post(&form)).await;
    assert_eq!(status, 404);
    assert!(page.contains("There is nothing here"), "{page}");
}
