//! The table, through the real client over DynamoDB's real semantics in this process.

mod alarms;
mod commits;
mod cursors;
mod due;
mod integrations;
mod keys;
mod lists;
mod log;
mod outbox;
mod runbooks;
mod shares;
mod slots;
mod tenants;
mod tokens;
mod versions;
mod writers;

use crate::world::tenant;
use serde_json::json;
use watchfire_domain::chain::{Verified, verify};
use watchfire_domain::incident::{Extra, Incident, Opening, Transition};
use watchfire_domain::plan::Target;
use watchfire_domain::{
    Actor, ActorKind, Change, Draft, EventType, IncidentId, Profile, Severity, Status, patch,
};
use watchfire_fakes::{Faults, World as Fakes, dynamo};
use watchfire_ports::{Clock as _, Ids as _, Message};
use watchfire_store::{Commit, Due, Mark, Receipt, Repo, Table, receipt_json};

/// The table of this world, through a client that tries so often.
fn table_with(fakes: &Fakes, attempts: u32) -> Table {
    Table::new(
        fakes.dynamo.client_with_attempts(attempts),
        dynamo::TABLE,
        fakes.clock.clone(),
        fakes.ids.clone(),
        fakes.pause.clone(),
    )
}

/// The table, as a tenant of this world sees it through the client as it is shipped.
fn repo(fakes: &Fakes, name: &str) -> Repo {
    table_with(fakes, 3).of(&tenant(name))
}

/// The same table, seen from another process that fails by a plan of its own.
fn other_process(fakes: &Fakes, name: &str, faults: &Faults) -> Repo {
    repo(&fakes.process(faults.clone()), name)
}

fn person() -> Actor {
    Actor { kind: ActorKind::User, id: "kim@example.org".to_owned() }
}

fn note(text: &str) -> Draft {
    Draft::new(EventType::NoteAdded, &person()).with("text", text)
}

/// A new incident of this tenant, not yet stored.
fn opening(fakes: &Fakes, name: &str, letters: usize) -> Change<Incident> {
    let now = fakes.clock.now();
    let opening = Opening {
        id: IncidentId::at(now, fakes.ids.ten()),
        title: "Storage is slow".to_owned(),
        description: String::new(),
        severity: Severity::High,
        confirm_severity: false,
        extra: Extra::default(),
    };
    Incident::open(&tenant(name), &Profile::sev(), opening, letters, &person(), now)
}

/// The commit that opens it, with its display id.
fn open_commit(change: Change<Incident>) -> Commit {
    let display_id = change.after.display_id.clone();
    Commit::on(change.after.id).fresh().change(change, Due::Keep).display(&display_id)
}

/// An incident of this tenant, stored.
async fn opened(fakes: &Fakes, name: &str) -> Incident {
    let change = opening(fakes, name, 26);
    let incident = change.after.clone();
    repo(fakes, name).commit(open_commit(change)).await.unwrap();
    incident
}

/// The incident's next status, with a rationale.
fn moved(fakes: &Fakes, incident: &Incident, to: Status) -> Change<Incident> {
    let ask = Transition { to, rationale: Some("as the runbook says".to_owned()) };
    incident.transition(&ask, &person(), fakes.clock.now()).unwrap()
}

/// Moves the incident to a status, and gives it as it stands then.
async fn transition(fakes: &Fakes, name: &str, id: IncidentId, to: Status) -> Incident {
    let repo = repo(fakes, name);
    let before = repo.incident(id).await.unwrap().unwrap().record;
    let change = moved(fakes, &before, to);
    let after = change.after.clone();
    repo.commit(Commit::on(id).change(change, Due::Keep)).await.unwrap();
    after
}

/// A mark whose answer is the receipt.
fn mark(key: &str, body: &str) -> Mark {
    Mark {
        key: key.to_owned(),
        body: body.to_owned(),
        status: 201,
        answer: Box::new(|receipt: &Receipt| receipt_json(receipt).to_string()),
    }
}

fn message(id: &str) -> Message {
    Message {
        id: id.to_owned(),
        to: Target::Email("sre@example.org".to_owned()),
        subject: "Storage is slow".to_owned(),
        text: "Look at it.".to_owned(),
        data: json!({}),
    }
}

/// The chain of the incident, gapless and verified; the records in it fold to what is stored.
async fn sound(fakes: &Fakes, name: &str, id: IncidentId) -> Verified {
    let repo = repo(fakes, name);
    let events = repo.events(id, 0, usize::MAX).await.unwrap();
    let folded = patch::fold(events.iter().map(|event| &event.body.payload));
    let stored = repo.incident(id).await.unwrap().unwrap().record;
    assert_eq!(folded["incident"], serde_json::to_value(stored).unwrap());
    let head = repo.head(id).await.unwrap().unwrap();
    let verified = verify(name, id, events.into_iter().map(|event| event.stored)).unwrap();
    verified.ends_at(head.seq, &head.hash).unwrap();
    assert_eq!(verified.events, verified.seq, "gapless");
    verified
}
