//! One run: what was asked for is measured, judged, written down and told.

use crate::icount::Valgrind;
use crate::measure::{
    Places, chain, counts, cpu, guard, length, life, memory, regressions, size, stated, storm,
};
use crate::report::{Place, Report, page, table};
use crate::trouble::{Doing as _, Trouble, odd};
use std::path::PathBuf;

/// A part of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Instructions of every function.
    Counts,
    /// Processor time.
    Cpu,
    /// Memory of every function.
    Memory,
    /// Sizes of the artefact.
    Size,
    /// What a whole incident needs, and costs.
    Cost,
    /// Alarms by the batch, and many open incidents.
    Storm,
    /// Long timelines.
    Length,
    /// The chain's verification.
    Chain,
    /// One function of the tests' artefact, with limits of its own.
    Guard,
}

impl Section {
    /// All of them, in the order in which they are measured.
    pub const ALL: [Self; 9] = [
        Self::Guard,
        Self::Size,
        Self::Cost,
        Self::Counts,
        Self::Storm,
        Self::Length,
        Self::Chain,
        Self::Memory,
        Self::Cpu,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Size => "size",
            Self::Cost => "cost",
            Self::Storm => "storm",
            Self::Length => "length",
            Self::Chain => "chain",
            Self::Guard => "guard",
        }
    }

    /// The section of that name.
    pub fn named(name: &str) -> Result<Self, Trouble> {
        let all = Self::ALL.map(Self::name).join(", ");
        let one = Self::ALL.into_iter().find(|one| one.name() == name);
        one.ok_or_else(|| odd(format!("there is no `{name}` to measure, but {all}")))
    }

    const fn needs_valgrind(self) -> bool {
        matches!(self, Self::Counts | Self::Storm | Self::Length | Self::Guard)
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where everything is.
    pub places: Places,
    /// Which sections.
    pub only: Vec<Section>,
    /// Whether the report itself is printed, instead of a table.
    pub json: bool,
    /// Where the page is written, if it is.
    pub page: Option<PathBuf>,
    /// The profile of what is measured, for the report.
    pub profile: String,
    /// The folder of the peers' programs, if they take part.
    pub peers: Option<PathBuf>,
    /// The folder of what the gates must notice, if they are tried.
    pub regressions: Option<PathBuf>,
    /// Where it is written which instructions each process ran, if that is asked for.
    pub dumps: Option<PathBuf>,
    /// Dollars for an hour of somebody's work, if people's part shall be priced.
    pub rate: Option<f64>,
}

impl Default for Ask {
    fn default() -> Self {
        let places = Places {
            root: PathBuf::from("."),
            programs: PathBuf::from("target/release"),
            zip: PathBuf::from("target/package/bootstrap.zip"),
            chain: PathBuf::from("target/release/examples/chain"),
            folder: PathBuf::from("target/bench"),
        };
        let profile = "release".to_owned();
        // What guards the tests is measured where it is asked for.
        let only = Section::ALL.into_iter().filter(|one| *one != Section::Guard).collect();
        Self {
            places,
            only,
            json: false,
            page: None,
            profile,
            rate: None,
            peers: None,
            regressions: None,
            dumps: None,
        }
    }
}

/// Runs it. The text to print, and whether every hard gate that was measured holds.
pub fn run(ask: &Ask, tell: &mut dyn FnMut(&str)) -> Result<(String, bool), Trouble> {
    let folder = &ask.places.folder;
    std::fs::create_dir_all(folder).doing(&format!("making {}", folder.display()))?;
    let valgrind = Valgrind::find(folder, ask.dumps.as_deref());
    let (report, unstated) = measured(ask, valgrind.as_ref(), tell)?;
    let json = serde_json::to_string_pretty(&report).map_err(|error| odd(error.to_string()))?;
    std::fs::write(folder.join("report.json"), &json).doing("writing the report")?;
    if let Some(path) = &ask.page {
        std::fs::write(path, page(&report)).doing(&format!("writing {}", path.display()))?;
    }
    if !unstated.is_empty() {
        let unstated = unstated.join(", ");
        return Err(odd(format!("no section states the gates that were judged: {unstated}")));
    }
    let good = report.broken().count() == 0;
    Ok((if ask.json { json } else { table(&report) }, good))
}

/// The report, and the ids of gates that are judged without being stated.
fn measured(
    ask: &Ask,
    valgrind: Option<&Valgrind>,
    tell: &mut dyn FnMut(&str),
) -> Result<(Report, Vec<String>), Trouble> {
    let places = &ask.places;
    let mut report = Report { place: place(ask, valgrind), ..Report::default() };
    let mut unstated = Vec::new();
    for section in Section::ALL.into_iter().filter(|one| ask.only.contains(one)) {
        tell(&format!("-- {}", section.name()));
        let before = report.gates.len();
        match (valgrind, section) {
            (None, section) if section.needs_valgrind() => {
                let why = "valgrind is not installed, and instructions cannot be counted";
                report.skipped.push(format!("`{}`: {why}", section.name()));
            }
            (Some(valgrind), Section::Counts) => {
                counts::measure(places, valgrind, &mut report, tell)?;
            }
            (Some(valgrind), Section::Storm) => {
                storm::measure(places, valgrind, &mut report, tell)?;
            }
            (Some(valgrind), Section::Length) => {
                length::measure(places, valgrind, &mut report, tell)?;
            }
            (Some(valgrind), Section::Guard) => guard::measure(places, valgrind, &mut report)?,
            (_, Section::Size) => size::measure(places, &mut report)?,
            (_, Section::Cost) => life::measure(places, &mut report, ask.rate)?,
            (_, Section::Chain) => chain::measure(places, &mut report)?,
            (_, Section::Memory) => memory::measure(places, &mut report, tell)?,
            (_, Section::Cpu) => {
                cpu::measure(places, &mut report, ask.peers.as_deref(), tell)?;
            }
            (None, Section::Counts | Section::Storm | Section::Length | Section::Guard) => {}
        }
        // What a page leaves out looks as if there were no such gate.
        let peers = ask.peers.is_some() || ask.page.is_some();
        unstated.extend(report.settle(before, stated::gates(section, peers)));
    }
    let before = report.gates.len();
    match (&ask.regressions, valgrind) {
        (None, _) => {}
        (Some(built), Some(valgrind)) => {
            tell("-- regressions");
            regressions::measure(places, valgrind, built, &mut report, tell)?;
        }
        (Some(_), None) => report.skipped.push("regressions: valgrind is not installed".to_owned()),
    }
    if ask.page.is_some() {
        let words = [("--peers", &ask.peers), ("--regressions", &ask.regressions)];
        for (word, _) in words.iter().filter(|(_, asked)| asked.is_none()) {
            report.skipped.push(format!("what `{word}` measures, which was not asked for"));
        }
    }
    if ask.regressions.is_some() || ask.page.is_some() {
        unstated.extend(report.settle(before, regressions::gates()));
    }
    report.gates.sort_by(|one, other| one.id.cmp(&other.id));
    Ok((report, unstated))
}

fn place(ask: &Ask, valgrind: Option<&Valgrind>) -> Place {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Place {
        processor: model.map_or("unknown", |(_, name)| name).to_owned(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        architecture: std::env::consts::ARCH,
        valgrind: valgrind.and_then(Valgrind::version),
        profile: ask.profile.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_valgrind_every_gate_stands_and_none_holds() {
        let only = Section::ALL.into_iter().filter(|one| one.needs_valgrind()).collect();
        let ask = Ask { only, regressions: Some(PathBuf::new()), ..Ask::default() };
        let (report, unstated) = measured(&ask, None, &mut |_| {}).unwrap();
        assert!(unstated.is_empty(), "{unstated:?}");
        for id in ["G1.api", "G3", "G5.step", "G9.new", "length.page", "guard.init"] {
            let gate = report.gates.iter().find(|gate| gate.id == id);
            assert_eq!(gate.map(|gate| (gate.value, gate.holds)), Some((None, None)), "{id}");
        }
        assert_eq!(report.gates.iter().filter(|gate| gate.holds.is_some()).count(), 0);
        let hard = report.gates.len();
        let last = format!("NOT MEASURED: {hard} hard gates. Nobody knows whether they hold.\n");
        assert!(table(&report).ends_with(&last), "{}", table(&report));
        // What was left out by the word was not asked for.
        assert!(!report.gates.iter().any(|gate| gate.id.starts_with("G11")));
    }

    #[test]
    fn sections_are_found_by_name() {
        for section in Section::ALL {
            assert_eq!(Section::named(section.name()).unwrap(), section);
        }
        assert!(Section::named("speed").unwrap_err().to_string().contains("counts"));
    }
}
