//! YAML with CloudFormation's tags.

use crate::repo;
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// Reads a template; tags take their long form.
pub(super) fn read(path: &str) -> Value {
    long(
        serde_yaml_ng::from_str(&repo::read(path))
            .unwrap_or_else(|error| panic!("{path}: {error}")),
    )
}

fn long(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => serde_json::to_value(number).unwrap(),
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items.into_iter().map(long).collect(),
        Yaml::Mapping(fields) => {
            let name = |name: Yaml| long(name).as_str().expect("names are texts").to_owned();
            let fields = fields.into_iter().map(|(key, value)| (name(key), long(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!').to_owned();
            let value = long(tagged.value);
            match name.as_str() {
                "Ref" | "Condition" => json!({ name: value }),
                "GetAtt" => {
                    let parts =
                        value.as_str().map_or(value.clone(), |text| text.splitn(2, '.').collect());
                    json!({ "Fn::GetAtt": parts })
                }
                _ => json!({ format!("Fn::{name}"): value }),
            }
        }
    }
}

#[test]
fn tags_take_their_long_form() {
    let yaml: Yaml = serde_yaml_ng::from_str(
        "{a: !Ref X, b: !GetAtt Y.Arn, c: !If [Z, !Sub \"${X}/*\", !Ref AWS::NoValue], d: 1}",
    )
    .unwrap();
    let expected = json!({
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["Y", "Arn"]},
        "c": {"Fn::If": ["Z", {"Fn::Sub": "${X}/*"}, {"Ref": "AWS::NoValue"}]},
        "d": 1,
    });
    assert_eq!(long(yaml), expected);
}
