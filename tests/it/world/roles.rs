//! What each function's role allows, read from the template: no function calls what it may not.

use crate::repo;
use serde_yaml_ng::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The actions that the role of each handler allows.
static ROLES: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let template: Value = serde_yaml_ng::from_str(&repo::read("infra/template.yaml")).unwrap();
    let resources = &template["Resources"];
    let mut roles = BTreeMap::new();
    for (_, resource) in resources.as_mapping().unwrap() {
        if resource["Type"] != "AWS::Serverless::Function" {
            continue;
        }
        let properties = &resource["Properties"];
        let role = plain(&properties["Role"]).as_str().unwrap();
        let role = role.split('.').next().unwrap();
        let mut actions = BTreeSet::new();
        allowed(&resources[role]["Properties"]["Policies"], &mut actions);
        roles.insert(properties["Handler"].as_str().unwrap().to_owned(), actions);
    }
    roles
});

fn plain(value: &Value) -> &Value {
    if let Value::Tagged(tagged) = value { &tagged.value } else { value }
}

/// Collects the actions of every statement that allows, wherever it stands.
fn allowed(value: &Value, actions: &mut BTreeSet<String>) {
    match plain(value) {
        Value::Sequence(items) => items.iter().for_each(|item| allowed(item, actions)),
        Value::Mapping(fields) => {
            if fields.get("Effect").is_some_and(|effect| effect == "Allow") {
                let action = &fields["Action"];
                let one = action.as_str().map(str::to_owned);
                let many = action.as_sequence().into_iter().flatten();
                let many = many.map(|action| action.as_str().unwrap().to_owned());
                actions.extend(one.into_iter().chain(many));
            }
            fields.values().for_each(|field| allowed(field, actions));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {}
    }
}

/// Whether the role of `handler` allows the call. A transaction is allowed by the actions of its
/// parts, and what is no AWS service needs nothing.
pub(super) fn may(handler: &str, operation: &str, parts: &[&str]) -> bool {
    let allows = |action: &str| ROLES[handler].contains(action);
    let (service, _) = operation.split_once(':').unwrap();
    match parts {
        [] => ["boundary", "web"].contains(&service) || allows(operation),
        parts => parts.iter().all(|part| allows(part)),
    }
}

/// Every handler of the template.
pub(crate) fn handlers() -> BTreeSet<String> {
    ROLES.keys().cloned().collect()
}

#[test]
fn the_roles_are_read() {
    assert!(may("launch", "ecs:RunTask", &[]) && !may("create", "ecs:RunTask", &[]));
    let writes = |handler| may(handler, "dynamodb:TransactWriteItems", &["dynamodb:PutItem"]);
    assert!(writes("create") && !writes("approval-page"));
    let checks =
        |handler| may(handler, "dynamodb:TransactWriteItems", &["dynamodb:ConditionCheckItem"]);
    assert!(checks("alarm") && !checks("create"));
}
