use super::{Failed, Machine};
use crate::clock::FakeClock;
use crate::faults::Faults;
use crate::ids::FakeIds;
use crate::workflow::{FakeWorkflow, Outcome};
use serde_json::{Value, json};
use std::cell::RefCell;
use watchfire_domain::{DAY, MINUTE};
use watchfire_ports::{TokenAnswer, Workflow as _};

const LIFECYCLE: &str = include_str!("../../../../statemachines/lifecycle.asl.json");

/// A lifecycle, and functions that answer what the test told them to.
struct Stage {
    clock: FakeClock,
    workflow: FakeWorkflow,
    machine: Machine,
    calls: RefCell<Vec<String>>,
    next: RefCell<Vec<&'static str>>,
    fails: RefCell<Vec<(&'static str, &'static str)>>,
}

async fn stage(next: &[&'static str]) -> Stage {
    let clock = FakeClock::default();
    let workflow = FakeWorkflow::new(clock.clone(), FakeIds::new(1), Faults::new());
    let input = json!({"tenant": "acme", "incident": "i", "environment": "e", "attempt": 1});
    workflow.start("env", &input).await.unwrap();
    let machine = Machine::new(LIFECYCLE, workflow.clone(), clock.clone()).unwrap();
    let next = RefCell::new(next.iter().rev().copied().collect());
    Stage { clock, workflow, machine, calls: RefCell::default(), next, fails: RefCell::default() }
}

impl Stage {
    async fn drive(&self) -> Option<String> {
        let function = async |name: String, event: Value| {
            let step = event["step"].as_str().unwrap_or("-");
            let call = format!("{name} {step} {}", event["attempt"]);
            self.calls.borrow_mut().push(call);
            let failure = self.fails.borrow_mut().pop_if(|(one, _)| *one == name);
            if let Some((_, error)) = failure {
                return Err(Failed::new(error, "as told"));
            }
            let next = if name == "CreateFunction" { self.next.borrow_mut().pop() } else { None };
            Ok(json!({"next": next.unwrap_or("done")}))
        };
        self.machine.drive(&function).await;
        self.machine.waits_in("env")
    }

    async fn answer(&self, answer: TokenAnswer) -> bool {
        let waiting = self.workflow.waiting();
        let [(token, _)] = waiting.as_slice() else { panic!("{} tokens wait", waiting.len()) };
        self.workflow.answer(token, &answer).await.unwrap()
    }

    async fn go_on(&self) -> Option<String> {
        assert!(self.answer(TokenAnswer::Success(json!({}))).await);
        self.drive().await
    }
}

#[tokio::test]
async fn the_happy_path_enters_seven_states() {
    let stage = stage(&["launch"]).await;
    assert_eq!(stage.drive().await.as_deref(), Some("Launch"));
    assert_eq!(stage.drive().await.as_deref(), Some("Launch"), "nobody answered yet");
    assert_eq!(stage.go_on().await.as_deref(), Some("WaitForStop"));
    assert_eq!(stage.go_on().await.as_deref(), Some("Stop"));
    assert_eq!(stage.go_on().await.as_deref(), Some("ApproveRemoval"));
    assert_eq!(stage.go_on().await, None);
    assert_eq!(stage.workflow.outcome("env"), Some(Outcome::Succeeded));
    assert_eq!(
        stage.machine.entered("env"),
        ["Create", "Route", "Launch", "WaitForStop", "Stop", "ApproveRemoval", "Close"]
    );
    assert_eq!(
        *stage.calls.borrow(),
        [
            "CreateFunction - 1",
            "LaunchFunction run 1",
            "StopFunction wait 1",
            "StopFunction run 1",
            "ApproveFunction - 1",
            "CloseFunction - 1"
        ]
    );
}

#[tokio::test]
async fn a_wait_that_ends_asks_the_record_again() {
    let stage = stage(&["wait_launch", "wait_launch", "done"]).await;
    assert_eq!(stage.drive().await.as_deref(), Some("WaitForLaunch"));
    assert_eq!(stage.go_on().await.as_deref(), Some("WaitForLaunch"));
    stage.clock.advance(DAY.saturating_mul(30));
    assert_eq!(stage.drive().await, None, "the time out is caught");
    assert_eq!(stage.workflow.outcome("env"), Some(Outcome::Succeeded));
}

#[tokio::test]
async fn a_launch_that_takes_too_long_is_abandoned() {
    let stage = stage(&["launch"]).await;
    stage.drive().await;
    let waiting = stage.workflow.waiting();
    stage.clock.advance(MINUTE.saturating_mul(5));
    assert_eq!(stage.drive().await, None);
    assert_eq!(stage.calls.borrow().last().unwrap(), "StopFunction abandon 1");
    let outcome = stage.workflow.outcome("env");
    assert!(
        matches!(outcome, Some(Outcome::Failed { error, .. }) if error == "Environment.LaunchFailed")
    );
    let late = TokenAnswer::Success(json!({}));
    assert!(!stage.workflow.answer(&waiting[0].0, &late).await.unwrap());
}

#[tokio::test]
async fn a_failure_is_retried_with_a_new_token_caught_or_fatal() {
    let stage = stage(&["launch"]).await;
    stage.fails.borrow_mut().extend([
        ("LaunchFunction", "Environment.LaunchFailed"),
        ("LaunchFunction", "Lambda.TooManyRequestsException"),
        ("CreateFunction", "Dependency.Unavailable"),
    ]);
    assert_eq!(stage.drive().await, None);
    assert_eq!(
        *stage.calls.borrow(),
        [
            "CreateFunction - 1",
            "CreateFunction - 1",
            "LaunchFunction run 1",
            "LaunchFunction run 1",
            "StopFunction abandon 1"
        ]
    );
    assert_eq!(stage.workflow.waiting(), []);
}

#[tokio::test]
async fn retries_are_counted_and_an_uncaught_error_ends_it() {
    let stage = stage(&["launch"]).await;
    stage.fails.borrow_mut().extend([("CreateFunction", "Dependency.Unavailable"); 3]);
    assert_eq!(stage.drive().await, None);
    let outcome = stage.workflow.outcome("env");
    assert!(
        matches!(outcome, Some(Outcome::Failed { error, .. }) if error == "Dependency.Unavailable")
    );
    assert_eq!(stage.calls.borrow().len(), 3);
}

#[tokio::test]
async fn a_token_may_be_answered_with_a_failure() {
    let stage = stage(&["stop"]).await;
    assert_eq!(stage.drive().await.as_deref(), Some("Stop"));
    let answer = TokenAnswer::Failure { error: "Environment.Closed", cause: String::new() };
    assert!(stage.answer(answer).await);
    assert_eq!(stage.drive().await, None);
    assert_eq!(stage.machine.entered("env").last().unwrap(), "Done");
}

#[tokio::test]
async fn a_function_may_answer_its_own_token_and_fail_afterwards() {
    let stage = stage(&["stop"]).await;
    let function = async |name: String, event: Value| {
        let token = event["token"].as_str().unwrap_or_default();
        match name.as_str() {
            "CreateFunction" => Ok(json!({"next": "stop"})),
            "StopFunction" => {
                let answer = TokenAnswer::Success(json!({}));
                stage.workflow.answer(token, &answer).await.unwrap();
                Err(Failed::new("Runtime.ExitError", "killed behind the answer"))
            }
            _ => Ok(json!({})),
        }
    };
    stage.machine.drive(&function).await;
    assert_eq!(stage.machine.waits_in("env").as_deref(), Some("ApproveRemoval"));
}

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut definition: Value = serde_json::from_str(LIFECYCLE).unwrap();
    change(&mut definition);
    let clock = FakeClock::default();
    let workflow = FakeWorkflow::new(clock.clone(), FakeIds::new(1), Faults::new());
    Machine::new(&definition.to_string(), workflow, clock).unwrap_err()
}

#[test]
fn what_would_mean_something_else_on_aws_is_refused() {
    let unknown = refused(|one| one["States"]["Close"]["HeartbeatSeconds"] = json!(3));
    assert!(unknown.contains("HeartbeatSeconds"), "{unknown}");
    let nowhere = refused(|one| one["States"]["Stop"]["Next"] = json!("Nowhere"));
    assert_eq!(nowhere, "there is no state `Nowhere`");
    let island = refused(|one| {
        one["States"]["Island"] = json!({"Type": "Succeed"});
    });
    assert_eq!(island, "nothing leads to the state `Island`");
    let untimed = refused(|one| {
        one["States"]["Close"].as_object_mut().unwrap().remove("TimeoutSeconds");
    });
    assert!(untimed.contains("TimeoutSeconds"), "{untimed}");
    let clever = refused(|one| {
        one["States"]["Close"]["Arguments"]["Payload"]["at"] = json!("{% $now() %}");
    });
    assert_eq!(clever, "`Close`: ` $now() ` is outside the subset");
    let endless = refused(|one| one["States"]["Stop"]["End"] = json!(true));
    assert_eq!(endless, "`Stop`: it needs either `Next` or `End`");
}
