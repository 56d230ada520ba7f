//! One fault in a life: at every call, in every way.

use super::life::Life;
use crate::world::World;
use std::fmt::Write as _;
use tokio::task::LocalSet;
use watchfire_fakes::Fault;
use watchfire_fakes::faults::Call;

const KILLED: [Fault; 2] = [Fault::Killed { applied: false }, Fault::Killed { applied: true }];

/// A fresh world: the same one every time.
fn world() -> World {
    World::with_targets(1)
}

/// The calls of a life in which nothing fails.
async fn clean() -> Vec<Call> {
    let life = Life::lived(world()).await;
    life.converged().await;
    life.world.faults.log()
}

/// Whether the fault can touch the call at all.
fn touches(fault: Fault, operation: &str) -> bool {
    let table = operation.starts_with("dynamodb:");
    let write = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];
    let write = write.iter().any(|name| operation.ends_with(name));
    match fault {
        Fault::Conflict => table && write,
        // Of the table everything but its indexes is read consistently.
        Fault::Stale { .. } => !table,
        Fault::NotSent
        | Fault::AnswerLost
        | Fault::Duplicate { .. }
        | Fault::Throttled
        | Fault::Saturated
        | Fault::ServerError { .. }
        | Fault::TimedOut { .. }
        | Fault::Killed { .. } => true,
    }
}

/// Lives once for each schedule; the ones that went wrong, as a list that a person can follow.
async fn run(schedules: Vec<(Call, Fault)>) {
    let mut wrong = String::new();
    let all = schedules.len();
    for (call, fault) in schedules {
        let life = async move {
            let world = world();
            world.faults.at(call.index, fault);
            Life::lived(world).await.converged().await;
        };
        let local = LocalSet::new();
        let life = Box::pin(life);
        let lived = Box::pin(local.run_until(async { tokio::task::spawn_local(life).await })).await;
        if let Err(panicked) = lived {
            let said = panicked.into_panic();
            let said = said.downcast_ref::<String>().map_or("no words", String::as_str);
            let Call { index, operation, .. } = &call;
            writeln!(wrong, "- call {index}, {operation}: {fault:?}\n  {said}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "of {all} schedules these went wrong:\n{wrong}");
}

#[tokio::test]
async fn a_process_that_is_killed_at_any_await_before_its_call_left() {
    let calls = clean().await;
    run(calls.into_iter().map(|call| (call, KILLED[0])).collect()).await;
}

#[tokio::test]
async fn a_process_that_is_killed_at_any_await_after_its_call_arrived() {
    let calls = clean().await;
    run(calls.into_iter().map(|call| (call, KILLED[1])).collect()).await;
}

#[tokio::test]
async fn a_call_that_fails_in_any_other_way() {
    let others: Vec<Fault> =
        Fault::ALL.into_iter().filter(|fault| !KILLED.contains(fault)).collect();
    // All of them are 1,400 lives. Every call fails in one way here, and every way comes at each
    // twelfth call; `WATCHFIRE_SAGA=all` takes them all.
    #[expect(clippy::disallowed_methods, reason = "how much a test does is no setting of ours")]
    let whole = std::env::var("WATCHFIRE_SAGA").is_ok_and(|value| value == "all");
    let mut schedules = Vec::new();
    for (at, call) in clean().await.into_iter().enumerate() {
        let fit: Vec<Fault> =
            others.iter().copied().filter(|fault| touches(*fault, &call.operation)).collect();
        let take = if whole { fit.len() } else { 1 };
        let chosen = fit.iter().cycle().skip(at).take(take);
        schedules.extend(chosen.map(|fault| (call.clone(), *fault)));
    }
    run(schedules).await;
}
