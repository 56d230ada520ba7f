use super::account;
use crate::faults::Fault;
use crate::tasks::Pace;
use watchfire_domain::{DAY, HOUR, SECOND};
use watchfire_ports::{Clock as _, PortError, RunAsk, Tasks as _};

#[tokio::test]
async fn defining_finds_the_active_revision_but_registering_alone_would_not() {
    let account = account().await;
    let first = account.tasks.define(&account.definition()).await.unwrap();
    assert!(first.ends_with("rosa-boundary-dev-c-7-20261121T031200:1"), "{first}");
    assert_eq!(account.tasks.define(&account.definition()).await.unwrap(), first);

    let duplicate = Fault::Duplicate { after: 0 };
    account.faults.restart().at_operation("ecs:RegisterTaskDefinition", 0, duplicate);
    let mut other = account.definition();
    other.family = "other".to_owned();
    account.tasks.define(&other).await.unwrap();
    assert_eq!(
        account.tasks.active_definitions().len(),
        3,
        "the network repeated it: two revisions"
    );
    other.family = "a.b".to_owned();
    assert!(account.tasks.define(&other).await.is_err());
}

#[tokio::test]
async fn a_list_that_lags_behind_makes_a_second_revision() {
    let account = account().await;
    account.tasks.define(&account.definition()).await.unwrap();
    account.faults.restart().at(0, Fault::Stale { writes: 1 });
    let second = account.tasks.define(&account.definition()).await.unwrap();
    assert!(second.ends_with(":2"));
    assert_eq!(account.tasks.forget(&account.definition().family).await.unwrap(), 2);
}

#[tokio::test]
async fn forgetting_takes_every_revision_and_numbers_go_on() {
    let account = account().await;
    let family = account.definition().family;
    for _ in 0..12 {
        account.faults.restart().at(0, Fault::Stale { writes: 99 });
        account.tasks.define(&account.definition()).await.unwrap();
    }
    account.faults.none();
    assert_eq!(account.tasks.forget(&family).await.unwrap(), 12);
    assert_eq!(account.tasks.forget(&family).await.unwrap(), 0);
    assert_eq!(account.tasks.active_definitions(), Vec::<String>::new());
    let statuses = account.tasks.definitions();
    assert!(statuses.iter().all(|(_, status)| *status == "DELETE_IN_PROGRESS"));
    let deletes = account.tasks.calls();
    let deletes = deletes.iter().filter(|call| call.starts_with("ecs:DeleteTaskDefinitions"));
    assert_eq!(deletes.count(), 2, "ten at a time");
    assert!(account.tasks.define(&account.definition()).await.unwrap().ends_with(":13"));
}

#[tokio::test]
async fn forgetting_that_was_cut_short_goes_on() {
    let account = account().await;
    let family = account.definition().family;
    account.tasks.define(&account.definition()).await.unwrap();
    account.faults.restart().at_operation("ecs:DeleteTaskDefinitions", 0, Fault::Throttled);
    assert!(account.tasks.forget(&family).await.unwrap_err().retryable());
    assert!(matches!(account.tasks.definitions().as_slice(), [(_, "INACTIVE")]));
    assert_eq!(account.tasks.forget(&family).await.unwrap(), 1);
}

#[tokio::test]
async fn a_client_token_gives_its_task_and_no_other() {
    let account = account().await;
    let ask = account.ask("run").await;
    let arn = account.tasks.run(&ask).await.unwrap();
    assert_eq!(account.tasks.run(&ask).await.unwrap(), arn);
    let changed = RunAsk { tags: vec![("at".to_owned(), "now".to_owned())], ..ask.clone() };
    let conflict = account.tasks.run(&changed).await;
    assert!(matches!(conflict, Err(PortError::Conflict { what, .. }) if what == arn));
    let other = RunAsk { client_token: "again".to_owned(), ..ask.clone() };
    assert_ne!(account.tasks.run(&other).await.unwrap(), arn);
    assert_eq!(account.tasks.most_at_once("wf-1"), 2);
    account.clock.advance(DAY);
    assert_ne!(account.tasks.run(&ask).await.unwrap(), arn, "the token lives for a day");
}

#[tokio::test]
async fn an_inactive_or_unknown_definition_is_refused() {
    let account = account().await;
    let ask = account.ask("run").await;
    account.tasks.forget(&account.definition().family).await.unwrap();
    let inactive = account.tasks.run(&ask).await.unwrap_err();
    assert!(matches!(inactive, PortError::Refused { .. }), "{inactive}");
    let unknown = RunAsk { definition: "arn:x:task-definition/f:1".to_owned(), ..ask.clone() };
    assert!(account.tasks.run(&unknown).await.unwrap_err().retryable(), "it may be new");
    let long = RunAsk { client_token: "x".repeat(65), ..ask };
    assert!(matches!(account.tasks.run(&long).await, Err(PortError::Refused { .. })));
}

#[tokio::test]
async fn failures_of_capacity_may_pass_and_others_will_not() {
    let account = account().await;
    let ask = account.ask("run").await;
    account.tasks.runs_fail(1, "Capacity is unavailable at this time");
    account.tasks.runs_fail(1, "BLOCKED");
    assert!(account.tasks.run(&ask).await.unwrap_err().retryable());
    assert!(!account.tasks.run(&ask).await.unwrap_err().retryable());
    account.tasks.run(&ask).await.unwrap();
}

#[tokio::test]
async fn a_new_task_is_missing_for_so_many_looks() {
    let account = account().await;
    account.tasks.missing_for(2);
    let arn = account.run().await;
    assert_eq!(account.tasks.describe(&arn).await.unwrap(), None);
    assert_eq!(account.tasks.describe(&arn).await.unwrap(), None);
    let status = account.tasks.describe(&arn).await.unwrap().unwrap();
    assert_eq!((status.last_status.as_str(), status.version), ("PROVISIONING", 1));
    assert_eq!(status.started_by.as_deref(), Some("wf-1"));
}

#[tokio::test]
async fn a_stopping_task_lives_until_it_is_stopped() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.come_to_rest();
    account.tasks.stop(&arn, "enough").await.unwrap();
    let mut seen = Vec::new();
    while account.tasks.advance(&arn) {
        let status = account.tasks.describe(&arn).await.unwrap().unwrap();
        assert_eq!(status.desired_status, "STOPPED");
        let lives = account.tasks.living("wf-1").await.unwrap() == [arn.clone()];
        assert_eq!(lives, !status.stopped());
        seen.push(lives);
    }
    assert_eq!(seen, [true, true, true, false]);
    assert_eq!(account.tasks.living("wf-2").await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn stopping_again_or_what_nobody_knows_is_no_error() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.stop(&arn, "really").await.unwrap();
    account.tasks.stop("arn:aws:ecs:us-east-1:111122223333:task/watchfire/x", "?").await.unwrap();
    let status = account.tasks.status(&arn).unwrap();
    assert_eq!(status.stopped_reason.as_deref(), Some("enough"), "the first reason stays");
    assert_eq!(status.stop_code.as_deref(), Some("UserInitiated"));
}

#[tokio::test]
async fn a_stopped_task_is_forgotten_after_an_hour() {
    let account = account().await;
    let ask = account.ask("run").await;
    let arn = account.tasks.run(&ask).await.unwrap();
    account.tasks.stop(&arn, "enough").await.unwrap();
    account.tasks.come_to_rest();
    account.clock.advance(HOUR.saturating_sub(1));
    assert!(account.tasks.describe(&arn).await.unwrap().is_some());
    account.clock.advance(1);
    assert_eq!(account.tasks.describe(&arn).await.unwrap(), None);
    account.tasks.stop(&arn, "again").await.unwrap();
    assert_eq!(account.tasks.run(&ask).await.unwrap(), arn, "its token still gives it");
    assert_eq!(account.tasks.living_tasks(), Vec::<String>::new());
}

#[tokio::test]
async fn the_clock_drives_the_tasks_at_a_pace() {
    let account = account().await;
    account.tasks.pace(Some(Pace { agent: 5, ..Pace::every(2) }));
    let arn = account.run().await;
    let after = |seconds: i64| {
        account.clock.advance(SECOND.saturating_mul(seconds));
        account.tasks.status(&arn).unwrap()
    };
    assert_eq!(after(1).last_status, "PROVISIONING");
    assert_eq!(after(1).last_status, "PENDING");
    assert_eq!(after(4).last_status, "RUNNING");
    assert!(!after(4).ready());
    assert!(after(1).ready());
    account.tasks.stop(&arn, "enough").await.unwrap();
    let stopped = after(60);
    assert!(stopped.stopped());
    let ago = account.clock.now().since(stopped.stopped_at.unwrap());
    assert_eq!(ago, SECOND.saturating_mul(52), "it stopped eight seconds after it was asked");
}

#[tokio::test]
async fn a_look_that_lags_behind_shows_what_was() {
    let account = account().await;
    let arn = account.run().await;
    account.tasks.advance(&arn);
    account.faults.restart().at(0, Fault::Stale { writes: 1 }).at(1, Fault::Stale { writes: 2 });
    assert_eq!(account.tasks.describe(&arn).await.unwrap().unwrap().last_status, "PROVISIONING");
    assert_eq!(account.tasks.describe(&arn).await.unwrap(), None);
}

#[tokio::test]
async fn a_lost_answer_has_started_the_task_and_a_killed_process_learns_nothing() {
    let account = account().await;
    let ask = account.ask("run").await;
    account.faults.restart().at(0, Fault::AnswerLost).at(1, Fault::Killed { applied: true });
    assert!(account.tasks.run(&ask).await.unwrap_err().retryable());
    assert_eq!(account.tasks.living_tasks().len(), 1);
    assert!(account.faults.survive(account.tasks.run(&ask)).await.is_none());
    account.faults.revive();
    let arn = account.tasks.run(&ask).await.unwrap();
    assert_eq!(account.tasks.living_tasks(), [arn]);
}
