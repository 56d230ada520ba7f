//! Reads a case file and evaluates its cases, whatever they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::bundle::Package;
use crate::{Decision, Policies};

const FILES: [&str; 4] = [
    include_str!("../../../../policies/incident_authz_cases.yaml"),
    include_str!("../../../../policies/runbook_catalog_cases.yaml"),
    include_str!("../../../../policies/runbook_execute_cases.yaml"),
    include_str!("../../../../policies/timeline_view_cases.yaml"),
];

const ROLES: [&str; 6] = ["viewer", "responder", "commander", "admin", "auditor", "service"];

/// One input, and what must be missing from it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) package: Package,
    pub(crate) input: Value,
    pub(crate) expected: Expected,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Expected {
    /// Exactly these codes; none means allowed.
    Missing(BTreeSet<String>),
    /// This code, among others.
    Among(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    package: String,
    base: Value,
    records: BTreeMap<String, Value>,
    pub(crate) actions: BTreeMap<String, Row>,
    cases: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    record: String,
    roles: Vec<String>,
    #[serde(default)]
    request: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    action: Option<String>,
    record: Option<String>,
    #[serde(default)]
    actor: Value,
    #[serde(default)]
    resource: Value,
    #[serde(default)]
    request: Value,
    missing: BTreeSet<String>,
}

pub(crate) fn files() -> Vec<File> {
    FILES.iter().map(|text| serde_yaml_ng::from_str(text).unwrap()).collect()
}

pub(crate) fn cases() -> Vec<Case> {
    files().iter().flat_map(|file| ladder(file).chain(listed(file))).collect()
}

impl Case {
    pub(crate) fn decide(&self, policies: &Policies) -> Decision {
        policies.evaluate(self.package, &self.input.to_string())
    }

    /// Whether the decision and its reason are those of the case.
    pub(crate) fn holds(&self, decision: &Decision) -> bool {
        let missing: BTreeSet<String> =
            decision.missing().iter().map(|obligation| obligation.code.to_owned()).collect();
        match &self.expected {
            Expected::Missing(codes) => *codes == missing,
            Expected::Among(code) => missing.contains(*code),
        }
    }
}

fn listed(file: &File) -> impl Iterator<Item = Case> {
    file.cases.iter().map(|entry| {
        let mut input = file.input(entry.action.as_deref(), entry.record.as_deref());
        let own =
            json!({"actor": entry.actor, "resource": entry.resource, "request": entry.request});
        for (part, patch) in own.as_object().unwrap() {
            merge(&mut input[part], patch);
        }
        let expected = Expected::Missing(entry.missing.clone());
        Case { name: entry.name.clone(), package: file.package(), input, expected }
    })
}

fn ladder(file: &File) -> impl Iterator<Item = Case> {
    file.actions.iter().flat_map(move |(action, row)| {
        ROLES.map(|role| {
            let kind = if role == "service" { "service" } else { "user" };
            let mut input = file.input(Some(action), None);
            merge(&mut input["actor"], &json!({"role": role, "kind": kind}));
            let expected = if row.roles.iter().any(|allowed| allowed == role) {
                Expected::Missing(BTreeSet::new())
            } else {
                Expected::Among("role")
            };
            let name = format!("{action} as {role}");
            Case { name, package: file.package(), input, expected }
        })
    })
}

impl File {
    fn package(&self) -> Package {
        Package::ALL.into_iter().find(|package| package.name() == self.package).unwrap()
    }

    fn input(&self, action: Option<&str>, record: Option<&str>) -> Value {
        let row = action.and_then(|action| self.actions.get(action));
        let record =
            record.or(row.map(|row| row.record.as_str())).expect("a record for the action");
        let mut input = self.base.clone();
        merge(&mut input, &json!({"action": action}));
        merge(&mut input["resource"], &self.records[record]);
        if let Some(row) = row {
            merge(&mut input["request"], &row.request);
        }
        input
    }
}

/// Sets each attribute of the patch, whole; null removes one. `approval.state` is one within another.
fn merge(target: &mut Value, patch: &Value) {
    for (name, value) in patch.as_object().into_iter().flatten() {
        let (target, name) = match name.split_once('.') {
            Some((parent, name)) => (&mut target[parent], name.to_owned()),
            None => (&mut *target, name.clone()),
        };
        let target = target.as_object_mut().unwrap();
        if value.is_null() {
            target.remove(&name);
        } else {
            target.insert(name, value.clone());
        }
    }
}
