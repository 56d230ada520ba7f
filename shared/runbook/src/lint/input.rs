//! Inputs that are asked for, and inputs that are needed.

use super::{Code, Findings, program};
use crate::bind;
use crate::spec::places::{Place, actions};
use crate::spec::{Spec, Type};
use crate::template;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(spec: &Spec, findings: &mut Findings) {
    let mut needed: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for within in spec.walk() {
        for (path, action) in actions(within.step, &within.path) {
            for placed in action.templates(&path) {
                for name in template::inputs(placed.text) {
                    if spec.input(&name).is_none() {
                        let problem = format!("`{name}` is not among the inputs");
                        findings.say(Code::InputUnknown, &placed.path, problem);
                    }
                    needed
                        .entry(name)
                        .or_default()
                        .insert(!matches!(placed.place, Place::Argument | Place::Parameter));
                }
            }
            program_from_input(action, &path, findings);
        }
    }
    for (at, input) in spec.inputs.iter().enumerate() {
        let path = format!("inputs[{at}]");
        let name = &input.name;
        let Some(places) = needed.get(name) else {
            findings.say(Code::InputUnused, &path, format!("no step needs `{name}`"));
            continue;
        };
        if let Some(Err(why)) = input.default.as_ref().map(|value| bind::fit(input, value)) {
            let problem = format!("the default of `{name}` {why}");
            findings.say(Code::InputDefault, format!("{path}.default"), problem);
        }
        // Elsewhere a value stays one value, whatever it says.
        let loose = input.kind == Type::String && input.pattern.is_none();
        if loose && places.contains(&false) {
            let problem = format!("`{name}` may be any text");
            findings.say(Code::InputLoose, path, problem);
        }
    }
}

fn program_from_input(action: &crate::Action, path: &str, findings: &mut Findings) {
    let Some((path, command)) = action.command(path) else { return };
    let mut runs = true;
    for (at, element) in command.argv.iter().enumerate() {
        if runs && template::is_template(element) {
            let problem = "an input says which program runs";
            findings.say(Code::ProgramFromInput, format!("{path}.argv[{at}]"), problem);
        }
        // After a runner, its options and their values, any word may be the program.
        let runner = program::RUNNERS.contains(&program::name(element));
        runs = element == "--" || runner || (runs && at > 0 && element.starts_with('-'));
    }
}
