use super::{Ask, Service};
use crate::faults::{Fault, Faults, Killed};
use expect_test::expect;
use std::error::Error as _;
use std::fmt::Write as _;
use watchfire_ports::PortError;

fn ask() -> Ask {
    Ask::new("ecs:RunTask", "starting the task", "a")
}

async fn count(service: &Service<u32>) -> Result<u32, PortError> {
    service
        .write(ask(), |count| {
            *count = count.saturating_add(1);
            Ok(*count)
        })
        .await
}

#[tokio::test]
async fn every_fault_does_to_a_write_what_it_says() {
    let mut table = String::new();
    for fault in Fault::ALL {
        let faults = Faults::new();
        faults.at(0, fault);
        let service = Service::new(faults.clone(), 0);
        let answer = count(&service).await;
        let answer = answer.map_err(|error| error.source().map(ToString::to_string));
        let effects = *service.state();
        service.settle();
        let settled = *service.state();
        assert_eq!(service.calls().len(), usize::try_from(settled).unwrap());
        let _ = writeln!(table, "{fault:?}: {effects}, then {settled}: {answer:?}");
    }
    expect![[r#"
        NotSent: 0, then 0: Err(Some("the connection was refused"))
        AnswerLost: 1, then 1: Err(Some("the connection closed before the answer"))
        Duplicate { after: 0 }: 2, then 2: Ok(1)
        Duplicate { after: 2 }: 1, then 2: Ok(1)
        Throttled: 0, then 0: Err(Some("the rate was exceeded"))
        Saturated: 0, then 0: Err(Some("the capacity was exceeded"))
        ServerError { applied: false }: 0, then 0: Err(Some("internal failure"))
        ServerError { applied: true }: 1, then 1: Err(Some("internal failure"))
        Conflict: 1, then 1: Ok(1)
        TimedOut { applied: false }: 0, then 0: Err(Some("there was no answer in time"))
        TimedOut { applied: true }: 1, then 1: Err(Some("there was no answer in time"))
        Stale { writes: 1 }: 1, then 1: Ok(1)
        Killed { applied: false }: 0, then 0: Err(Some("the process was killed during this call"))
        Killed { applied: true }: 1, then 1: Err(Some("the process was killed during this call"))
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn a_late_duplicate_comes_after_so_many_calls_that_were_served() {
    let faults = Faults::new();
    faults.at(0, Fault::Duplicate { after: 2 }).at(1, Fault::NotSent);
    let service = Service::new(faults, 0);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let _ = count(&service).await;
        seen.push(*service.state());
    }
    assert_eq!(seen, [1, 1, 2, 4]);
}

#[tokio::test]
async fn only_a_look_can_lag_behind() {
    let faults = Faults::new();
    faults.at(0, Fault::Stale { writes: 3 });
    let service = Service::new(faults, 0);
    let look = || service.read(ask(), |_, behind| Ok(behind));
    assert_eq!((look().await.unwrap(), look().await.unwrap()), (3, 0));
}

#[tokio::test]
async fn a_request_that_left_before_its_process_was_killed_arrives() {
    for (applied, count_then) in [(true, 1), (false, 0)] {
        let faults = Faults::new();
        faults.at(0, Fault::Killed { applied });
        let service = Service::new(faults.clone(), 0);
        assert!(faults.survive(count(&service)).await.is_none());
        assert_eq!(*service.state(), count_then);
    }
}

#[tokio::test]
async fn a_killed_process_calls_nobody() {
    let faults = Faults::new();
    faults.at(0, Fault::Killed { applied: false });
    let service = Service::new(faults.clone(), 0);
    for _ in 0..2 {
        assert!(Killed::caused(&count(&service).await.unwrap_err()));
    }
    assert_eq!(service.calls(), Vec::<String>::new());
    faults.revive();
    assert_eq!(count(&service).await.unwrap(), 1);
}
