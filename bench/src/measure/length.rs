//! Whether a long timeline costs more: a page of it, and one more note.

use super::{Places, number, put};
use crate::icount::Valgrind;
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::{note, timeline};
use crate::trouble::Trouble;
use serde::Serialize;

/// How much more it may cost with a hundred times as many events.
pub const GROWTH: f64 = 1.05;
/// Warm events of each count.
const WARM: u64 = 4;
/// How many events a timeline has.
const LENGTHS: [u64; 3] = [100, 1_000, 10_000];
/// How many events a page has.
const PAGE: u64 = 50;

/// What is asked of a timeline of that length, in instructions of a warm function.
#[derive(Debug, Clone, Serialize)]
struct Long {
    events: u64,
    /// The newest page.
    page: u64,
    /// One more note.
    note: u64,
}

/// What it judges.
pub fn gates() -> [Gate; 2] {
    [
        ("length.page", "a page of 10,000 events, of 100"),
        ("length.note", "a note after 10,000 events, of 100"),
    ]
    .map(|names| Gate::stated(names, (Side::Most, GROWTH, "×"), Kind::Hard))
}

/// Measures and judges.
pub fn measure(
    places: &Places,
    valgrind: &Valgrind,
    report: &mut Report,
    tell: &mut dyn FnMut(&str),
) -> Result<(), Trouble> {
    let mut all = Vec::new();
    for events in LENGTHS {
        tell(&format!("a timeline of {events} events"));
        let mut scene = places.scene()?;
        let incident = scene.long(events)?;
        let api = places.program("bootstrap", scene.env("api"));
        let page = timeline(incident, events.saturating_sub(PAGE), PAGE);
        let page = valgrind.count(&api, WARM, &mut |count| Ok(vec![page.clone(); count_of(count)]));
        let notes = &mut |count| Ok((0..count).map(|at| note(incident, at)).collect());
        let note = valgrind.count(&api, WARM, notes)?.warm;
        all.push(Long { events, page: page?.warm, note });
    }
    if let [short, .., long] = all.as_slice() {
        let growths = [(long.page, short.page), (long.note, short.note)];
        report.judge(gates(), growths.map(|(many, few)| number(many) / number(few)));
    }
    put(report, "lengths", &all);
    Ok(())
}

fn count_of(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
