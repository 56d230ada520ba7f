//! What an answer does, and that it does it once.

use super::fixture::{APPROVER, Asked, desk, post, send};
use crate::handle;
use expect_test::expect;
use serde_json::{Value, json};
use std::thread;
use watchfire_domain::approval::{Answer, ApprovalState};
use watchfire_domain::calendar::Calendar;
use watchfire_domain::{Actor, Change, Draft, EventType, MINUTE};
use watchfire_fakes::{Fault, Faults};
use watchfire_ports::TokenAnswer;
use watchfire_store::{Commit, Due};

fn field<'a>(form: &'a mut [(&'static str, String)], name: &str) -> &'a mut String {
    &mut form.iter_mut().find(|(one, _)| *one == name).unwrap().1
}

#[tokio::test]
async fn a_grant_is_recorded_once_and_wakes_the_machine_once() {
    let asked = Asked::bob(1).await;
    let form = asked.form("grant").await;
    let (status, page) = send(&asked.world, post(&form)).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("You approved this at"), "{page}");
    let approval = asked.approval().await;
    assert_eq!(approval.state, ApprovalState::Granted);
    let before = asked.world.dynamo.dump();
    let (status, again) = send(&asked.world, post(&form)).await;
    assert_eq!((status, again), (200, page), "the same answer is the same answer");
    assert_eq!(asked.world.dynamo.dump(), before);
    let answers = asked.world.workflow.answers();
    let told = TokenAnswer::Success(json!({}));
    assert_eq!(answers, [(asked.token.clone(), told)], "nothing of the decision goes through it");
}

#[tokio::test]
async fn the_opposite_answer_finds_the_first_one_standing() {
    for (first, then, stands) in [("grant", "deny", "approved"), ("deny", "grant", "denied")] {
        let asked = Asked::bob(2).await;
        assert_eq!(send(&asked.world, post(&asked.form(first).await)).await.0, 200);
        let before = asked.world.dynamo.dump();
        let (status, page) = send(&asked.world, post(&asked.form(then).await)).await;
        assert_eq!(status, 409);
        assert!(page.contains(&format!("You {stands} this at")), "{page}");
        assert_eq!(asked.world.dynamo.dump(), before);
    }
}

#[tokio::test]
async fn a_wrong_code_writes_nothing_and_asks_again() {
    let asked = Asked::bob(3).await;
    let before = asked.world.dynamo.dump();
    let mut form = asked.form("grant").await;
    let right = field(&mut form, "code").clone();
    for wrong in ["", "000000", "12345", &right[1..], &format!("{right}0")] {
        *field(&mut form, "code") = wrong.to_owned();
        let (status, page) = send(&asked.world, post(&form)).await;
        assert_eq!(status, 422, "{wrong}");
        assert!(page.contains("The code was not right."), "{page}");
        assert!(page.contains(r#"name="decision" value="grant""#), "the form is there again");
    }
    assert_eq!(asked.world.dynamo.dump(), before);
    // As people write it.
    *field(&mut form, "code") = format!("+{}+{}+", &right[..3], &right[3..]);
    assert_eq!(send(&asked.world, post(&form)).await.0, 200);
}

#[tokio::test]
async fn outside_their_hours_an_approver_is_told_so_and_can_refuse() {
    let saturday = json!({
        "utc_offset_minutes": 0, "workdays": ["saturday"], "opens": "04:00", "closes": "05:00",
    });
    let hours: Calendar = serde_json::from_value(saturday).unwrap();
    let asked = Asked::within(12, hours.clone()).await;
    let (before, form) = (asked.world.dynamo.dump(), asked.form("grant").await);
    let (status, page) = send(&asked.world, post(&form)).await;
    assert_eq!(status, 403);
    assert!(page.contains("It is outside your hours.") && page.contains("2026-11-21 04:00 UTC"));
    assert!(page.contains(r#"name="decision" value="deny""#), "the form is there again");
    assert_eq!(asked.world.dynamo.dump(), before);
    assert_eq!(send(&asked.world, post(&asked.form("deny").await)).await.0, 200);
    assert_eq!(asked.approval().await.state, ApprovalState::Denied);
    let asked = Asked::within(13, hours).await;
    asked.world.clock.advance(48 * MINUTE);
    assert_eq!(send(&asked.world, post(&asked.form("grant").await)).await.0, 200);
    assert_eq!(asked.approval().await.state, ApprovalState::Granted);
}

/// Whom a plan asks about a guarded incident sees what they judge: their link is their sight of it.
#[tokio::test]
async fn a_link_answers_for_an_incident_that_asks_for_clearance() {
    for (answer, state) in [("grant", ApprovalState::Granted), ("deny", ApprovalState::Denied)] {
        let asked = Asked::guarded(14).await;
        let (status, page) = send(&asked.world, post(&asked.form(answer).await)).await;
        assert_eq!(status, 200, "{page}");
        assert_eq!(asked.approval().await.state, state);
        assert_eq!(asked.world.workflow.answers().len(), 1, "the machine goes on");
    }
}

#[tokio::test]
async fn an_answer_must_be_one_of_two() {
    let asked = Asked::bob(4).await;
    let before = asked.world.dynamo.dump();
    for answer in ["", "yes", "Grant"] {
        let (status, page) = send(&asked.world, post(&asked.form(answer).await)).await;
        assert_eq!(status, 422);
        assert!(page.contains("No answer was chosen."), "{page}");
    }
    let mut form = asked.form("grant").await;
    form.push(("decision", "deny".to_owned()));
    assert_eq!(send(&asked.world, post(&form)).await.0, 400, "two answers are none");
    assert_eq!(asked.world.dynamo.dump(), before);
}

#[tokio::test]
async fn one_of_two_is_not_enough_and_a_refusal_is_final() {
    let asked = Asked::of(5, &[APPROVER, "carol@example.com"]).await;
    needs(&asked, 2).await;
    let carol = asked.link_of("carol@example.com");
    assert_eq!(send(&asked.world, post(&asked.form("grant").await)).await.0, 200);
    assert_eq!(asked.approval().await.state, ApprovalState::Pending);
    assert!(asked.world.workflow.answers().is_empty());
    let (status, page) = send(&asked.world, post(&asked.form_of(&carol, "deny").await)).await;
    assert_eq!(status, 200);
    assert!(page.contains("You denied this at"), "{page}");
    assert_eq!(asked.approval().await.state, ApprovalState::Denied);
    assert_eq!(asked.world.workflow.answers().len(), 1);
}

#[tokio::test]
async fn what_somebody_else_decided_stands() {
    let asked = Asked::of(6, &[APPROVER, "carol@example.com"]).await;
    let carol = asked.link_of("carol@example.com");
    assert_eq!(send(&asked.world, post(&asked.form_of(&carol, "deny").await)).await.0, 200);
    let (status, page) = send(&asked.world, post(&asked.form("deny").await)).await;
    assert_eq!(status, 409);
    assert!(page.contains("carol@example.com denied this at"), "{page}");
    assert_eq!(asked.approval().await.decisions.len(), 1);
}

/// Makes the approval need so many grants.
async fn needs(asked: &Asked, need: u8) {
    let before = asked.approval().await;
    let mut after = before.clone();
    after.need = need;
    after.version = before.version.saturating_add(1);
    let draft = Draft::new(EventType::ApprovalAnswered, &Actor::service("test"));
    let change = Change { before: Some(before), after, draft };
    let repo = desk(&asked.world).table.of(&super::fixture::tenant());
    repo.commit(Commit::on(asked.id.incident).change(change, Due::Keep)).await.unwrap();
}

#[tokio::test]
async fn a_high_risk_takes_more_than_a_link() {
    let asked = Asked::risky(7).await;
    let before = asked.world.dynamo.dump();
    let (status, page) = send(&asked.world, post(&asked.form("grant").await)).await;
    assert_eq!(status, 403, "{page}");
    assert!(!page.contains(&asked.approval().await.code), "{page}");
    // A stale page offers to refuse, and nothing else.
    let mut event = post(&asked.form("grant").await);
    event["cookies"] = json!([]);
    let (status, page) = send(&asked.world, event).await;
    assert_eq!(status, 403);
    assert!(page.contains("To approve this, sign in.") && !page.contains("\"grant\">"), "{page}");
    // And to sign in, as the first page does: the script finds the link in the form.
    let script = page.contains("<script>") && page.contains(r#"data-client="page""#);
    assert!(script && page.contains(&format!(r#"name="link" value="{}""#, asked.link)), "{page}");
    assert_eq!(asked.world.dynamo.dump(), before);
    let (status, page) = send(&asked.world, post(&asked.form("deny").await)).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(asked.approval().await.state.name(), "denied");
}

#[tokio::test]
async fn two_hundred_answers_at_once_are_one() {
    let asked = Asked::bob(8).await;
    let request = post(&asked.form("grant").await);
    let events = asked.timeline().await.len();
    // Threads of their own, so that they really meet in the table.
    let crowd: Vec<_> = (0..8)
        .map(|_| {
            let (world, request) = (asked.world.process(Faults::new()), request.clone());
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    let mut statuses = Vec::new();
                    for _ in 0..25 {
                        statuses.push(send(&world, request.clone()).await.0);
                    }
                    statuses
                })
            })
        })
        .collect();
    let statuses: Vec<u64> = crowd.into_iter().flat_map(|one| one.join().unwrap()).collect();
    assert_eq!(statuses, [200; 200]);
    let approval = asked.approval().await;
    let decisions: Vec<_> = approval.decisions.iter().map(|one| one.answer).collect();
    assert_eq!((decisions, approval.version), (vec![Answer::Grant], 2));
    assert_eq!(asked.timeline().await.len(), events + 1);
    assert_eq!(asked.world.workflow.answers().len(), 1);
}

#[tokio::test]
async fn an_answer_that_may_be_lost_is_asked_for_again_and_counts_once() {
    let asked = Asked::bob(9).await;
    let form = asked.form("grant").await;
    let troubled = asked.world.process(Faults::new());
    // The commit is written, and nobody hears of it.
    let fault = Fault::Killed { applied: true };
    troubled.faults.at_operation("dynamodb:TransactWriteItems", 0, fault);
    let (status, page) = send(&troubled, post(&form)).await;
    assert_eq!(status, 503, "{page}");
    assert!(page.contains("We could not confirm your answer."), "{page}");
    assert_eq!(send(&asked.world, post(&form)).await.0, 200);
    assert_eq!(asked.approval().await.decisions.len(), 1);
    assert_eq!(asked.world.workflow.answers().len(), 1);
}

#[tokio::test]
async fn a_program_is_told_in_json_and_never_the_code() {
    let asked = Asked::bob(10).await;
    let form = asked.form("grant").await;
    let program = |mut event: Value| {
        event["headers"]["accept"] = "application/json".into();
        event
    };
    let mut wrong = form.clone();
    *field(&mut wrong, "code") = "000000".to_owned();
    let (status, body) = send(&asked.world, program(post(&wrong))).await;
    let fault: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, fault["error"]["name"].as_str()), (422, Some("Approval.WrongCode")));
    let answer = handle(&desk(&asked.world), program(post(&form))).await.unwrap();
    assert_eq!(answer["headers"]["content-type"], "application/json");
    let mut body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let hash = body["receipt"]["event_hash"].take();
    assert_eq!(hash.as_str().map(str::len), Some(64));
    expect![[r#"
        {
          "approval": {
            "answer": "grant",
            "answered_at": "2026-11-21T03:12:00.000Z",
            "expires_at": "2026-11-22T03:12:00.000Z",
            "grants": 1,
            "id": "apr-01a1fc16e0007fde8a3c2f8a691c746d-1",
            "need": 1,
            "state": "granted"
          },
          "receipt": {
            "event_hash": null,
            "seq": 4
          }
        }
    "#]]
    .assert_eq(&format!("{body:#}\n"));
    let mut opposite = form.clone();
    *field(&mut opposite, "decision") = "deny".to_owned();
    let (status, body) = send(&asked.world, program(post(&opposite))).await;
    let fault: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, fault["error"]["code"].as_str()), (409, Some("WF-0026")));
}
