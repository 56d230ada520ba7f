//! Functions: one for each handler of the one binary, with the limits of the design, and the state
//! machines that invoke them.

use super::{TEMPLATE, functions, listed, of_type, referred, resources};
use crate::repo;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use watchfire_edge::config::FUNCTIONS;

#[test]
fn every_handler_has_its_function() {
    let handlers: BTreeSet<_> = functions().into_iter().map(|(handler, ..)| handler).collect();
    assert_eq!(handlers, FUNCTIONS.iter().copied().collect());
    for (handler, name, properties) in functions() {
        let pascal: String =
            handler.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert_eq!(name, format!("{pascal}Function"));
        assert_eq!(
            referred(&properties["Role"]),
            Some(format!("{pascal}Role").as_str()),
            "{name}: a role of its own"
        );
        assert_eq!(
            referred(&properties["LoggingConfig"]["LogGroup"]),
            Some(format!("{pascal}LogGroup").as_str())
        );
        assert!(properties.get("VpcConfig").is_none(), "{name}: functions stay outside any VPC");
        assert!(properties.get("CodeUri").is_none(), "{name}: there is one artefact");
    }
}

#[test]
fn memory_and_time_are_as_measured() {
    let globals = &TEMPLATE["Globals"]["Function"];
    let mut table = String::new();
    let mut functions = functions();
    functions.sort_by_key(|(handler, ..)| *handler);
    for (handler, _, properties) in functions {
        let of = |field: &str| properties.get(field).unwrap_or(&globals[field]).clone();
        writeln!(table, "{handler:<14} {:>4} MB {:>3} s", of("MemorySize"), of("Timeout")).unwrap();
    }
    expect_test::expect![[r#"
        alarm          256 MB 60 s
        api            256 MB 30 s
        approval-page  256 MB 30 s
        approve        256 MB 30 s
        checkpoint     512 MB 900 s
        close          128 MB 30 s
        create         128 MB 30 s
        hook           256 MB 30 s
        launch         128 MB 30 s
        observe        128 MB 30 s
        publish        128 MB 30 s
        step           256 MB 120 s
        stop           128 MB 30 s
        sweep          128 MB 30 s
    "#]]
    .assert_eq(&table);
    assert_eq!(globals["Runtime"], "provided.al2023");
    assert_eq!(TEMPLATE["Parameters"]["Architecture"]["Default"], "arm64");
}

#[test]
fn every_log_group_forgets() {
    for (name, properties) in of_type("AWS::Logs::LogGroup") {
        assert_eq!(referred(&properties["RetentionInDays"]), Some("LogRetentionDays"), "{name}");
    }
}

#[test]
fn machines_get_the_functions_that_they_name() {
    for (name, properties) in of_type("AWS::StepFunctions::StateMachine") {
        let path = properties["DefinitionS3Location"].as_str().unwrap();
        let definition = repo::read(path.trim_start_matches("../"));
        let named: BTreeSet<_> =
            definition.split("${").skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let given = properties["DefinitionSubstitutions"].as_object().unwrap();
        assert_eq!(named, given.keys().map(String::as_str).collect(), "{name}");
        for (word, value) in given {
            assert_eq!(referred(value), Some(word.as_str()), "{name}");
        }
        assert_eq!(
            properties["LoggingConfiguration"]["IncludeExecutionData"], false,
            "{name}: executions hold tokens"
        );
        assert_eq!(
            properties["EncryptionConfiguration"]["Type"], "CUSTOMER_MANAGED_KMS_KEY",
            "{name}"
        );
    }
}

#[test]
fn batches_report_what_failed() {
    let mut queues = 0;
    for (_, name, properties) in functions() {
        for event in properties["Events"].as_object().into_iter().flat_map(|events| events.values())
        {
            let (source, event) = (&event["Type"], &event["Properties"]);
            assert_eq!(
                listed(&event["FunctionResponseTypes"]),
                ["ReportBatchItemFailures"],
                "{name}"
            );
            if source == "DynamoDB" {
                // A stream forgets: what it could not hand over is told before it does.
                assert!(event["DestinationConfig"]["OnFailure"].is_object(), "{name}");
                assert!(event["MaximumRecordAgeInSeconds"].as_u64().unwrap() < 86_400, "{name}");
                continue;
            }
            assert_eq!(source, "SQS", "{name}");
            let queue = &resources()[referred(&event["Queue"]).unwrap()]["Properties"];
            // AWS's own advice: six times the function's limit, so that a batch is not taken twice.
            let limit =
                properties.get("Timeout").unwrap_or(&TEMPLATE["Globals"]["Function"]["Timeout"]);
            let visible = queue["VisibilityTimeout"].as_u64().unwrap();
            assert!(visible >= limit.as_u64().unwrap().saturating_mul(6), "{name}");
            queues += 1;
        }
    }
    assert_eq!(queues, 4);
}

#[test]
fn what_the_chores_and_the_readme_read_is_put_out() {
    let outputs = TEMPLATE["Outputs"].as_object().unwrap();
    for name in [
        "ApiId",
        "ApiUrl",
        "TableName",
        "AlarmQueueUrl",
        "AlarmTopicArn",
        "AlarmBusArn",
        "ProbeQueueUrl",
        "SealQueueUrl",
        "LifecycleArn",
        "EvidenceBucketName",
        "CheckpointBucketName",
        "EcsClusterName",
        "FileSystemId",
    ] {
        assert!(outputs.contains_key(name), "{name}");
    }
}
