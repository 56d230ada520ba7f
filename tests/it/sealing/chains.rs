//! Executions without an incident: each has a chain of its own, which is sealed while people have their
//! turn, and sealed and exported at its end.

use super::{bundle, deliver, exported, verified};
use crate::world::runs::{kim, spec};
use crate::world::{Doors, World};
use serde_json::{Value, json};
use watchfire_desk::RunDeed;
use watchfire_domain::{DAY, ExecutionId, IncidentId};
use watchfire_fakes::Fault;
use watchfire_runbook::execution::State;

/// A look that Watchfire takes, and one that a person takes.
fn steps() -> Value {
    json!([
        { "id": "look", "title": "Look", "risk": "low", "timeout": "5m", "do": { "http": {
            "method": "GET", "url": "https://status.example.com/health" } } },
        { "id": "tick", "title": "Tick", "risk": "low", "timeout": "1d", "do": { "manual": {
            "instructions": "Look at the graph.", "tick": true } } },
    ])
}

/// Started on no incident.
async fn started(world: &World) -> (ExecutionId, IncidentId) {
    world.publish(&spec(&steps())).await;
    let run = world.start(&kim(), "look", None, json!({})).await.unwrap();
    (run, world.execution(run).await.timeline())
}

/// Everything until its newest event is sealed, and the bundle says so to whoever has the log's key.
async fn whole(world: &World, chain: IncidentId, at: &str) {
    let report = verified(world, chain).await.unwrap();
    let events = world.chain(chain).await.events;
    assert_eq!((report.events, report.window_from), (events, None), "{at}");
}

#[tokio::test]
async fn it_is_sealed_while_a_person_has_their_turn_and_exported_at_its_end() {
    let world = World::new(1);
    let (run, chain) = started(&world).await;
    world.play(1, Doors::Both).await;
    assert_eq!(deliver(&world).await, 0);
    whole(&world, chain, "people have their turn").await;
    world.complete(run, "tick").await.unwrap();
    world.until_run(run, State::Completed).await;
    assert_eq!(deliver(&world).await, 0);
    whole(&world, chain, "its end").await;
    let specs =
        bundle(&world, chain).await.into_keys().filter(|name| name.starts_with("runbooks/"));
    assert_eq!(specs.count(), 1, "what was carried out is in it");
    let due = world.repo().execution(run).await.unwrap().unwrap().due;
    assert_eq!(due, None, "nothing more is to be done");
    // What is asked for again changes nothing.
    let before = (world.vault.dump(), exported(&world, chain).await);
    let ask =
        watchfire_ports::SealAsk { tenant: "acme".to_owned(), incident: chain, approval: None };
    world.seals.again(&ask);
    assert_eq!(deliver(&world).await, 0);
    assert_eq!((world.vault.dump(), exported(&world, chain).await), before);
}

#[tokio::test]
async fn one_that_is_given_up_is_sealed_too() {
    let world = World::new(1);
    let (run, chain) = started(&world).await;
    world.play(1, Doors::Both).await;
    world.run_deed(&kim(), run, RunDeed::Abort("not needed".to_owned())).await.unwrap();
    world.play(1, Doors::Both).await;
    assert_eq!(deliver(&world).await, 0);
    whole(&world, chain, "given up").await;
}

/// A machine's every call is its last once; the sweep's next machines come to the same end.
#[tokio::test]
async fn wherever_its_machine_is_killed_it_is_sealed_in_the_end() {
    for at in 0.. {
        let world = World::new(1);
        let (run, chain) = started(&world).await;
        world.play(1, Doors::Both).await;
        world.complete(run, "tick").await.unwrap();
        world.seals.take();
        let first = world.faults.calls();
        // And so is each later try of it, until it gives up: the sweep alone goes on.
        for later in at..at + 200 {
            world.faults.at(first + later, Fault::Killed { applied: later == at });
        }
        world.drive().await;
        let calls = world.faults.calls() - first;
        world.faults.none().revive();
        world.play(30, Doors::Both).await;
        assert_eq!(world.execution(run).await.state, State::Completed, "{at}");
        assert_eq!(deliver(&world).await, 0);
        whole(&world, chain, &format!("killed at call {at}")).await;
        if calls <= at {
            assert!(at > 5, "{at}");
            break;
        }
    }
}

/// Nobody starts its last machine, and the queue is out of order: the sweep remembers.
#[tokio::test]
async fn its_end_is_not_forgotten_before_it_is_asked_to_be_sealed() {
    let world = World::new(1);
    let (run, chain) = started(&world).await;
    world.play(1, Doors::Both).await;
    world.seals.take();
    world.complete(run, "tick").await.unwrap();
    let refuses = [Fault::ServerError { applied: false }];
    world.faults.rate_of("sqs:SendMessage", 1, 100, &refuses);
    world.play(10, Doors::Both).await;
    world.faults.none();
    assert_eq!(world.execution(run).await.state, State::Completed);
    assert_eq!(world.seals.take(), [], "the queue took nothing");
    world.play(30, Doors::Both).await;
    assert_eq!(deliver(&world).await, 0);
    whole(&world, chain, "the queue came back").await;
    world.forward(DAY);
    world.play(1, Doors::Both).await;
    assert_eq!(deliver(&world).await, 0);
}

/// What runs for an incident is sealed with it, and asks for nothing of its own.
#[tokio::test]
async fn what_belongs_to_an_incident_asks_for_nothing() {
    let world = World::new(1);
    world.publish(&spec(&steps())).await;
    let id = world.by_hand(&World::admin()).await;
    let run = world.start(&kim(), "look", Some(id), json!({})).await.unwrap();
    world.play(1, Doors::Both).await;
    world.complete(run, "tick").await.unwrap();
    world.until_run(run, State::Completed).await;
    assert_eq!(world.seals.take(), []);
    assert_eq!(world.repo().execution(run).await.unwrap().unwrap().due, None);
}
