//! The cases that lie beside a spec: what it does with these inputs, what it refuses, and which of
//! its mutants are found.

mod at;
mod text;

pub use at::{NoSuchPlace, change};

use crate::bind::Inputs;
use crate::parse::{self, Unread};
use crate::preview::whole;
use crate::render::{Facts, Given};
use crate::spec::Spec;
use crate::{lint, lint::Code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use watchfire_domain::{MINUTE, Timestamp};

/// The cases of a spec.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// What it does.
    #[serde(default)]
    pub previews: Vec<Shown>,
    /// What it refuses.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// What is found in its mutants.
    #[serde(default)]
    pub mutants: Vec<Mutant>,
}

/// Inputs, and the preview of the whole runbook with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// What is given.
    #[serde(default)]
    pub inputs: Map<String, Value>,
    /// What it must say.
    #[serde(default)]
    pub preview: String,
}

/// Inputs that are refused, and every reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Its name.
    pub name: String,
    /// What is given.
    #[serde(default)]
    pub inputs: Map<String, Value>,
    /// What is said.
    #[serde(default)]
    pub says: Vec<String>,
}

/// A change of the spec, and what is found then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// What is changed, as `steps[2].risk`.
    pub at: String,
    /// What it becomes; nothing: it is taken out.
    #[serde(default)]
    pub to: Option<Value>,
    /// The codes that are found; [`UNREAD`], if it is no spec any more.
    #[serde(default)]
    pub finds: BTreeSet<String>,
}

/// What is found in a mutant that is no spec any more.
pub const UNREAD: &str = "unread";

/// A case that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Which one.
    pub case: String,
    /// What it says.
    pub expected: String,
    /// What is so.
    pub found: String,
}

/// When cases are played.
const NOW: i64 = 1_767_323_045_000;

pub(crate) static FACTS: LazyLock<Facts> = LazyLock::new(facts);

/// The incident of cases: it began an hour and a half before they are played.
pub(crate) fn facts() -> Facts {
    Facts {
        id: "01900000-0000-7000-8000-0000000000a1".to_owned(),
        display_id: "INC-20260102-0304".to_owned(),
        title: "Orders cannot be placed".to_owned(),
        severity_label: "Sev2".to_owned(),
        started_at: Timestamp::from_millis(NOW).plus(-90 * MINUTE),
        resolved_at: None,
        commander: "ina@example.org".to_owned(),
        owner: "otto@example.org".to_owned(),
    }
}

/// What stands for the execution and its incident in cases.
pub fn given(inputs: &Inputs) -> Given<'_> {
    Given {
        inputs,
        tenant: "acme",
        execution_id: "01900000-0000-7000-8000-0000000000e1",
        incident: Some(&FACTS),
        now: Timestamp::from_millis(NOW),
    }
}

/// What the spec does with these inputs, or every reason why it does nothing.
pub fn played(spec: &Spec, inputs: &Map<String, Value>) -> Result<String, Vec<String>> {
    let inputs = Inputs::bind(spec, inputs)
        .map_err(|unbound| unbound.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    whole(spec, &given(&inputs))
        .map_err(|refused| refused.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// What is found in a mutant: the codes of its lint, or [`UNREAD`].
pub fn found(spec: &Value, at: &str, to: Option<&Value>) -> Result<BTreeSet<String>, NoSuchPlace> {
    let mutant = change(spec, at, to)?;
    let read: Result<Spec, Unread> = parse::read(&mutant);
    let codes = |spec: Spec| lint(&spec).iter().map(|one| one.code.name().to_owned()).collect();
    Ok(read.map_or_else(|_| BTreeSet::from([UNREAD.to_owned()]), codes))
}

impl Cases {
    /// Reads cases from a value.
    pub fn read(value: Value) -> Result<Self, String> {
        let read: Result<Self, _> = serde_path_to_error::deserialize(value);
        let cases = read.map_err(|error| format!("`{}`: {}", error.path(), error.inner()))?;
        let names = cases.mutants.iter().flat_map(|mutant| &mutant.finds);
        let unknown: Vec<&str> = names
            .filter(|name| Code::parse(name).is_none() && *name != UNREAD)
            .map(String::as_str)
            .collect();
        if unknown.is_empty() {
            Ok(cases)
        } else {
            Err(format!("no codes of the lint: {}", unknown.join(", ")))
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        [self.previews.len(), self.refusals.len(), self.mutants.len()].iter().sum()
    }

    /// Plays them on a spec, given as it was read and as a value. Answers those that do not hold.
    pub fn play(&self, spec: &Spec, value: &Value) -> Vec<Failed> {
        let mut failed = Vec::new();
        let mut hold = |case: String, expected: String, found: String| {
            if expected != found {
                failed.push(Failed { case, expected, found });
            }
        };
        for shown in &self.previews {
            let found = played(spec, &shown.inputs).unwrap_or_else(|why| why.join("\n"));
            hold(format!("preview `{}`", shown.name), shown.preview.clone(), found);
        }
        for refusal in &self.refusals {
            let found = played(spec, &refusal.inputs).err().unwrap_or_default();
            hold(format!("refusal `{}`", refusal.name), refusal.says.join("\n"), found.join("\n"));
        }
        for mutant in &self.mutants {
            let found = found(value, &mutant.at, mutant.to.as_ref());
            let found = found.map_or_else(|none| none.to_string(), |codes| joined(&codes));
            hold(format!("mutant of `{}`", mutant.at), joined(&mutant.finds), found);
        }
        failed
    }

    /// The same cases, with what is so for what they expect.
    #[must_use]
    pub fn renewed(mut self, spec: &Spec, value: &Value) -> Self {
        for shown in &mut self.previews {
            if let Ok(preview) = played(spec, &shown.inputs) {
                shown.preview = preview;
            }
        }
        for refusal in &mut self.refusals {
            refusal.says = played(spec, &refusal.inputs).err().unwrap_or_default();
        }
        for mutant in &mut self.mutants {
            if let Ok(codes) = found(value, &mutant.at, mutant.to.as_ref()) {
                mutant.finds = codes;
            }
        }
        self
    }
}

fn joined(codes: &BTreeSet<String>) -> String {
    codes.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
