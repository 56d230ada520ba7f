//! Plans and profiles: versions that never change, and a head that names the newest.

use super::{mark, other_process, repo, table_with};
use crate::world::storage_plan;
use serde_json::json;
use watchfire_domain::{Plan, Profile};
use watchfire_fakes::{Fault, Faults, World as Fakes};
use watchfire_store::{Refused, Repo};

fn plan(version: u32, title: &str) -> Plan {
    Plan { version, title: title.to_owned(), ..storage_plan(&json!({})) }
}

async fn newest(repo: &Repo) -> Plan {
    repo.newest_of("storage-latency").await.unwrap().unwrap()
}

#[tokio::test]
async fn a_version_is_stored_once_and_never_rewritten() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    assert_eq!(repo.newest_of::<Plan>("storage-latency").await.unwrap(), None);
    repo.put_version(&plan(1, "one"), None).await.unwrap();
    repo.put_version(&plan(2, "two"), None).await.unwrap();
    let late = repo.put_version(&plan(2, "other"), None).await;
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    assert_eq!(newest(&repo).await, plan(2, "two"));
    for (version, title) in [(1, "one"), (2, "two")] {
        let stored = repo.version_of::<Plan>("storage-latency", version).await.unwrap();
        assert_eq!(stored, Some(plan(version, title)));
    }
    assert_eq!(repo.version_of::<Plan>("storage-latency", 3).await.unwrap(), None);
    let profile = Profile { name: "storage-latency".to_owned(), ..Profile::sev() };
    repo.put_version(&profile, None).await.unwrap();
    assert_eq!(repo.newest_of::<Profile>("storage-latency").await.unwrap(), Some(profile));
    assert_eq!(repo.all_of::<Plan>().await.unwrap(), [plan(2, "two")]);
    assert_eq!(repo.all_of::<Profile>().await.unwrap().len(), 1);
    assert_eq!(super::repo(&fakes, "other").all_of::<Plan>().await.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_plan_that_answers_alarms_stands_in_the_mapping_as_long_as_it_does() {
    let fakes = Fakes::new(1);
    let table = table_with(&fakes, 3);
    let mapped = async || {
        let plans = table.alarm_map().await.unwrap();
        let name = |one: &watchfire_store::AlarmPlan| {
            format!("{} {} {}", one.tenant, one.plan.name, one.plan.version)
        };
        plans.iter().map(name).collect::<Vec<_>>()
    };
    for name in ["other", "acme"] {
        repo(&fakes, name).put_version(&plan(1, "one"), None).await.unwrap();
    }
    assert_eq!(mapped().await, ["acme storage-latency 1", "other storage-latency 1"]);
    let silent = Plan { matches: Vec::new(), ..plan(2, "two") };
    repo(&fakes, "acme").put_version(&silent, None).await.unwrap();
    assert_eq!(mapped().await, ["other storage-latency 1"]);
    repo(&fakes, "acme").put_version(&plan(3, "three"), None).await.unwrap();
    assert_eq!(mapped().await, ["acme storage-latency 3", "other storage-latency 1"]);
}

#[tokio::test]
async fn of_two_who_store_a_version_at_once_one_did() {
    for seed in 0..20u64 {
        let fakes = Fakes::new(seed);
        let race = |title: &'static str, own: u64| {
            let faults = Faults::new();
            faults.interleave(seed.wrapping_mul(19).wrapping_add(own));
            let repo = other_process(&fakes, "acme", &faults);
            async move { repo.put_version(&plan(1, title), None).await }
        };
        let (one, other) = tokio::join!(race("one", 1), race("other", 2));
        assert_ne!(one.is_ok(), other.is_ok());
        let title = if one.is_ok() { "one" } else { "other" };
        let repo = repo(&fakes, "acme");
        assert_eq!(newest(&repo).await.title, title);
        assert_eq!(table_with(&fakes, 3).alarm_map().await.unwrap()[0].plan.title, title);
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_a_conflict_and_a_key_gets_its_answer_again() {
    for fault in Fault::ALL {
        let fakes = Fakes::new(1);
        let repo = repo(&fakes, "acme");
        fakes.faults.restart().at(0, fault);
        let one = plan(1, "one");
        let put = repo.put_version(&one, Some(mark("k", "b")));
        let stored = fakes.faults.survive(put).await;
        fakes.faults.none().revive();
        fakes.settle();
        match &stored {
            Some(Ok(())) | None => {}
            Some(Err(Refused::Port(error))) => assert!(error.retryable(), "{fault:?}"),
            Some(Err(other)) => panic!("{fault:?}: {other:?}"),
        }
        let before = fakes.dynamo.items().len();
        let again = repo.put_version(&plan(1, "one"), Some(mark("k", "b"))).await;
        match again {
            Ok(()) => assert_eq!(before, 0, "{fault:?}"),
            Err(Refused::Repeat(answer)) => assert!(answer.answers("b") && before > 0, "{fault:?}"),
            Err(other) => panic!("{fault:?}: {other:?}"),
        }
        assert_eq!(newest(&repo).await, plan(1, "one"), "{fault:?}");
    }
}
