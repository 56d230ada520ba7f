//! A caller's idempotency mark.

use super::*;
use watchfire_domain::DAY;
use watchfire_store::{Stored, receipt_json};

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_changes_nothing() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    assert_eq!(repo.stored("k").await.unwrap(), None);
    let ask = || Commit::on(incident.id).event(note("once")).mark(Some(mark("k", "body")));
    let receipt = repo.commit(ask()).await.unwrap();
    let before = fakes.dynamo.dump();
    let answer = receipt_json(&receipt).to_string();
    let stored = Stored { body: "body".to_owned(), status: 201, answer };
    for _ in 0..3 {
        match repo.commit(ask()).await {
            Err(Refused::Repeat(found)) => assert_eq!(found, stored),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(repo.stored("k").await.unwrap(), Some(stored));
    assert_eq!(fakes.dynamo.dump(), before);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_told_apart_on_every_path() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    let next = moved(&fakes, &incident, Status::Acknowledged);
    let with = |commit: Commit, body: &str| commit.mark(Some(mark("k", body)));
    repo.commit(with(Commit::on(incident.id).change(next.clone(), Due::Keep), "one"))
        .await
        .unwrap();
    let before = fakes.dynamo.dump();
    let now = fakes.clock.now();
    for commit in [
        Commit::on(incident.id).event(note("a")),
        // The record has changed too: that the key was used says more.
        Commit::on(incident.id).change(next, Due::Keep),
        Commit::on(incident.id).event(note("a")).message(message("m"), now),
        open_commit(opening(&fakes, TENANT, 3)),
    ] {
        match repo.commit(with(commit, "two")).await {
            Err(Refused::Repeat(stored)) => {
                assert!(!stored.answers("two") && stored.answers("one"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(fakes.dynamo.dump(), before);
}

#[tokio::test]
async fn a_key_is_its_tenants_own_and_is_forgotten_after_a_week() {
    let fakes = Fakes::new(1);
    for name in [TENANT, "other"] {
        let incident = opened(&fakes, name).await;
        let commit = Commit::on(incident.id).event(note("a")).mark(Some(mark("k", name)));
        repo(&fakes, name).commit(commit).await.unwrap();
    }
    let stored = repo(&fakes, "other").stored("k").await.unwrap().unwrap();
    assert!(stored.answers("other"));
    fakes.forward(7 * DAY - 1_000);
    assert_eq!(fakes.dynamo.expire(), Ok(0));
    fakes.forward(2_000);
    assert_eq!(fakes.dynamo.expire(), Ok(2));
    assert_eq!(repo(&fakes, "other").stored("k").await.unwrap(), None);
}

#[tokio::test]
async fn of_two_requests_with_one_key_at_once_one_is_done() {
    for seed in 0..20 {
        let fakes = Fakes::new(seed);
        let incident = opened(&fakes, TENANT).await;
        let ask = |own: u64| {
            let faults = Faults::new();
            faults.interleave(seed.wrapping_mul(11).wrapping_add(own));
            let repo = other_process(&fakes, TENANT, &faults);
            let commit = Commit::on(incident.id).event(note("a")).mark(Some(mark("k", "b")));
            async move { repo.commit(commit).await }
        };
        let (one, other) = tokio::join!(ask(1), ask(2));
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        let answer = receipt_json(&won.unwrap()).to_string();
        assert!(
            matches!(&lost, Err(Refused::Repeat(stored)) if stored.answer == answer),
            "{lost:?}"
        );
        assert_eq!(sound(&fakes, TENANT, incident.id).await.events, 2);
    }
}

#[tokio::test]
async fn the_event_remembers_the_key() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    let commit = Commit::on(incident.id).event(note("a")).mark(Some(mark("k", "b")));
    repo.commit(commit).await.unwrap();
    let event = repo.newest(incident.id, 1).await.unwrap().remove(0);
    let idem = event.body.idem.unwrap();
    assert_eq!((idem.key.as_str(), idem.body.as_str()), ("k", "b"));
}

#[tokio::test]
async fn a_request_that_changes_nothing_uses_its_key_all_the_same() {
    use watchfire_fakes::Fault;
    for fault in [None, Some(Fault::AnswerLost), Some(Fault::Duplicate { after: 1 })] {
        let fakes = Fakes::new(1);
        let repo = repo(&fakes, TENANT);
        if let Some(fault) = fault {
            fakes.faults.at(0, fault);
        }
        // A lost answer is found again as the caller's own.
        match repo.keep_answer(&mark("k", "b")).await {
            Ok(()) => {}
            Err(Refused::Repeat(stored)) => assert!(stored.answers("b"), "{fault:?}"),
            Err(other) => panic!("{fault:?}: {other:?}"),
        }
        let again = repo.keep_answer(&mark("k", "other")).await;
        assert!(matches!(&again, Err(Refused::Repeat(stored)) if stored.answers("b")), "{again:?}");
        assert_eq!(fakes.dynamo.items().len(), 1);
    }
}
