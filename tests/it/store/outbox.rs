//! Messages that wait to be sent.

use super::{message, note, opened, repo};
use watchfire_domain::{MINUTE, SECOND};
use watchfire_fakes::World as Fakes;
use watchfire_ports::Clock as _;
use watchfire_store::{Commit, DueKind, Queued, Table};

async fn due(table: &Table, fakes: &Fakes) -> Vec<String> {
    let due = table.due(fakes.clock.now(), 50).await.unwrap();
    due.into_iter()
        .map(|item| match item.kind {
            DueKind::Message(id) => id,
            other @ (DueKind::Environment(_)
            | DueKind::Approval(_)
            | DueKind::Execution(..)
            | DueKind::Quiet(_)) => {
                panic!("{other:?}")
            }
        })
        .collect()
}

#[tokio::test]
async fn a_message_is_due_after_a_minute_and_again_when_it_is_queued_again() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let table = repo.table().clone();
    let id = opened(&fakes, "acme").await.id;
    let commit = Commit::on(id).event(note("a")).message(message("m"), fakes.clock.now());
    repo.commit(commit).await.unwrap();
    assert_eq!(due(&table, &fakes).await, Vec::<String>::new());
    fakes.forward(MINUTE - 1);
    assert_eq!(due(&table, &fakes).await, Vec::<String>::new());
    fakes.forward(1);
    assert_eq!(due(&table, &fakes).await, ["m"]);
    let row = repo.queued("m").await.unwrap().unwrap();
    let queued = Queued { incident: id, message: message("m"), tries: 0 };
    assert_eq!((row.record.clone(), row.due), (queued, Some(fakes.clock.now())));
    let later = fakes.clock.now().plus(2 * MINUTE);
    repo.requeue(&Queued { tries: 1, ..row.record }, later).await.unwrap();
    assert_eq!(due(&table, &fakes).await, Vec::<String>::new());
    fakes.forward(2 * MINUTE + SECOND);
    assert_eq!(due(&table, &fakes).await, ["m"]);
    assert_eq!(repo.queued("m").await.unwrap().unwrap().record.tries, 1);
}

#[tokio::test]
async fn one_that_was_taken_is_gone_and_does_not_come_back() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let id = opened(&fakes, "acme").await.id;
    let commit = Commit::on(id).event(note("a")).message(message("m"), fakes.clock.now());
    repo.commit(commit).await.unwrap();
    let queued = repo.queued("m").await.unwrap().unwrap().record;
    repo.unqueue("m").await.unwrap();
    repo.unqueue("m").await.unwrap();
    let before = fakes.dynamo.dump();
    repo.requeue(&queued, fakes.clock.now()).await.unwrap();
    assert_eq!(repo.queued("m").await.unwrap(), None);
    assert_eq!(fakes.dynamo.dump(), before);
    assert_eq!(super::repo(&fakes, "other").queued("m").await.unwrap(), None);
}
