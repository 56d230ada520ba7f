//! What is wrong with a spec that reads well: what people forget, and what would hurt.

mod code;
mod early;
mod flow;
mod harm;
mod hidden;
mod input;
mod matters;
mod onward;
mod printed;
mod program;
pub(crate) mod secret;
mod shell;
mod size;
mod units;
mod unseen;
mod verbatim;
mod web;

pub use code::{Code, Severity};
pub use harm::{Harm, of_action};
pub use onward::must_stop;

use crate::spec::Spec;
use serde::Serialize;

/// One thing that is wrong, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Where, as `steps[3].do.command.argv[0]`.
    pub path: String,
    /// What sort of fault.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in words.
    pub problem: String,
    /// How to mend it.
    pub mend: &'static str,
}

/// The findings so far.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn say(&mut self, code: Code, path: impl Into<String>, problem: impl Into<String>) {
        let (path, problem) = (path.into(), problem.into());
        let (severity, mend) = (code.severity(), code.mend());
        self.0.push(Finding { path, code, severity, problem, mend });
    }
}

/// All that is wrong with `spec`, in the order of its text.
pub fn lint(spec: &Spec) -> Vec<Finding> {
    let mut findings = Findings::default();
    matters::check(spec, &mut findings);
    flow::check(spec, &mut findings);
    early::check(spec, &mut findings);
    hidden::check(spec, &mut findings);
    input::check(spec, &mut findings);
    web::unused(spec, &mut findings);
    unseen::check(spec, &mut findings);
    for within in spec.walk() {
        for (path, action) in crate::spec::places::actions(within.step, &within.path) {
            if let Some((path, command)) = action.command(&path) {
                shell::check(command, &path, &mut findings);
                units::command(command, &path, &mut findings);
            }
            if let Some((path, http)) = action.http(&path) {
                web::check(spec, http, &path, &mut findings);
            }
            shell::parameters(action, &path, &mut findings);
            size::check(spec, action, &path, &mut findings);
            secret::check(action, &path, &mut findings);
            printed::check(action, &path, &mut findings);
            verbatim::check(action, &path, &mut findings);
        }
        units::step(within.step, &within.path, &mut findings);
        onward::check(spec, &within, &mut findings);
    }
    let mut findings = findings.0;
    findings.dedup();
    findings
}
