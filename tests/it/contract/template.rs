//! `infra/template.yaml`, read as it is written: handlers and routes, settings, roles, what commands
//! run as, and what must survive.

mod commands;
mod durable;
mod forwarder;
mod functions;
mod partitions;
mod roles;
mod routes;
mod settings;
mod wrapper;
mod yaml;

use serde_json::{Map, Value};
use std::sync::LazyLock;

pub(super) const PATH: &str = "infra/template.yaml";

/// The template with its tags in their long form: `!Ref x` is `{"Ref": "x"}`.
static TEMPLATE: LazyLock<Value> = LazyLock::new(|| yaml::read(PATH));

fn resources() -> &'static Map<String, Value> {
    TEMPLATE["Resources"].as_object().unwrap()
}

/// The resources of a type, by their logical names.
fn of_type(kind: &str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    resources()
        .iter()
        .filter(move |(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
}

/// The functions by their handlers.
fn functions() -> Vec<(&'static str, &'static str, &'static Value)> {
    of_type("AWS::Serverless::Function")
        .map(|(name, properties)| (properties["Handler"].as_str().unwrap(), name, properties))
        .collect()
}

/// The logical name that a value refers to, by `Ref` or by `Fn::GetAtt`.
fn referred(value: &Value) -> Option<&str> {
    let direct = value["Ref"].as_str();
    direct.or_else(|| value["Fn::GetAtt"].as_array()?.first()?.as_str())
}

/// A value as a list: itself, if it is one, and one item otherwise.
fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}

/// A conditional's value for when its condition holds; any other value is itself.
fn when(value: &Value) -> &Value {
    value["Fn::If"].as_array().map_or(value, |parts| &parts[1])
}
