//! The messages of an incident (S1-42..44, S2-23..25): each asks for its own words only, and says
//! what is known.

use crate::world::runs::{kim, shipped, triage_plan};
use crate::world::{Doors, World};
use expect_test::expect;
use serde_json::{Value, json};
use watchfire_desk::Deed;
use watchfire_domain::incident::{Role, Transition};
use watchfire_domain::plan::Target;
use watchfire_domain::{IncidentId, Status};
use watchfire_runbook::execution::{Standing, State};

const STAKEHOLDERS: &str = "ceo@example.org";
const RESPONDERS: &str = "on-call@example.org";

/// An incident under the profile `p`, and the messages of both profiles.
async fn incident(world: &World) -> IncidentId {
    let mut plan = triage_plan();
    plan.profile = "p".to_owned();
    plan.notify = serde_json::from_value(json!([
        { "email": STAKEHOLDERS, "audiences": ["stakeholders"] },
        { "email": RESPONDERS, "audiences": ["responders"] },
    ]))
    .unwrap();
    world.plan(&plan).await;
    for profile in ["p", "sev"] {
        for message in ["initial", "update", "resolution"] {
            world.publish(&shipped(&format!("communicate-{profile}-{message}"))).await;
        }
    }
    world.raise().await
}

/// The lines that a message was filled with, of those that somebody got.
fn said(world: &World, who: &str) -> Vec<String> {
    let inbox = world.notify.inbox_of(&Target::Email(who.to_owned()));
    let notices = inbox.into_iter().filter(|one| one.data["event"] == "runbook.notice");
    let own = |text: &str| text.lines().skip(6).collect::<Vec<_>>().join("\n");
    // The outbox keeps no order.
    let mut said: Vec<String> = notices.map(|one| own(&one.text)).collect();
    said.sort();
    said
}

async fn sent(world: &World, id: IncidentId, runbook: &str, inputs: Value) {
    let run = world.start(&kim(), runbook, Some(id), inputs).await.unwrap();
    world.until_run(run, State::Completed).await;
    world.play(1, Doors::Both).await;
}

/// At 3 a.m. nobody knows a cause, and nobody has been named: the first message goes all the same.
#[tokio::test]
async fn the_first_message_needs_no_word_of_the_last() {
    let world = World::new(1);
    let id = incident(&world).await;
    sent(&world, id, "communicate-p-initial", json!({ "impact": "Nobody can log in" })).await;
    expect![[r#"
        commander: not named yet
        eta: Not known yet
        impact: Nobody can log in
        status: Investigating
        title: INCIDENT ALERT - P1: storage-latency-high in us-east-1
        updates: every 15 minutes"#]]
    .assert_eq(&said(&world, STAKEHOLDERS).join("\n\n"));
    let ina = Deed::Role(Role::IncidentCommander, "ina@example.org".to_owned());
    world.deed(id, ina).await.unwrap();
    world.deed(id, Deed::Owner("otto@example.org".to_owned())).await.unwrap();
    world.play(30, Doors::Both).await;
    sent(&world, id, "communicate-sev-initial", json!({ "impact": "Nobody can log in" })).await;
    sent(&world, id, "communicate-p-initial", json!({ "impact": "All is lost", "eta": "1h" }))
        .await;
    for to in [Status::Acknowledged, Status::Mitigating, Status::Resolved] {
        world.transition(id, to).await;
    }
    world.play(30, Doors::Both).await;
    let words = json!({ "fix": "Rolled back", "root_cause": "A lock", "prevention": "A timeout" });
    sent(&world, id, "communicate-p-resolution", words).await;
    expect![[r#"
        commander: ina@example.org
        eta: 1h
        impact: All is lost
        status: Investigating
        title: INCIDENT ALERT - P1: storage-latency-high in us-east-1
        updates: every 15 minutes

        commander: not named yet
        eta: Not known yet
        impact: Nobody can log in
        status: Investigating
        title: INCIDENT ALERT - P1: storage-latency-high in us-east-1
        updates: every 15 minutes

        duration: 33m
        post_mortem: the review of INC-20261121-0312
        prevention: A timeout
        resolution: Rolled back
        root_cause: A lock
        title: INCIDENT RESOLVED - P1

        engineer: otto@example.org
        impact: Nobody can log in
        started: 2026-11-21T03:12:00Z
        status: Investigating
        title: INCIDENT: P1 - storage-latency-high in us-east-1"#]]
    .assert_eq(&said(&world, STAKEHOLDERS).join("\n\n"));
    world.sound(id).await;
}

/// Each update is a run of its own, with its own words; until it is over the responders hear in time
/// that the next one is due, and a closed incident reminds nobody.
#[tokio::test]
async fn a_status_update_is_sent_again_by_starting_it_again() {
    let world = World::new(1);
    let id = incident(&world).await;
    let words = |status: &str, progress: &str| json!({ "status": status, "progress": progress, "next_steps": "Look" });
    let update = "communicate-p-update";
    let first = world.start(&kim(), update, Some(id), words("Identified", "A lock")).await.unwrap();
    world.play(9, Doors::Both).await;
    assert_eq!(said(&world, STAKEHOLDERS).len(), 1);
    assert_eq!(said(&world, RESPONDERS), Vec::<String>::new());
    world.play(3, Doors::Both).await;
    expect![[r#"
        do: start `communicate-p-update` again, or `communicate-p-resolution` if it is over
        due: in five minutes"#]]
    .assert_eq(&said(&world, RESPONDERS).join("\n\n"));
    assert_eq!(world.execution(first).await.state, State::Completed);
    let second = world.start(&kim(), update, Some(id), words("Resolving", "Rolled back")).await;
    world.play(2, Doors::Both).await;
    let said_to = said(&world, STAKEHOLDERS);
    let progress = ["progress: A lock", "progress: Rolled back"];
    let says = |text: &String| progress.map(|one| text.contains(one));
    assert_eq!(said_to.iter().map(says).collect::<Vec<_>>(), [[true, false], [false, true]]);
    for to in [Status::Acknowledged, Status::Mitigating, Status::Resolved] {
        world.transition(id, to).await;
    }
    let over = Some("all is well".to_owned());
    world
        .deed(id, Deed::Transition(Transition { to: Status::Closed, rationale: over }))
        .await
        .unwrap();
    world.play(20, Doors::Both).await;
    assert_eq!(said(&world, RESPONDERS).len(), 1);
    assert_ne!(world.standing(second.unwrap(), "remind").await, Standing::Done);
}
