//! What is remembered of alarms.

use super::{note, opened, other_process, repo, sound};
use std::collections::BTreeSet;
use watchfire_domain::alarm::{AlarmState, Newest, Open};
use watchfire_domain::{DAY, Incident};
use watchfire_fakes::{Fault, Faults, World as Fakes};
use watchfire_ports::Clock as _;
use watchfire_store::{Commit, Due, Outcome, Refused, Seen};

fn open(fakes: &Fakes, of: &Incident, generation: u64) -> Open {
    let newest = Newest { state: AlarmState::Alarm, at: fakes.clock.now() };
    let members = [("one".to_owned(), newest)].into();
    Open { incident: Some(of.id), members, generation, count: generation, ..Open::default() }
}

fn seen(fakes: &Fakes, of: Option<&Incident>) -> Seen {
    let incident = of.map(|incident| incident.id);
    Seen { outcome: Outcome::Attached, incident, why: None, at: fakes.clock.now() }
}

#[tokio::test]
async fn the_newest_transition_is_written_over_the_one_that_was_read() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let incident = opened(&fakes, "acme").await;
    let on = || Commit::on(incident.id).event(note("a"));
    let [one, two] = [1, 2].map(|generation| open(&fakes, &incident, generation));
    assert_eq!(repo.alarm("key", ["e"]).await.unwrap(), (None, BTreeSet::from([])));
    repo.commit(on().alarm("key", None, one.clone(), Due::Clear)).await.unwrap();
    let stale = repo.commit(on().alarm("key", None, one.clone(), Due::Clear)).await;
    assert!(matches!(stale, Err(Refused::Taken("alarm"))), "{stale:?}");
    repo.commit(on().alarm("key", Some(&one), two.clone(), Due::Clear)).await.unwrap();
    let stale = repo.commit(on().alarm("key", Some(&one), two.clone(), Due::Clear)).await;
    assert!(matches!(stale, Err(Refused::Taken("alarm"))), "{stale:?}");
    assert_eq!(repo.alarm("key", ["e"]).await.unwrap(), (Some(two), BTreeSet::from([])));
    assert_eq!(
        super::repo(&fakes, "other").alarm("key", ["e"]).await.unwrap(),
        (None, BTreeSet::from([]))
    );
    assert_eq!(sound(&fakes, "acme", incident.id).await.events, 3);
}

#[tokio::test]
async fn a_transition_is_handled_once_and_remembered_for_three_weeks() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let incident = opened(&fakes, "acme").await;
    let on = || Commit::on(incident.id).event(note("a")).seen("e", seen(&fakes, Some(&incident)));
    repo.commit(on()).await.unwrap();
    let again = repo.commit(on()).await;
    assert!(matches!(again, Err(Refused::Taken("seen"))), "{again:?}");
    assert_eq!(repo.alarm("key", ["e"]).await.unwrap(), (None, BTreeSet::from(["e"])));
    assert!(!repo.record_alarm("e", &seen(&fakes, None), None).await.unwrap());
    assert!(repo.record_alarm("f", &seen(&fakes, None), None).await.unwrap());
    fakes.forward(21 * DAY - 1_000);
    assert_eq!(fakes.dynamo.expire(), Ok(0));
    fakes.forward(2_000);
    assert_eq!(fakes.dynamo.expire(), Ok(2));
}

#[tokio::test]
async fn a_record_without_an_incident_is_fenced_like_any_other() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let incident = opened(&fakes, "acme").await;
    let [one, two] = [1, 2].map(|generation| open(&fakes, &incident, generation));
    let record = async |event: &str, before: Option<&Open>, after: &Open| {
        repo.record_alarm(event, &seen(&fakes, None), Some(("key", before, after.clone()))).await
    };
    assert!(record("e", None, &one).await.unwrap());
    assert!(!record("e", None, &one).await.unwrap(), "handled before");
    assert!(matches!(record("f", None, &one).await, Err(Refused::Changed)));
    assert!(record("f", Some(&one), &two).await.unwrap());
    assert_eq!(repo.alarm("key", ["f"]).await.unwrap(), (Some(two), BTreeSet::from(["f"])));
}

#[tokio::test]
async fn of_two_transitions_at_once_the_second_looks_again() {
    for seed in 0..20u64 {
        let fakes = Fakes::new(seed);
        let incident = opened(&fakes, "acme").await;
        let race = |event: &'static str, own: u64| {
            let faults = Faults::new();
            faults.interleave(seed.wrapping_mul(17).wrapping_add(own));
            let repo = other_process(&fakes, "acme", &faults);
            let commit = Commit::on(incident.id)
                .event(note(event))
                .alarm("key", None, open(&fakes, &incident, 1), Due::Clear)
                .seen(event, seen(&fakes, Some(&incident)));
            async move { repo.commit(commit).await }
        };
        let (one, other) = tokio::join!(race("e", 1), race("f", 2));
        assert_ne!(one.is_ok(), other.is_ok());
        let lost = one.err().or(other.err()).unwrap();
        assert!(matches!(lost, Refused::Taken("alarm")), "{lost:?}");
    }
}

#[tokio::test]
async fn a_throttled_batch_is_no_answer() {
    let fakes = Fakes::new(1);
    let repo = super::table_with(&fakes, 1).of(&crate::world::tenant("acme"));
    for fault in [Fault::Throttled, Fault::NotSent, Fault::AnswerLost] {
        fakes.faults.restart().at(0, fault);
        assert!(repo.alarm("key", ["e"]).await.unwrap_err().retryable(), "{fault:?}");
    }
}
