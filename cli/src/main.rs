//! `watchfire`: checks and shows evidence bundles and runbooks. It needs no network, no AWS and no
//! account.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

mod folder;
mod progress;
mod runbook;
mod shown;
mod timeline;
mod verify;
mod words;

use std::process::ExitCode;
use words::Words;

const HELP: &str = "\
watchfire checks and shows evidence bundles and runbooks. It needs no network and no AWS.

watchfire verify <bundle> [--key <vkey>]... [--receipt <seq>:<hash>]... [--json]
    Says whether a bundle is whole, and how far that is proven.
    --key <vkey>    trusts this key of the log, `name+id+key`, got from somebody other than the bundle;
                    without one, the bundle's own key is used, which proves nothing about who wrote it
    --receipt <seq>:<hash>
                    a receipt that an answer of the API gave: the event has to be that one
    --json          one JSON object on stdout
    Exit code: 0 whole; 2 an event is not what was hashed; 3 an event does not follow the one before;
    4 an event is missing or out of order; 5 the end is not the one that is stated or receipted;
    6 the chain or the log is not the one that was sealed; 7 a signature is not of a trusted key;
    8 something cannot be read; 64 the words of the command are wrong; 74 the answer cannot be written.

watchfire timeline <bundle> [--at <seq>] [--key <vkey>]... [--json]
    Verifies the bundle, then shows the incident as it stood, and what happened until then.
    --at <seq>      right after this event; without it, at the end

watchfire runbook lint <file or folder>... [--strict] [--json]
    Says what is wrong with runbooks, in YAML or JSON.
    --strict        warnings count as errors
watchfire runbook test <file or folder>... [--write] [--json]
    Plays the cases that lie beside each runbook, in `<name>.cases.yaml`.
    --write         writes down what is so as what is expected; read the difference before you keep it
watchfire runbook show <file> [--input <name>=<value>]... [--json]
    Shows what a runbook would do with these inputs. It does nothing of it.

watchfire runbook spec <file>
    Prints it as JSON, as the API takes it.
    Exit code of all four: 0 good; 1 something is wrong with a runbook, a case does not hold, or an input
    is refused; 8 something cannot be read; 64 the words of the command are wrong; 74 it cannot be written.

watchfire help | watchfire --version
";

/// The words of the command are wrong (BSD's `EX_USAGE`).
const USAGE: u8 = 64;

/// The answer cannot be written (BSD's `EX_IOERR`).
const UNWRITTEN: u8 = 74;

fn main() -> ExitCode {
    let code = match words::read(lexopt::Parser::from_env()) {
        Ok(Words::Help) => {
            print!("{HELP}");
            0
        }
        Ok(Words::Version) => {
            println!("watchfire {}", env!("CARGO_PKG_VERSION"));
            0
        }
        Ok(Words::Verify(asked)) => verify::run(&asked),
        Ok(Words::Timeline(asked, at)) => timeline::run(&asked, at),
        Ok(Words::Runbook(asked)) => runbook::run(&asked),
        Err(wrong) => {
            eprintln!("watchfire: {wrong}\n`watchfire help` says what there is");
            USAGE
        }
    };
    ExitCode::from(code)
}
