//! G11: what each function's first event brings into memory, of the events that the linker's order
//! was made of, and of some that it was not. Memory differs little from start to start: a few do.

use super::{Places, number, put};
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::{Scene, Step, Unseen};
use crate::subject::Figures;
use crate::trouble::{Trouble, odd};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Starts of each, of which the largest counts.
const STARTS: usize = 3;
/// G11: the most that is resident, in bytes.
pub const RSS: f64 = 12_000_000.0;
/// G11: the most of it that no file backs, in bytes: as measured, with a twentieth to spare.
pub const OWN: f64 = 2_000_000.0;

/// What is held to [`OWN`] too.
const OWNED: [Step; 2] = [Step::Api, Step::ApprovalPage];

/// What came of one event.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Resident {
    /// The most memory, in bytes.
    peak_rss: u64,
    /// What no file backs of what is resident after the event, in bytes.
    own: u64,
}

/// An event that is measured.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Step(Step),
    Unseen(Unseen),
}

impl Subject {
    fn all() -> impl Iterator<Item = Self> {
        Step::ALL.map(Self::Step).into_iter().chain(Unseen::ALL.map(Self::Unseen))
    }

    fn name(self) -> String {
        match self {
            Self::Step(step) => step.name().replace(", ", "-"),
            Self::Unseen(unseen) => unseen.name().to_owned(),
        }
    }

    const fn handler(self) -> &'static str {
        match self {
            Self::Step(step) => step.handler(),
            Self::Unseen(_) => Step::Api.handler(),
        }
    }

    fn event(self, scene: &mut Scene) -> Result<Value, Trouble> {
        match self {
            Self::Step(step) => Ok(scene.events(step, 1)?.pop().unwrap_or_default()),
            Self::Unseen(unseen) => scene.unseen(unseen),
        }
    }

    /// A gate's value stands for the event that its name promises.
    fn is_answered_by(self, answer: &[u8]) -> Result<(), Trouble> {
        let Self::Unseen(unseen) = self else { return Ok(()) };
        let told: Value = serde_json::from_slice(answer).unwrap_or_default();
        if told.get("statusCode") == Some(&Value::from(unseen.status())) {
            return Ok(());
        }
        Err(odd(format!("{} is answered by {told}", unseen.name())))
    }

    fn peak(self) -> Gate {
        let what = match self {
            Self::Step(_) => "peak memory after the first event",
            Self::Unseen(_) => "the same, of an event that the order was not made of",
        };
        let names = (format!("G11.rss.{}", self.name()), what);
        Gate::stated(names, (Side::Most, RSS, "bytes"), Kind::Hard)
    }

    fn own(self) -> Option<Gate> {
        let Self::Step(step) = self else { return None };
        let names = (format!("G11.own.{}", self.name()), "of that, what no file backs");
        let gate = || Gate::stated(names, (Side::Most, OWN, "bytes"), Kind::Hard);
        OWNED.contains(&step).then(gate)
    }
}

/// What it judges.
pub fn gates() -> Vec<Gate> {
    Subject::all().flat_map(|one| std::iter::once(one.peak()).chain(one.own())).collect()
}

/// Measures and judges.
pub fn measure(
    places: &Places,
    report: &mut Report,
    tell: &mut dyn FnMut(&str),
) -> Result<(), Trouble> {
    let mut all = BTreeMap::new();
    for subject in Subject::all() {
        let name = subject.name();
        tell(&name);
        let resident = resident(places, subject)?;
        report.judge([subject.peak()], [number(resident.peak_rss)]);
        if let Some(gate) = subject.own() {
            report.judge([gate], [number(resident.own)]);
        }
        all.insert(name, resident);
    }
    put(report, "memory", all);
    Ok(())
}

fn resident(places: &Places, subject: Subject) -> Result<Resident, Trouble> {
    let mut most = Resident::default();
    for _ in 0..STARTS {
        let mut scene = places.scene()?;
        let event = subject.event(&mut scene)?;
        let mut running = places.program("bootstrap", scene.env(subject.handler())).start()?;
        running.ready()?;
        subject.is_answered_by(&running.invoke(&event)?)?;
        let Figures { peak_rss, own, .. } = running.figures()?;
        running.end()?;
        most = Resident { peak_rss: most.peak_rss.max(peak_rss), own: most.own.max(own) };
    }
    Ok(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_a_gate_and_so_have_events_that_nobody_ordered() {
        let ids: Vec<String> = gates().into_iter().map(|gate| gate.id).collect();
        for name in ["alarm-again", "api", "step", "sweep", "api-list", "api-stranger"] {
            assert!(ids.contains(&format!("G11.rss.{name}")), "{name}: {ids:?}");
        }
        assert_eq!(ids.len(), Step::ALL.len() + Unseen::ALL.len() + OWNED.len());
    }

    #[test]
    fn another_status_is_another_event() {
        let missing = Subject::Unseen(Unseen::Missing);
        missing.is_answered_by(br#"{"statusCode":404}"#).unwrap();
        missing.is_answered_by(br#"{"statusCode":403}"#).unwrap_err();
        missing.is_answered_by(b"nothing").unwrap_err();
    }
}
