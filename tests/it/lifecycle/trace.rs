//! The trace of the alarm stands in what every function logs of its incident (S3-83).

use crate::world::runs::{BEN, kim};
use crate::world::{Doors, World, ask};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watchfire_desk::{ApprovalDeed, RunDeed};
use watchfire_domain::Status;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_fakes::FakeLog;

/// The log as the bootstrap writes it: a line of JSON each.
fn lines(log: &FakeLog) -> Vec<Value> {
    log.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn logged() -> (FakeLog, tracing::subscriber::DefaultGuard) {
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true);
    let subscriber = subscriber.with_span_list(false).with_writer(log.clone()).finish();
    (log, tracing::subscriber::set_default(subscriber))
}

/// The functions whose lines have this in their span.
fn functions(log: &FakeLog, field: &str, value: &str) -> BTreeSet<String> {
    let lines = lines(log).into_iter().filter(|line| line["span"][field] == *value);
    lines.map(|line| line["span"]["function"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_alarms_trace_stands_in_the_lines_of_every_function() {
    let (log, _logging) = logged();
    let world = World::with_targets(1);
    let id = world.questioned().await;
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Both).await;
    world.transition(id.incident, Status::Closed).await;

    let incident = world.incident(id.incident).await;
    let trace = incident.trace.unwrap();
    for line in lines(&log) {
        if line["span"]["incident.trace"] == *trace {
            assert_eq!(line["span"]["incident.id"], *id.incident.to_string(), "{line}");
        }
    }
    let functions = functions(&log, "incident.trace", &trace);
    assert_eq!(
        functions,
        ["alarm", "api", "approve", "close", "create", "launch", "observe", "stop"]
            .map(str::to_owned)
            .into(),
        "{:#?}",
        lines(&log)
    );
}

#[tokio::test]
async fn an_executions_id_stands_in_the_lines_of_every_function_that_works_on_it() {
    let (log, _logging) = logged();
    let world = World::new(1);
    let (id, run) = crate::runs::golden::asked(&world).await;
    world.answer(BEN, Answer::Deny).await.unwrap();
    world.play(2, Doors::Both).await;
    let abort = RunDeed::Abort("we found the cause".to_owned());
    world.run_deed(&kim(), run, abort).await.unwrap();
    world.play(2, Doors::Both).await;
    let seen = functions(&log, "execution.id", &run.to_string());
    assert_eq!(seen, ["api", "approve", "step"].map(str::to_owned).into(), "{:#?}", lines(&log));
    let at_once =
        lines(&log).into_iter().filter(|line| line["span"]["execution.id"] == *run.to_string());
    assert!(at_once.into_iter().all(|line| line["span"]["incident.id"] == *id.to_string()));
}

/// To go ahead without the approvers is the last thing that may stand in no story.
#[tokio::test]
async fn whatever_is_done_to_a_question_is_logged_under_its_execution() {
    let (log, _logging) = logged();
    let world = World::new(1);
    let (id, run) = crate::runs::golden::asked(&world).await;
    let approval = world.approvals(id).await.pop().unwrap().id;
    let deed = ApprovalDeed::Override("nobody answers".to_owned());
    let mut kim = kim();
    kim.actor.on_call = true;
    let ask = ask("POST /approvals");
    let done = world.desk.change_approval(&kim, &ask, approval, &deed);
    world.acting("api", done).await.unwrap();
    let lines = lines(&log);
    let said = lines.iter().find(|line| line["message"] == "Wrote to an approval").unwrap();
    assert_eq!(said["span"]["execution.id"], *run.to_string(), "{said}");
    assert_eq!(said["span"]["incident.id"], *id.to_string());
}

/// A machine that hands over reads little, and says for what it does.
#[tokio::test]
async fn the_ids_stand_in_the_line_of_a_machine_that_hands_over() {
    let (log, _logging) = logged();
    let world = World::new(1);
    let (id, run) = crate::runs::golden::asked(&world).await;
    let mut input = world.runs.started()[0].1.clone();
    input["carry"] = json!({ "looks": 1_000 });
    world.desk.runs.start("late", &input).await.unwrap();
    world.drive().await;
    let said = lines(&log).into_iter().filter(|line| !line["run.handed_over"].is_null());
    let said: Vec<Value> = said.map(|line| line["span"].clone()).collect();
    let [span] = &said[..] else { panic!("{said:?}") };
    assert_eq!(span["execution.id"], *run.to_string());
    assert_eq!(span["incident.id"], *id.to_string());
}
