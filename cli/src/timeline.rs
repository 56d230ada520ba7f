//! `watchfire timeline`: an incident as it stood, and what happened until then.

use crate::folder::Files;
use crate::shown;
use crate::verify::{accusation, judged, machine};
use crate::words::Asked;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use watchfire_domain::patch;
use watchfire_seal::bundle::{Report, Trust, events};

/// The records of an incident, by name.
type Records = BTreeMap<String, Value>;

/// Runs it, and gives the exit code.
pub(crate) fn run(asked: &Asked, at: Option<u64>) -> u8 {
    let mut records = Records::new();
    let verified = judged(asked, &mut |event| {
        if at.is_none_or(|at| event.seq <= at) {
            // Verified is readable.
            let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
            patch::fold_in(&mut records, body.get("payload").unwrap_or(&Value::Null));
        }
    });
    let report = match verified {
        Ok(report) => report,
        // What is not proven is not shown as if it had happened.
        Err(failure) => {
            if asked.json {
                println!("{}", machine(&Err(failure.clone())));
            } else {
                print!("{}", accusation(&failure));
            }
            return failure.class.exit_code();
        }
    };
    let at = at.unwrap_or(report.events);
    if at > report.events {
        eprintln!("watchfire: there is no event {at}: the last one is {}", report.events);
        return crate::USAGE;
    }
    match show(asked, &report, &records, at) {
        Ok(()) => 0,
        // Whoever reads the beginning alone, as `head` does, has what they wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            eprintln!("watchfire: writing the timeline: {error}");
            crate::UNWRITTEN
        }
    }
}

fn show(asked: &Asked, report: &Report, records: &Records, at: u64) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let files = Files::at(&asked.bundle);
    let happened = events(&files).map_err(io::Error::other)?;
    let happened = happened.take(usize::try_from(at).unwrap_or(usize::MAX));
    if asked.json {
        let head = json!({ "incident_id": report.incident_id, "tenant": report.tenant, "at": at,
            "verified": report, "records": records });
        let head = head.to_string();
        // One object, and yet never all of it in memory.
        write!(out, "{},\"events\":[", head.strip_suffix('}').unwrap_or(&head))?;
        for (number, event) in happened.enumerate() {
            let comma = if number == 0 { "" } else { "," };
            // The body is JSON as it is; the hash stands outside of it.
            let event = event.map_err(io::Error::other)?;
            write!(out, "{comma}\n{{\"hash\":\"{}\",\"body\":{}}}", event.hash, event.body)?;
        }
        writeln!(out, "\n]}}")?;
        return out.flush();
    }
    shown::incident(&mut out, report, records, at)?;
    writeln!(out, "\nTimeline")?;
    for event in happened {
        shown::event(&mut out, &event.map_err(io::Error::other)?)?;
    }
    if let Some(from) = report.window_from.filter(|from| *from <= at) {
        writeln!(out, "\nEvents from {from} on are not sealed by a checkpoint.")?;
    }
    if report.trust == Trust::Bundle {
        writeln!(
            out,
            "\nThe checkpoints were checked with the bundle's own key, which proves nothing about who wrote it."
        )?;
    }
    out.flush()
}
