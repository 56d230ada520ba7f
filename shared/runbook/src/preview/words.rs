//! A preview in lines that one can read at 3 a.m.

use crate::render::{Program, Rendered, Request};
use crate::spec::{Expect, OnFailure, Spec, Step, Verifies, Within};
use std::fmt::Write as _;

/// What the whole says of itself.
pub(super) fn head(spec: &Spec) -> String {
    let mut text = format!("{} ({})\n{}\n", spec.title, spec.name, spec.description.trim());
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            _ = writeln!(text, "{name}: {value}");
        }
    };
    let risk = spec.risk.map_or("none said, taken as high", crate::Risk::name);
    line("risk", risk.to_owned());
    line("author", spec.author.clone());
    line("review", spec.review_days.map_or(String::new(), |days| format!("every {days} days")));
    line("verifies", spec.verifies.map_or("", verified).to_owned());
    line("downtime", spec.downtime.clone().unwrap_or_default());
    let tags: Vec<String> = spec.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    line("tags", tags.join(", "));
    line("sources", joined(&spec.sources));
    line("alarms", joined(&spec.for_.alarms));
    line("metrics", joined(&spec.for_.metrics));
    let rows: Vec<&str> = spec.for_.matrix.iter().map(|row| row.name()).collect();
    line("quick reference", rows.join(", "));
    line("hosts", joined(&spec.hosts));
    for (name, items) in [("symptom", &spec.symptoms), ("precondition", &spec.preconditions)] {
        for item in items {
            line(name, item.clone());
        }
    }
    for input in &spec.inputs {
        let mut said = format!("{} ({})", input.name, input.kind.name());
        if let Some(default) = &input.default {
            _ = write!(said, ", {default} if nobody says");
        }
        for (word, value) in [("from", &input.min), ("to", &input.max)] {
            if let Some(value) = value {
                _ = write!(said, ", {word} {value}");
            }
        }
        if let Some(pattern) = &input.pattern {
            _ = write!(said, ", as /{pattern}/");
        }
        if !input.choices.is_empty() {
            _ = write!(said, ", one of {}", input.choices.join(", "));
        }
        line("input", format!("{said}: {}", input.description));
    }
    text
}

const fn verified(verifies: Verifies) -> &'static str {
    match verifies {
        Verifies::Recovery => "recovery: `resolved` may wait for it",
        Verifies::DataIntegrity => "data integrity: `resolved` may wait for it",
    }
}

fn joined<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    words.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// One step.
pub(super) fn step(
    within: &Within<'_>,
    under: Option<&str>,
    action: &Rendered,
    rollback: Option<&Rendered>,
) -> String {
    let step = within.step;
    let risk = step.risk.map_or("none said, taken as high", crate::Risk::name);
    let mut text = format!("[{}] {}\n", step.id, step.title);
    let mut line = |name: &str, value: &str| {
        _ = writeln!(text, "  {name}: {value}");
    };
    let approval = if within.needs_approval() { ", needs an approval first" } else { "" };
    line("risk", &format!("{risk}{approval}"));
    if let Some(under) = under {
        line("only if chosen", under);
    }
    if let Some(when) = &step.when {
        line("only if chosen before", &format!("{}/{}", when.step, when.chosen));
    }
    if let Some(timeout) = step.timeout {
        line("at most", &timeout.to_string());
    }
    if let Some(guard) = &step.guard {
        line("operation", &guard.operation);
        for condition in &guard.only_if {
            line("only if", condition);
        }
    }
    if let Some(downtime) = &step.downtime {
        line("users notice", downtime);
    }
    what(step, action, &mut line);
    comes(step, rollback, &mut line);
    if let Some(reason) = &step.irreversible {
        line("no way back", reason);
    }
    text
}

/// The same for whoever approves it, without what the question says beside it. A line that holds
/// several becomes as many, so that none of them can be taken for another thing.
pub(super) fn asked(within: &Within<'_>, action: &Rendered, rollback: Option<&Rendered>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        for value in value.lines() {
            _ = writeln!(text, "{name}: {value}");
        }
    };
    let step = within.step;
    what(step, action, &mut line);
    // What decides comes first: a long text is cut at its end.
    if let Some(reason) = &step.irreversible {
        line("no way back", reason);
    }
    if let Some(downtime) = &step.downtime {
        line("users notice", downtime);
    }
    comes(step, rollback, &mut line);
    text
}

/// What would take a step back.
pub(super) fn back(action: &Rendered) -> String {
    done(action).into_iter().fold(String::new(), |mut text, (name, value)| {
        _ = writeln!(text, "{name}: {value}");
        text
    })
}

/// What is done.
fn what(step: &Step, action: &Rendered, line: &mut dyn FnMut(&str, &str)) {
    for (name, value) in done(action) {
        line(name, &value);
    }
    for option in step.alternatives() {
        let risk = option.risk.map_or("none said, taken as high", crate::Risk::name);
        let ends = if option.ends { ", and the runbook is over" } else { "" };
        line("option", &format!("{}: {} ({risk}{ends})", option.name, option.title));
        for (name, value) in [("prefer", &option.prefer), ("users notice", &option.downtime)] {
            if let Some(value) = value {
                line(&format!("  {name}"), value);
            }
        }
    }
}

/// What becomes of it.
fn comes(step: &Step, rollback: Option<&Rendered>, line: &mut dyn FnMut(&str, &str)) {
    if step.on_failure == OnFailure::Continue {
        line("if it fails", "the run goes on with the next step");
    }
    if let Some(evidence) = &step.evidence {
        let optional = if evidence.optional { " (optional)" } else { "" };
        line("evidence", &format!("{}{optional}", evidence.shows));
    }
    if let Some(back) = &step.rollback {
        line("back", &back.note);
    }
    for (name, value) in rollback.map(done).unwrap_or_default() {
        line(&format!("back, {name}"), &value);
    }
}

/// What an action does, as names and values.
fn done(action: &Rendered) -> Vec<(&'static str, String)> {
    let mut lines: Vec<(&'static str, String)> = Vec::new();
    match action {
        Rendered::Manual { instructions, changes, tick } => {
            let name = match (changes, tick) {
                (true, _) => "changes by hand",
                (false, true) => "tick",
                (false, false) => "by hand",
            };
            lines.extend(instructions.lines().map(|line| (name, line.to_owned())));
        }
        Rendered::Http(request) => http(request, &mut lines),
        Rendered::Command(program) => command(program, &mut lines),
        Rendered::Ssm { document, parameters } => {
            lines.push(("automation", document.clone()));
            for (name, values) in parameters {
                lines.push(("parameter", format!("{name} = {}", argv(values))));
            }
        }
        Rendered::Wait { duration } => lines.push(("waits", duration.to_string())),
        Rendered::Check { probe, every, stable_for, limit } => {
            lines.extend(done(probe));
            let stable = format!("every {every}, until it holds for {stable_for}, at most {limit}");
            lines.push(("again", stable));
        }
        Rendered::Choose { question, .. } => lines.push(("choose", question.clone())),
        Rendered::Transition { to, rationale } => {
            lines.push(("status", to.name().to_owned()));
            lines.extend(rationale.iter().map(|why| ("rationale", why.clone())));
        }
        Rendered::Notify { audience, template, values } => {
            lines.push(("tells", format!("{}, by `{template}`", audience.name())));
            lines.extend(values.iter().map(|(name, value)| ("says", format!("{name}: {value}"))));
        }
        Rendered::Export { purpose } => lines.push(("exports a bundle", purpose.clone())),
    }
    lines
}

fn http(request: &Request, lines: &mut Vec<(&'static str, String)>) {
    lines.push(("request", format!("{} {}", request.method.name(), request.url)));
    for (name, value) in &request.headers {
        lines.push(("header", format!("{name}: {}", value.words())));
    }
    lines.extend(request.json.iter().map(|json| ("body", json.to_string())));
    let Expect { status, latency_ms, body_contains } = &request.expect;
    let status: Vec<String> = status.iter().map(u16::to_string).collect();
    let mut wanted = if status.is_empty() { "200 to 299".to_owned() } else { status.join(", ") };
    if let Some(latency) = latency_ms {
        _ = write!(wanted, ", within {latency} ms");
    }
    if let Some(body) = body_contains {
        _ = write!(wanted, ", with {body:?} in it");
    }
    lines.push(("expects", wanted));
}

fn command(program: &Program, lines: &mut Vec<(&'static str, String)>) {
    lines.push(("runs", argv(&program.argv)));
    lines.push(("as", program.profile.clone()));
    if let Some(stdin) = &program.stdin {
        lines.extend(stdin.lines().map(|line| ("reads", line.to_owned())));
    }
    lines.extend(
        program.output_is.iter().map(|text| ("expects", format!("{text:?} and nothing else"))),
    );
    lines.extend(program.output_contains.iter().map(|text| ("expects", format!("{text:?} in it"))));
}

/// Elements as a shell would want them written: to be read, and to be pasted.
pub(super) fn argv(elements: &[String]) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || "._:/@+%=,-".contains(one);
    let quoted = |element: &String| {
        if !element.is_empty() && element.chars().all(plain) {
            element.clone()
        } else {
            format!("'{}'", element.replace('\'', r"'\''"))
        }
    };
    elements.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
