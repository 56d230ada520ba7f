//! Lists of incidents, across their partitions.

use super::{open_commit, opened, opening, repo, transition};
use std::collections::BTreeSet;
use watchfire_domain::{Incident, IncidentId, Severity, Status};
use watchfire_fakes::{Fault, World as Fakes};
use watchfire_store::{Repo, Which};

type Keep = dyn Fn(&Incident) -> bool + Send + Sync;

/// Every page of the list; how long each was.
async fn pages(
    repo: &Repo,
    which: Which,
    limit: usize,
    keep: &Keep,
) -> (Vec<IncidentId>, Vec<usize>) {
    let (mut ids, mut lengths, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = repo.list(which, after, limit, keep).await.unwrap();
        assert!(page.incidents.len() <= limit);
        lengths.push(page.incidents.len());
        ids.extend(page.incidents.iter().map(|incident| incident.id));
        assert!(page.next.is_none() || page.next < after.or(Some(IncidentId(uuid::Uuid::max()))));
        after = page.next;
        if after.is_none() {
            return (ids, lengths);
        }
    }
}

#[tokio::test]
async fn a_hundred_and_thirty_incidents_come_in_pages_newest_first() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let mut ids = Vec::new();
    for _ in 0..130 {
        fakes.forward(500);
        ids.push(opened(&fakes, "acme").await.id);
    }
    let shards: BTreeSet<u8> = ids.iter().map(|id| id.shard()).collect();
    assert_eq!(shards.len(), 4);
    ids.reverse();
    for limit in [1, 7, 50, 100] {
        let (found, lengths) = pages(&repo, Which::Open, limit, &|_| true).await;
        assert_eq!(found, ids, "{limit}");
        let whole = lengths.iter().filter(|length| **length == limit).count();
        assert!(lengths.len() - whole <= 1, "only the last page is short: {lengths:?}");
    }
    assert_eq!(pages(&repo, Which::Closed, 50, &|_| true).await.0, Vec::new());

    // What is closed moves to the other list; nothing is in both, or in none.
    let mut closed = Vec::new();
    for id in ids.iter().step_by(3) {
        transition(&fakes, "acme", *id, Status::Closed).await;
        closed.push(*id);
    }
    let open: Vec<_> = ids.iter().filter(|id| !closed.contains(id)).copied().collect();
    assert_eq!(pages(&repo, Which::Open, 40, &|_| true).await.0, open);
    assert_eq!(pages(&repo, Which::Closed, 40, &|_| true).await.0, closed);
    assert_eq!(pages(&repo, Which::All, 40, &|_| true).await.0, ids);

    // A filter: a page goes on over what does not fit.
    let last = *open.last().unwrap();
    let (found, lengths) =
        pages(&repo, Which::All, 10, &move |one: &Incident| one.id == last).await;
    assert_eq!((found.as_slice(), lengths.as_slice()), (&[last][..], &[1][..]));
    let third = |one: &Incident| one.id.shard() == 2;
    let (found, _) = pages(&repo, Which::All, 10, &third).await;
    assert_eq!(found, ids.iter().filter(|id| id.shard() == 2).copied().collect::<Vec<_>>());
    assert_eq!(
        super::repo(&fakes, "other").list(Which::All, None, 9, &|_| true).await.unwrap().incidents,
        Vec::new()
    );
}

#[tokio::test]
async fn an_index_that_lags_shows_no_incident_in_the_wrong_list() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let mut ids = Vec::new();
    for _ in 0..8 {
        fakes.forward(500);
        ids.push(opened(&fakes, "acme").await.id);
    }
    transition(&fakes, "acme", ids[2], Status::Closed).await;
    let lag = || {
        fakes.faults.restart();
        for nth in 0..10 {
            fakes.faults.at_operation("dynamodb:Query", nth, Fault::Stale { writes: 1 });
        }
    };
    lag();
    let open = repo.list(Which::Open, None, 50, &|_| true).await.unwrap().incidents;
    assert!(open.iter().all(|one| one.closed_at.is_none()) && open.len() == 7, "the record judges");
    lag();
    let closed = repo.list(Which::Closed, None, 50, &|_| true).await.unwrap().incidents;
    assert_eq!(closed, Vec::new(), "it comes when the index does");
    fakes.faults.restart().none();
    let closed = repo.list(Which::Closed, None, 50, &|_| true).await.unwrap().incidents;
    assert_eq!(closed.len(), 1);
}

#[tokio::test]
async fn a_list_does_not_read_the_whole_table_for_a_filter_that_fits_nothing() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    for _ in 0..520 {
        fakes.forward(10);
        let change = opening(&fakes, "acme", 26);
        repo.commit(open_commit(change)).await.unwrap();
    }
    fakes.dynamo.reset_counts();
    let none = |one: &Incident| one.severity == Severity::Low;
    let page = repo.list(Which::Open, None, 50, &none).await.unwrap();
    assert!(page.incidents.is_empty() && page.next.is_some(), "it goes on");
    let counts = fakes.dynamo.counts();
    assert_eq!((counts.by_operation["BatchGetItem"], counts.scans), (10, 0));
    let page = repo.list(Which::Open, page.next, 50, &none).await.unwrap();
    assert!(page.incidents.is_empty() && page.next.is_none(), "and comes to its end");
}
