//! Where texts stand in an action, and what they become there.

use super::{Action, Command, Http, Probe, Step};
use serde_json::Value;

/// What a template becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Words for people.
    Words,
    /// One element of an argv.
    Argument,
    /// A parameter of an SSM document.
    Parameter,
    /// The path of a URL.
    Path,
    /// A value of a query.
    Query,
    /// A string in a JSON document.
    Json,
}

/// A template and where it stands.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// Its path.
    pub path: String,
    /// What it becomes.
    pub place: Place,
    /// The template.
    pub text: &'a str,
}

/// The actions of a step: its own, and the one that takes it back.
pub fn actions<'a>(step: &'a Step, path: &str) -> Vec<(String, &'a Action)> {
    let back = step.rollback.as_ref().and_then(|rollback| rollback.action.as_ref());
    let own = (format!("{path}.do"), &step.action);
    std::iter::once(own).chain(back.map(|back| (format!("{path}.rollback.do"), back))).collect()
}

impl Action {
    /// The request that it makes, and its path.
    pub fn http(&self, path: &str) -> Option<(String, &Http)> {
        match self {
            Self::Http(http) => Some((format!("{path}.http"), http)),
            Self::Check(check) => match &check.probe {
                Probe::Http(http) => Some((format!("{path}.check.probe.http"), http)),
                Probe::Command(_) => None,
            },
            Self::Manual(_)
            | Self::Command(_)
            | Self::Ssm(_)
            | Self::Wait(_)
            | Self::Choose(_)
            | Self::Transition(_)
            | Self::Notify(_)
            | Self::Export(_) => None,
        }
    }

    /// The program that it runs, and its path.
    pub fn command(&self, path: &str) -> Option<(String, &Command)> {
        match self {
            Self::Command(command) => Some((format!("{path}.command"), command)),
            Self::Check(check) => match &check.probe {
                Probe::Command(command) => Some((format!("{path}.check.probe.command"), command)),
                Probe::Http(_) => None,
            },
            Self::Manual(_)
            | Self::Http(_)
            | Self::Ssm(_)
            | Self::Wait(_)
            | Self::Choose(_)
            | Self::Transition(_)
            | Self::Notify(_)
            | Self::Export(_) => None,
        }
    }

    /// Every template in it, those within alternatives left out: they are steps of their own.
    pub fn templates(&self, path: &str) -> Vec<Placed<'_>> {
        let mut found = Vec::new();
        let mut add = |path: String, place, text| found.push(Placed { path, place, text });
        if let Some((path, http)) = self.http(path) {
            add(format!("{path}.url"), Place::Path, &http.url);
            for (name, value) in &http.query {
                add(format!("{path}.query.{name}"), Place::Query, value);
            }
            if let Some(json) = &http.json {
                strings(json, format!("{path}.json"), &mut |path, text| {
                    add(path, Place::Json, text);
                });
            }
        }
        if let Some((path, command)) = self.command(path) {
            for (at, element) in command.argv.iter().enumerate().skip(1) {
                add(format!("{path}.argv[{at}]"), Place::Argument, element);
            }
        }
        match self {
            Self::Manual(manual) => {
                add(format!("{path}.manual.instructions"), Place::Words, &manual.instructions);
            }
            Self::Ssm(ssm) => {
                for (name, values) in &ssm.parameters {
                    for (at, value) in values.iter().enumerate() {
                        let path = format!("{path}.ssm.parameters.{name}[{at}]");
                        add(path, Place::Parameter, value);
                    }
                }
            }
            Self::Transition(transition) => {
                if let Some(rationale) = &transition.rationale {
                    add(format!("{path}.transition.rationale"), Place::Words, rationale);
                }
            }
            Self::Notify(notice) => {
                for (name, value) in &notice.values {
                    add(format!("{path}.notify.values.{name}"), Place::Words, value);
                }
            }
            Self::Http(_)
            | Self::Command(_)
            | Self::Check(_)
            | Self::Wait(_)
            | Self::Choose(_)
            | Self::Export(_) => {}
        }
        found
    }

    /// Every text of it that is taken as it stands although it goes out of the house.
    pub fn constants(&self, path: &str) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        if let Some((path, http)) = self.http(path) {
            for (name, value) in &http.headers {
                found.push((format!("{path}.headers.{name}"), value.text()));
            }
            for name in http.query.keys() {
                found.push((format!("{path}.query"), name.as_str()));
            }
            if let Some(json) = &http.json {
                keys(json, &mut |name| found.push((format!("{path}.json"), name)));
            }
        }
        if let Some((path, command)) = self.command(path) {
            if let Some(program) = command.argv.first() {
                found.push((format!("{path}.argv[0]"), program.as_str()));
            }
            if let Some(stdin) = &command.stdin {
                found.push((format!("{path}.stdin"), stdin.as_str()));
            }
        }
        if let Self::Ssm(ssm) = self {
            let names = ssm.parameters.keys();
            found.extend(names.map(|name| (format!("{path}.ssm.parameters"), name.as_str())));
        }
        found
    }
}

fn strings<'a>(value: &'a Value, path: String, add: &mut impl FnMut(String, &'a str)) {
    match value {
        Value::String(text) => add(path, text),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                strings(item, format!("{path}[{at}]"), add);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                strings(field, format!("{path}.{name}"), add);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The keys of a JSON value, at any depth.
fn keys<'a>(value: &'a Value, see: &mut impl FnMut(&'a str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, see)),
        Value::Object(fields) => {
            for (name, field) in fields {
                see(name);
                keys(field, see);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
