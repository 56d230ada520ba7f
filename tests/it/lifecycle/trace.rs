//! The trace of the alarm stands in what every function logs of its incident (S3-83).

use crate::world::{Doors, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;
use watchfire_domain::Status;
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;

/// What was logged, a line of JSON each, as the bootstrap logs it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true);
        let log = log.with_span_list(false).with_writer(self.clone()).finish();
        tracing::subscriber::set_default(log)
    }

    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_alarms_trace_stands_in_the_lines_of_every_function() {
    let log = Log::default();
    let _logging = log.start();
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
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for line in log.lines() {
        let span = &line["span"];
        if span["incident.trace"] == *trace {
            assert_eq!(span["incident.id"], *id.incident.to_string(), "{line}");
            let function = span["function"].as_str().unwrap().to_owned();
            *lines.entry(function).or_default() += 1;
        }
    }
    let functions: Vec<&str> = lines.keys().map(String::as_str).collect();
    assert_eq!(
        functions,
        ["alarm", "api", "approve", "close", "create", "launch", "observe", "stop"],
        "{:#?}",
        log.lines()
    );
}
