//! The rules as they are written.

use crate::bundle::{Bundle, Package};
use crate::{Policies, compile};
use std::borrow::Cow;

pub(crate) const fn text(package: Package) -> &'static str {
    match package {
        Package::IncidentAuthz => include_str!("../../../../policies/incident_authz.rego"),
        Package::RunbookCatalog => include_str!("../../../../policies/runbook_catalog.rego"),
        Package::RunbookExecute => include_str!("../../../../policies/runbook_execute.rego"),
        Package::TimelineView => include_str!("../../../../policies/timeline_view.rego"),
    }
}

/// Policies of which one package has another text. What does not compile is a program that cannot be read.
pub(crate) fn with(changed: Package, to: &str) -> Policies {
    let text = |package| if package == changed { to } else { text(package) };
    let program = |package: Package| {
        let program = if package == changed {
            compile::program(package.name(), to).map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(package.program()))
        };
        program.unwrap_or_default()
    };
    let hash = compile::hash(Package::ALL.into_iter().map(|one| (one.name(), text(one))));
    Policies::of(Bundle::new(program, Cow::Owned(hash)))
}
