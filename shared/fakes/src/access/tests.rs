use super::{FakeAccessPoints, FakeBroker};
use crate::faults::{Fault, Faults};
use crate::ids::FakeIds;
use watchfire_ports::{AccessBroker, AccessPointAsk, AccessPoints, PortError, TargetAsk};

fn ask(token: &str, path: &str) -> AccessPointAsk {
    AccessPointAsk { client_token: token.to_owned(), path: path.to_owned(), tags: Vec::new() }
}

fn points(faults: &Faults) -> FakeAccessPoints {
    FakeAccessPoints::new(FakeIds::new(1), faults.clone())
}

#[tokio::test]
async fn a_repeat_adopts_the_point_of_its_token() {
    let points = points(&Faults::new());
    let first = points.create(&ask("t", "/c/1")).await.unwrap();
    let again = points.create(&ask("t", "/c/1")).await.unwrap();
    assert_eq!((&first.id, first.path.as_str()), (&again.id, "/c/1"));
    let other = points.create(&ask("t", "/c/2")).await;
    assert!(matches!(other, Err(PortError::Conflict { what, .. }) if what == first.id));
    let second = points.create(&ask("u", "/c/1")).await.unwrap();
    assert_ne!(first.id, second.id, "one path may have several points");
    assert_eq!(points.dump().lines().count(), 2);
}

#[tokio::test]
async fn a_point_is_creating_for_so_many_looks() {
    let points = points(&Faults::new());
    points.creating_for(2);
    let id = points.create(&ask("t", "/c/1")).await.unwrap().id;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(points.describe(&id).await.unwrap().unwrap().available);
    }
    assert_eq!(seen, [false, false, true]);
    assert!(points.mountable(&id));
}

#[tokio::test]
async fn a_point_is_found_by_its_token() {
    let points = points(&Faults::new());
    let id = points.create(&ask("t", "/c/1")).await.unwrap().id;
    assert_eq!(points.find("t").await.unwrap().map(|point| point.id), Some(id));
    assert_eq!(points.find("u").await.unwrap(), None);
}

#[tokio::test]
async fn deleting_twice_is_no_error_and_frees_the_token() {
    let points = points(&Faults::new());
    let id = points.create(&ask("t", "/c/1")).await.unwrap().id;
    for _ in 0..2 {
        points.delete(&id).await.unwrap();
    }
    assert_eq!(points.describe(&id).await.unwrap(), None);
    assert_eq!(points.existing(), []);
    assert_ne!(points.create(&ask("t", "/c/2")).await.unwrap().id, id);
}

#[tokio::test]
async fn the_limit_and_malformed_asks_are_refused() {
    let points = points(&Faults::new());
    points.limit(1);
    points.create(&ask("t", "/c/1")).await.unwrap();
    let full = points.create(&ask("u", "/c/2")).await.unwrap_err();
    assert!(full.to_string().contains("AccessPointLimitExceeded"), "{full}");
    assert!(!full.retryable());
    for (token, path) in [("", "/c/1"), ("u", "c/1"), ("u", "/c/1/"), ("u", "/a/b/c/d/e")] {
        assert!(points.create(&ask(token, path)).await.is_err(), "{token} {path}");
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_the_point_and_a_stale_look_misses_it() {
    let faults = Faults::new();
    let points = points(&faults);
    faults.at(0, Fault::AnswerLost);
    assert!(points.create(&ask("t", "/c/1")).await.unwrap_err().retryable());
    assert_eq!(points.existing().len(), 1);
    let id = points.create(&ask("t", "/c/1")).await.unwrap().id;
    faults.restart().none().at(0, Fault::Stale { writes: 1 }).at(2, Fault::Stale { writes: 1 });
    assert_eq!(points.describe(&id).await.unwrap(), None);
    assert!(points.create(&ask("t", "/c/1")).await.unwrap_err().retryable());
    assert!(points.describe(&id).await.unwrap().is_some());
}

fn target(name: &str, description: &str) -> TargetAsk {
    TargetAsk::new(name.to_owned(), description.to_owned())
}

#[tokio::test]
async fn ecs_exec_has_no_targets() {
    let broker = FakeBroker::exec();
    assert_eq!(broker.name(), "ecs-exec");
    assert_eq!(broker.create(&target("n", "d")).await.unwrap(), None);
    broker.attach("n", "task").await.unwrap();
    broker.delete("n").await.unwrap();
    assert_eq!(broker.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_target_is_found_by_its_name_and_goes_once() {
    let broker = FakeBroker::boundary(FakeIds::new(1), Faults::new());
    let id = broker.create(&target("n", "d")).await.unwrap().unwrap();
    assert_eq!(broker.create(&target("n", "d")).await.unwrap().as_ref(), Some(&id));
    let other = broker.create(&target("n", "somebody else's")).await;
    assert!(matches!(other, Err(PortError::Conflict { what, .. }) if what == id));
    broker.attach(&id, "task").await.unwrap();
    assert_eq!(broker.dump(), format!("{id} n task\n"));
    for _ in 0..2 {
        broker.delete("n").await.unwrap();
    }
    assert_eq!(broker.existing(), []);
    let gone = broker.attach(&id, "task").await;
    assert!(matches!(gone, Err(PortError::NotFound { .. })));
}

#[tokio::test]
async fn a_broker_that_is_down_fails_everything_until_it_is_up() {
    let broker = FakeBroker::boundary(FakeIds::new(1), Faults::new());
    broker.down(true);
    assert!(broker.create(&target("n", "d")).await.unwrap_err().retryable());
    assert!(broker.delete("n").await.is_err());
    broker.down(false);
    assert!(broker.create(&target("n", "d")).await.unwrap().is_some());
}
