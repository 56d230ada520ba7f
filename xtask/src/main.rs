//! Every chore as a command: `cargo xtask help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to its caller")]

mod bench;
mod demo;
mod documents;
mod guard;
mod net;
mod order;
mod package;
mod places;
mod planted;
mod policy;
mod proof;
mod reliability;
mod run;
mod tamper;
mod test;
mod trouble;
mod venv;

use std::process::ExitCode;
use trouble::{Done, Trouble};

const HELP: &str = "\
cargo xtask demo [--once]       starts the local stack, deploys the template and walks from an alarm to a
                                closed incident; leaves the stack up until Ctrl-C, or with --once stops it
cargo xtask test [--fast]       format, clippy, every test, the template, and the demo's walk;
                                --fast leaves out whatever needs Python
cargo xtask package [--profile ci|release] [--target TRIPLE]
                                builds target/package/bootstrap.zip, which the template deploys
cargo xtask tamper [--count N] [--seed S] [--json]
                                makes N good evidence bundles and tampers with N others (10,000 each), and
                                counts what the verifier says of them; the seed repeats a run
cargo xtask bench [--json] [--only PARTS] [--page] [--peers] [--regressions] [--rate DOLLARS]
                                measures what the functions cost (instructions, requests, memory, money) and
                                holds it to limits; --page writes docs/performance.md from it, --regressions
                                shows that the gates notice what they are there for; PARTS are some of
                                size,cost,counts,storm,length,chain,memory,cpu, and of them no page is written
cargo xtask order               writes functions/bootstrap/order.txt: the functions that run, so that the
                                linker puts them beside each other
cargo xtask policy [--json]     what the proofs of the policies count, and whether another engine of Rego
                                answers every question as ours does
cargo xtask storm [--alarms N] [--deliveries N] [--keys N] [--seed S] [--json]
                                alarms delivered many times in any order, while answers are lost and
                                processes end: each counts once
cargo xtask crashpoints [--double [--schedules N]] [--seed S] [--only N] [--json]
                                a fault at every call of every function, or two at once
cargo xtask kills [--kills N] [--seed S] [--only N] [--json]
                                the real program, killed (SIGKILL) before and after calls of its own, and what it
                                was handling delivered again; --only lives one life again
cargo xtask planted [--only GUARD] [--rest] [--json]
                                takes each guard away and runs the test that misses it; --rest goes on where
                                a run was broken off
cargo xtask lives [--steps N] [--seed S] [--json]
                                the product beside a small model of it, at random
cargo xtask protocol [--approvers N] [--json]
                                every state that an approval can come to
cargo xtask isolation [--operations N] [--pairs N] [--seed S] [--json]
                                four tenants at random: no byte of one reaches another
cargo xtask links [--forgeries N] [--seed S] [--json]
                                forged approval links
cargo xtask malformed [--inputs N] [--seed S] [--json]
                                malformed input at every door
cargo xtask reliability [--anew]
                                writes docs/RELIABILITY.md from what these commands counted last;
                                --anew runs them all before
cargo xtask docs                writes anew what is generated: docs/CONFIG.md, openapi.json,
                                runbooks/schema.json, sbom.cdx.json
cargo xtask check-drift         says whether any of it is out of date
cargo xtask help                this
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match chore(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("\nxtask: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn chore(words: &[&str]) -> Done {
    match words {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        ["demo"] => demo::run(demo::Then::Stay),
        ["demo", "--once"] => demo::run(demo::Then::Stop),
        ["test"] => test::run(test::Scope::Everything),
        ["test", "--fast"] => test::run(test::Scope::Fast),
        ["package", rest @ ..] => package::chore(rest),
        ["bench", rest @ ..] => bench::chore(rest),
        ["order"] => order::chore(),
        ["tamper", rest @ ..] => tamper::chore(rest),
        ["policy", rest @ ..] => policy::chore(rest),
        ["planted", rest @ ..] => planted::chore(rest),
        ["reliability", rest @ ..] => reliability::chore(rest),
        [
            name @ ("storm" | "crashpoints" | "kills" | "lives" | "protocol" | "isolation"
            | "links" | "malformed"),
            rest @ ..,
        ] => proof::chore(name, rest),
        ["docs"] => documents::write(),
        ["check-drift"] => documents::check(),
        _ => Err(Trouble::new(format!("there is no `cargo xtask {}`", words.join(" ")))
            .advise("`cargo xtask help` lists what there is")),
    }
}
