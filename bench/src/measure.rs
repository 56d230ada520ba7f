//! The measurements, each with its gates.

pub mod chain;
pub mod counts;
pub mod cpu;
pub mod guard;
pub mod length;
pub mod life;
pub mod memory;
pub mod parts;
pub mod regressions;
pub mod size;
pub mod stated;
pub mod storm;

use crate::report::Report;
use crate::scene::Scene;
use crate::subject::Program;
use crate::trouble::Trouble;
use std::path::PathBuf;

/// Where everything is that is measured.
#[derive(Debug, Clone)]
pub struct Places {
    /// The repository.
    pub root: PathBuf,
    /// The folder of the built programs: `bootstrap`, `floor`, `parts`.
    pub programs: PathBuf,
    /// The packed bootstrap.
    pub zip: PathBuf,
    /// The built example `chain` of the domain.
    pub chain: PathBuf,
    /// Where this run may write.
    pub folder: PathBuf,
}

impl Places {
    /// A stage of its own: what one measurement leaves in the table is no matter of another's.
    pub fn scene(&self) -> Result<Scene, Trouble> {
        Scene::new(&self.folder, &self.root.join("statemachines/lifecycle.asl.json"))
    }

    /// A built program with this environment.
    pub fn program(&self, name: &str, env: Vec<(String, String)>) -> Program {
        Program {
            path: self.programs.join(name),
            words: Vec::new(),
            env,
            log: self.folder.join(format!("{name}.log")),
        }
    }
}

/// Puts a measurement into the report.
pub(crate) fn put(report: &mut Report, name: &'static str, value: impl serde::Serialize) {
    let value = serde_json::to_value(value).unwrap_or_default();
    report.measurements.insert(name, value);
}

/// A count as a number to calculate with; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "no count of ours is near 2^53")]
pub(crate) const fn number(count: u64) -> f64 {
    count as f64
}

/// The middle one; the mean of two is not taken.
pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
