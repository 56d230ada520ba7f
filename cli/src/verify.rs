//! `watchfire verify`: whether a bundle is whole, and how far that is proven.

use crate::folder::Files;
use crate::progress::Progress;
use crate::words::Asked;
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_domain::chain::Stored;
use watchfire_seal::bundle::{Failure, Report, Trust, verify};

/// Runs it, and gives the exit code.
pub(crate) fn run(asked: &Asked) -> u8 {
    let verified = judged(asked, &mut |_| {});
    if asked.json {
        println!("{}", machine(&verified));
    } else {
        match &verified {
            Ok(report) => print!("{}", words(report)),
            Err(failure) => print!("{}", accusation(failure)),
        }
    }
    verified.map_or_else(|failure| failure.class.exit_code(), |_| 0)
}

/// Verifies with a bar; `see` gets each event.
pub(crate) fn judged(asked: &Asked, see: &mut dyn FnMut(&Stored)) -> Result<Report, Failure> {
    let files = Files::at(&asked.bundle);
    let mut progress = Progress::over(files.length());
    let verified = verify(&files, &asked.ask, &mut |event, bytes| {
        progress.at(bytes);
        see(event);
    });
    progress.done();
    verified
}

/// For machines: always the same fields.
pub(crate) fn machine(verified: &Result<Report, Failure>) -> Value {
    match verified {
        Ok(report) => json!({ "ok": true, "exit_code": 0, "failure": null, "report": report }),
        Err(failure) => {
            let code = failure.class.exit_code();
            json!({ "ok": false, "exit_code": code, "failure": failure, "report": null })
        }
    }
}

/// What is wrong, for people.
pub(crate) fn accusation(failure: &Failure) -> String {
    let class = serde_json::to_value(failure.class).unwrap_or_default();
    let class = class.as_str().unwrap_or_default().replace('_', " ");
    let mut text = format!("NOT WHOLE ({class}): {failure}\n");
    if let Some(seq) = failure.seq {
        _ = writeln!(text, "first bad event: {seq}");
    }
    text
}

/// What is proven, for people.
fn words(report: &Report) -> String {
    let Report { tenant, incident_id, events, head, checkpoints, .. } = report;
    let mut text = format!("whole: {events} events of incident {incident_id}, tenant {tenant}\n");
    _ = writeln!(text, "head:    {head}");
    if let Some(sealed) = &report.sealed {
        let (seq, size, origin) = (sealed.seq, sealed.size, &sealed.origin);
        _ = writeln!(
            text,
            "sealed:  events 1 to {seq}, by leaf {} of the log {origin} at {size} leaves",
            sealed.index
        );
        _ = writeln!(text, "         ({checkpoints} checkpoints, each continuing the one before)");
    }
    if let Some(from) = report.window_from {
        let what = match (&report.sealed, report.receipts) {
            (None, _) => {
                "nothing is sealed: whoever can write the table can have written all of it"
            }
            (Some(_), 0) => "not sealed yet: a rewriting or cutting here would not show",
            (Some(_), _) => "not sealed yet: only what the receipts tell is proven here",
        };
        _ = writeln!(text, "window:  events {from} to {events} and after; {what}");
    }
    if report.receipts > 0 {
        _ = writeln!(text, "receipts: {} compared, all fit", report.receipts);
    }
    let key = report.signed_by.as_deref().unwrap_or_default();
    _ = match report.trust {
        Trust::Given => writeln!(text, "signed:  by {key}, which you gave"),
        Trust::Bundle => writeln!(
            text,
            "signed:  by {key}\nWARNING: that key lies in the bundle itself. It proves nothing about who wrote the bundle:\n         get the log's key from somebody else, and give it with --key"
        ),
        Trust::Nobody => writeln!(text, "signed:  by nobody"),
    };
    text
}
