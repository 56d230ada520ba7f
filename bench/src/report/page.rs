//! `docs/performance.md`, written from a report.

use super::table::{figures, kind, word};
use super::{Gate, Report};
use serde_json::Value;
use std::fmt::Write as _;

const HEAD: &str = "\
# Performance

This page is written by `cargo xtask bench --page`, from what it measured; nothing on it is typed by hand.
";

const METHOD: &str = "
## How

Every function runs as the bootstrap that is shipped (profile `release`), in an environment like Lambda's, under a Runtime API on 127.0.0.1.
It talks TLS 1.3 to an answerer on 127.0.0.1, whose chain is as long as AWS's and of the same keys, and whose DynamoDB is a real engine in memory.
All services answer at one address, so one connection serves them; on AWS each service is another host, with a handshake of its own.
The floor is a function that echoes its event: the same runtime, profile and toolchain, built in the same run.

Instructions are counted by valgrind and are the same on a busy machine: gates on them, on requests and on bytes are hard.
The peers do the same conditional write: Python with boto3 under awslambdaric, as on Lambda, and Node with the AWS SDK under a loop of our own, which does less than Lambda's.
Processor time is compared in pairs, in an order drawn for each of 25 rounds, and its gates are soft.
Nothing is concluded from the clock on the wall.
Valgrind knows no SHA extensions: hashes cost more instructions here than on the processors of Lambda.
It counts each byte of a `rep stosb` as an instruction, which arm64 does not have: under it the C library is told to clear and copy by vectors.

`init` is the process's start until it asks for work, with the built-in roots and without prewarming; `1st write` is the same, and all of the first event until its first write to DynamoDB is on the wire (for a step that writes nothing, the whole event).
`warm` is a later event, each of which finds its step not yet taken.
";

/// The whole page.
pub fn page(report: &Report) -> String {
    let mut text = String::from(HEAD);
    // Writing to a String cannot fail.
    let _ = place(&mut text, report);
    let _ = gates(&mut text, report);
    let _ = steps(&mut text, report);
    let _ = parts(&mut text, report);
    let _ = rivals(&mut text, report);
    let _ = incident(&mut text, report);
    let _ = golden(&mut text, report);
    let _ = storm(&mut text, report);
    let _ = lengths(&mut text, report);
    text.push_str(METHOD);
    text
}

fn place(text: &mut String, report: &Report) -> std::fmt::Result {
    let place = &report.place;
    writeln!(
        text,
        "Measured on {} processors of a shared machine ({}, {}), not on AWS and not on arm64.",
        place.processors, place.architecture, place.processor
    )?;
    if let Some(valgrind) = &place.valgrind {
        writeln!(text, "Instructions by {valgrind}; profile `{}`.", place.profile)?;
    }
    for skipped in &report.skipped {
        writeln!(text, "Not measured: {skipped}.")?;
    }
    Ok(())
}

fn gates(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text, "\n## Gates\n\n| gate | what | value | limit | unit | kind | |")?;
    writeln!(text, "|---|---|---:|---:|---|---|---|")?;
    for gate in &report.gates {
        let [value, limit] = figures(gate);
        let Gate { id, what, unit, .. } = gate;
        writeln!(
            text,
            "| {id} | {what} | {value} | {limit} | {unit} | {} | {} |",
            kind(gate),
            word(gate)
        )?;
    }
    Ok(())
}

fn steps(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(steps) = list(report, "steps") else { return Ok(()) };
    writeln!(text, "\n## Steps, in thousand instructions\n")?;
    writeln!(
        text,
        "| step | what happens | init | 1st write | init + first | warm | its parts | calls first, warm |"
    )?;
    writeln!(text, "|---|---|---:|---:|---:|---:|---:|---|")?;
    for step in steps {
        let word = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |pointer: &str| step.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let calls = |name: &str| step.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {}, {} |",
            word("name"),
            word("meaning"),
            number("/init") / 1000,
            number("/first_write") / 1000,
            number("/counted/init_first") / 1000,
            number("/counted/warm") / 1000,
            number("/parts") / 1000,
            calls("first"),
            calls("warm"),
        )?;
    }
    Ok(())
}

fn parts(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(parts) = report.measurements.get("parts") else { return Ok(()) };
    let number = |pointer: &str| parts.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    writeln!(text, "\n## Parts, in thousand instructions\n\n| part | |\n|---|---:|")?;
    for (name, pointer) in [
        ("the floor: init", "/floor/init"),
        ("the floor: a warm event", "/floor/warm"),
        ("one conditional write and nothing else: init and first event", "/single/init_first"),
        ("the same, warm", "/single/warm"),
        ("a further GetItem", "/calls/get"),
        ("a further Query", "/calls/query"),
        ("a further PutItem", "/calls/put"),
        ("a further TransactWriteItems of two", "/calls/transact"),
        ("a further call of Step Functions", "/calls/start"),
        ("a further call of SQS", "/calls/send"),
        ("the first decision of the policy", "/first_decision"),
        ("a later one that is not remembered", "/decision"),
        ("a signature of Ed25519, its key made of its seed", "/signature"),
        ("the verification of one", "/verification"),
    ] {
        writeln!(text, "| {name} | {} |", number(pointer) / 1000)?;
    }
    Ok(())
}

fn rivals(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(cpu) = report.measurements.get("cpu").and_then(Value::as_object) else {
        return Ok(());
    };
    writeln!(text, "\n## Processor time and memory\n")?;
    writeln!(
        text,
        "| program | init, ms | of the floor's | first answer, ms | of the floor's | peak memory, MB |"
    )?;
    writeln!(text, "|---|---:|---:|---:|---:|---:|")?;
    for (name, timed) in cpu {
        let number = |field: &str| timed.get(field).and_then(Value::as_f64).unwrap_or_default();
        writeln!(
            text,
            "| {name} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} |",
            number("init_ms"),
            number("init_of_floor"),
            number("first_ms"),
            number("first_of_floor"),
            number("peak_rss") / 1e6,
        )?;
    }
    Ok(())
}

fn incident(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(incident) = report.measurements.get("incident") else { return Ok(()) };
    let word = |name: &str| incident.get(name).and_then(Value::as_str).unwrap_or_default();
    let dollars = |name: &str| crate::price::shown(incident.get(name).and_then(Value::as_f64));
    writeln!(
        text,
        "\n## A whole incident\n\n| step | write units | read units | functions | requests |"
    )?;
    writeln!(text, "|---|---:|---:|---:|---:|")?;
    for step in
        ["steps", "after"].iter().filter_map(|part| incident.get(part)?.as_array()).flatten()
    {
        let number = |field: &str| step.get(field).and_then(Value::as_f64).unwrap_or_default();
        let name = step.get("step").and_then(Value::as_str).unwrap_or_default();
        let counts = ["writes", "reads", "invocations", "requests"].map(number);
        let [writes, reads, functions, requests] = counts;
        writeln!(text, "| {name} | {writes} | {reads} | {functions} | {requests} |")?;
    }
    writeln!(text, "\n| charged for | count | dollars |\n|---|---:|---:|")?;
    for (item, of) in incident.get("priced").and_then(Value::as_object).into_iter().flatten() {
        let count = of.get("count").and_then(Value::as_f64).unwrap_or_default();
        let dollars = crate::price::shown(of.get("dollars").and_then(Value::as_f64));
        writeln!(text, "| {} | {count} | {dollars} |", item.replace('_', " "))?;
    }
    writeln!(
        text,
        "\nThe cloud's part is {} without mail ({} up to its close), and {} for mail; people's time is {}.",
        dollars("dollars_sealed"),
        dollars("dollars_without_mail"),
        dollars("dollars_mail"),
        dollars("dollars_people"),
    )?;
    writeln!(
        text,
        "Prices of {} as of {}; Lambda: {}.",
        word("prices_region"),
        word("prices_as_of"),
        word("lambda_assumption")
    )?;
    writeln!(
        text,
        "The sweep looks every minute, whether there are incidents or not; it is not counted here."
    )
}

fn storm(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(storm) = report.measurements.get("storm") else { return Ok(()) };
    let of = |name: &str| storm.get(name).and_then(Value::as_array).into_iter().flatten();
    writeln!(
        text,
        "\n## A storm of alarms\n\n| alarm, in batches of ten | thousand instructions | of a single write | requests | writes |"
    )?;
    writeln!(text, "|---|---:|---:|---:|---:|")?;
    for row in of("alarms") {
        let number = |pointer: &str| row.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0);
        writeln!(
            text,
            "| {} | {:.0} | {:.2} | {} | {} |",
            row.get("what").and_then(Value::as_str).unwrap_or_default(),
            number("/cost/instructions") / 1000.0,
            number("/of_single_write"),
            number("/cost/requests"),
            number("/cost/writes"),
        )?;
    }
    writeln!(
        text,
        "\n| open incidents | a new alarm | a page of the list | thousand instructions |"
    )?;
    writeln!(text, "|---:|---:|---:|")?;
    for row in of("crowds") {
        let number = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or(0);
        writeln!(
            text,
            "| {} | {} | {} |",
            number("open"),
            number("new_alarm") / 1000,
            number("list_page") / 1000
        )?;
    }
    Ok(())
}

fn lengths(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(lengths) = list(report, "lengths") else { return Ok(()) };
    writeln!(text, "\n## Long timelines, in thousand instructions\n")?;
    writeln!(text, "| events | a page of 50 | one more note |\n|---:|---:|---:|")?;
    for row in lengths {
        let number = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or(0);
        let (page, note) = (number("page") / 1000, number("note") / 1000);
        writeln!(text, "| {} | {page} | {note} |", number("events"))?;
    }
    let growth = report.measurements.get("chain").and_then(|chain| chain.get("growth"));
    if let Some(growth) = growth.and_then(Value::as_f64) {
        writeln!(
            text,
            "\nVerifying an event of a chain of 40,000 takes {growth:.2} of what it takes in one of 4,000."
        )?;
    }
    let whole = report.measurements.get("chain").and_then(|chain| chain.get("verify_of_raw"));
    if let Some(whole) = whole.and_then(Value::as_f64) {
        writeln!(
            text,
            "The whole verifier, which also reads each event and shows that it can be read in one way only, has {whole:.3} of the speed of raw SHA-256; G10 is of the links alone, over the stored bytes."
        )?;
    }
    Ok(())
}

fn golden(text: &mut String, report: &Report) -> std::fmt::Result {
    let Some(golden) = report.measurements.get("golden_path") else { return Ok(()) };
    let of = |name: &str| golden.get(name).and_then(Value::as_f64);
    let count = |item: &str| golden.pointer(item).and_then(Value::as_f64).unwrap_or_default();
    writeln!(
        text,
        "\nThe golden path of runbooks, from its alarm to the incident's close, takes {} write units, {} read units, {} invocations and {} entered states of {} machines: {} without mail.",
        count("/priced/write_unit/count"),
        count("/priced/read_unit/count"),
        count("/priced/invocation/count"),
        of("states").unwrap_or_default(),
        of("machines").unwrap_or_default(),
        crate::price::shown(of("dollars_without_mail")),
    )
}

fn list<'a>(report: &'a Report, name: &str) -> Option<&'a Vec<Value>> {
    report.measurements.get(name).and_then(Value::as_array)
}
