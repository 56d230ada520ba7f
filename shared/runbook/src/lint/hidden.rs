//! What a reviewer would not see: a text that reads otherwise than it runs.

use super::{Code, Findings};
use crate::spec::Spec;
use crate::words::is_hidden;
use serde_json::Value;

pub(super) fn check(spec: &Spec, findings: &mut Findings) {
    // Every text of it, whichever field that is in, and the names that its author gave.
    let value = serde_json::to_value(spec).unwrap_or_default();
    visit(&value, "", findings);
}

fn visit(value: &Value, path: &str, findings: &mut Findings) {
    match value {
        Value::String(text) => say(text, path, findings),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                visit(item, &format!("{path}[{at}]"), findings);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                say(name, path, findings);
                let dot = if path.is_empty() { "" } else { "." };
                visit(field, &format!("{path}{dot}{name}"), findings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn say(text: &str, path: &str, findings: &mut Findings) {
    // Instructions and scripts have lines.
    let hidden = |one: &char| is_hidden(*one) && !matches!(one, '\n' | '\t');
    if let Some(one) = text.chars().find(hidden) {
        let problem = format!("has the character {}", one.escape_unicode());
        findings.say(Code::HiddenCharacter, path, problem);
    }
}
