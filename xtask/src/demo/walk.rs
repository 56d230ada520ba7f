//! The main job, step by step, from an alarm to a closed incident.

use super::alarms;
use super::approver;
use super::cloud::Cloud;
use super::desk::{Desk, TENANT};
use super::record::{list, number, text};
use crate::net::until;
use crate::run::{note, step};
use crate::trouble::{Doing, Done, Trouble};
use serde_json::{Value, json};
use std::time::Duration;

mod bundle;
mod runbook;
mod timeline;
mod told;
mod webhook;

pub(super) use runbook::DOCUMENT;

/// More than enough on a busy machine: it ends a walk that hangs and measures nothing.
const PATIENCE: Duration = Duration::from_mins(3);

/// Walks it; answers the last line.
pub(super) fn walk(cloud: &Cloud, desk: &Desk) -> Result<String, Trouble> {
    let listener = told::listen(cloud)?;

    step("an alarm opens an incident");
    desk.put("/v1/plans/storage-latency", &alarms::drill_plan())?;
    desk.put("/v1/plans/checkout-errors", &alarms::metric_plan())?;
    note("two response plans: storage-latency (with an environment) and checkout-errors");
    let kind = "CloudWatch Alarm State Change";
    cloud.put_event("watchfire.drill", kind, &alarms::arn(alarms::DRILL), &alarms::drill())?;
    note(&format!("EventBridge has CloudWatch's event about {}, as a drill", alarms::DRILL));
    let incident = opened(desk, alarms::DRILL)?;
    let (id, name) =
        (text(&incident, "/id")?.to_owned(), text(&incident, "/display_id")?.to_owned());
    expect(&incident, "/severity", "high")?;
    note(&format!("{name} is open: high, new, \"{}\"", text(&incident, "/title")?));

    step("its environment is created and launched");
    let environment = environment_of(desk, &id)?;
    let state = reached(desk, &environment, "running")?;
    note(&format!("{environment} runs: task {}", text(&state, "/task/arn")?));
    note(&format!(
        "task definition {}, access point {}",
        text(&state, "/definition")?,
        text(&state, "/access_point")?
    ));
    note(
        "no container runs on the local stack: it answers ECS's and EFS's calls, and stands in for the agent",
    );

    step("people work on it");
    for (status, rationale) in [("acknowledged", None), ("mitigating", None)] {
        transition(desk, &id, status, rationale)?;
    }
    desk.post(
        &format!("/v1/incidents/{id}/notes"),
        &json!({ "text": "a rebalance on prod-east does not end; paused it" }),
    )?;
    note("a note is written");
    for status in ["monitoring", "resolved"] {
        transition(desk, &id, status, None)?;
    }

    step("the environment is stopped, and its evidence is checked");
    let reason = json!({ "reason": "the incident is resolved" });
    desk.post(&format!("/v1/environments/{environment}/stop"), &reason)?;
    let state = reached(desk, &environment, "stopped")?;
    expect(&state, "/evidence/verdict", "verified")?;
    note(&format!(
        "stopped; {} files of evidence under {} are as their manifest says",
        number(&state, "/evidence/files")?,
        text(&state, "/evidence/prefix")?
    ));

    step("an approver is asked whether the access point may go");
    let link = approver::link(cloud, alarms::APPROVER, &name)?;
    note(&format!("{} got a mail with a signed link", alarms::APPROVER));
    let before = desk.get(&format!("/v1/incidents/{id}"))?;
    let page = approver::open(desk, &link)?;
    if desk.get(&format!("/v1/incidents/{id}"))? != before {
        return Err(Trouble::new("opening the link changed the incident"));
    }
    note(&format!("the page \"{}\" was opened: nothing changed", page.title));
    approver::grant(desk, &page)?;
    note("the code was typed and the answer sent: granted");
    reached(desk, &environment, "closed")?;
    note("the environment is closed");

    step("the incident is closed");
    transition(
        desk,
        &id,
        "closed",
        Some("the rebalance was paused; a fix for its scheduler is planned"),
    )?;

    step("it is sealed and exported");
    bundle::show(cloud, desk, &id)?;

    let followed = runbook::publish(cloud, desk)?;

    step("a second alarm comes by SNS, from a metric");
    cloud.put_alarm(alarms::METRIC, cloud.output("AlarmTopicArn")?)?;
    cloud.put_metric("42")?;
    let second = opened(desk, alarms::METRIC)?;
    note(&format!(
        "PutMetricAlarm and PutMetricData: CloudWatch told SNS about {}",
        alarms::METRIC
    ));
    note(&format!(
        "{} is open: {}, \"{}\"",
        text(&second, "/display_id")?,
        text(&second, "/severity")?,
        text(&second, "/title")?
    ));

    step("a third comes by webhook, from Alertmanager");
    webhook::show(desk)?;

    runbook::show(cloud, desk, followed)?;

    step(&format!("the timeline of {name}"));
    let verified = timeline::show(desk, &id)?;
    told::show(cloud, &listener, &id, verified.events)?;
    // The metric's alarm went to the event bus as well as to SNS, and the webhook was sent twice:
    // one transition, one incident.
    for alarm in [alarms::METRIC, webhook::ALERT] {
        if incidents_of(desk, alarm)?.len() != 1 {
            return Err(Trouble::new(format!("{alarm} opened more than one incident")));
        }
    }
    Ok(format!("demo: {name} closed, {} events, chain verified", verified.events))
}

/// Waits for the incident that the alarm opened.
fn opened(desk: &Desk, alarm: &str) -> Result<Value, Trouble> {
    until(&format!("no incident came of {alarm}"), PATIENCE, || {
        Ok(incidents_of(desk, alarm)?.into_iter().next())
    })
}

/// The tenant's incidents that are titled after the alarm.
fn incidents_of(desk: &Desk, alarm: &str) -> Result<Vec<Value>, Trouble> {
    let mut incidents = list(&desk.get(&format!("/v1/incidents?tenant={TENANT}&limit=20"))?);
    incidents.retain(|one| text(one, "/title").is_ok_and(|title| title.contains(alarm)));
    Ok(incidents)
}

/// Waits for the incident's first environment.
fn environment_of(desk: &Desk, incident: &str) -> Result<String, Trouble> {
    until("the incident has no environment", PATIENCE, || {
        let answer = desk.get(&format!("/v1/incidents/{incident}"))?;
        Ok(answer.pointer("/environments/0/id").and_then(Value::as_str).map(str::to_owned))
    })
}

/// Waits until the environment is in a state, and tells every state on the way.
fn reached(desk: &Desk, environment: &str, wanted: &str) -> Result<Value, Trouble> {
    let mut told = String::new();
    until(&format!("the environment is not {wanted}"), PATIENCE, || {
        let answer = desk.get(&format!("/v1/environments/{environment}"))?;
        let record = answer.get("environment").unwrap_or(&answer);
        let state = text(record, "/state")?;
        if state != told {
            note(&format!("environment: {state}"));
            state.clone_into(&mut told);
        }
        if state == "failed" && wanted != "failed" {
            return Err(Trouble::new(format!("the environment failed: {record}")));
        }
        Ok((state == wanted).then(|| record.clone()))
    })
}

fn transition(desk: &Desk, id: &str, status: &str, rationale: Option<&str>) -> Done {
    let mut body = json!({ "status": status });
    if let (Some(rationale), Some(fields)) = (rationale, body.as_object_mut()) {
        fields.insert("rationale".to_owned(), json!(rationale));
    }
    let answer = desk.post(&format!("/v1/incidents/{id}/transition"), &body)?;
    note(&format!("{status} (event {})", answer.pointer("/receipt/seq").doing("no receipt")?));
    Ok(())
}

fn expect(record: &Value, pointer: &str, wanted: &str) -> Done {
    let found = text(record, pointer)?;
    if found == wanted {
        return Ok(());
    }
    Err(Trouble::new(format!("{pointer} is {found} instead of {wanted} in {record}")))
}
