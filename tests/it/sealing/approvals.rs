//! The documents of approvals: each that ended has its own, whatever was killed, and it is lent for a
//! while to whoever may see the approval.

use super::{checkpoint, deliver};
use crate::published::{stream, until_told};
use crate::runs::golden::asked;
use crate::world::runs::kim;
use crate::world::{TENANT, World, ask, person};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfire_desk::ApprovalDeed;
use watchfire_domain::approval::Answer;
use watchfire_domain::{ApprovalId, DAY, IncidentId, MINUTE};
use watchfire_edge::Fault;
use watchfire_fakes::Fault as Broken;
use watchfire_policy::Role;
use watchfire_ports::Clock as _;

/// An incident whose approver is asked about its environment.
async fn open() -> (World, IncidentId) {
    let world = World::new(1);
    let id = world.questioned().await;
    (world, id.incident)
}

/// The same, answered.
async fn granted() -> (World, IncidentId) {
    let (world, id) = open().await;
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    (world, id)
}

/// What is asked of an approval as the API's function.
async fn deed(world: &World, by: &watchfire_desk::Caller, id: ApprovalId, deed: ApprovalDeed) {
    let ask = ask("POST /approvals");
    let done = Box::pin(world.desk.change_approval(by, &ask, id, &deed));
    world.acting("api", done).await.unwrap();
}

/// The stream is read, and what it asks for is sealed.
async fn told(world: &World, id: IncidentId) {
    until_told(world, &stream(world, id).await).await;
    assert_eq!(deliver(world).await, 0);
}

async fn lent(world: &World, by: &watchfire_desk::Caller, id: ApprovalId) -> Result<Value, Fault> {
    let lent = Box::pin(world.desk.lend_evidence(by, id));
    world.acting("api", lent).await
}

/// Each digest that the chain names is that of an object under the name that follows from it, and
/// there are no others. What they say.
async fn kept(world: &World, id: IncidentId) -> Vec<String> {
    let objects = world.vault.below(&format!("approvals/{TENANT}/{id}/"));
    let mut said = Vec::new();
    for event in world.timeline(id).await {
        let Some(digest) = event.body.payload.pointer("/detail/document") else { continue };
        let approval: ApprovalId =
            serde_json::from_value(event.body.payload["detail"]["approval"].clone()).unwrap();
        let name = format!("{:04}-{}.json", approval.n, digest.as_str().unwrap());
        let bytes = objects.get(&name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(watchfire_domain::hex(&Sha256::digest(bytes)), digest.as_str().unwrap());
        said.push(String::from_utf8(bytes.clone()).unwrap());
    }
    assert_eq!(objects.len(), said.len(), "{:?}", objects.keys());
    said
}

#[tokio::test]
async fn every_end_is_kept_and_holds_no_code_and_no_link() {
    let revoke = || ApprovalDeed::Revoke("asked by mistake".to_owned());
    for end in ["granted", "denied", "expired", "revoked"] {
        let (world, id) = open().await;
        let approval = world.approvals(id).await.pop().unwrap();
        match end {
            "granted" => drop(world.answer("ana@example.org", Answer::Grant).await.unwrap()),
            "denied" => drop(world.answer("ana@example.org", Answer::Deny).await.unwrap()),
            "revoked" => deed(&world, &World::admin(), approval.id, revoke()).await,
            _ => {
                world.forward(8 * DAY);
                world.sweep().await;
            }
        }
        let links = world.links("ana@example.org");
        told(&world, id).await;
        let [text] = &kept(&world, id).await[..] else { panic!("{end}: one document") };
        let read: Value = serde_json::from_str(text).unwrap();
        assert_eq!((&read["state"], &read["asked"]), (&json!(end), &json!(["ana@example.org"])));
        assert_eq!(read["subject"]["inputs_hash"], json!(approval.subject.inputs_hash));
        assert!(!links.is_empty());
        for secret in links.iter().chain([&approval.code]) {
            assert!(!text.contains(secret.as_str()), "{end}: {text}");
        }
        world.sound(id).await;
    }
}

#[tokio::test]
async fn it_is_lent_for_a_quarter_of_an_hour_to_whoever_may_see_the_approval() {
    let (world, id) = open().await;
    let (vic, approval) =
        (person("vic@example.org", Role::Viewer, TENANT), ApprovalId { incident: id, n: 1 });
    let pending = lent(&world, &vic, approval).await;
    assert!(matches!(pending, Err(Fault::NotKept { .. })), "{pending:?}");
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    let unwritten = lent(&world, &vic, approval).await;
    assert!(matches!(unwritten, Err(Fault::NotKept { .. })), "{unwritten:?}");
    assert!(unwritten.unwrap_err().retryable());
    told(&world, id).await;

    let answer = lent(&world, &vic, approval).await.unwrap();
    let (url, now) = (answer["url"].as_str().unwrap(), world.clock.now());
    let bytes = world.vault.fetch(url, now).unwrap();
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), kept(&world, id).await[0]);
    assert_eq!(answer["sha256"], watchfire_domain::hex(&Sha256::digest(&bytes)));
    assert_eq!(answer["expires_at"], json!(now.plus(15 * MINUTE)));
    let last = now.plus(15 * MINUTE - 1);
    assert_eq!(world.vault.fetch(url, last), Ok(bytes));
    assert_eq!(world.vault.fetch(url, now.plus(15 * MINUTE)), Err(403), "its time is over");
    let longer = url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000");
    assert_eq!(world.vault.fetch(&longer, now), Err(403), "nobody prolongs it");

    for (role, tenant) in [(Role::Admin, "globex"), (Role::Service, TENANT)] {
        let refused = lent(&world, &person("eve@example.org", role, tenant), approval).await;
        assert!(matches!(refused, Err(Fault::NotFound | Fault::Denied { .. })), "{refused:?}");
    }
    // What stands in the timeline, and what is told of it, has the digest and never the address.
    let events = format!("{:?}{:?}", world.timeline(id).await, world.bus.events());
    assert!(!events.contains("X-Amz-") && events.contains(answer["sha256"].as_str().unwrap()));
}

#[tokio::test]
async fn an_override_has_a_document_and_its_review_another_one() {
    let world = World::new(1);
    let (id, _) = asked(&world).await;
    let approval = world.approvals(id).await.pop().unwrap().id;
    let mut on_call = kim();
    on_call.actor.on_call = true;
    let reason = "nobody answers, and the shard is full".to_owned();
    deed(&world, &on_call, approval, ApprovalDeed::Override(reason)).await;
    told(&world, id).await;
    let first = lent(&world, &on_call, approval).await.unwrap();
    let cora = person("cora@example.org", Role::Commander, TENANT);
    let found = ApprovalDeed::Review { justified: true, note: "it burned".to_owned() };
    deed(&world, &cora, approval, found).await;
    let unwritten = lent(&world, &on_call, approval).await;
    assert!(matches!(unwritten, Err(Fault::NotKept { .. })), "the older one is not passed off");
    told(&world, id).await;
    let second = lent(&world, &on_call, approval).await.unwrap();
    assert_ne!(first["sha256"], second["sha256"]);
    let [end, review] = &kept(&world, id).await[..] else { panic!("two documents") };
    assert!(end.contains(r#""review":null"#) && review.contains("it burned"), "{end}\n{review}");
    assert!(world.vault.fetch(first["url"].as_str().unwrap(), world.clock.now()).is_ok());
}

/// Whatever call of the two functions is their last: the stream and the queue come again.
#[tokio::test]
async fn wherever_a_run_is_killed_the_document_is_kept() {
    for at in 0.. {
        let (world, id) = granted().await;
        let records = stream(&world, id).await;
        let call = world.faults.calls() + at;
        world.faults.at(call, Broken::Killed { applied: true });
        until_told(&world, &records).await;
        let asks = world.seals.take();
        assert!(!asks.is_empty(), "{at}: the stream asks again until it is queued");
        for ask in &asks {
            world.seals.again(ask);
        }
        let lived = world.faults.survive(Box::pin(deliver(&world))).await;
        world.faults.none().revive();
        if lived.is_none() {
            for ask in &asks {
                world.seals.again(ask);
            }
        }
        assert_eq!(deliver(&world).await, 0);
        assert_eq!(kept(&world, id).await.len(), 1, "{at}");
        if lived.is_some() && at > 20 {
            break;
        }
    }
}

/// The queue's message is lost for good: the day's look keeps the document.
#[tokio::test]
async fn without_the_stream_it_is_kept_within_a_day() {
    let (world, id) = open().await;
    checkpoint(&world).await.unwrap();
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    world.forward(DAY);
    checkpoint(&world).await.unwrap();
    assert_eq!(kept(&world, id).await.len(), 1);
}

/// It ended before there was a stream to ask, in an incident in which nothing happens any more.
#[tokio::test]
async fn what_nobody_had_kept_is_kept_once_somebody_asks_for_it() {
    let (world, id) = open().await;
    let (vic, approval) =
        (person("vic@example.org", Role::Viewer, TENANT), ApprovalId { incident: id, n: 1 });
    lent(&world, &vic, approval).await.unwrap_err();
    assert_eq!(world.seals.take(), [], "there is nothing to keep of what is open");
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    assert_eq!(world.seals.take(), [], "nobody has told of its end");
    let stranger = person("eve@example.org", Role::Admin, "globex");
    lent(&world, &stranger, approval).await.unwrap_err();
    assert_eq!(world.seals.take(), [], "nor does whoever may not see it");
    // What the queue does not take is not said to be on its way.
    let broken = Broken::ServerError { applied: false };
    world.faults.restart().at_operation("sqs:SendMessage", 0, broken);
    let untold = lent(&world, &vic, approval).await.unwrap_err();
    assert_eq!((untold.name(), untold.retryable()), ("Dependency.Unavailable", true));
    world.faults.none();
    for _ in 0..2 {
        let unwritten = lent(&world, &vic, approval).await;
        assert!(matches!(unwritten, Err(Fault::NotKept { .. })), "{unwritten:?}");
    }
    assert_eq!(deliver(&world).await, 0);
    let answer = lent(&world, &vic, approval).await.unwrap();
    let bytes = world.vault.fetch(answer["url"].as_str().unwrap(), world.clock.now()).unwrap();
    assert_eq!(answer["sha256"], watchfire_domain::hex(&Sha256::digest(&bytes)));
    assert_eq!(kept(&world, id).await, [String::from_utf8(bytes).unwrap()]);
    assert_eq!(world.seals.take(), [], "what is kept is not asked for");
}

#[tokio::test]
async fn an_incident_without_approvals_asks_for_nothing() {
    let world = World::new(1);
    let id = world.by_hand(&World::admin()).await;
    super::note(&world, id, "slow").await;
    until_told(&world, &stream(&world, id).await).await;
    assert_eq!(world.seals.take(), []);
    checkpoint(&world).await.unwrap();
    assert!(world.vault.below("approvals/").is_empty());
}

/// One batch of the stream asks once for each incident, and a queue that refuses for a moment is asked
/// again.
#[tokio::test]
async fn the_queue_is_asked_until_it_takes_it() {
    let (world, id) = granted().await;
    let records = stream(&world, id).await;
    let refused = Broken::ServerError { applied: false };
    world.faults.restart().at_operation("sqs:SendMessage", 0, refused);
    until_told(&world, &records).await;
    assert_eq!(world.seals.take().len(), 1);
    let events = world.bus.events();
    let names: Vec<_> = events.iter().map(|event| &event.name).collect();
    assert_eq!(
        names.len(),
        records.len(),
        "the bus is told once, whatever the queue took: {names:?}"
    );
}

/// A bus that refuses what comes behind the end of an approval hides it from nobody.
#[tokio::test]
async fn the_queue_is_asked_though_the_bus_takes_nothing_behind_the_end() {
    let (world, id) = granted().await;
    world.deed(id, watchfire_desk::Deed::Note("and on it goes".to_owned())).await.unwrap();
    let records = stream(&world, id).await;
    let refused = Broken::ServerError { applied: false };
    let last = u64::try_from(records.len()).unwrap() - 1;
    world.faults.restart().at_operation("events:PutEvents", last, refused);
    until_told(&world, &records).await;
    assert_eq!(world.seals.take().len(), 1);
}
