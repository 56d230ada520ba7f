//! G9: what an alarm costs in a storm, and whether it costs more the more incidents are open.

use super::{Places, number, put};
use crate::icount::Valgrind;
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::{Gust, Scene, listing};
use crate::subject::Program;
use crate::trouble::Trouble;
use serde::Serialize;
use serde_json::{Value, json};

/// G9: an alarm, in single conditional writes. 1.3 is the goal; the others are as measured, with a
/// twentieth to spare (docs/decisions/0011).
const fn limit(gust: Gust) -> f64 {
    match gust {
        Gust::Repeated => 1.3,
        // It reads twice.
        Gust::Handled => 2.4,
        Gust::Attached => 2.6,
        Gust::New => 7.1,
    }
}
/// How much more an alarm may cost with ten thousand times as many incidents open.
pub const GROWTH: f64 = 1.05;
/// Deliveries that the queue hands over at once, as the template says.
const BATCH: u64 = 10;
/// Warm events of each count.
const WARM: u64 = 4;
/// How many incidents are open.
const CROWDS: [u64; 3] = [10, 1_000, 100_000];

/// What it judges of a batch.
fn gust(gust: Gust) -> Gate {
    let names = (format!("G9.{}", gust.id()), format!("{}, of a single write", gust.name()));
    Gate::stated(names, (Side::Most, limit(gust), "×"), Kind::Hard)
}

/// What it judges of many open incidents.
fn growths() -> [Gate; 3] {
    [
        ("G9.growth-alarm", "a new alarm with 100,000 open, of 10"),
        ("G9.growth-handled", "a duplicate with 100,000 open, of 10"),
        ("G9.growth-list", "a page of the list with 100,000 open, of 1,000"),
    ]
    .map(|names| Gate::stated(names, (Side::Most, GROWTH, "×"), Kind::Hard))
}

/// What it judges.
pub fn gates() -> Vec<Gate> {
    Gust::ALL.into_iter().map(gust).chain(growths()).collect()
}

/// What one alarm costs.
#[derive(Debug, Clone, Serialize)]
struct Cost {
    instructions: u64,
    requests: f64,
    writes: f64,
}

/// What an alarm, a delivery that another process handled, and a page of the list cost with so many
/// incidents open.
#[derive(Debug, Clone, Serialize)]
struct Crowded {
    open: u64,
    new_alarm: u64,
    handled_alarm: u64,
    list_page: u64,
}

/// Measures and judges.
pub fn measure(
    places: &Places,
    valgrind: &Valgrind,
    report: &mut Report,
    tell: &mut dyn FnMut(&str),
) -> Result<(), Trouble> {
    tell("one conditional write, to compare with");
    let single = single(places, valgrind)?;
    let mut costs = Vec::new();
    for each in Gust::ALL {
        tell(each.name());
        let cost = per_alarm(places, valgrind, each)?;
        let of_single = number(cost.instructions) / number(single);
        report.judge([gust(each)], [of_single]);
        costs.push(json!({ "what": each.name(), "cost": cost, "of_single_write": of_single }));
    }
    let mut crowds = Vec::new();
    for open in CROWDS {
        tell(&format!("{open} open incidents"));
        crowds.push(crowded(places, valgrind, open)?);
    }
    // With ten open incidents a page is not full: the list is compared with a full one.
    if let [least, full, .., most] = crowds.as_slice() {
        let alarm = (least.new_alarm, most.new_alarm);
        let handled = (least.handled_alarm, most.handled_alarm);
        let list = (full.list_page, most.list_page);
        let growth = |(few, many)| number(many) / number(few);
        report.judge(growths(), [alarm, handled, list].map(growth));
    }
    put(report, "storm", json!({ "single_write": single, "alarms": costs, "crowds": crowds }));
    Ok(())
}

fn single(places: &Places, valgrind: &Valgrind) -> Result<u64, Trouble> {
    let scene = places.scene()?;
    let program = places.program("parts", scene.env("parts"));
    let event = json!({ "part": "put", "times": 1 });
    let mut events = |count: u64| Ok((0..count).map(|_| event.clone()).collect());
    Ok(valgrind.count(&program, WARM, &mut events)?.warm)
}

fn per_alarm(places: &Places, valgrind: &Valgrind, gust: Gust) -> Result<Cost, Trouble> {
    let mut scene = places.scene()?;
    let program = places.program("bootstrap", scene.env("alarm"));
    let mut blow = |count: u64| scene.gusts(gust, count, BATCH);
    let counted = valgrind.count(&program, WARM, &mut blow)?;
    let events = scene.gusts(gust, 2, BATCH)?;
    let calls = warm_calls(&program, &scene, &events)?;
    let writes = calls.iter().filter(|call| call.writes()).count();
    let each = |count: usize| u32::try_from(count).map_or(f64::INFINITY, f64::from) / number(BATCH);
    Ok(Cost {
        instructions: counted.warm / BATCH,
        requests: each(calls.len()),
        writes: each(writes),
    })
}

fn warm_calls(
    program: &Program,
    scene: &Scene,
    events: &[Value],
) -> Result<Vec<crate::answerer::Call>, Trouble> {
    let mut running = program.start()?;
    running.ready()?;
    for event in events {
        scene.cloud.take_calls();
        running.invoke(event)?;
    }
    running.end()?;
    Ok(scene.cloud.take_calls())
}

fn crowded(places: &Places, valgrind: &Valgrind, open: u64) -> Result<Crowded, Trouble> {
    let mut scene = places.scene()?;
    scene.crowd(open)?;
    let alarm = places.program("bootstrap", scene.env("alarm"));
    let mut blow = |gust| {
        let mut events = |count: u64| scene.gusts(gust, count, 1);
        valgrind.count(&alarm, WARM, &mut events).map(|counted| counted.warm)
    };
    let (new_alarm, handled_alarm) = (blow(Gust::New)?, blow(Gust::Handled)?);
    let api = places.program("bootstrap", scene.env("api"));
    let mut list = |count: u64| Ok((0..count).map(|_| listing()).collect());
    let list_page = valgrind.count(&api, WARM, &mut list)?.warm;
    Ok(Crowded { open, new_alarm, handled_alarm, list_page })
}
