use super::{FakeProbes, FakeWorkflow, Outcome};
use crate::clock::FakeClock;
use crate::faults::{Fault, Faults};
use crate::ids::FakeIds;
use serde_json::json;
use watchfire_domain::{DAY, EnvironmentId, IncidentId, SECOND};
use watchfire_ports::{Clock as _, Probe, Probes as _, TokenAnswer, Workflow as _};

fn workflow(clock: &FakeClock, faults: &Faults) -> FakeWorkflow {
    FakeWorkflow::new(clock.clone(), FakeIds::new(1), faults.clone())
}

#[tokio::test]
async fn a_name_is_taken_while_it_runs_and_ninety_days_after() {
    let clock = FakeClock::default();
    let workflow = workflow(&clock, &Faults::new());
    let (input, other) = (json!({"attempt": 1}), json!({"attempt": 2}));
    assert_eq!(workflow.running("a").await.unwrap(), None);
    assert!(workflow.start("a", &input).await.unwrap());
    assert!(workflow.start("a", &input).await.unwrap(), "the running one is given again");
    assert!(!workflow.start("a", &other).await.unwrap());
    assert_eq!(workflow.running("a").await.unwrap(), Some(true));
    assert_eq!(workflow.started().len(), 1);

    workflow.end("a", Outcome::Succeeded);
    assert!(!workflow.start("a", &input).await.unwrap());
    assert_eq!(workflow.running("a").await.unwrap(), Some(false));
    clock.advance(DAY.saturating_mul(90));
    assert_eq!(workflow.running("a").await.unwrap(), None);
    assert!(workflow.start("a", &input).await.unwrap());
    assert!(workflow.start("not a name", &input).await.is_err());
}

#[tokio::test]
async fn a_token_is_answered_once() {
    let workflow = workflow(&FakeClock::default(), &Faults::new());
    let token = workflow.wait("a");
    let answer = TokenAnswer::Success(json!({}));
    assert_eq!(workflow.waiting(), [(token.clone(), "a".to_owned())]);
    assert!(workflow.answer(&token, &answer).await.unwrap());
    assert!(!workflow.answer(&token, &answer).await.unwrap());
    assert!(!workflow.answer("nobody's", &answer).await.unwrap());
    assert_eq!(workflow.answers(), [(token.clone(), answer.clone())]);
    assert_eq!(workflow.answer_to(&token), Some(answer));
    assert!(workflow.calls().iter().all(|call| !call.contains(&token)));
}

#[tokio::test]
async fn nobody_waits_after_a_timeout_or_an_end() {
    let workflow = workflow(&FakeClock::default(), &Faults::new());
    workflow.start("a", &json!({})).await.unwrap();
    let (late, orphan) = (workflow.wait("a"), workflow.wait("a"));
    let answer = TokenAnswer::Failure { error: "Environment.Closed", cause: String::new() };
    workflow.expire(&late);
    assert!(!workflow.answer(&late, &answer).await.unwrap());
    workflow.end("a", Outcome::Aborted);
    assert!(!workflow.answer(&orphan, &answer).await.unwrap());
    assert_eq!(workflow.dump(), "a was aborted\n");
}

#[tokio::test]
async fn a_lost_answer_has_started_it_all_the_same() {
    let faults = Faults::new();
    let workflow = workflow(&FakeClock::default(), &faults);
    faults.at(0, Fault::TimedOut { applied: true }).at(1, Fault::Stale { writes: 1 });
    assert!(workflow.start("a", &json!({})).await.is_err());
    assert_eq!(workflow.running("a").await.unwrap(), None, "the look lags behind");
    assert_eq!(workflow.running("a").await.unwrap(), Some(true));
}

fn probe(attempt: u32) -> Probe {
    let incident = IncidentId::at(FakeClock::default().now(), [1; 10]);
    let environment = EnvironmentId { incident, n: 1 };
    Probe { tenant: "acme".to_owned(), environment, attempt, looks: 0 }
}

#[tokio::test]
async fn probes_wait_on_the_clock() {
    let clock = FakeClock::default();
    let faults = Faults::new();
    let probes = FakeProbes::new(clock.clone(), faults.clone());
    faults.at(1, Fault::Duplicate { after: 0 });
    probes.send(&probe(1), 5).await.unwrap();
    probes.send(&probe(2), 0).await.unwrap();
    assert_eq!(probes.due(clock.now()), [probe(2), probe(2)], "at least once");
    assert_eq!(probes.due(clock.now()), []);
    assert_eq!(probes.next_due(), Some(clock.now().plus(SECOND.saturating_mul(5))));
    assert_eq!(probes.dump().lines().count(), 1);
    clock.advance(SECOND.saturating_mul(5));
    assert_eq!(probes.due(clock.now()), [probe(1)]);
    probes.send(&probe(3), 901).await.unwrap();
    assert_eq!(probes.next_due(), Some(clock.now().plus(SECOND.saturating_mul(900))));
    probes.again(&probe(1));
    assert_eq!(probes.due(clock.now()), [probe(1)]);
}
