//! Steps that set how many of something there are, whatever there were.

use super::{Code, Findings, program};
use crate::spec::{Action, Spec};
use crate::template;

/// A number that is filled in by itself may be less than what runs: the step that was to add takes
/// away, and at a risk that needs no approval.
pub(super) fn check(spec: &Spec, action: &Action, path: &str, findings: &mut Findings) {
    let Some((path, command)) = action.command(path) else { return };
    let words: Vec<&str> = command.argv.iter().map(String::as_str).collect();
    let sizes = program::SIZES.iter().filter_map(|option| program::value(&words, option));
    for name in sizes.flat_map(template::inputs) {
        let default = spec.input(&name).and_then(|input| input.default.as_ref());
        if let Some(default) = default {
            let problem =
                format!("`{name}` says how many there shall be, and is {default} by itself");
            findings.say(Code::SizeDefault, format!("{path}.argv"), problem);
        }
    }
}
