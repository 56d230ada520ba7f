//! Due items: what the sweep looks at, and nothing else.

use super::{message, moved, note, opened, person, repo, sound};
use watchfire_domain::alarm::{AlarmState, Newest, Open};
use watchfire_domain::environment::{Environment, Spec};
use watchfire_domain::{Change, EnvironmentId, Incident, MINUTE, Status};
use watchfire_fakes::{Fault, World as Fakes};
use watchfire_ports::Clock as _;
use watchfire_store::{Commit, Due, DueKind};

fn request(fakes: &Fakes, of: &Incident, n: u16) -> Change<Environment> {
    let spec: Spec = serde_json::from_str(r#"{"cluster_id":"rosa-7","number":"7"}"#).unwrap();
    let id = EnvironmentId { incident: of.id, n };
    Environment::request(id, &spec, "7", "w", &person(), fakes.clock.now())
}

fn ok(fakes: &Fakes, of: &Incident, generation: u64) -> Open {
    let newest = Newest { state: AlarmState::Ok, at: fakes.clock.now() };
    let members = [("one".to_owned(), newest)].into();
    Open { incident: Some(of.id), members, generation, count: 1, ..Open::default() }
}

#[tokio::test]
async fn what_is_due_is_listed_with_its_tenant_the_oldest_first() {
    let fakes = Fakes::new(1);
    let now = fakes.clock.now();
    let mut wanted = Vec::new();
    for (tenant, minute) in [("acme", 3), ("other", 1), ("acme", 2), ("acme", 9)] {
        let incident = opened(&fakes, tenant).await;
        let due = now.plus(minute * MINUTE);
        let change = request(&fakes, &incident, 1);
        if minute < 9 {
            wanted.push((tenant.to_owned(), DueKind::Environment(change.after.id), due));
        }
        repo(&fakes, tenant)
            .commit(Commit::on(incident.id).change(change, Due::At(due)))
            .await
            .unwrap();
        let key = format!("key-{minute}");
        if minute < 9 {
            wanted.push((tenant.to_owned(), DueKind::Quiet(key.clone()), due));
        }
        let commit = Commit::on(incident.id).event(note("ok"));
        let commit = commit.alarm(&key, None, ok(&fakes, &incident, 1), Due::At(due));
        repo(&fakes, tenant).commit(commit).await.unwrap();
    }
    fakes.forward(3 * MINUTE);
    let table = repo(&fakes, "acme").table().clone();
    let found = table.due(fakes.clock.now(), 50).await.unwrap();
    let mut found: Vec<_> = found
        .into_iter()
        .map(|item| (item.tenant.as_str().to_owned(), item.kind, item.at))
        .collect();
    let order = |one: &(String, DueKind, _)| format!("{one:?}");
    found.sort_by_key(order);
    wanted.sort_by_key(order);
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn a_due_time_stays_moves_or_goes_with_the_change() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let incident = opened(&fakes, "acme").await;
    let (now, id) = (fakes.clock.now(), incident.id);
    let change = request(&fakes, &incident, 1);
    let mut environment = change.after.clone();
    repo.commit(Commit::on(id).change(change, Due::At(now))).await.unwrap();
    let minutes = |minutes: i64| now.plus(minutes * MINUTE);
    for (due, wanted) in [
        (Due::Keep, Some(now)),
        (Due::At(minutes(2)), Some(minutes(2))),
        (Due::Keep, Some(minutes(2))),
        (Due::Clear, None),
        (Due::Keep, None),
        (Due::At(minutes(3)), Some(minutes(3))),
    ] {
        let change = environment.extend(1, &person(), now).unwrap();
        environment = change.after.clone();
        repo.commit(Commit::on(id).change(change, due)).await.unwrap();
        let row = repo.environment(environment.id).await.unwrap().unwrap();
        assert_eq!((row.due, row.record.version), (wanted, environment.version), "{due:?}");
    }
    // Moved by whoever saw it when it was: a late mover moves nothing.
    repo.move_environment_due(environment.id, minutes(2), None).await.unwrap();
    repo.move_environment_due(environment.id, minutes(3), Some(minutes(9))).await.unwrap();
    let row = repo.environment(environment.id).await.unwrap().unwrap();
    assert_eq!((row.due, row.record.version), (Some(minutes(9)), environment.version));
    repo.move_environment_due(environment.id, minutes(9), None).await.unwrap();
    assert_eq!(repo.environment(environment.id).await.unwrap().unwrap().due, None);
    let none = EnvironmentId { n: 7, ..environment.id };
    repo.move_environment_due(none, now, Some(now)).await.unwrap();
    assert_eq!(repo.environment(none).await.unwrap(), None, "nothing is made of nothing");
}

#[tokio::test]
async fn whatever_is_due_can_be_looked_at_later() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let incident = opened(&fakes, "acme").await;
    let (now, id) = (fakes.clock.now(), incident.id);
    let commit = Commit::on(id)
        .change(request(&fakes, &incident, 1), Due::At(now))
        .alarm("key", None, ok(&fakes, &incident, 1), Due::At(now))
        .message(message("m"), now.plus(-MINUTE));
    repo.commit(commit).await.unwrap();
    let table = repo.table().clone();
    let due = table.due(now, 9).await.unwrap();
    assert_eq!(due.len(), 3);
    for item in &due {
        table.postpone(item, now.plus(MINUTE)).await.unwrap();
        // It was moved: whoever still believes in the old time moves nothing.
        table.postpone(item, now.plus(9 * MINUTE)).await.unwrap();
    }
    assert_eq!(table.due(now, 9).await.unwrap(), Vec::new());
    let later = table.due(now.plus(MINUTE), 9).await.unwrap();
    assert!(later.len() == 3 && later.iter().all(|item| item.at == now.plus(MINUTE)));
    let kinds = |items: Vec<watchfire_store::DueItem>| {
        items.into_iter().map(|item| item.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(later), kinds(due), "the records are as they were");
    sound(&fakes, "acme", id).await;
}

#[tokio::test]
async fn a_commit_without_a_due_time_writes_no_index() {
    let fakes = Fakes::new(1);
    let incident = opened(&fakes, "acme").await;
    let change = moved(&fakes, &incident, Status::Acknowledged);
    repo(&fakes, "acme").commit(Commit::on(incident.id).change(change, Due::Keep)).await.unwrap();
    assert!(!fakes.dynamo.dump().contains("duepk"));
}

#[tokio::test]
async fn a_quiet_period_ends_for_those_who_saw_it() {
    let fakes = Fakes::new(1);
    let repo = repo(&fakes, "acme");
    let incident = opened(&fakes, "acme").await;
    let until = fakes.clock.now().plus(5 * MINUTE);
    let open = ok(&fakes, &incident, 1);
    let commit = Commit::on(incident.id).event(note("ok"));
    repo.commit(commit.alarm("key", None, open.clone(), Due::At(until))).await.unwrap();
    let row = repo.quiet("key").await.unwrap().unwrap();
    assert_eq!((row.record, row.due), (open.clone(), Some(until)));
    repo.end_quiet("key", until.plus(1)).await.unwrap();
    assert_eq!(repo.quiet("key").await.unwrap().unwrap().due, Some(until));
    // The answer to the end is lost: it ended all the same, and once.
    fakes.faults.restart().at(0, Fault::AnswerLost);
    repo.end_quiet("key", until).await.unwrap();
    let row = repo.quiet("key").await.unwrap().unwrap();
    assert_eq!((row.record, row.due), (open, None));
}
