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
    /// What it may be; none if only the section that judges it says so, and did not.
    pub limit: Option<f64>,
    /// Which side of the limit is the good one.
    #[serde(skip)]
    pub side: Side,
    /// Of both.
    pub unit: &'static str,
    /// How much it means.
    pub kind: Kind,
    /// Whether the value is on the right side; none if it was not measured.
    pub holds: Option<bool>,
}

impl Gate {
    /// A gate that stands, measured or not: it neither holds nor fails yet.
    pub fn stated(
        (id, what): (impl Into<String>, impl Into<String>),
        (side, limit, unit): (Side, f64, &'static str),
        kind: Kind,
    ) -> Self {
        let (id, what) = (id.into(), what.into());
        Self { id, what, value: None, limit: Some(limit), side, unit, kind, holds: None }
    }

    /// A gate that was measured.
    pub fn of(
        names: (impl Into<String>, impl Into<String>),
        value: f64,
        limit: (Side, f64, &'static str),
        kind: Kind,
    ) -> Self {
        Self::stated(names, limit, kind).measured(value)
    }

    /// The same gate, with what came out.
    #[must_use]
    pub fn measured(self, value: f64) -> Self {
        let holds = self.limit.map(|limit| match self.side {
            Side::Most => value <= limit,
            Side::Least => value >= limit,
        });
        Self { value: Some(value), holds, ..self }
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
    /// What came out of each of these gates.
    pub fn judge<const N: usize>(&mut self, gates: [Gate; N], values: [f64; N]) {
        self.gates.extend(gates.into_iter().zip(values).map(|(gate, value)| gate.measured(value)));
    }

    /// What is stated and was not judged stands as not measured, so that nobody takes a missing gate
    /// for one that holds. The ids that were judged since there were `before` gates, and that
    /// nobody states.
    #[must_use]
    pub fn settle(&mut self, before: usize, stated: Vec<Gate>) -> Vec<String> {
        let nobody_states = |gate: &&Gate| !stated.iter().any(|one| one.id == gate.id);
        let unstated = self.gates.iter().skip(before).filter(nobody_states);
        let unstated = unstated.map(|gate| gate.id.clone()).collect();
        for gate in stated {
            if !self.gates.iter().any(|one| one.id == gate.id) {
                self.gates.push(gate);
            }
        }
        unstated
    }

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
        let gate = Gate::stated(("G0", "nothing"), (Side::Most, 2.0, "×"), Kind::Hard);
        assert_eq!((gate.value, gate.holds), (None, None));
        let report = Report { gates: vec![gate], ..Report::default() };
        assert_eq!(report.broken().count(), 0);
    }

    #[test]
    fn what_is_stated_stands_and_what_is_not_is_named() {
        let named = |id: &str| Gate::stated((id, ""), (Side::Most, 2.0, "×"), Kind::Hard);
        let gates = ["of another", "a", "c"].map(|id| named(id).measured(1.0)).into();
        let mut report = Report { gates, ..Report::default() };
        assert_eq!(report.settle(1, vec![named("a"), named("b")]), ["c"]);
        let holds: Vec<_> =
            report.gates.iter().map(|gate| (gate.id.as_str(), gate.holds)).collect();
        let good = Some(true);
        assert_eq!(holds, [("of another", good), ("a", good), ("c", good), ("b", None)]);
    }

    #[test]
    fn soft_gates_break_nothing() {
        let soft = Gate { kind: Kind::Soft, ..gate(9.0, Side::Most) };
        let report = Report { gates: vec![soft, gate(9.0, Side::Most)], ..Report::default() };
        assert_eq!(report.broken().count(), 1);
    }
}
