//! How AWS is named in each partition, and what the SDK knows of it.

use super::TEMPLATE;
use crate::contract::crates::metadata::{TARGETS, metadata};
use crate::repo;
use serde_json::{Value, json};
use std::path::Path;

/// The list that a crate of the SDK carries, and parses if it is given none.
fn carried(manifest: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(manifest.with_file_name("src/endpoint_lib.rs")).ok()?;
    let (_, rest) = text.split_once("new_from_json(b\"")?;
    let (literal, _) = rest.split_once("\").expect")?;
    // The literal of a byte string: it escapes quotes and backslashes, and nothing else.
    Some(serde_json::from_str(&literal.replace("\\\"", "\"").replace("\\\\", "\\")).unwrap())
}

#[test]
fn each_partition_of_the_sdk_has_its_file() {
    let read = metadata(TARGETS[0]);
    let mut services = 0;
    for package in read["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if !name.starts_with("aws-sdk-") {
            continue;
        }
        let known = carried(Path::new(package["manifest_path"].as_str().unwrap()));
        let known = known.unwrap_or_else(|| panic!("{name} keeps its partitions elsewhere"));
        for partition in known["partitions"].as_array().unwrap() {
            let id = partition["id"].as_str().unwrap();
            // CloudFormation knows the partition: each region is of it, whatever its name.
            let one = json!({
                "id": id, "regionRegex": "", "regions": {}, "outputs": partition["outputs"],
            });
            let path = format!("infra/partitions/{id}.json");
            let file: Value = serde_json::from_str(&repo::read(&path)).unwrap();
            assert_eq!(file, json!({ "version": "1.1", "partitions": [one] }), "{name}, {path}");
        }
        services += 1;
    }
    assert!(services > 10);
}

#[test]
fn functions_are_told_the_file_of_their_partition() {
    let given = &TEMPLATE["Globals"]["Function"]["Environment"]["Variables"];
    let path = &given["SMITHY_CLIENT_SDK_CUSTOM_PARTITION"]["Fn::Sub"];
    assert_eq!(path, "${CodeFolder}/partitions/${AWS::Partition}.json");
    assert_eq!(TEMPLATE["Parameters"]["CodeFolder"]["Default"], "/var/task");
}
