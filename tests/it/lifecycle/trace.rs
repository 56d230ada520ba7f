//! The trace of the alarm stands in what every function logs of its incident (S3-83).

use crate::world::{Doors, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watchfire_domain::Status;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_fakes::FakeLog;

/// The log as the bootstrap writes it: a line of JSON each.
fn lines(log: &FakeLog) -> Vec<Value> {
    log.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_alarms_trace_stands_in_the_lines_of_every_function() {
    let log = FakeLog::default();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true);
    let subscriber = subscriber.with_span_list(false).with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let world = World::with_targets(1);
    let id = world.opened(&json!({})).await;
    world.until(id, State::Running, Doors::Both).await;
    world.stop(id).await;
    world.until(id, State::Stopped, Doors::Both).await;
    world.drive().await;
    world.answer("ana@example.org", Answer::Grant).await.unwrap();
    world.until(id, State::Closed, Doors::Both).await;
    world.transition(id.incident, Status::Closed).await;

    let incident = world.incident(id.incident).await;
    let trace = incident.trace.unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines(&log) {
        let span = &line["span"];
        if span["incident.trace"] == *trace {
            assert_eq!(span["incident.id"], *id.incident.to_string(), "{line}");
            let function = span["function"].as_str().unwrap().to_owned();
            *counts.entry(function).or_default() += 1;
        }
    }
    let functions: Vec<&str> = counts.keys().map(String::as_str).collect();
    assert_eq!(
        functions,
        ["alarm", "api", "approve", "close", "create", "launch", "observe", "stop"],
        "{:#?}",
        lines(&log)
    );
}
