//! The second act: an alarm, a runbook, and a dangerous step that two people approve before it is
//! done (S3-63..72).

use super::super::alarms;
use super::super::approver;
use super::super::cloud::Cloud;
use super::super::desk::{Desk, TENANT};
use super::super::record::{list, text};
use super::{PATIENCE, expect, transition};
use crate::net::until;
use crate::run::{note, step};
use crate::trouble::{Doing, Done, Trouble};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TRIAGE: &str = include_str!("triage.json");
/// The SSM document of the step `warm`.
pub(in crate::demo) const DOCUMENT: &str = "Watchfire-WarmCache";
const APPROVERS: [&str; 2] = ["bob@example.com", "carol@example.com"];

/// What must stand in the timeline, in this order (S3-66); other events may stand between.
const STORY: [&str; 11] = [
    "incident_created",
    "runbook_started",
    "step_completed",
    "approval_requested",
    "step_blocked",
    "approval_answered",
    "approval_granted",
    "step_completed",
    "runbook_completed",
    "status_changed",
    "incident_closed",
];

/// How long a warm function may still follow the plan that it read before.
const HELD: Duration = Duration::from_secs(31);

/// Publishes the runbook and links it by the plan; when.
pub(super) fn publish(cloud: &Cloud, desk: &Desk) -> Result<Instant, Trouble> {
    step("a runbook is published, and linked by its plan");
    let profile = cloud.command_definition("watchfire-step-observer-dev")?;
    note(&format!("its programs run as the template ships them: {profile}"));
    let spec: Value = serde_json::from_str(TRIAGE).doing("reading the runbook")?;
    let name = text(&spec, "/name")?;
    let written = desk.post("/v1/runbooks", &spec)?;
    let version = written.pointer("/runbook/version").and_then(Value::as_u64);
    let version = version.doing("reading the version of the runbook's record")?;
    let path = format!("/v1/runbooks/{name}");
    desk.refused(&format!("{path}/publish"), &json!({}), "Request.ConditionMissing")?;
    note("what is published is what was read, so its version must be said: ConditionMissing");
    desk.refused_at(version, &format!("{path}/publish"), "Policy.Denied")?;
    note("who wrote what is of high risk does not publish it: Policy.Denied");
    let dana = desk.of("dana@example.com", "commander", TENANT)?;
    let published = dana.post_at(version, &format!("{path}/publish"))?;
    note(&format!(
        "dana published {name}, spec {}",
        text(&published, "/runbook/published/spec_hash")?
    ));
    desk.put("/v1/plans/storage-latency", &alarms::triage_plan(name, APPROVERS))?;
    note("functions that are warm follow the new plan within thirty seconds");
    Ok(Instant::now())
}

/// Walks it.
pub(super) fn show(cloud: &Cloud, desk: &Desk, put: Instant) -> Done {
    until("thirty seconds do not pass", PATIENCE, || Ok((put.elapsed() >= HELD).then_some(())))?;
    let spec: Value = serde_json::from_str(TRIAGE).doing("reading the runbook")?;
    let name = text(&spec, "/name")?;
    let path = format!("/v1/runbooks/{name}");
    step("the alarm fires again, and the runbook is started");
    let kind = "CloudWatch Alarm State Change";
    cloud.put_event("watchfire.drill", kind, &alarms::arn(alarms::DRILL), &alarms::drill())?;
    let incident = opened(desk)?;
    let (id, shown) = (text(&incident, "/id")?.to_owned(), text(&incident, "/display_id")?);
    expect(&incident, "/severity", "high")?;
    expect(&incident, "/linked_runbook_ids/0", name)?;
    note(&format!("{shown} is open: high, new, with {name}"));
    let start = json!({ "incident_id": id, "inputs": { "standby_shard": "shard-b" } });
    let started = desk.post(&format!("{path}/execute"), &start)?;
    let run = text(&started, "/execution/id")?.to_owned();
    let collected = waits(desk, &run, "operator")?;
    let kept = text(&collected, "/execution/steps/collect/evidence/0")?;
    note("collect is done by a program: the local stack makes up its end, and its output says so");
    note(&format!("what it printed is kept: {kept}"));
    let report = json!({ "outcome": "passed", "evidence_ref": "s3://evidence/radius.json" });
    desk.post(&format!("/v1/executions/{run}/steps/radius/complete"), &report)?;
    note("radius is done by a person, with a reference to what shows it");

    step("the dangerous step waits for two approvers");
    let asked = waits(desk, &run, "approval")?;
    expect(&asked, "/execution/steps/reroute/state", "blocked")?;
    let approval = text(&asked, "/next/approval")?.to_owned();
    note(&format!("reroute is blocked by {approval}; nothing of it was done"));
    let links = APPROVERS.map(|who| approver::link(cloud, who, shown));
    let mut answers = Vec::new();
    for link in links {
        let link = link?.trim_start_matches("/approvals/").to_owned();
        answers.push(json!({ "link": link, "answer": "grant" }));
    }
    let [bob, carol] = answers.as_slice() else { return Err(Trouble::new("there are two links")) };
    let decide = format!("/v1/approvals/{approval}/decide");
    desk.refused(&decide, bob, "Approval.NotApprover")?;
    note("alice, who started it, cannot use bob's link: Approval.NotApprover");
    let eve = desk.of("bob@example.com", "admin", "globex")?;
    eve.refused(&decide, bob, "Record.NotFound")?;
    note("nor can anybody of another tenant: Record.NotFound");
    for (who, answer) in APPROVERS.into_iter().zip([bob, carol]) {
        let approver = desk.of(who, "viewer", TENANT)?;
        let decided = approver.post(&decide, answer)?;
        note(&format!("{who}, signed in, grants it: {}", text(&decided, "/approval/state")?));
    }

    step("the rest of the runbook is carried out");
    let ended = waits(desk, &run, "over")?;
    expect(&ended, "/execution/state", "completed")?;
    for step in ["reroute", "warm", "monitor", "bundle"] {
        expect(&ended, &format!("/execution/steps/{step}/state"), "done")?;
    }
    let said = text(&ended, "/execution/steps/warm/output/text")?;
    if !said.contains(DOCUMENT) {
        return Err(Trouble::new(format!("warm was no SSM document: it says {said}")));
    }
    note(&format!(
        "warm is an SSM document: Watchfire started it, waited for its end and kept its output; SSM is a stand-in here, which says: {said}"
    ));
    note(&format!(
        "completed; the bundle: {}",
        text(&ended, "/execution/steps/bundle/evidence/0")?
    ));
    for (status, rationale) in [
        ("acknowledged", None),
        ("mitigating", None),
        ("resolved", Some("ingestion is on shard-b and was stable")),
        ("closed", Some("the writer of shard-a is mended")),
    ] {
        transition(desk, &id, status, rationale)?;
    }
    let timeline = desk.get(&format!("/v1/timeline?incident_id={id}&limit=100"))?;
    let events = timeline.get("events").and_then(Value::as_array).doing("no timeline")?;
    let kinds: Vec<&str> = events.iter().filter_map(|event| event.get("type")?.as_str()).collect();
    let mut rest = kinds.iter();
    for wanted in STORY {
        if !rest.any(|kind| *kind == wanted) {
            return Err(Trouble::new(format!("{wanted} does not follow in {kinds:?}")));
        }
    }
    note(&format!("{shown} is closed; its {} events have the order that they should", kinds.len()));
    Ok(())
}

/// Waits for the alarm's new incident: the first one is closed.
fn opened(desk: &Desk) -> Result<Value, Trouble> {
    until("no second incident came of the alarm", PATIENCE, || {
        let all = list(&desk.get(&format!("/v1/incidents?tenant={TENANT}&status=new&limit=20"))?);
        let mut all = all.into_iter();
        Ok(all.find(|one| text(one, "/title").is_ok_and(|title| title.contains(alarms::DRILL))))
    })
}

/// Waits until the execution waits for this, and tells every step on the way.
fn waits(desk: &Desk, run: &str, wanted: &str) -> Result<Value, Trouble> {
    let mut told = String::new();
    until(&format!("the execution does not come to {wanted}"), PATIENCE, || {
        let answer = desk.get(&format!("/v1/executions/{run}"))?;
        let kind = text(&answer, "/next/kind")?;
        let at = text(&answer, "/next/step")
            .map_or_else(|_| kind.to_owned(), |step| format!("{step}: {kind}"));
        if at != told {
            note(&at);
            told = at;
        }
        let state = text(&answer, "/execution/state")?;
        if state == "failed" {
            return Err(Trouble::new(format!("the execution failed: {answer}")));
        }
        Ok((kind == wanted).then_some(answer))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_step_that_needs_aws_is_walked() {
        let spec: Value = serde_json::from_str(TRIAGE).unwrap();
        let steps = spec["steps"].as_array().unwrap();
        let walked = |kind: &str| steps.iter().any(|step| step["do"].get(kind).is_some());
        for kind in ["command", "ssm", "export"] {
            assert!(walked(kind), "{kind}");
        }
        let named = steps.iter().find_map(|step| step.pointer("/do/ssm/document"));
        assert_eq!(named.unwrap(), DOCUMENT);
    }
}
