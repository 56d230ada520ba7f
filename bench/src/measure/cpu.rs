//! Processor time: every program once in each round, in an order that is drawn for the
//! round; the median of the rounds' ratios to the floor (soft, since the machine is not ours alone).

use super::{Places, median, number, put};
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::{Scene, Step};
use crate::subject::{Figures, Program};
use crate::trouble::Trouble;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Rounds: odd, so that there is a middle one.
pub const ROUNDS: usize = 25;
/// G2: init, in the floor's time.
pub const INIT: f64 = 1.6;
/// G4: a peer's time to its first write, in ours, at least.
const PEERS: [(&str, f64); 2] = [("python", 30.0), ("node", 20.0)];
/// What is held to [`INIT`].
const TIMED: [Step; 2] = [Step::Api, Step::ApprovalPage];

/// A program that takes part in the rounds.
#[derive(Debug, Clone)]
pub struct Rival {
    /// Its name in the report.
    pub name: String,
    /// The program, whose first event is measured.
    pub program: Program,
    /// The same as it is deployed, with Amazon's roots from the program itself: what INIT is
    /// measured of. It cannot reach the answerer.
    pub deployed: Option<Program>,
    /// What it is given.
    pub event: Value,
}

/// What came of one program.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Timed {
    /// The median of the ratios to the floor: time until it asks for work.
    pub init_of_floor: f64,
    /// The same until it has answered its first event.
    pub first_of_floor: f64,
    /// That, of the time of our single write in the same round.
    pub first_of_write: f64,
    /// The median time until it asks for work, in milliseconds of processor time.
    pub init_ms: f64,
    /// The same until it has answered its first event.
    pub first_ms: f64,
    /// The most memory, in bytes, of any round.
    pub peak_rss: u64,
}

fn init_gate(step: Step) -> Gate {
    let names = (format!("G2.{}", step.name()), "time of init, of the floor's");
    Gate::stated(names, (Side::Most, INIT, "×"), Kind::Soft)
}

/// What it judges.
pub fn gates() -> Vec<Gate> {
    TIMED.map(init_gate).into()
}

/// What it judges of the peers, where they take part.
pub fn peers() -> [Gate; 2] {
    PEERS.map(|(name, share)| {
        let names = (format!("G4.{name}"), "its time to the first write, of ours");
        Gate::stated(names, (Side::Least, share, "×"), Kind::Soft)
    })
}

/// Measures the floor, a function that reads, one that writes, and whoever else takes part.
pub fn measure(
    places: &Places,
    report: &mut Report,
    peers: Option<&Path>,
    tell: &mut dyn FnMut(&str),
) -> Result<(), Trouble> {
    let mut scene = places.scene()?;
    let mut rivals = vec![
        Rival {
            name: "floor".to_owned(),
            program: places.program("floor", scene.env("floor")),
            deployed: None,
            event: json!({}),
        },
        Rival {
            name: "single write".to_owned(),
            program: places.program("parts", scene.env("parts")),
            deployed: Some(places.program("parts", scene.pinned("parts"))),
            event: json!({ "part": "put", "times": 1 }),
        },
    ];
    for step in TIMED {
        let event = scene.events(step, 1)?.pop().unwrap_or_default();
        let program = places.program("bootstrap", scene.env(step.handler()));
        let deployed = Some(places.program("bootstrap", scene.pinned(step.handler())));
        rivals.push(Rival { name: step.name().to_owned(), program, deployed, event });
    }
    if let Some(folder) = peers {
        rivals.extend(python(places, folder, &scene, report));
        rivals.extend(node(places, &scene, report));
    }
    let mut samples: BTreeMap<String, Vec<[Figures; 2]>> = BTreeMap::new();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..ROUNDS {
        tell(&format!("round {} of {ROUNDS}", round.saturating_add(1)));
        for at in dice.order(rivals.len()) {
            let Some(rival) = rivals.get(at) else { continue };
            samples.entry(rival.name.clone()).or_default().push(sample(rival)?);
        }
    }
    let rounds = |name: &str| samples.get(name).cloned().unwrap_or_default();
    let (floor, write) = (rounds("floor"), rounds("single write"));
    let timed: BTreeMap<&str, Timed> =
        samples.iter().map(|(name, of)| (name.as_str(), judged(of, &floor, &write))).collect();
    judge(&timed, report);
    put(report, "cpu", &timed);
    Ok(())
}

/// Python with boto3 under awslambdaric, as `cargo xtask bench --peers` has installed them.
fn python(places: &Places, folder: &Path, scene: &Scene, report: &mut Report) -> Option<Rival> {
    let bin = places.root.join(".venv/peers/bin/python");
    if !bin.exists() {
        report.skipped.push("python: neither found nor installed by this command".to_owned());
        return None;
    }
    let mut program = places.program("python", scene.env("python"));
    program.path = bin;
    program.words = ["-m", "awslambdaric", "python.handle"].map(str::to_owned).into();
    program.env.push(("PYTHONPATH".to_owned(), folder.display().to_string()));
    let event = json!({ "part": "put", "times": 1 });
    Some(Rival { name: "python".to_owned(), program, deployed: None, event })
}

/// Node with the AWS SDK, as `cargo xtask bench --peers` has installed it beside the reports.
fn node(places: &Places, scene: &Scene, report: &mut Report) -> Option<Rival> {
    let script = places.folder.join("node/index.mjs");
    let bin = ["/usr/bin/node", "/usr/local/bin/node"].map(Path::new);
    let bin = bin.into_iter().find(|bin| bin.exists());
    let (true, Some(bin)) = (script.exists(), bin) else {
        report.skipped.push("node: neither found nor installed by this command".to_owned());
        return None;
    };
    let mut program = places.program("node", scene.env("node"));
    program.path = bin.to_path_buf();
    program.words = vec![script.display().to_string()];
    let event = json!({ "part": "put", "times": 1 });
    Some(Rival { name: "node".to_owned(), program, deployed: None, event })
}

fn sample(rival: &Rival) -> Result<[Figures; 2], Trouble> {
    let deployed = rival.deployed.as_ref().map(init).transpose()?;
    let mut running = rival.program.start()?;
    running.ready()?;
    let init = deployed.map_or_else(|| running.figures(), Ok)?;
    running.invoke(&rival.event)?;
    let first = running.figures()?;
    running.end()?;
    Ok([init, first])
}

fn init(program: &Program) -> Result<Figures, Trouble> {
    let mut running = program.start()?;
    running.ready()?;
    let init = running.figures()?;
    running.end()?;
    Ok(init)
}

fn judged(of: &[[Figures; 2]], floor: &[[Figures; 2]], write: &[[Figures; 2]]) -> Timed {
    let ratios = |which: fn(&[Figures; 2]) -> Figures, to: &[[Figures; 2]]| {
        let pairs = of.iter().zip(to);
        median(pairs.map(|(one, other)| time(which(one)) / time(which(other))).collect())
    };
    let times = |which: fn(&[Figures; 2]) -> Figures| {
        median(of.iter().map(|one| time(which(one)) / 1e6).collect())
    };
    Timed {
        init_of_floor: ratios(|[init, _]| *init, floor),
        first_of_floor: ratios(|[_, first]| *first, floor),
        first_of_write: ratios(|[_, first]| *first, write),
        init_ms: times(|[init, _]| *init),
        first_ms: times(|[_, first]| *first),
        peak_rss: of.iter().map(|[_, first]| first.peak_rss).max().unwrap_or_default(),
    }
}

fn time(figures: Figures) -> f64 {
    number(figures.cpu_ns.max(1))
}

fn judge(timed: &BTreeMap<&str, Timed>, report: &mut Report) {
    for step in TIMED {
        if let Some(timed) = timed.get(step.name()) {
            report.judge([init_gate(step)], [timed.init_of_floor]);
        }
    }
    for (gate, (name, _)) in peers().into_iter().zip(PEERS) {
        if let Some(peer) = timed.get(name) {
            report.judge([gate], [peer.first_of_write]);
        }
    }
}

/// Numbers that only look drawn: each run has the same orders.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// The places from 0, in some order.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut keyed: Vec<(u64, usize)> = (0..count).map(|at| (self.next(), at)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, at)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_has_everybody_and_they_differ() {
        let mut dice = Dice(1);
        let orders: Vec<Vec<usize>> = (0..20).map(|_| dice.order(4)).collect();
        for order in &orders {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3]);
        }
        assert!(orders.iter().any(|order| *order != orders[0]));
    }

    #[test]
    fn ratios_are_paired_by_round() {
        let of = |cpu_ns| [Figures { cpu_ns, peak_rss: 5, own: 2 }; 2];
        let timed =
            judged(&[of(20), of(60), of(40)], &[of(10), of(20), of(40)], &[of(5), of(6), of(5)]);
        assert_eq!((timed.init_of_floor, timed.first_of_write, timed.peak_rss), (2.0, 8.0, 5));
    }
}
