use super::Script;
use crate::{AwsJobs, EcsSettings, JobSettings};
use serde_json::{Value, json};
use watchfire_ports::{Ended, Job, JobKind, Jobs, PortError, Work};

pub(super) const NAME: &str = "0123456789abcdef0123456789abcdef";
const EMPTY: &str = r#"{"taskArns":[]}"#;
const LISTED: &str = r#"{"taskArns":["arn:task/1"]}"#;

pub(super) fn jobs(script: &Script) -> AwsJobs {
    let tasks = EcsSettings {
        cluster: "prod".to_owned(),
        subnets: vec!["subnet-1".to_owned()],
        security_groups: vec!["sg-1".to_owned()],
        container: "rosa-boundary".to_owned(),
        ..EcsSettings::default()
    };
    let settings = JobSettings {
        profiles: [("operator".to_owned(), "wf-operator:7".to_owned())].into(),
        documents: ["AWS-RestartEC2Instance".to_owned()].into(),
        bucket: "audit".to_owned(),
    };
    AwsJobs::new(script.aws(), tasks, settings)
}

fn program(profile: &str, argv: &[&str], stdin: Option<&str>) -> Job {
    let kind = JobKind::Program {
        profile: profile.to_owned(),
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        stdin: stdin.map(str::to_owned),
    };
    Job { name: NAME.to_owned(), tenant: "acme".to_owned(), kind }
}

fn kubectl() -> Job {
    program("operator", &["kubectl", "get", "pods"], None)
}

fn described(more: Value) -> String {
    let mut task = json!({"taskArn": "arn:task/1", "startedBy": format!("step-{NAME}")});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "tasks": [task] }).to_string()
}

fn stopped(code: &str, reason: &str, exit: Value) -> String {
    described(json!({
        "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stoppedAt": 1_767_225_600,
        "stopCode": code, "stoppedReason": reason,
        "containers": [{"name": "sidecar", "exitCode": 3}, {"name": "command", "exitCode": exit}],
    }))
}

fn found(task: &str) -> Script {
    Script::default().ok(EMPTY).ok(LISTED).ok(task)
}

/// The listing of the output, and the output.
fn printed(script: Script, output: &str) -> Script {
    listed(script, output).ok(output)
}

fn listed(script: Script, output: &str) -> Script {
    sized(script, output.len())
}

fn sized(script: Script, bytes: usize) -> Script {
    let key = format!("<Key>commands/acme/{NAME}/output</Key><Size>{bytes}</Size>");
    // The listing is by prefix.
    let next = format!("<Key>commands/acme/{NAME}/output.old</Key><Size>1</Size>");
    script.ok(&listing(&[&key, &next]))
}

fn listing(objects: &[&str]) -> String {
    let object = |object: &&str| format!("<Contents>{object}</Contents>");
    let objects: String = objects.iter().map(object).collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>")
}

async fn over(script: &Script) -> Ended {
    match jobs(script).look(&kubectl()).await.unwrap() {
        Work::Over(ended) => ended,
        other @ (Work::Unknown | Work::Running) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_program_is_one_task_under_its_name() {
    let script = Script::default().ok(r#"{"tasks":[{"taskArn":"arn:task/1"}]}"#);
    let job = program("operator", &["psql", "-c", "a \"b\""], Some("select 1;\n"));
    jobs(&script).start(&job).await.unwrap();
    assert_eq!(script.operations(), ["RunTask"]);
    let output = format!("s3://audit/commands/acme/{NAME}/output");
    assert_eq!(
        script.json(0),
        json!({
            "cluster": "prod",
            "count": 1,
            "enableECSManagedTags": true,
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {
                "subnets": ["subnet-1"],
                "securityGroups": ["sg-1"],
                "assignPublicIp": "DISABLED",
            }},
            "platformVersion": "1.4.0",
            "propagateTags": "TASK_DEFINITION",
            "startedBy": format!("step-{NAME}"),
            "tags": [
                {"key": "ManagedBy", "value": "watchfire"},
                {"key": "tenant", "value": "acme"},
                {"key": "job", "value": NAME},
            ],
            "taskDefinition": "wf-operator:7",
            "clientToken": NAME,
            "overrides": {"containerOverrides": [{
                "name": "command",
                "command": ["psql", "-c", "a \"b\""],
                "environment": [
                    {"name": "WATCHFIRE_JOB", "value": NAME},
                    {"name": "WATCHFIRE_TENANT", "value": "acme"},
                    {"name": "WATCHFIRE_OUTPUT", "value": output},
                    {"name": "WATCHFIRE_STDIN", "value": "select 1;\n"},
                ],
            }]},
        })
    );
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_before_anything_is_sent() {
    let script = Script::default();
    let long = "ä".repeat(8_192);
    for (job, words) in [
        (program("nobody", &["kubectl"], None), "`nobody` is not listed in"),
        (program("operator", &[], None), "there is no program"),
        (program("operator", &["psql"], Some(&long)), "more than 8192"),
    ] {
        let error = jobs(&script).start(&job).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(script.asked().is_empty());
    // Exactly as much as ECS takes, in characters: the braces and quotes of the JSON are counted.
    let script = Script::default().ok(r#"{"tasks":[{"taskArn":"arn:task/1"}]}"#);
    let around = {
        let sent = Script::default().ok(r#"{"tasks":[{"taskArn":"arn:task/1"}]}"#);
        jobs(&sent).start(&program("operator", &["psql"], Some("ä"))).await.unwrap();
        sent.json(0)["overrides"].to_string().chars().count() - 1
    };
    let fits = "ä".repeat(8_192 - around);
    jobs(&script).start(&program("operator", &["psql"], Some(&fits))).await.unwrap();
    let more = format!("{fits}ä");
    assert!(jobs(&script).start(&program("operator", &["psql"], Some(&more))).await.is_err());
}

#[tokio::test]
async fn a_task_that_was_started_under_the_name_is_left_alone() {
    let more = r#","message":"x","resourceIds":["arn:task/0"]"#;
    let script = Script::default().error(400, "ConflictException", more);
    jobs(&script).start(&kubectl()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_start_may_pass_later_or_never() {
    let none = |reason: &str| format!(r#"{{"tasks":[],"failures":[{{"reason":"{reason}"}}]}}"#);
    let throttled = (0..3).fold(Script::default(), |script, _| {
        script.error(400, "ThrottlingException", r#","message":"Rate exceeded""#)
    });
    let missing = r#","message":"Unable to describe task definition.""#;
    for (script, retryable) in [
        (throttled, true),
        (Script::default(), true),
        (Script::default().ok(&none("RESOURCE:ENI")), true),
        (Script::default().ok(&none("AGENT")), false),
        (Script::default().error(400, "ClientException", missing), false),
        (Script::default().error(400, "AccessDeniedException", ""), false),
    ] {
        let error = jobs(&script).start(&kubectl()).await.unwrap_err();
        assert_eq!(error.retryable(), retryable, "{error}");
    }
}

#[tokio::test]
async fn a_task_goes_on_until_it_is_stopped() {
    let script = Script::default().ok(EMPTY).ok(EMPTY);
    assert_eq!(jobs(&script).look(&kubectl()).await.unwrap(), Work::Unknown);
    assert_eq!(script.json(0), json!({"cluster": "prod", "startedBy": format!("step-{NAME}")}));
    for status in ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING"] {
        let script = found(&described(json!({"lastStatus": status})));
        assert_eq!(jobs(&script).look(&kubectl()).await.unwrap(), Work::Running, "{status}");
    }
    // Listed, and not described yet.
    let missing = r#"{"tasks":[],"failures":[{"arn":"arn:task/1","reason":"MISSING"}]}"#;
    let script = Script::default().ok(LISTED).ok(EMPTY).ok(missing);
    assert_eq!(jobs(&script).look(&kubectl()).await.unwrap(), Work::Running);
}

#[tokio::test]
async fn it_has_passed_if_its_own_container_ended_with_0() {
    let exited = ("EssentialContainerExited", "Essential container in task exited");
    let script = printed(found(&stopped(exited.0, exited.1, json!(0))), "three pods\n");
    let place = format!("s3://audit/commands/acme/{NAME}/output");
    assert_eq!(
        over(&script).await,
        Ended {
            passed: true,
            exit_code: Some(0),
            status: None,
            output: b"three pods\n".to_vec(),
            whole: None,
            evidence: vec![place.clone()],
            problem: None,
        }
    );
    let asked = script.asked();
    assert!(asked[3].0.contains(&format!("prefix=commands%2Facme%2F{NAME}%2Foutput")));
    assert!(asked[4].0.contains(&format!("/commands/acme/{NAME}/output")), "{}", asked[4].0);
    let script = printed(found(&stopped(exited.0, exited.1, json!(2))), "");
    let ended = over(&script).await;
    assert_eq!((ended.passed, ended.output.len(), ended.evidence.len()), (false, 0, 1));
    assert_eq!(ended.exit_code, Some(2));
    assert_eq!(ended.problem.as_deref(), Some("it ended with exit code 2"));
}

#[tokio::test]
async fn what_kept_no_output_has_not_passed() {
    let script = found(&stopped("EssentialContainerExited", "", json!(0))).ok(&listing(&[]));
    let ended = over(&script).await;
    assert_eq!((ended.passed, ended.exit_code, ended.evidence.len()), (false, Some(0), 0));
    assert!(ended.problem.unwrap().contains("not in the evidence bucket"));
}

#[tokio::test]
async fn one_that_never_ran_or_was_stopped_says_why() {
    for (code, reason, exit, problem) in [
        (
            "TaskFailedToStart",
            "CannotPullContainerError: no such image",
            json!(null),
            "it never ran, or its end was not seen: TaskFailedToStart: CannotPullContainerError: \
             no such image",
        ),
        ("", "", json!(null), "it never ran"),
        (
            "UserInitiated",
            "given up",
            json!(143),
            "it ended with exit code 143: UserInitiated: given up",
        ),
    ] {
        let script = found(&stopped(code, reason, exit.clone())).ok(&listing(&[]));
        let ended = over(&script).await;
        assert_eq!((ended.passed, ended.evidence.len()), (false, 0));
        assert_eq!(ended.exit_code.map(i64::from), exit.as_i64());
        assert_eq!(ended.problem.as_deref(), Some(problem));
    }
}

/// SHA-256 of 4 MiB and one more `x`, in base64 and in hex.
const WHOLE: &str = "jT08BLqt/THL6/dxg2kACXtfNswUK3TkB0fHs3K+q4s=";
const WHOLE_HEX: &str = "8d3d3c04baadfd31cbebf771836900097b5f36cc142b74e40747c7b372beab8b";

#[tokio::test]
async fn a_long_output_is_cut_and_the_digest_is_of_the_whole() {
    const MOST: usize = 4 * 1_024 * 1_024;
    let task = stopped("EssentialContainerExited", "", json!(0));
    let ended = over(&printed(found(&task), &"x".repeat(MOST))).await;
    assert_eq!((ended.output.len(), ended.whole), (MOST, None));
    let long = "x".repeat(MOST + 1);
    // As S3 writes it: of the whole, and of an object of two parts.
    let (whole, parts) = (WHOLE, format!("{WHOLE}-2"));
    // One that S3 does not tell is read to its end, unless that takes too long.
    let (hashed, unread) = (MOST + 1, 64 * 1_024 * 1_024 + 1);
    for (told, size, sha256) in [
        (Some(whole), hashed, Some(WHOLE_HEX)),
        (Some(whole), unread, Some(WHOLE_HEX)),
        (Some(&parts), hashed, Some(WHOLE_HEX)),
        (None, hashed, Some(WHOLE_HEX)),
        (None, unread, None),
    ] {
        let script = sized(found(&task), size);
        let script = match told {
            Some(told) => script.checked(&long, told),
            None => script.ok(&long),
        };
        let ended = over(&script).await;
        assert_eq!((ended.passed, ended.output.len(), ended.problem), (true, MOST, None));
        let whole = ended.whole.unwrap();
        assert_eq!((whole.bytes, whole.sha256.as_deref()), (size as u64, sha256));
    }
}

#[tokio::test(start_paused = true)]
async fn an_output_that_cannot_be_read_now_is_read_later() {
    let task = stopped("EssentialContainerExited", "", json!(0));
    let script = found(&task);
    let error = jobs(&script).look(&kubectl()).await.unwrap_err();
    assert!(error.retryable(), "{error}");
    let script = found(&task).s3_error(403, "AccessDenied");
    let error = jobs(&script).look(&kubectl()).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn whatever_of_it_lives_is_stopped() {
    let script = found(&described(json!({"lastStatus": "RUNNING"}))).ok("{}");
    jobs(&script).stop(&kubectl(), "given up").await.unwrap();
    let stop = json!({"cluster": "prod", "task": "arn:task/1", "reason": "given up"});
    assert_eq!(script.json(3), stop);
    let script = found(&stopped("EssentialContainerExited", "", json!(0)));
    jobs(&script).stop(&kubectl(), "late").await.unwrap();
    assert_eq!(script.operations(), ["ListTasks", "ListTasks", "DescribeTasks"]);
    let script = Script::default().ok(EMPTY).ok(EMPTY);
    jobs(&script).stop(&kubectl(), "never started").await.unwrap();
}
