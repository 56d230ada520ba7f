//! Which gates a section has: they stand in the report whether they were measured or not.

use super::counts::{FIRST_DECISION, FIRST_LIMIT, FIRST_WRITE, FURTHER, INIT, warm_limit};
use super::{chain, cpu, guard, length, life, memory, number, size, storm};
use crate::report::{Gate, Kind, Side};
use crate::run::Section;
use crate::scene::Step;

/// The gates of a section. Of the processor's, those of the peers only if they take part.
pub fn gates(section: Section, peers: bool) -> Vec<Gate> {
    match section {
        Section::Counts => counts(),
        Section::Cpu if peers => cpu::gates().into_iter().chain(cpu::peers()).collect(),
        Section::Cpu => cpu::gates(),
        Section::Memory => memory::gates(),
        Section::Size => size::gates(),
        Section::Cost => life::gates(),
        Section::Storm => storm::gates(),
        Section::Length => length::gates().into(),
        Section::Chain => chain::gates().into(),
        Section::Guard => guard::gates().into(),
    }
}

/// Those of [`super::counts`], which judges by what it finds. A run says which of its ids are not
/// among these.
fn counts() -> Vec<Gate> {
    let hard = |id: String, what, limit, unit| {
        Gate::stated((id, what), (Side::Most, limit, unit), Kind::Hard)
    };
    let common = [
        ("G3", "init and a first write, with the built-in roots", number(FIRST_WRITE)),
        ("G3.decision", "the policy's first decision", FIRST_DECISION),
        ("G3.further", "the client of one more service", number(FURTHER)),
    ];
    let common = common.map(|(id, what, limit)| hard(id.to_owned(), what, limit, "instructions"));
    let of_step = |step: Step| {
        let id = |goal: &str| format!("{goal}.{}", step.name().replace(", ", "-"));
        [
            hard(id("G1"), "init, of the floor's", INIT, "×"),
            hard(id("G3"), "until the first write, of the sum of its parts", FIRST_LIMIT, "×"),
            hard(id("G5"), "a warm step, of the sum of its parts", warm_limit(step), "×"),
        ]
    };
    common.into_iter().chain(Step::ALL.into_iter().flat_map(of_step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::regressions;
    use std::collections::BTreeSet;

    #[test]
    fn every_section_states_gates_and_no_id_is_two() {
        let mut ids = BTreeSet::new();
        let mut add = |gates: Vec<Gate>| {
            assert!(!gates.is_empty());
            for gate in gates {
                assert_eq!((gate.value, gate.holds), (None, None), "{}", gate.id);
                assert!(ids.insert(gate.id.clone()), "{} is stated twice", gate.id);
            }
        };
        for section in Section::ALL {
            add(gates(section, true));
        }
        add(regressions::gates());
        for id in ["G1.alarm-again", "G3", "G5.step", "G9.growth-list", "G10", "G4.node"] {
            assert!(ids.contains(id), "{id}");
        }
    }
}
