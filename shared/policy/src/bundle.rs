//! The one place that knows the Rego engine.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use regorus::Value;
use regorus::rvm::program::{DeserializationResult, Program};
use regorus::rvm::vm::RegoVM;

use crate::obligation::{OBLIGATIONS, Obligation};
use crate::{Action, Decision};

macro_rules! built {
    ($package:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $package))
    };
}

/// How many instructions of the engine's machine a verdict may take: of the cases each takes less
/// than a thousand, and one with a thousand people who answered less than thirty thousand. What
/// takes longer is a denial.
const MOST_INSTRUCTIONS: usize = 1_000_000;

/// A policy package; each is read when it is first asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    IncidentAuthz,
    RunbookCatalog,
    RunbookExecute,
    TimelineView,
}

impl Package {
    pub(crate) const ALL: [Self; 4] =
        [Self::IncidentAuthz, Self::RunbookCatalog, Self::RunbookExecute, Self::TimelineView];

    /// The package that rules on the action.
    pub(crate) fn of(action: Action) -> Self {
        let catalog = [
            Action::RunbookView,
            Action::RunbookList,
            Action::RunbookCreate,
            Action::RunbookUpdate,
            Action::RunbookDelete,
            Action::RunbookPublish,
            Action::RunbookReview,
        ];
        let execute = [
            Action::RunbookExecute,
            Action::ExecutionView,
            Action::ExecutionList,
            Action::ExecutionAbort,
            Action::ExecutionFail,
            Action::ExecutionResume,
            Action::StepBegin,
            Action::StepRecord,
            Action::StepComplete,
            Action::StepChoose,
            Action::StepSkip,
            Action::StepRetry,
        ];
        // A package that does not know an action denies it: to forget one here opens nothing.
        if action == Action::TimelineView {
            Self::TimelineView
        } else if catalog.contains(&action) {
            Self::RunbookCatalog
        } else if execute.contains(&action) {
            Self::RunbookExecute
        } else {
            Self::IncidentAuthz
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::IncidentAuthz => "incident.authz",
            Self::RunbookCatalog => "runbook.catalog",
            Self::RunbookExecute => "runbook.execute",
            Self::TimelineView => "timeline.view",
        }
    }

    /// What the build script compiled it to.
    pub(crate) const fn program(self) -> &'static [u8] {
        match self {
            Self::IncidentAuthz => built!("incident.authz"),
            Self::RunbookCatalog => built!("runbook.catalog"),
            Self::RunbookExecute => built!("runbook.execute"),
            Self::TimelineView => built!("timeline.view"),
        }
    }
}

/// Why a verdict could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the package `{package}` cannot be read: {reason}")]
    Read { package: &'static str, reason: String },
    #[error("the input is not a document: {0}")]
    Input(String),
    #[error("the evaluation failed: {0}")]
    Evaluate(String),
    #[error("the verdict's `{0}` is not usable")]
    Verdict(&'static str),
    #[error("the verdict names the unknown obligation {0}")]
    Obligation(String),
}

struct Module {
    package: Package,
    bytes: Cow<'static, [u8]>,
    program: OnceLock<Result<Arc<Program>, String>>,
}

/// All packages, with a hash over all their texts.
pub(crate) struct Bundle {
    modules: [Module; 4],
    hash: Cow<'static, str>,
}

impl Bundle {
    pub(crate) fn embedded() -> Self {
        let hash = Cow::Borrowed(env!("WATCHFIRE_POLICY_HASH"));
        Self::new(|package| Cow::Borrowed(package.program()), hash)
    }

    pub(crate) fn new(
        program: impl Fn(Package) -> Cow<'static, [u8]>,
        hash: Cow<'static, str>,
    ) -> Self {
        let module =
            |package| Module { package, bytes: program(package), program: OnceLock::new() };
        Self { modules: Package::ALL.map(module), hash }
    }

    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    pub(crate) fn prewarm(&self) {
        let [authz, ..] = &self.modules;
        let _ = authz.program();
    }

    pub(crate) fn evaluate(&self, package: Package, input: &str) -> Decision {
        self.verdict(package, input).unwrap_or_else(Decision::failed)
    }

    fn verdict(&self, package: Package, input: &str) -> Result<Decision, Trouble> {
        let verdict = self.machine(package, input)?;
        let missing = codes(&verdict, "missing")?;
        let satisfied = codes(&verdict, "satisfied")?;
        // Three signs of one fact have to agree: rules that come to require nothing must not pass for consent.
        match verdict["allow"].as_bool() {
            Ok(true) if missing.is_empty() && !satisfied.is_empty() => {
                Ok(Decision::Allow { satisfied })
            }
            Ok(false) if !missing.is_empty() => {
                Ok(Decision::Deny { missing, satisfied, engine_error: false, detail: None })
            }
            Ok(_) | Err(_) => Err(Trouble::Verdict("allow")),
        }
    }

    /// What the rules say of the input.
    pub(crate) fn machine(&self, package: Package, input: &str) -> Result<Value, Trouble> {
        let [authz, catalog, execute, timeline] = &self.modules;
        let module = match package {
            Package::IncidentAuthz => authz,
            Package::RunbookCatalog => catalog,
            Package::RunbookExecute => execute,
            Package::TimelineView => timeline,
        };
        let input = Value::from_json_str(input).map_err(|e| Trouble::Input(one_line(e)))?;
        let mut machine = RegoVM::new();
        machine.set_max_instructions(MOST_INSTRUCTIONS);
        machine.load_program(Arc::clone(module.program()?));
        machine.set_input(input);
        machine.execute().map_err(|error| Trouble::Evaluate(one_line(error)))
    }
}

impl Module {
    fn program(&self) -> Result<&Arc<Program>, Trouble> {
        let program =
            self.program.get_or_init(|| match Program::deserialize_binary(&self.bytes)? {
                DeserializationResult::Complete(program) => Ok(Arc::new(program)),
                DeserializationResult::Partial(_) => {
                    Err("a part of it is of another engine".to_owned())
                }
            });
        let package = self.package.name();
        program.as_ref().map_err(|reason| Trouble::Read { package, reason: reason.clone() })
    }
}

/// The engine explains itself over several lines, with a drawing; a log has one. Its error type cannot be named here.
fn one_line(error: impl std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The obligations of a set of codes, in the order of the table.
fn codes(verdict: &Value, field: &'static str) -> Result<Vec<Obligation>, Trouble> {
    let set = verdict[field].as_set().map_err(|_| Trouble::Verdict(field))?;
    if let Some(unknown) = set.iter().find(|code| !OBLIGATIONS.iter().any(|row| is(row, code))) {
        return Err(Trouble::Obligation(unknown.to_string()));
    }
    Ok(OBLIGATIONS.into_iter().filter(|row| set.iter().any(|code| is(row, code))).collect())
}

fn is(row: &Obligation, code: &Value) -> bool {
    code.as_string().is_ok_and(|code| **code == *row.code)
}
