//! G10: verifying a chain, beside raw SHA-256 over the same bytes.

use super::{Places, put};
use crate::report::{Gate, Kind, Report, Side};
use crate::trouble::{Doing as _, Trouble, odd};
use serde_json::Value;
use std::process::Command;

/// G10: of raw SHA-256's speed.
pub const LINKS: f64 = 0.85;
/// How much more an event may take in a chain ten times as long.
pub const GROWTH: f64 = 1.25;

/// What it judges: both are timed in one process and take turns; still it is time.
pub fn gates() -> [Gate; 2] {
    [
        ("G10", "the chain's links, of raw SHA-256", (Side::Least, LINKS, "×")),
        (
            "length.verify",
            "verifying an event of 40,000, of one of 4,000",
            (Side::Most, GROWTH, "×"),
        ),
    ]
    .map(|(id, what, limit)| Gate::stated((id, what), limit, Kind::Soft))
}

/// Runs the example `chain`, and reads what it prints.
pub fn measure(places: &Places, report: &mut Report) -> Result<(), Trouble> {
    let output = Command::new(&places.chain).output();
    let output = output.doing(&format!("running {}", places.chain.display()))?;
    let told: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| odd(format!("the chain's figures cannot be read: {error}")))?;
    let figure = |name: &str| {
        told.get(name).and_then(Value::as_f64).ok_or_else(|| odd(format!("`{name}` is not told")))
    };
    report.judge(gates(), [figure("links_of_raw")?, figure("growth")?]);
    put(report, "chain", told);
    Ok(())
}
