//! What a step becomes once its inputs are known. It is computed here and done elsewhere.
//!
//! Whatever an input says, it stays what it is: one element of an argv stays one element, a value
//! of a query stays one value, and a URL's host is never an input's to say. What could not be kept
//! so is refused.

mod facts;
mod fill;
mod refused;

pub use facts::{Facts, UNNAMED};
pub(crate) use refused::header as header_refused;
pub use refused::{Refused, Why};

use crate::Span;
use crate::address::{self, Authority};
use crate::bind::Inputs;
use crate::spec::places::Place;
use crate::spec::{Action, Command, Expect, Header, Http, Method, Notice, Probe};
use fill::Filling;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use watchfire_domain::{Audience, Status, Timestamp};

/// What a step is told besides its parameters.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// The inputs.
    pub inputs: &'a Inputs,
    /// The tenant.
    pub tenant: &'a str,
    /// The execution's id.
    pub execution_id: &'a str,
    /// What is known of the incident, if it is about one.
    pub incident: Option<&'a Facts>,
    /// Now.
    pub now: Timestamp,
}

/// The part of it that stays as it is while an execution lasts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lasting<'a> {
    /// The inputs.
    pub(crate) inputs: &'a Inputs,
    /// The tenant.
    pub(crate) tenant: &'a str,
    /// The execution's id.
    pub(crate) execution_id: &'a str,
}

/// A step, ready to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rendered {
    /// A person does it.
    Manual {
        /// What to do.
        instructions: String,
        /// Whether it changes something.
        changes: bool,
        /// Whether it is an item of a checklist.
        tick: bool,
    },
    /// A request.
    Http(Request),
    /// A program.
    Command(Program),
    /// An SSM Automation document.
    Ssm {
        /// Its name.
        document: String,
        /// Its parameters.
        parameters: BTreeMap<String, Vec<String>>,
    },
    /// Waits.
    Wait {
        /// How long.
        duration: Span,
    },
    /// A probe, until it is stable.
    Check {
        /// The probe.
        probe: Box<Rendered>,
        /// How often.
        every: Span,
        /// For how long it must hold.
        stable_for: Span,
        /// When it has failed.
        limit: Span,
    },
    /// Somebody chooses.
    Choose {
        /// What.
        question: String,
        /// The names of the alternatives.
        options: Vec<String>,
    },
    /// Moves the incident.
    Transition {
        /// Where to.
        to: Status,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        rationale: Option<String>,
    },
    /// Tells somebody.
    Notify {
        /// Whom.
        audience: Audience,
        /// The message's template.
        template: String,
        /// What it is filled with.
        values: BTreeMap<String, String>,
    },
    /// Exports a bundle.
    Export {
        /// What for.
        purpose: String,
    },
}

/// A request. The names of secrets stand in it, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Whom it goes to: what is resolved, and checked by [`address::is_public`] before connecting.
    pub authority: Authority,
    /// The headers.
    pub headers: BTreeMap<String, Header>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// What the answer must be.
    pub expect: Expect,
}

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// What it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// The name of its image and role.
    pub profile: String,
    /// What its output must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_is: Option<String>,
    /// What its output must contain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_contains: Option<String>,
}

/// What `action` becomes. All that is refused is told at once; paths begin with `path`.
pub fn render(action: &Action, path: &str, given: &Given<'_>) -> Result<Rendered, Vec<Refused>> {
    rendered(action, path, Filling::new(given))
}

/// What `action` becomes whenever it is done: what only the moment says, the time and what is known
/// of the incident, stands as its variable.
pub(crate) fn render_lasting(
    action: &Action,
    path: &str,
    lasting: &Lasting<'_>,
) -> Result<Rendered, Vec<Refused>> {
    let Lasting { inputs, tenant, execution_id } = *lasting;
    let now = Timestamp::from_millis(0);
    let given = Given { inputs, tenant, execution_id, incident: None, now };
    rendered(action, path, Filling::lasting(&given))
}

fn rendered(
    action: &Action,
    path: &str,
    mut filling: Filling<'_>,
) -> Result<Rendered, Vec<Refused>> {
    let rendered = action_of(action, path, &mut filling);
    let refused = filling.refused();
    match rendered {
        Some(rendered) if refused.is_empty() => Ok(rendered),
        _ => Err(refused),
    }
}

fn action_of(action: &Action, path: &str, fill: &mut Filling<'_>) -> Option<Rendered> {
    Some(match action {
        Action::Manual(manual) => {
            let path = format!("{path}.manual.instructions");
            let instructions = fill.text(&path, Place::Words, &manual.instructions);
            Rendered::Manual { instructions, changes: manual.changes, tick: manual.tick }
        }
        Action::Http(http) => Rendered::Http(request(http, &format!("{path}.http"), fill)?),
        Action::Command(command) => {
            Rendered::Command(program(command, &format!("{path}.command"), fill))
        }
        Action::Ssm(ssm) => {
            let mut value = |name: &str, at: usize, text: &String| {
                let path = format!("{path}.ssm.parameters.{name}[{at}]");
                fill.text(&path, Place::Parameter, text)
            };
            let mut values = |name: &String, texts: &Vec<String>| {
                texts.iter().enumerate().map(|(at, text)| value(name, at, text)).collect()
            };
            let parameters = ssm.parameters.iter();
            let parameters = parameters.map(|(name, texts)| (name.clone(), values(name, texts)));
            Rendered::Ssm { document: ssm.document.clone(), parameters: parameters.collect() }
        }
        Action::Wait(wait) => Rendered::Wait { duration: wait.duration },
        Action::Check(check) => {
            let path = format!("{path}.check.probe");
            let probe = match &check.probe {
                Probe::Http(http) => Rendered::Http(request(http, &format!("{path}.http"), fill)?),
                Probe::Command(command) => {
                    Rendered::Command(program(command, &format!("{path}.command"), fill))
                }
            };
            let (every, stable_for, limit) = (check.every, check.stable_for, check.limit);
            Rendered::Check { probe: Box::new(probe), every, stable_for, limit }
        }
        Action::Choose(choose) => Rendered::Choose {
            question: choose.question.clone(),
            options: choose.options.iter().map(|option| option.name.clone()).collect(),
        },
        Action::Transition(transition) => {
            let path = format!("{path}.transition.rationale");
            let rationale = transition.rationale.as_ref();
            let rationale = rationale.map(|text| fill.text(&path, Place::Words, text));
            Rendered::Transition { to: transition.to, rationale }
        }
        Action::Notify(notice) => notify(notice, path, fill),
        Action::Export(bundle) => Rendered::Export { purpose: bundle.purpose.clone() },
    })
}

fn notify(notice: &Notice, path: &str, fill: &mut Filling<'_>) -> Rendered {
    let value = |(name, text): (&String, &String)| {
        let path = format!("{path}.notify.values.{name}");
        (name.clone(), fill.text(&path, Place::Words, text))
    };
    let values = notice.values.iter().map(value).collect();
    Rendered::Notify { audience: notice.audience, template: notice.template.clone(), values }
}

fn program(command: &Command, path: &str, fill: &mut Filling<'_>) -> Program {
    let element = |(at, text): (usize, &String)| match at {
        // The program is nobody's to choose.
        0 => text.clone(),
        _ => fill.text(&format!("{path}.argv[{at}]"), Place::Argument, text),
    };
    Program {
        argv: command.argv.iter().enumerate().map(element).collect(),
        stdin: command.stdin.clone(),
        profile: command.profile.clone(),
        output_is: command.output_is.clone(),
        output_contains: command.output_contains.clone(),
    }
}

fn request(http: &Http, path: &str, fill: &mut Filling<'_>) -> Option<Request> {
    let authority = match address::authority(&http.url) {
        Ok(authority) => Some(authority),
        Err(refusal) => {
            fill.refuse(&format!("{path}.url"), Why::Address(refusal));
            None
        }
    };
    for (name, value) in &http.headers {
        if let Some(why) = refused::header(name, value) {
            fill.refuse(&format!("{path}.headers.{name}"), why);
        }
    }
    let mut url = fill.text(&format!("{path}.url"), Place::Path, &http.url);
    // A path that changed whom the URL is for would be a fault of ours: it is asked again.
    if authority.is_some() && address::authority(&url).ok() != authority {
        fill.refuse(&format!("{path}.url"), Why::Host);
    }
    for (at, (name, text)) in http.query.iter().enumerate() {
        let value = fill.text(&format!("{path}.query.{name}"), Place::Query, text);
        url.push(if at == 0 { '?' } else { '&' });
        url.push_str(&fill::encoded(name));
        url.push('=');
        url.push_str(&value);
    }
    let json = http.json.as_ref().map(|json| fill.json(&format!("{path}.json"), json));
    Some(Request {
        method: http.method,
        url,
        authority: authority?,
        headers: http.headers.clone(),
        json,
        expect: http.expect.clone(),
    })
}
