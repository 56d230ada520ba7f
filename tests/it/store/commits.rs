//! One commit: all of it is written, once, or nothing; whatever becomes of its answer.

mod lost;
mod marks;

use super::{mark, message, moved, note, open_commit, opened, opening, other_process, repo, sound};
use watchfire_domain::Status;
use watchfire_fakes::{Faults, World as Fakes};
use watchfire_ports::Clock as _;
use watchfire_store::{Commit, Due, Refused};

const TENANT: &str = "acme";

#[tokio::test]
async fn a_record_that_changed_meanwhile_is_not_overwritten() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    let mine = moved(&fakes, &incident, Status::Acknowledged);
    let theirs = moved(&fakes, &incident, Status::Mitigating);
    repo.commit(Commit::on(incident.id).change(theirs, Due::Keep)).await.unwrap();
    let before = fakes.dynamo.dump();
    let late = repo.commit(Commit::on(incident.id).change(mine.clone(), Due::Keep)).await;
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    assert_eq!(fakes.dynamo.dump(), before, "nothing of it was written");
    let guarded =
        Commit::on(incident.id).change(mine, Due::Keep).message(message("m"), fakes.clock.now());
    let late = repo.commit(guarded.mark(Some(mark("k", "b")))).await;
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    assert_eq!(fakes.dynamo.dump(), before);
    sound(&fakes, TENANT, incident.id).await;
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_written() {
    for seed in 0..20 {
        let fakes = Fakes::new(seed);
        let incident = opened(&fakes, TENANT).await;
        let change = |to| {
            let faults = Faults::new();
            faults
                .interleave(seed.wrapping_mul(7).wrapping_add(u64::from(to == Status::Mitigating)));
            let repo = other_process(&fakes, TENANT, &faults);
            let change = moved(&fakes, &incident, to);
            async move { repo.commit(Commit::on(change.after.id).change(change, Due::Keep)).await }
        };
        let (one, other) = tokio::join!(change(Status::Acknowledged), change(Status::Mitigating));
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(won.unwrap().events[0].0, 2);
        assert!(matches!(lost, Err(Refused::Changed)), "{lost:?}");
        assert_eq!(sound(&fakes, TENANT, incident.id).await.events, 2);
    }
}

#[tokio::test]
async fn a_note_that_comes_between_does_not_hinder_a_change() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    let change = moved(&fakes, &incident, Status::Acknowledged);
    // The head that the change's commit reads is behind by the time it writes.
    let faults = Faults::new();
    let slow = other_process(&fakes, TENANT, &faults);
    faults.interleave(3);
    let (written, ()) =
        tokio::join!(slow.commit(Commit::on(incident.id).change(change, Due::Keep)), async {
            for text in ["a", "b", "c", "d"] {
                repo.commit(Commit::on(incident.id).event(note(text))).await.unwrap();
            }
        });
    assert_eq!(written.unwrap().events.len(), 1);
    assert_eq!(sound(&fakes, TENANT, incident.id).await.events, 6);
}

#[tokio::test]
async fn three_incidents_of_one_minute_have_three_names() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let mut names = Vec::new();
    for _ in 0..3 {
        let mut letters = [0, 3, 6].into_iter();
        let mut change = opening(&fakes, TENANT, letters.next().unwrap());
        let id = change.after.id;
        while let Err(refused) = repo.commit(open_commit(change.clone())).await {
            assert!(matches!(refused, Refused::Taken("display")), "{refused:?}");
            let display_id =
                watchfire_domain::display_id(fakes.clock.now(), id, letters.next().unwrap());
            change.after.display_id = display_id;
        }
        names.push(change.after.display_id.clone());
        assert_eq!(repo.by_display_id(&change.after.display_id).await.unwrap(), Some(id));
    }
    assert_eq!(names[0], "INC-20261121-0312");
    assert!(names[1].len() == 20 && names[2].len() == 20 && names[1] != names[2], "{names:?}");
    // The same name in another tenant is another's.
    let other = super::repo(&fakes, "other");
    assert_eq!(other.by_display_id(&names[0]).await.unwrap(), None);
    other.commit(open_commit(opening(&fakes, "other", 0))).await.unwrap();
}

#[tokio::test]
async fn what_must_not_be_there_is_named() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    let now = fakes.clock.now();
    let on = || Commit::on(incident.id).event(note("a"));
    repo.commit(on().message(message("m"), now)).await.unwrap();
    let again = repo.commit(on().message(message("m"), now)).await;
    assert!(matches!(again, Err(Refused::Taken("outbox"))), "{again:?}");
    let again = repo.commit(on().display(&incident.display_id)).await;
    assert!(matches!(again, Err(Refused::Taken("display"))), "{again:?}");
    assert_eq!(sound(&fakes, TENANT, incident.id).await.events, 2);
}

#[tokio::test]
async fn what_a_commit_rests_on_must_still_be_so() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let read = opened(&fakes, TENANT).await;
    let on = |incident| Commit::on(read.id).event(note("a")).unchanged(incident);
    repo.commit(on(&read)).await.unwrap();
    // A note changes no record; a status does.
    repo.commit(Commit::on(read.id).event(note("b"))).await.unwrap();
    repo.commit(on(&read)).await.unwrap();
    let change = moved(&fakes, &read, Status::Acknowledged);
    let after = change.after.clone();
    repo.commit(Commit::on(read.id).change(change, Due::Keep)).await.unwrap();
    let late = repo.commit(on(&read)).await;
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    repo.commit(on(&after)).await.unwrap();
    assert_eq!(sound(&fakes, TENANT, read.id).await.events, 6);
}

#[tokio::test]
async fn a_message_is_given_up_once() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let id = opened(&fakes, TENANT).await.id;
    let queue = Commit::on(id).event(note("a")).message(message("m"), fakes.clock.now());
    repo.commit(queue).await.unwrap();
    repo.commit(Commit::on(id).event(note("b")).given_up("m")).await.unwrap();
    assert_eq!(repo.queued("m").await.unwrap(), None);
    let again = repo.commit(Commit::on(id).event(note("b")).given_up("m")).await;
    assert!(matches!(again, Err(Refused::Taken("given up"))), "{again:?}");
    assert_eq!(sound(&fakes, TENANT, id).await.events, 3);
}

#[tokio::test]
async fn time_that_goes_back_puts_no_event_before_another() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let incident = opened(&fakes, TENANT).await;
    fakes.forward(-90 * watchfire_domain::MINUTE);
    repo.commit(Commit::on(incident.id).event(note("earlier"))).await.unwrap();
    let events = repo.events(incident.id, 0, 9).await.unwrap();
    assert_eq!(events[0].body.at, events[1].body.at);
    sound(&fakes, TENANT, incident.id).await;
}

#[tokio::test]
async fn a_timeline_is_read_from_both_ends_and_in_pages() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, TENANT);
    let id = opened(&fakes, TENANT).await.id;
    for text in 2..=25 {
        repo.commit(Commit::on(id).event(note(&text.to_string()))).await.unwrap();
    }
    let seqs = |events: Vec<watchfire_store::Event>| {
        events.into_iter().map(|event| event.stored.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(repo.newest(id, 3).await.unwrap()), [23, 24, 25]);
    assert_eq!(seqs(repo.events(id, 0, 2).await.unwrap()), [1, 2]);
    assert_eq!(seqs(repo.events(id, 24, 100).await.unwrap()), [25]);
    assert_eq!(seqs(repo.events(id, 25, 100).await.unwrap()), Vec::<u64>::new());
    let mut all = Vec::new();
    while let page @ [_, ..] =
        seqs(repo.events(id, all.last().copied().unwrap_or(0), 7).await.unwrap()).as_slice()
    {
        all.extend_from_slice(page);
    }
    assert_eq!(all, (1..=25).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_incident_of_another_tenant_is_none() {
    let fakes = Fakes::new(1);
    let incident = opened(&fakes, TENANT).await;
    let other = repo(&fakes, "other");
    assert_eq!(other.incident(incident.id).await.unwrap(), None);
    assert_eq!(other.events(incident.id, 0, 9).await.unwrap(), Vec::new());
    assert_eq!(other.head(incident.id).await.unwrap(), None);
    assert!(other.find(incident.id).await.unwrap().is_none());
    let change = moved(&fakes, &incident, Status::Acknowledged);
    let before = fakes.dynamo.dump();
    let refused = other.commit(Commit::on(incident.id).change(change, Due::Keep)).await;
    assert!(matches!(refused, Err(Refused::Changed)), "{refused:?}");
    assert_eq!(fakes.dynamo.dump(), before);
}
