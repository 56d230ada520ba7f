//! The messages of an incident (S1-42..44, S2-23..25): each asks for its own words only, and says
//! what is known.

use crate::repo::{files, read};
use crate::world::runs::{kim, shipped, triage_plan};
use crate::world::{Doors, World};
use expect_test::expect;
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_desk::Deed;
use watchfire_domain::incident::{Role, Transition};
use watchfire_domain::plan::Target;
use watchfire_domain::{IncidentId, Status};
use watchfire_runbook::Spec;
use watchfire_runbook::execution::{Standing, State};
use watchfire_runbook::spec::{Action, Input, Step};

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

/// The runbooks' messages that somebody got: the subject and all of the text.
fn said(world: &World, who: &str) -> Vec<String> {
    let inbox = world.notify.inbox_of(&Target::Email(who.to_owned()));
    let notices = inbox.into_iter().filter(|one| one.data["event"] == "runbook.notice");
    // The outbox keeps no order.
    let mut said: Vec<String> =
        notices.map(|one| format!("[{}]\n{}", one.subject, one.text)).collect();
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
        [INCIDENT ALERT - P1: storage-latency-high in us-east-1]
        INCIDENT ALERT - P1: storage-latency-high in us-east-1

        Impact: Nobody can log in
        Status: Investigating
        ETA: Not known yet
        Updates: every 15 minutes
        Commander: not named yet
        Incident: INC-20261121-0312
    "#]]
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
        [INCIDENT ALERT - P1: storage-latency-high in us-east-1]
        INCIDENT ALERT - P1: storage-latency-high in us-east-1

        Impact: All is lost
        Status: Investigating
        ETA: 1h
        Updates: every 15 minutes
        Commander: ina@example.org
        Incident: INC-20261121-0312


        [INCIDENT ALERT - P1: storage-latency-high in us-east-1]
        INCIDENT ALERT - P1: storage-latency-high in us-east-1

        Impact: Nobody can log in
        Status: Investigating
        ETA: Not known yet
        Updates: every 15 minutes
        Commander: not named yet
        Incident: INC-20261121-0312


        [INCIDENT RESOLVED - P1]
        INCIDENT RESOLVED - P1

        Resolution: Rolled back
        Root cause: A lock
        Prevention: A timeout
        Duration: 33m
        Post mortem: the review of INC-20261121-0312
        Incident: INC-20261121-0312


        [INCIDENT: P1 - storage-latency-high in us-east-1]
        INCIDENT: P1 - storage-latency-high in us-east-1

        Status: Investigating
        Impact: Nobody can log in
        Engineer: otto@example.org
        Started: 2026-11-21T03:12:00Z
        Incident: INC-20261121-0312
    "#]]
    .assert_eq(&said(&world, STAKEHOLDERS).join("\n\n"));
    world.sound(id).await;
}

/// The step that tells somebody, as a runbook of its own: the looks around it are not its message.
fn alone(spec: &Spec, step: &Step) -> Spec {
    let text = serde_json::to_string(step).unwrap();
    let reads = |input: &Input| text.contains(&format!("{{{{input.{}}}}}", input.name));
    let inputs = spec.inputs.iter().filter(|one| reads(one)).cloned().collect();
    let name = format!("{}-{}", spec.name, step.id);
    Spec { name, inputs, steps: vec![step.clone()], verifies: None, ..spec.clone() }
}

/// Who is told by a shipped runbook reads what its template has, in its order, and nothing of ours
/// who does not work on the incident.
#[tokio::test]
async fn every_shipped_message_has_the_form_of_its_template() {
    let world = World::new(1);
    let id = incident(&world).await;
    let mut plan = triage_plan();
    plan.version = 2;
    plan.profile = "p".to_owned();
    plan.notify = serde_json::from_value(json!([{ "email": "all@example.org" }])).unwrap();
    world.plan(&plan).await;
    let mut told = String::new();
    let named = |path: &String| {
        path.strip_prefix("runbooks/")?.strip_suffix(".cases.yaml").map(str::to_owned)
    };
    for name in files().iter().filter_map(named) {
        let spec = shipped(&name);
        let cases = read(&format!("runbooks/{name}.cases.yaml"));
        let cases: Value = serde_yaml_ng::from_str(&cases).unwrap();
        let notify = |step: &Step| matches!(step.action, Action::Notify(_));
        for within in spec.walk().into_iter().filter(|within| notify(within.step)) {
            let spec = alone(&spec, within.step);
            let mut inputs = cases["previews"][0]["inputs"].as_object().unwrap().clone();
            inputs.retain(|name, _| spec.inputs.iter().any(|one| one.name == *name));
            world.publish(&spec).await;
            let before = said(&world, "all@example.org");
            sent(&world, id, &spec.name, Value::Object(inputs)).await;
            let mut after = said(&world, "all@example.org");
            after.retain(|one| !before.contains(one));
            writeln!(told, "{}:\n{}", spec.name, after.concat()).unwrap();
        }
    }
    expect![[r#"
        communicate-p-initial-initial:
        [INCIDENT ALERT - P1: storage-latency-high in us-east-1]
        INCIDENT ALERT - P1: storage-latency-high in us-east-1

        Impact: No customer can log in
        Status: Investigating
        ETA: 30 minutes
        Updates: every 15 minutes
        Commander: not named yet
        Incident: INC-20261121-0312

        communicate-p-resolution-resolved:
        [INCIDENT RESOLVED - P1]
        INCIDENT RESOLVED - P1

        Resolution: Rollback to the former version
        Root cause: A migration locked a table
        Prevention: Migrations run with a lock timeout
        Duration: 1m
        Post mortem: the review of INC-20261121-0312
        Incident: INC-20261121-0312

        communicate-p-update-update:
        [INCIDENT UPDATE - P1]
        INCIDENT UPDATE - P1

        Status: Identified
        Progress: Rolled back the deployment
        Next steps: Verify, then watch for 30 minutes
        ETA: 30 minutes
        Next update: in 15 minutes
        Incident: INC-20261121-0312

        communicate-p-update-remind:
        [INC-20261121-0312: p update due (storage-latency-high in us-east-1)]
        INC-20261121-0312: p update due
        storage-latency-high in us-east-1

        For: responders
        Severity: high
        Status: new
        Do: start `communicate-p-update` again, or `communicate-p-resolution` if it is over
        Due: in five minutes

        communicate-sev-initial-initial:
        [INCIDENT: P1 - storage-latency-high in us-east-1]
        INCIDENT: P1 - storage-latency-high in us-east-1

        Status: Investigating
        Impact: API latency increased, some requests time out
        Engineer: not named yet
        Started: 2026-11-21T03:12:00Z
        Incident: INC-20261121-0312

        communicate-sev-resolution-resolution:
        [RESOLVED: Incident INC-20261121-0312]
        RESOLVED: Incident INC-20261121-0312

        Duration: 5m
        Impact: API latency increased, some requests time out
        Root cause: Connection pool exhausted
        Fix: max_connections raised from 200 to 500
        Next steps: Root cause analysis tomorrow

        communicate-sev-update-update:
        [UPDATE: Incident INC-20261121-0312]
        UPDATE: Incident INC-20261121-0312

        Root cause: Connection pool exhausted
        Mitigation: Raising the number of connections
        ETA: 15 minutes

        disaster-recovery-activation-stakeholders:
        [INC-20261121-0312: disaster recovery activated (storage-latency-high in us-east-1)]
        INC-20261121-0312: disaster recovery activated
        storage-latency-high in us-east-1

        Disaster recovery is being activated: we move to the recovery region.

        disaster-recovery-activation-executives:
        [INC-20261121-0312: disaster recovery activated (storage-latency-high in us-east-1)]
        INC-20261121-0312: disaster recovery activated
        storage-latency-high in us-east-1

        Disaster recovery is being activated. The next word comes in 15 minutes.

        disaster-recovery-activation-done:
        [INC-20261121-0312: service restored]
        INC-20261121-0312: service restored

        The service is available again.

        p0-immediate-page-commander:
        [INC-20261121-0312: page (storage-latency-high in us-east-1)]
        INC-20261121-0312: page
        storage-latency-high in us-east-1

        For: commander
        Severity: high
        Status: new
        Summary: Service degradation

        p0-immediate-page-lead:
        [INC-20261121-0312: page (storage-latency-high in us-east-1)]
        INC-20261121-0312: page
        storage-latency-high in us-east-1

        For: engineering_lead
        Severity: high
        Status: new
        Summary: Service degradation

        p0-immediate-tell:
        [INCIDENT ALERT - P1: Service degradation]
        INCIDENT ALERT - P1: Service degradation

        Impact: Being assessed
        Status: Investigating
        ETA: Not known yet
        Updates: every 15 minutes
        Commander: not named yet
        Incident: INC-20261121-0312

        sev-1-detection-channel:
        [Database connection timeouts]
        Database connection timeouts

        For: responders
        Severity: high
        Status: new
        Command: /incident create P1
        Incident: INC-20261121-0312

        sev-5-recovery-verification-tell:
        [INC-20261121-0312: incident update (storage-latency-high in us-east-1)]
        INC-20261121-0312: incident update
        storage-latency-high in us-east-1

        Channels: #incidents and #engineering
        Status: Service restored; we keep watching.

        unauthorized-access-page:
        [INC-20261121-0312: page (storage-latency-high in us-east-1)]
        INC-20261121-0312: page
        storage-latency-high in us-east-1

        For: security_lead
        Severity: high
        Status: new
        Summary: Unauthorised access suspected: INC-20261121-0312

        unauthorized-access-channel:
        [INC-20261121-0312: security alert (storage-latency-high in us-east-1)]
        INC-20261121-0312: security alert
        storage-latency-high in us-east-1

        For: security_lead
        Severity: high
        Status: new
        Channel: #security-incidents
        Unauthorised access is suspected. Do not discuss it elsewhere.

        watchfire-executions-stuck-remind:
        [INC-20261121-0312: waiting for you (storage-latency-high in us-east-1)]
        INC-20261121-0312: waiting for you
        storage-latency-high in us-east-1

        For: responders
        Severity: high
        Status: new
        Execution: arn:aws:states:eu-central-1:123456789012:execution:watchfire-lifecycle:env-1-1-1

    "#]]
    .assert_eq(&told);
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
        [INC-20261121-0312: p update due (storage-latency-high in us-east-1)]
        INC-20261121-0312: p update due
        storage-latency-high in us-east-1

        For: responders
        Severity: high
        Status: new
        Do: start `communicate-p-update` again, or `communicate-p-resolution` if it is over
        Due: in five minutes
    "#]]
    .assert_eq(&said(&world, RESPONDERS).join("\n\n"));
    assert_eq!(world.execution(first).await.state, State::Completed);
    let second = world.start(&kim(), update, Some(id), words("Resolving", "Rolled back")).await;
    world.play(2, Doors::Both).await;
    let said_to = said(&world, STAKEHOLDERS);
    let progress = ["Progress: A lock", "Progress: Rolled back"];
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
