//! `watchfire runbook`: checks, plays and shows runbooks. It reads files and nothing else.

mod cases;
mod diff;
mod lint;
mod load;
mod show;
mod words;

pub(crate) use words::{Asked, read};

use words::Doing;

/// Something is wrong with a runbook, a case does not hold, or an input is refused.
const WRONG: u8 = 1;

/// Something cannot be read.
const UNREAD: u8 = 8;

/// Runs it, and gives the exit code.
pub(crate) fn run(asked: &Asked) -> u8 {
    match &asked.doing {
        Doing::Lint { strict } => lint::run(asked, *strict),
        Doing::Test { write } => cases::run(asked, *write),
        Doing::Show { inputs } => show::run(asked, inputs),
        Doing::Spec => show::spec(asked),
    }
}

/// Ends a page of findings: `3 runbooks, 1 error`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
