//! The cheap gates, for every run of the tests: one function, as it is built for them. They are far
//! above what it needs and far below what a second TLS stack, the system's roots or gathered entropy
//! would cost.

use super::{Places, number, put};
use crate::icount::Valgrind;
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::Step;
use crate::trouble::Trouble;
use serde_json::json;

/// Init in the profile `ci`, in instructions.
pub const INIT: f64 = 3_000_000.0;
/// Until the first write in the profile `ci`, in instructions.
pub const FIRST_WRITE: f64 = 20_000_000.0;

/// What it judges.
pub fn gates() -> [Gate; 2] {
    [
        ("guard.init", "init of the tests' artefact", INIT),
        ("guard.first-write", "its first write", FIRST_WRITE),
    ]
    .map(|(id, what, limit)| {
        Gate::stated((id, what), (Side::Most, limit, "instructions"), Kind::Hard)
    })
}

/// Counts one function, twice.
pub fn measure(places: &Places, valgrind: &Valgrind, report: &mut Report) -> Result<(), Trouble> {
    let mut scene = places.scene()?;
    let step = Step::Api;
    let pinned = places.program("bootstrap", scene.pinned(step.handler()));
    let init = valgrind.instructions(&pinned, &[])?;
    let program = places.program("bootstrap", scene.env(step.handler()));
    let events = scene.events(step, 1)?;
    let first_write = valgrind.until_write(&program, &events, &scene.cloud)?;
    report.judge(gates(), [init, first_write].map(number));
    put(report, "guard", json!({ "init": init, "first_write": first_write }));
    Ok(())
}
