//! What was measured, and whether it holds: `target/bench/report.json`.

mod page;
mod table;

pub use page::page;
pub use table::table;

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// How much a gate means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Counted exactly: a run in which it does not hold fails.
    Hard,
    /// Of a noisy machine: told, and failed by nobody.
    Soft,
}

/// Which side of the limit is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At most the limit.
    Most,
    /// At least the limit.
    Least,
}

/// A limit, and what was measured against it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// `G3.create`: the goal, and whose.
    pub id: String,
    /// What is measured, in a few words.
    pub what: String,
    /// What came out; none if it was not measured.
    pub value: Option<f64>,
    /// What it may be.
    pub limit: f64,
    /// Of both.
    pub unit: &'static str,
    /// How much it means.
    pub kind: Kind,
    /// Whether the value is on the right side; none if it was not measured.
    pub holds: Option<bool>,
}

impl Gate {
    /// A gate that was measured.
    pub fn of(
        (id, what): (impl Into<String>, impl Into<String>),
        value: f64,
        (side, limit, unit): (Side, f64, &'static str),
        kind: Kind,
    ) -> Self {
        let holds = match side {
            Side::Most => value <= limit,
            Side::Least => value >= limit,
        };
        let (id, what) = (id.into(), what.into());
        Self { id, what, value: Some(value), limit, unit, kind, holds: Some(holds) }
    }

    /// The same gate, not measured: it neither holds nor fails.
    #[must_use]
    pub fn unmeasured(self) -> Self {
        Self { value: None, holds: None, ..self }
    }
}

/// Where it was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The processor, as Linux names it.
    pub processor: String,
    /// How many of them.
    pub processors: usize,
    /// The architecture.
    pub architecture: &'static str,
    /// Valgrind's version; none if it is not installed.
    pub valgrind: Option<String>,
    /// The profile of what was measured.
    pub profile: String,
}

/// Everything.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Where.
    pub place: Place,
    /// What must hold.
    pub gates: Vec<Gate>,
    /// All figures, by what they are of.
    pub measurements: BTreeMap<&'static str, Value>,
    /// What was left out, and why.
    pub skipped: Vec<String>,
}

impl Report {
    /// The hard gates that do not hold.
    pub fn broken(&self) -> impl Iterator<Item = &Gate> {
        let hard = |gate: &&Gate| gate.kind == Kind::Hard && gate.holds == Some(false);
        self.gates.iter().filter(hard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(value: f64, side: Side) -> Gate {
        Gate::of(("G0", "nothing"), value, (side, 2.0, "×"), Kind::Hard)
    }

    #[test]
    fn a_gate_holds_on_its_side_of_the_limit() {
        assert_eq!(gate(2.0, Side::Most).holds, Some(true));
        assert_eq!(gate(2.1, Side::Most).holds, Some(false));
        assert_eq!(gate(1.9, Side::Least).holds, Some(false));
    }

    #[test]
    fn what_was_not_measured_neither_holds_nor_breaks() {
        let gate = gate(9.0, Side::Most).unmeasured();
        assert_eq!((gate.value, gate.holds), (None, None));
        let report = Report { gates: vec![gate], ..Report::default() };
        assert_eq!(report.broken().count(), 0);
    }

    #[test]
    fn soft_gates_break_nothing() {
        let soft = Gate { kind: Kind::Soft, ..gate(9.0, Side::Most) };
        let report = Report { gates: vec![soft, gate(9.0, Side::Most)], ..Report::default() };
        assert_eq!(report.broken().count(), 1);
    }
}
