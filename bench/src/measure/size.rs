//! G11, the artefact's size.

use super::{Places, number, put};
use crate::report::{Gate, Kind, Report, Side};
use crate::trouble::{Doing as _, Trouble};
use serde_json::json;
use std::path::Path;

/// The zip, in bytes: the limit of `cargo xtask package` too.
pub const ZIP: f64 = 4_500_000.0;
/// The stripped program, in bytes. Lambda loads its pages when they are touched; the zip is what it
/// fetches.
pub const STRIPPED: f64 = 12_000_000.0;

/// What it judges.
pub fn gates() -> Vec<Gate> {
    sizes().into()
}

fn sizes() -> [Gate; 2] {
    [("G11.zip", "the packed bootstrap", ZIP), ("G11.stripped", "the bootstrap itself", STRIPPED)]
        .map(|(id, what, limit)| Gate::stated((id, what), (Side::Most, limit, "bytes"), Kind::Hard))
}

/// Reads both sizes.
pub fn measure(places: &Places, report: &mut Report) -> Result<(), Trouble> {
    let program = size(&places.programs.join("bootstrap"))?;
    let zip = size(&places.zip)?;
    let floor = size(&places.programs.join("floor"))?;
    put(report, "size", json!({ "stripped": program, "zip": zip, "floor": floor }));
    report.judge(sizes(), [zip, program].map(number));
    Ok(())
}

fn size(path: &Path) -> Result<u64, Trouble> {
    Ok(std::fs::metadata(path).doing(&format!("looking at {}", path.display()))?.len())
}
