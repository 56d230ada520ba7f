//! The one place that knows the Rego engine.

use std::borrow::Cow;
use std::sync::OnceLock;

use regorus::{CompiledPolicy, Engine, Value};
use sha2::{Digest as _, Sha256};

use crate::obligation::{OBLIGATIONS, Obligation};
use crate::{Action, Decision};

/// A policy package; each is compiled when it is first asked.
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

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::IncidentAuthz => include_str!("../../../policies/incident_authz.rego"),
            Self::RunbookCatalog => include_str!("../../../policies/runbook_catalog.rego"),
            Self::RunbookExecute => include_str!("../../../policies/runbook_execute.rego"),
            Self::TimelineView => include_str!("../../../policies/timeline_view.rego"),
        }
    }
}

/// Why a verdict could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the package `{package}` does not compile: {reason}")]
    Compile { package: &'static str, reason: String },
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
    text: Cow<'static, str>,
    compiled: OnceLock<Result<CompiledPolicy, String>>,
}

/// All packages, with a hash over all their texts.
pub(crate) struct Bundle {
    modules: [Module; 4],
    hash: OnceLock<String>,
}

impl Bundle {
    pub(crate) fn new(text: impl Fn(Package) -> Cow<'static, str>) -> Self {
        let module = |package| Module { package, text: text(package), compiled: OnceLock::new() };
        Self { modules: Package::ALL.map(module), hash: OnceLock::new() }
    }

    pub(crate) fn hash(&self) -> &str {
        self.hash.get_or_init(|| {
            let mut digest = Sha256::new();
            for Module { package, text, .. } in &self.modules {
                // Names and lengths first, so that no text can pass for another package's beginning.
                digest.update(format!("{} {}\n", package.name(), text.len()));
                digest.update(text.as_bytes());
            }
            digest.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
        })
    }

    pub(crate) fn prewarm(&self) {
        let [authz, ..] = &self.modules;
        let _ = authz.compiled();
    }

    pub(crate) fn evaluate(&self, package: Package, input: &str) -> Decision {
        self.verdict(package, input).unwrap_or_else(Decision::failed)
    }

    fn verdict(&self, package: Package, input: &str) -> Result<Decision, Trouble> {
        let [authz, catalog, execute, timeline] = &self.modules;
        let module = match package {
            Package::IncidentAuthz => authz,
            Package::RunbookCatalog => catalog,
            Package::RunbookExecute => execute,
            Package::TimelineView => timeline,
        };
        let input = Value::from_json_str(input).map_err(|e| Trouble::Input(one_line(e)))?;
        let verdict = module
            .compiled()?
            .eval_with_input(input)
            .map_err(|error| Trouble::Evaluate(one_line(error)))?;
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
}

impl Module {
    fn compiled(&self) -> Result<&CompiledPolicy, Trouble> {
        let compiled = self.compiled.get_or_init(|| {
            let name = self.package.name();
            let compile = || {
                let mut engine = Engine::new();
                engine.add_policy(format!("{name}.rego"), self.text.clone().into_owned())?;
                engine.compile_with_entrypoint(&format!("data.{name}.verdict").into())
            };
            compile().map_err(one_line)
        });
        let package = self.package.name();
        compiled.as_ref().map_err(|reason| Trouble::Compile { package, reason: reason.clone() })
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
