//! What must survive: deletions by accident, deliveries that fail, evidence.

use super::{of_type, referred, resources};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_table_can_be_restored_and_forgets_what_it_may() {
    let tables: Vec<_> = of_type("AWS::DynamoDB::Table").collect();
    assert_eq!(tables.len(), 1);
    for (_, table) in tables {
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
        assert_eq!(
            table["TimeToLiveSpecification"],
            json!({"AttributeName": "ttl", "Enabled": true})
        );
        assert_eq!(table["DeletionProtectionEnabled"], json!({"Fn::If": ["Kept", true, false]}));
        for index in table["GlobalSecondaryIndexes"].as_array().unwrap() {
            assert_eq!(
                index["Projection"]["ProjectionType"], "KEYS_ONLY",
                "an index judges nothing"
            );
        }
    }
}

#[test]
fn evidence_cannot_be_removed_quietly() {
    let buckets: Vec<_> = of_type("AWS::S3::Bucket").collect();
    assert_eq!(buckets.len(), 2);
    for (name, bucket) in buckets {
        let resource = &resources()[name];
        // RetainExceptOnCreate: a deployment that fails at once leaves no empty bucket behind.
        let deleted = resource["DeletionPolicy"].as_str().unwrap();
        assert!(["Retain", "RetainExceptOnCreate"].contains(&deleted), "{name}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
        assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled", "{name}");
        assert_eq!(bucket["ObjectLockEnabled"], true, "{name}");
        assert!(
            bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"].get("Mode").is_some(),
            "{name}"
        );
        let blocks = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
        assert!(blocks.len() == 4 && blocks.values().all(|block| *block == true), "{name}");
        let over_tls_only = of_type("AWS::S3::BucketPolicy").any(|(_, policy)| {
            referred(&policy["Bucket"]) == Some(name)
                && policy.to_string().contains("\"aws:SecureTransport\":\"false\"")
        });
        assert!(over_tls_only, "{name}");
    }
    let checkpoints = &resources()["CheckpointBucket"]["Properties"]["ObjectLockConfiguration"]["Rule"]
        ["DefaultRetention"];
    assert_eq!(checkpoints["Mode"], json!({"Fn::If": ["Kept", "COMPLIANCE", "GOVERNANCE"]}));
    assert_eq!(checkpoints["Days"], json!({"Fn::If": ["Kept", 400, 1]}));
}

#[test]
fn nothing_undelivered_is_lost_or_unseen() {
    let queues: BTreeSet<_> = of_type("AWS::SQS::Queue").map(|(name, _)| name).collect();
    let dead: BTreeSet<_> =
        queues.iter().copied().filter(|name| name.ends_with("DeadLetters")).collect();
    for (name, queue) in of_type("AWS::SQS::Queue").filter(|(name, _)| !dead.contains(name)) {
        assert!(
            dead.contains(referred(&queue["RedrivePolicy"]["deadLetterTargetArn"]).unwrap()),
            "{name}"
        );
    }
    for (name, rule) in of_type("AWS::Events::Rule") {
        for target in rule["Targets"].as_array().unwrap() {
            assert!(dead.contains(referred(&target["DeadLetterConfig"]["Arn"]).unwrap()), "{name}");
            assert!(target["RetryPolicy"].get("MaximumEventAgeInSeconds").is_some(), "{name}");
        }
    }
    for (name, subscription) in of_type("AWS::SNS::Subscription") {
        assert!(
            dead.contains(referred(&subscription["RedrivePolicy"]["deadLetterTargetArn"]).unwrap()),
            "{name}"
        );
    }
    let watched: BTreeSet<_> = of_type("AWS::CloudWatch::Alarm")
        .filter(|(_, alarm)| alarm["Namespace"] == "AWS/SQS")
        .filter_map(|(_, alarm)| referred(&alarm["Dimensions"][0]["Value"]))
        .collect();
    assert_eq!(watched, dead, "an alarm on every dead-letter queue");
}

#[test]
fn alarms_come_in_by_both_sources() {
    let rule = &resources()["AlarmRule"]["Properties"]["EventPattern"];
    assert_eq!(rule["source"], json!(["aws.cloudwatch", "watchfire.drill"]));
    let kinds = json!(["CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change"]);
    assert_eq!(rule["detail-type"], kinds);
}

#[test]
fn what_is_stored_is_encrypted() {
    for (name, queue) in of_type("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
    for (name, bucket) in of_type("AWS::S3::Bucket") {
        assert!(bucket.get("BucketEncryption").is_some(), "{name}");
    }
    for (name, file_system) in of_type("AWS::EFS::FileSystem") {
        assert_eq!(file_system["Encrypted"], Value::Bool(true), "{name}");
    }
    for (name, secret) in of_type("AWS::SecretsManager::Secret") {
        let made = &secret["GenerateSecretString"];
        assert!(
            made["PasswordLength"].as_u64().is_some_and(|length| length >= 43),
            "{name}: 256 bits at least"
        );
    }
}
